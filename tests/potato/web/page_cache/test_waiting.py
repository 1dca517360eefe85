"""Many who ask for one page at once."""

import threading
import time

import pytest

from potato.stores import revisions
from potato.web.page_cache import wsgi
from tests.potato.web.page_cache.conftest import Answer, one_process


class TestPageCache:
    def test_makes_one_page_at_a_time_while_others_get_the_last_one(self, app, django, clock):
        Answer(app)
        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += 1
        inside, go_on = threading.Event(), threading.Event()

        def wait() -> None:
            inside.set()
            go_on.wait(10)

        django.before = wait
        maker = threading.Thread(target=Answer, args=(app,))
        maker.start()
        inside.wait(10)

        other = Answer(app)
        go_on.set()
        maker.join()

        assert b"<p>1</p>" in other.body
        assert django.made == 2
        assert b"<p>2</p>" in Answer(app).body

    def test_serves_the_last_page_no_longer_than_it_may_be_however_long_the_next_one_takes(
        self, app, django, clock, slow
    ):
        slow.go_on.set()
        Answer(app)
        slow.go_on.clear()
        slow.inside.clear()
        slow.begin_again()
        clock.now += 60.5
        slow.maker.start()
        slow.inside.wait(10)

        Answer(app)
        assert django.made == 2
        clock.now += 1
        Answer(app)
        assert django.made == 3

    @one_process
    def test_leaves_a_request_to_django_as_it_was_asked_once_the_last_page_is_too_old(
        self, app, django, clock, slow
    ):
        slow.go_on.set()
        Answer(app)
        slow.go_on.clear()
        slow.inside.clear()
        slow.begin_again()
        clock.now += 60.5
        slow.maker.start()
        slow.inside.wait(10)
        clock.now += 1

        Answer(app, method="HEAD")

        assert django.asked[-1]["REQUEST_METHOD"] == "HEAD"

    def test_makes_a_new_page_once_while_others_wait_for_it(self, app, django, slow):
        answers = []
        others = [threading.Thread(target=lambda: answers.append(Answer(app))) for _ in range(5)]
        slow.maker.start()
        slow.inside.wait(10)
        for other in others:
            other.start()
        time.sleep(0.1)
        slow.go_on.set()
        for thread in (slow.maker, *others):
            thread.join(10)

        assert django.made == 1
        assert [answer.status for answer in answers] == ["200 OK"] * 5

    def test_lets_nobody_wait_long_for_a_new_page(self, app, django, slow, monkeypatch):
        monkeypatch.setattr(wsgi, "WAIT_SECONDS", 0.05)
        slow.maker.start()
        slow.inside.wait(10)

        answer = Answer(app)

        assert slow.maker.is_alive()
        assert (django.made, answer.status) == (2, "200 OK")

    def test_lets_nobody_wait_where_the_last_page_could_not_be_kept(self, app, django, slow, monkeypatch):
        monkeypatch.setattr(wsgi, "WAIT_SECONDS", 60)
        django.keeps = False
        slow.go_on.set()
        Answer(app)
        slow.go_on.clear()
        slow.inside.clear()
        slow.begin_again()
        slow.maker.start()
        slow.inside.wait(10)

        assert Answer(app).status == "200 OK"

    def test_lets_the_next_one_make_a_page_whose_maker_failed(self, app, django):
        def fail() -> None:
            raise RuntimeError

        django.before = fail
        with pytest.raises(RuntimeError):
            Answer(app)
        django.before = lambda: None

        Answer(app)
        Answer(app)

        assert django.made == 2
