"""Every address and every form, with what nobody would type: never an error of ours."""

import re
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from prices.coordination.ids import uuid7
from tests.security.conftest import FORM, Attempt, Site
from tests.security.nonsense import NASTY, some
from tests.security.walk import Fields, body, in_burmese, pages, query

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]


PARAMETERS = (
    "q", "region", "township", "type", "unit", "max_age", "sort", "period", "page", "with", "since", "item", "shop",
    "shop_q", "price", "quantity", "looks", "before", "next", "find", "on", "entry", "status", "zoom", "box", "place",
    "i", "add", "show", "amount", "until", "act", "rule", "look", "use", "kind", "percent", "days", "cooldown", "back",
)  # fmt: skip


# The pages that ask for more than one of them: there a broken one may hide the next.
ASKING = {
    "item": ("region", "township", "type", "unit", "max_age", "sort", "period", "page", "with", "since"),
    "item_history_csv": ("period", "unit", "with"),
    "shop": ("type",),
    "search": ("q",),
    "suggest": ("q",),
    "map": ("item", "region", "type", "unit"),
    "map_shops": ("item", "region", "unit", "zoom", "box"),
    "near": ("region", "township", "type", "unit"),
    "shops": ("q", "region", "township", "page"),
    "submit": ("item", "shop", "shop_q", "unit"),
    "submit_units": ("item", "shop"),
    "submit_shops": ("shop", "shop_q"),
    "compare": ("place", "type", "unit", "find"),
    "basket": ("i", "item", "add", "quantity", "unit", "region", "keep"),
    "alerts": ("show", "before"),
    "alert_rule_new": ("item", "region", "township", "shop", "type", "unit", "amount", "place"),
    "submit_echo": ("item", "shop", "price", "quantity", "unit"),
}


BODIES = [
    (b"", FORM),
    (b"\xff\xfe%%%zz&&==&\x00=1", FORM),
    (b"a=1", "application/x-www-form-urlencoded; charset=base64"),
    (b"a=1", "application/x-www-form-urlencoded; charset=nothing-like-it"),
    (b"&".join(b"a%d=1" % number for number in range(600)), FORM),
    (b"note=" + b"x" * 1_000_000, FORM),
    (b"x" * 3_000_000, FORM),
    (b"--x", "multipart/form-data; boundary=x"),
    (b"no boundary", "multipart/form-data"),
    (
        b'--x\r\nContent-Disposition: form-data; name="price"; filename="a"\r\n\r\n1\r\n--x--\r\n',
        "multipart/form-data; boundary=x",
    ),
    (b"{", "application/json"),
    (b"a=1", ""),
]


MADE_UP = (
    "//", "/./", "/../", "/items//", "/%", "/%ff", "/\xff", "//evil.example", "//evil.example/my", "/my//evil.example", "/items/../admin/",
    "/a/" * 2000, "/items/rice", "/my", "/MY/", "/en/", "/my/my/", "/accounts//evil.example", "",
)  # fmt: skip


HEADERS = (
    "Referer",
    "Accept-Language",
    "HX-Request",
    "HX-Current-URL",
    "HX-Target",
    "Cookie",
    "X-Forwarded-For",
    "If-None-Match",
    "Content-Length",
)


@pytest.fixture
def visitor(caplog: pytest.LogCaptureFixture) -> Attempt:
    return Attempt(Client(), caplog)


@pytest.fixture
def contributor(caplog: pytest.LogCaptureFixture, site: Site) -> Attempt:
    attempt = Attempt(Client(), caplog)
    attempt.client.force_login(site.market.author)
    return attempt


