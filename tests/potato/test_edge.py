import gzip
import io
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import brotli
import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application

from potato import edge, preferences
from potato.stores import revisions
from potato.stores.breaker import REDIS, Fault


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


class Django:
    """Makes a page from one board, and counts how often it has to."""

    def __init__(self, board: str) -> None:
        self.board, self.rev, self.made = board, 1, 0
        self.status, self.headers = "200 OK", []
        self.asked: list[dict[str, Any]] = []
        self.closed = 0
        self.keeps = True
        self.before: Callable[[], None] = lambda: None

    def __call__(self, environ, start_response):
        self.made += 1
        self.asked.append(environ)
        body = f"<p>{self.rev}</p>".encode() * 100
        self.before()
        boards = [(edge.BOARDS, f"{self.board}={self.rev}")] if self.keeps else []
        start_response(
            self.status,
            [
                ("Content-Type", "text/html; charset=utf-8"),
                ("X-Frame-Options", "DENY"),
                *self.headers,
                *boards,
            ],
        )
        django = self

        class Body(list):
            def close(self):
                django.closed += 1

        return Body([body])


class Answer:
    def __init__(
        self, app: edge.Edge, path: str = "/items/rice/", query: str = "", method: str = "GET", **headers: str
    ) -> None:
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "HTTP_HOST": "testserver",
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(),
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            **{f"HTTP_{name.upper()}": value for name, value in headers.items()},
        }
        said: list[Any] = []
        body = app(environ, lambda status, headers, *_: said.extend((status, dict(headers))))
        self.body = b"".join(body)
        if close := getattr(body, "close", None):
            close()
        self.status, self.headers = said


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def django() -> Django:
    return Django(f"item:{uuid.uuid4().hex}")


@pytest.fixture
def app(django: Django, clock: Clock) -> edge.Edge:
    return edge.Edge(django, clock=clock)


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(REDIS, "_pause", 3600)
    REDIS.failed(Fault.SLOW)
    yield


class Slow:
    """The first page that is made waits inside Django until it may go on; the others do not."""

    def __init__(self, app: edge.Edge, django: Django) -> None:
        self.inside, self.go_on = threading.Event(), threading.Event()
        self.maker = threading.Thread(target=Answer, args=(app,))
        self._first = threading.Semaphore(1)
        django.before = self._wait

    def begin_again(self) -> None:
        self._first.release()

    def _wait(self) -> None:
        if self._first.acquire(blocking=False):
            self.inside.set()
            self.go_on.wait(10)


@pytest.fixture
def slow(app: edge.Edge, django: Django) -> Iterator[Slow]:
    slow = Slow(app, django)
    yield slow
    slow.go_on.set()
    if slow.maker.is_alive():
        slow.maker.join(10)


