"""Members before the page cache, while pages are built anew all the time."""

import gzip
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.cache import caches

from potato.stores import member_documents, revisions
from potato.stores.member_documents import session_digest
from potato.web.page_cache.personal import ANY_MEMBER, PARTS
from tests.factories import make_member_document
from tests.potato.web.page_cache.conftest import Answer, one_process

PART = ("<a>Sign in</a>", f"<a>{ANY_MEMBER.name}</a>")


def sign_in(name: str) -> str:
    """A member whom Redis alone knows. :return: what the browser sends as its cookies."""
    key, id = uuid.uuid4().hex, uuid.uuid4().int % 10**15
    session = {SESSION_KEY: str(id), BACKEND_SESSION_KEY: "any", HASH_SESSION_KEY: key}
    caches["sessions"].set(f"session:{key}", session, 300)
    member_documents._store(make_member_document(id=id, session_digest=session_digest(key), name=name))
    return f"{settings.SESSION_COOKIE_NAME}={key}"


@pytest.fixture(autouse=True)
def price_pages(settings):
    """Which pages may be filled is asked of their views."""
    settings.ROOT_URLCONF = "potato.urls"


@pytest.fixture
def with_part(django):
    """Pages have a part that is the member's own, and Django names it."""
    make = django.__call__

    def call(environ, start_response):
        environ[PARTS] = [PART]
        return [PART[0].encode() + b"".join(make(environ, start_response))]

    return call


@pytest.fixture
def app(app, with_part):
    for process in getattr(app, "all", [app]):
        process._django = with_part
    return app


class TestMembers:
    def test_get_the_page_that_a_visitor_asked_for(self, app, django):
        Answer(app)

        answer = Answer(app, cookie=sign_in("May"))

        assert answer.body == b"<a>May</a>" + b"<p>1</p>" * 100
        assert django.made == 1

    @one_process
    def test_get_the_stored_page_again_some_seconds_after_it_could_not_be_stored(self, app, django, clock):
        cookie = sign_in("May")
        django.status = "503 Service Unavailable"
        assert Answer(app, cookie=cookie).status.startswith("503")
        django.status = "200 OK"

        assert Answer(app, cookie=cookie).body.startswith(b"<a>Sign in</a>")  # Django's, as this one makes it
        clock.now += 10.1

        assert Answer(app, cookie=cookie).body.startswith(b"<a>May</a>")

    @pytest.mark.parametrize("path", ["/prices/mine/", "/accounts/profile/", "/admin/", "/nowhere/", "/%ff"])
    def test_ask_for_pages_of_their_own_once(self, app, django, path):
        Answer(app, path=path, cookie=sign_in("May"))

        assert django.made == 1

    def test_get_a_newer_page_once_there_is_one(self, app, django, clock):
        cookie = sign_in("May")
        Answer(app, cookie=cookie)
        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += 0.3

        assert Answer(app, cookie=cookie).body == b"<a>May</a>" + b"<p>2</p>" * 100
        assert b"Sign in" in Answer(app).body
        assert django.made == 2

    @one_process
    def test_get_the_former_page_while_a_newer_one_is_built(self, app, django, clock, slow):
        cookie = sign_in("May")
        slow.go_on.set()
        Answer(app, cookie=cookie)
        slow.go_on.clear()
        slow.inside.clear()
        slow.begin_again()
        revisions.tell({django.board: 2})
        clock.now += 0.3
        slow.maker.start()
        assert slow.inside.wait(10)

        assert Answer(app, cookie=cookie).body.startswith(b"<a>May</a>")

        assert django.made == 2

    def test_never_get_another_ones_while_pages_change_under_them(self, app, django, clock):
        cookies = {name: sign_in(name) for name in ("canary-aye", "canary-bo")}
        done = threading.Event()

        def read(name: str) -> tuple[int, list[str]]:
            own, others = 0, []
            headers = {"cookie": cookies[name]} if name in cookies else {}
            for _ in range(400):
                answer = Answer(app, accept_encoding="gzip", **headers)
                # What Django answers by itself is not compressed.
                is_packed = "Content-Encoding" in answer.headers
                page = (gzip.decompress(answer.body) if is_packed else answer.body).decode()
                own += name in page
                others += [other for other in cookies if other != name and other in page]
            return own, others

        def change() -> None:
            while not done.is_set():
                django.rev += 1
                revisions.tell({django.board: django.rev})
                clock.now += 0.3
                time.sleep(0.01)

        changing = threading.Thread(target=change)
        changing.start()
        names = [*cookies, "visitor"] * 2
        with ThreadPoolExecutor(len(names)) as threads:
            found = list(threads.map(read, names))
        done.set()
        changing.join()

        assert [others for _own, others in found] == [[]] * len(names)
        assert all(own > 0 for name, (own, _) in zip(names, found, strict=True) if name in cookies)
        assert django.made > 2