class TestAddresses:
    def test_with_nonsense_in_them_lead_to_no_error_of_ours(self, site, visitor, contributor):
        for turn, route in enumerate(pages()):
            arguments = re.findall(r"<(?:\w+:)?(\w+)>", route)
            for who in (visitor, contributor):
                who.get(site.address(route), "what is there")
            for number, (name, value) in enumerate(some(turn)):
                for argument in arguments:
                    path = site.address(route, **{argument: value})
                    (visitor, contributor)[number // 2 % 2].get(in_burmese(path, number=number), name)

        assert visitor.stumbled == contributor.stumbled == []

    def test_that_nobody_made_lead_nowhere_else(self, visitor):
        for path in MADE_UP:
            # As the server hands it over: the client's own reading of an address would hide "//".
            response = visitor.get("/", path[:40], PATH_INFO=path)
            target = response.get("Location", "")

            assert response.status_code in (200, 301, 302, 400, 404)
            assert not urlsplit(target).netloc and not target.startswith("//")
        assert visitor.stumbled == []

    def test_ask_for_nonsense_without_an_error_of_ours(self, site, visitor, contributor):
        for number, route in enumerate(pages()):
            path = site.address(route)
            for name, value in some(number, every=4):
                everything = query((parameter, value) for parameter in PARAMETERS)
                (visitor, contributor)[number % 2].get(in_burmese(path, number=number) + everything, name)
            contributor.get(
                path + query([(parameter, "1") for parameter in PARAMETERS] * 200), "200 times each"
            )

        assert visitor.stumbled == contributor.stumbled == []

    def test_ask_for_one_piece_of_nonsense_among_sense(self, site, visitor, contributor):
        market = site.market
        sense = {
            "region": site.values["region"], "township": site.values["township_slug"], "item": str(market.item.pk),
            "shop": str(market.near.pk), "price": "2400", "quantity": "1", "unit": market.item.default_unit.code,
        }  # fmt: skip
        for page, parameters in ASKING.items():
            args = {"item": [market.item.slug], "near": [market.item.slug], "shop": [market.near.pk]}.get(
                page.split("_history")[0], []
            )
            for number, (name, value) in enumerate(NASTY.items()):
                for parameter in parameters[number % 2 :: 2] or parameters:
                    asked = {key: sense[key] for key in parameters if key in sense} | {parameter: value}
                    if page.startswith(("map", "alert")) and parameter != "item":
                        asked["item"] = market.item.slug
                    path = in_burmese(reverse(page, args=args), number=number) + query(asked.items())
                    who = contributor if page.startswith(("submit", "alert")) else visitor
                    assert who.get(path, name).status_code < 500

        assert visitor.stumbled == contributor.stumbled == []

    def test_come_with_headers_of_nonsense(self, site, visitor, contributor):
        cookies = [
            getattr(settings, f"{kind}_COOKIE_NAME")
            for kind in ("SESSION", "CSRF", "LANGUAGE", "MESSAGES", "PREFERENCES")
        ]
        for path in ("/", reverse("item", args=[site.values["item"]])):
            for name, value in NASTY.items():
                # A server takes Latin letters only.
                text = value.encode("utf-8", "surrogatepass").decode("latin-1")
                contributor.get(path, f"every header: {name}", headers=dict.fromkeys(HEADERS, text))
                for header in HEADERS:
                    visitor.get(path, f"{header}: {name}", headers={header: text})
                for cookie in cookies:
                    visitor.get(
                        path,
                        f"{cookie}: {name}",
                        HTTP_COOKIE=f"{cookie}={quote(value, errors='surrogatepass')}",
                    )

        assert visitor.stumbled == contributor.stumbled == []


class TestForms:
    def test_with_nonsense_in_all_fields_say_what_is_wrong(self, site, visitor, contributor):
        tried = 0
        for who in (visitor, contributor):
            for path, fields in self.forms_of(site, who):
                tried += 1
                for name, value in some(tried):
                    who.post(path, f"{name} everywhere", body(dict.fromkeys(fields, value)))

        assert visitor.stumbled == contributor.stumbled == []
        assert tried >= 20

    def test_with_nonsense_in_one_field_say_what_is_wrong(self, site, contributor):
        for path, fields in self.forms_of(site, contributor):
            for number, field in enumerate(fields):
                for name, value in some(number, every=4):
                    contributor.post(path, f"{name} as {field}", body({**fields, field: value}))

        assert contributor.stumbled == []

    def test_that_are_no_forms_are_refused(self, site, visitor, contributor):
        for route in pages():
            for number, (sent, content_type) in enumerate(BODIES):
                who = (visitor, contributor)[number % 2]
                who.post(site.address(route), f"{sent[:20]!r} as {content_type}", sent, content_type)

        assert visitor.stumbled == contributor.stumbled == []

    def forms_of(self, site: Site, who: Attempt) -> list[tuple[str, dict[str, str]]]:
        """Every form of the site that this person gets to see, once each."""
        found: dict[tuple[str, frozenset[str]], tuple[str, dict[str, str]]] = {}
        for route in pages():
            path = site.address(route)
            response = who.client.get(path, follow=True)
            path = response.request["PATH_INFO"]
            if not response.get("Content-Type", "").startswith("text/html"):
                continue
            for action, fields in Fields(response.content.decode()).forms:
                if "submission_id" in fields or "act_id" in fields:
                    fields |= {key: str(uuid7()) for key in ("submission_id", "act_id") if key in fields}
                found.setdefault((action or path, frozenset(fields)), (action or path, fields))
        return list(found.values())