class TestEdge:
    def test_makes_a_page_once_while_nothing_changes(self, app, django, clock):
        for _ in range(20):
            answer = Answer(app)
            clock.now += 1

        assert django.made == 1
        assert answer.status == "200 OK"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert edge.BOARDS not in answer.headers

    def test_makes_a_page_again_within_a_moment_of_a_newer_board(self, app, django, clock):
        Answer(app)

        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += edge.CHECK_SECONDS + 0.01

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
        "headers",
        [
            {"cookie": f"{settings.SESSION_COOKIE_NAME}=abc"},
            {"cookie": "messages=hello"},
            {"cookie": f"{settings.LANGUAGE_COOKIE_NAME}=en; something=else"},
            {"authorization": "Basic x"},
        ],
    )
    def test_leaves_whoever_it_does_not_know_to_django(self, app, django, headers):
        Answer(app)

        Answer(app, **headers)

        assert django.made == 2

    def test_serves_visitors_with_a_language_or_a_form_token(self, app, django):
        Answer(app)

        Answer(app, cookie=f"{settings.LANGUAGE_COOKIE_NAME}=en; {settings.CSRF_COOKIE_NAME}=abc")

        assert django.made == 1

    def test_keeps_for_everybody_what_somebody_with_a_token_asked_for_first(self, app, django, clock):
        with_token = {"cookie": f"{settings.CSRF_COOKIE_NAME}=abc"}
        answer = Answer(app, **with_token)
        Answer(app)
        assert django.made == 1
        assert answer.status == "200 OK" and b"<p>1</p>" in answer.body

        clock.now += 61
        Answer(app, **with_token)

        assert not any("abc" in asked.get("HTTP_COOKIE", "") for asked in django.asked)

    def test_makes_what_may_not_be_kept_for_somebody_with_a_token_alone(self, app, django):
        with_token = {"cookie": f"{settings.CSRF_COOKIE_NAME}=abc"}
        django.headers = [("Set-Cookie", "a=b")]

        answer = Answer(app, **with_token)
        # What a stranger got was thrown away; the next time nobody is asked in between.
        assert (answer.status, django.made) == ("200 OK", 2)
        assert "abc" in django.asked[-1]["HTTP_COOKIE"]
        Answer(app, **with_token)

        assert django.made == 3
        assert "abc" in django.asked[-1]["HTTP_COOKIE"]
        assert django.closed == 3

    def test_keeps_a_page_for_each_way_of_reading(self, app, django, clock):
        def ask(prefers: str, **headers: str) -> Answer:
            return Answer(app, cookie=f"{settings.PREFERENCES_COOKIE_NAME}={prefers}", **headers)

        for _ in range(2):
            for prefers in ("viss..", "kg..", "viss.latin.", ".myanmar."):
                ask(prefers)
            clock.now += 1
        assert django.made == 4

        clock.now += 61
        ask("viss..")

        assert str(preferences.read(django.asked[-1])) == "viss.."
        assert preferences.read(django.asked[0]) == preferences.read(django.asked[-1])

    @pytest.mark.parametrize("prefers", ["", "..", "furlong.roman.", "viss", "a" * 5000, "\x00..", "%..%00"])
    def test_keeps_no_page_for_what_nobody_can_prefer(self, app, django, prefers):
        Answer(app)

        Answer(app, cookie=f"{settings.PREFERENCES_COOKIE_NAME}={prefers}")

        assert django.made == 1

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

    def test_tells_pages_apart_by_address_host_scheme_and_part(self, app, django):
        for different in (
            {},
            {"path": "/my/items/rice/"},
            {"query": "region=yangon"},
            {"host": "other"},
            {"x_forwarded_proto": "https"},
            {"hx_request": "true"},
        ):
            Answer(app, **different)

        assert django.made == 6

    @pytest.mark.parametrize("query", ["q=rice", "utm_source=x", "region=" + "x" * 300, "%72egion=1&a"])
    def test_keeps_a_bounded_number_of_pages(self, app, django, query):
        Answer(app, query=query)
        Answer(app, query=query)

        assert django.made == 2
        for number in range(edge.MOST_PAGES + 100):
            Answer(app, query=f"page={number}")
        assert len(app._pages) <= edge.MOST_PAGES

    def test_sends_a_first_visitor_of_another_language_to_django(self, app, django):
        Answer(app, path="/", accept_language="en-GB,en;q=0.5")
        Answer(app, path="/", accept_language="en")
        assert django.made == 1

        Answer(app, path="/", accept_language="my,en;q=0.5")

        assert django.made == 2

    def test_sends_a_first_visitor_who_names_no_language_to_django_where_the_sites_is_another(
        self, app, django, settings
    ):
        settings.POTATO_LANGUAGE = "my"
        for number, headers in enumerate(({}, {}, {"accept_language": "en"}, {"accept_language": "en"})):
            Answer(app, path="/", **headers)
            assert django.made == min(number + 1, 3)

    def test_packs_pages_for_who_can_unpack_them(self, app):
        Answer(app)
        plain, br, gz = (
            Answer(app),
            Answer(app, accept_encoding="gzip, br"),
            Answer(app, accept_encoding="gzip;q=1.0, br;q=0"),
        )

        assert br.headers["Content-Encoding"] == "br"
        assert brotli.decompress(br.body) == plain.body
        assert gzip.decompress(gz.body) == plain.body
        assert int(br.headers["Content-Length"]) == len(br.body)
        assert "Accept-Encoding" in plain.headers["Vary"]

    def test_says_when_nothing_has_changed(self, app):
        Answer(app)
        tag = Answer(app, accept_encoding="br").headers["ETag"]

        again = Answer(app, accept_encoding="br", if_none_match=f'W/"x", {tag}')

        assert again.status == "304 Not Modified"
        assert again.body == b""

    def test_answers_head_without_a_body(self, app, django):
        Answer(app)

        answer = Answer(app, method="HEAD")

        assert django.made == 1
        assert answer.body == b""
        assert int(answer.headers["Content-Length"]) > 0

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

    def test_forgets_first_what_was_not_asked_for_longest(self, app, django, monkeypatch):
        monkeypatch.setattr(edge, "MOST_PAGES", 3)
        for page in ("1", "2", "3", "1", "4"):
            Answer(app, query=f"page={page}")
        made = django.made

        Answer(app, query="page=1")
        assert django.made == made
        Answer(app, query="page=2")
        assert django.made == made + 1

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
        monkeypatch.setattr(edge, "WAIT_SECONDS", 0.05)
        slow.maker.start()
        slow.inside.wait(10)

        answer = Answer(app)

        assert slow.maker.is_alive()
        assert (django.made, answer.status) == (2, "200 OK")

    def test_lets_nobody_wait_where_the_last_page_could_not_be_kept(self, app, django, slow, monkeypatch):
        monkeypatch.setattr(edge, "WAIT_SECONDS", 60)
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

    def test_lets_django_clean_up_after_each_page_it_made(self, app, django, clock):
        Answer(app)
        Answer(app)
        clock.now += 61
        Answer(app, method="HEAD")
        Answer(app, path="/other/", query="q=1")

        assert django.closed == django.made == 3


@pytest.mark.django_db
class TestPricePages:
    def test_are_kept_for_visitors_and_never_for_members(self, client, monkeypatch):
        from tests.factories import make_user

        monkeypatch.setattr(
            "django.db.backends.base.base.BaseDatabaseWrapper.close_if_unusable_or_obsolete",
            lambda self: None,
        )
        app = edge.Edge(get_wsgi_application())
        revisions.tell({"tests:board": 7})

        first = Answer(app, path="/board/")
        assert edge.BOARDS not in first.headers
        assert len(app._pages) == 1

        client.force_login(make_user(display_name="May"))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        answer = Answer(app, path="/board/", cookie=f"{settings.SESSION_COOKIE_NAME}={key}")

        assert b"[May]" in answer.body
        assert edge.BOARDS not in answer.headers
        assert b"[]" in Answer(app, path="/board/").body

    def test_are_kept_only_if_their_view_says_that_they_show_nothing_private(self):
        app = edge.Edge(get_wsgi_application())

        Answer(app, path="/board/unmarked/")

        assert not app._pages
