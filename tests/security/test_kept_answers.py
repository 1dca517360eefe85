"""What browsers and caches may keep of an answer, and that nobody ever gets what was made for somebody else."""

import io
from collections import defaultdict
from typing import Any

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client

from accounts.models import Role
from potato.web import page_cache
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Processes
from tests.security.conftest import Site
from tests.security.walk import in_burmese, pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

HTMX = {"HX-Request": "true"}


def directives(response: Any) -> set[str]:
    return {part.strip() for part in response.get("Cache-Control", "").split(",")}


def addresses(site: Site) -> list[str]:
    """Every address, those of pages in both languages, and some that are not there."""
    found = [site.address(route) for route in pages()]
    found += ["/nothing/", "/items/nothing/", "/shops/999999/", f"/{settings.ADMIN_PATH}"]
    return [in_burmese(path, number=number) for path in dict.fromkeys(found) for number in (0, 1)]


@pytest.fixture
def people(site: Site) -> dict[str, Client]:
    found = {"visitor": Client(), "member": Client(), "contributor": Client(), "staff": Client()}
    found["member"].force_login(make_user(display_name="May"))
    found["contributor"].force_login(site.market.author)
    found["staff"].force_login(make_user(role=Role.ADMIN, is_superuser=True))
    return found


class TestAnswers:
    def test_are_kept_by_nobody_else_and_asked_for_again(self, site, people):
        faults = []
        for path in addresses(site):
            shared: dict[bytes, list[str]] = defaultdict(list)
            for who, client in people.items():
                for headers in ({}, HTMX):
                    response = client.get(path, headers=headers)
                    said = directives(response)
                    if "private" not in said:
                        # It says that it is everybody's, and is the same for everybody.
                        if not said & {"public", "no-cache"}:
                            faults.append(f"{path} for {who}: {response.status_code} {said}")
                        shared[response.content].append(who)
                    elif not said & {"no-cache", "no-store"}:
                        faults.append(f"{path} for {who}: {said}")
            if len(shared) > 1:
                faults.append(f"{path} is public, and differs: {list(shared.values())}")
        assert faults == []

    def test_of_price_pages_may_be_shown_again_when_a_member_goes_back(self, site, people):
        for path in ("/", site.address("items/<slug:slug>/"), "/shops/", "/search/?q=a", "/compare/"):
            for who in ("visitor", "member"):
                # With no-store a browser would ask for each page anew, and lose the place on it.
                assert directives(people[who].get(path)) == {"private", "no-cache"}, path

    def test_of_private_pages_are_not_even_stored(self, site, people):
        for path in ("/accounts/profile/", "/prices/mine/", "/accounts/email/", "/accounts/password/change/"):
            assert {"private", "no-store"} <= directives(people["contributor"].get(path)), path

    def test_of_what_was_sent_are_kept_by_nobody_else(self, site, people):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_user(display_name="May"))
        for path in addresses(site):
            for client in (people["member"], people["contributor"], strict):
                response = client.post(path, {"price": "x"})
                assert directives(response) & {"private", "public", "no-store"}, path


class TestTwoMembers:
    @pytest.fixture(params=["one process", "two processes"])
    def app(self, request: pytest.FixtureRequest, app: page_cache.PageCache) -> Any:
        """The page cache of one process, and of two that share pages through Redis."""
        return app if request.param == "one process" else Processes(get_wsgi_application())

    def test_and_visitors_never_get_what_was_made_for_another(self, site, app):
        cookies, canaries = {"visitor": ""}, {}
        for who in ("Aye", "Bo"):
            canaries[who] = f"canary-{who.lower()}"
            user = make_user(
                display_name=canaries[who], email=f"{canaries[who]}@example.com", role=Role.CONTRIBUTOR
            )
            client = Client()
            client.force_login(user)
            name = settings.SESSION_COOKIE_NAME
            cookies[who] = f"{name}={client.cookies[name].value}"
        seen_themselves = set()
        # The state of the stores closes the connection that holds this test's transaction.
        for path in (path for path in addresses(site) if not path.endswith("/readyz")):
            for part in (False, True):
                # The second of each may be served from what was kept.
                for who in ("Aye", "Bo", "visitor", "Aye", "visitor", "Bo"):
                    page = get(app, path, cookie=cookies[who], part=part)
                    for owner, canary in canaries.items():
                        if canary in page and owner == who:
                            seen_themselves.add(who)
                        assert canary not in page or owner == who, f"{path} for {who} shows {owner}"
        # The canaries do show, or their absence would say nothing.
        assert seen_themselves == {"Aye", "Bo"}


def get(app: Any, path: str, *, cookie: str, part: bool) -> str:
    environ = {
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": "", "HTTP_HOST": "testserver",
        "wsgi.url_scheme": "http", "wsgi.input": io.BytesIO(), "SERVER_NAME": "testserver", "SERVER_PORT": "80",
        **({"HTTP_COOKIE": cookie} if cookie else {}), **({"HTTP_HX_REQUEST": "true"} if part else {}),
    }  # fmt: skip
    body = app(environ, lambda *_: None)
    content = b"".join(body)
    if close := getattr(body, "close", None):
        close()
    return content.decode("utf-8", "replace")
