"""Which pages are kept, and how long."""

import time

import pytest

from potato.stores import revisions
from potato.web import page_cache
from potato.web.page_cache import states, store
from tests.potato.web.page_cache.conftest import Answer, one_process


class TestPageCache:
    def test_makes_a_page_once_while_nothing_changes(self, app, django, clock):
        for _ in range(20):
            answer = Answer(app)
            clock.now += 1

        assert django.made == 1
        assert answer.status == "200 OK"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert page_cache.BOARDS not in answer.headers

    def test_makes_a_page_again_within_a_moment_of_a_newer_board(self, app, django, clock):
        Answer(app)

        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += states.CHECK_SECONDS + 0.01

        assert b"<p>2</p>" in Answer(app).body

    def test_is_not_misled_by_an_older_board_that_is_told_later(self, app, django, clock):
        django.rev = 5
        Answer(app)

        revisions.tell({django.board: 3})
        clock.now += 1
        Answer(app)

        assert django.made == 1
        assert revisions.newest([django.board]) == {django.board: 5}

    def test_keeps_pages_again_after_a_board_is_gone(self, app, django, clock, monkeypatch):
        monkeypatch.setattr(revisions, "SECONDS", 1)
        revisions.tell({django.board: 9})
        django.rev = 0  # as pages say of a board that does not exist

        stop = time.monotonic() + 1.5
        while time.monotonic() < stop:
            Answer(app)
            clock.now += 1
            time.sleep(0.05)
        made = django.made
        clock.now += 1
        Answer(app)

        assert made > 1
        assert django.made == made

    def test_keeps_no_page_longer_than_a_minute(self, app, django, clock):
        for _ in range(62):
            Answer(app)
            clock.now += 1

        assert django.made == 2

    @one_process
    def test_keeps_a_page_for_a_second_without_redis(self, app, django, clock, no_redis):
        Answer(app)
        clock.now += 0.9
        Answer(app)
        assert django.made == 1

        clock.now += 0.2
        Answer(app)
        assert django.made == 2

    def test_makes_a_page_again_when_redis_was_emptied(self, app, django, clock):
        Answer(app)
        revisions._client().delete(revisions._key(django.board))
        clock.now += 1

        Answer(app)

        assert django.made == 2

    @pytest.mark.parametrize(
        ("status", "headers"),
        [
            ("200 OK", [("Set-Cookie", "a=b")]),
            ("200 OK", [("X-Potato-Degraded", "mongo")]),
            ("200 OK", [("X-Potato-Degraded", "mongo, redis")]),
            ("404 Not Found", []),
            ("503 Service Unavailable", []),
        ],
    )
    def test_keeps_nothing_personal_degraded_or_wrong(self, app, django, status, headers):
        django.status, django.headers = status, headers

        first, second = Answer(app), Answer(app)

        assert django.made == 2
        assert first.status == second.status == status

    @one_process
    def test_forgets_a_page_that_may_not_be_kept_any_more(self, app, django, clock):
        Answer(app)
        clock.now += 61
        django.status = "503 Service Unavailable"

        answer = Answer(app, method="HEAD")

        assert (answer.status, answer.body) == ("503 Service Unavailable", b"")
        django.status = "200 OK"
        assert Answer(app).status == "200 OK"

    def test_keeps_nothing_that_is_not_made_from_boards(self, app, django):
        django.keeps = False

        Answer(app)
        Answer(app)

        assert django.made == 2

    @pytest.mark.parametrize("query", ["q=rice", "utm_source=x", "region=" + "x" * 300, "%72egion=1&a"])
    @one_process
    def test_keeps_a_bounded_number_of_pages(self, app, django, query):
        Answer(app, query=query)
        Answer(app, query=query)

        assert django.made == 2
        for number in range(store.MAX_ENTRIES + 100):
            Answer(app, query=f"page={number}")
        assert len(app.store.pages) <= store.MAX_ENTRIES

    @one_process
    def test_forgets_first_what_was_not_asked_for_longest(self, app, django, monkeypatch):
        monkeypatch.setattr(store, "MAX_ENTRIES", 3)
        for page in ("1", "2", "3", "1", "4"):
            Answer(app, query=f"page={page}")
        made = django.made

        Answer(app, query="page=1")
        assert django.made == made
        Answer(app, query="page=2")
        assert django.made == made + 1
