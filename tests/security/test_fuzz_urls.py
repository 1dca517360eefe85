"""Every address and every form, with what nobody would type: never an error of ours."""

import logging
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.conf import settings
from django.contrib import admin
from django.db import transaction
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse
from django.urls.resolvers import LocalePrefixPattern, RegexPattern

from prices import names, reference_rows, relay, tasks
from prices.ids import uuid7
from prices.store import reference
from shops.models import Favourite
from tests.factories import make_user
from tests.prices.market import Market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

NASTY = {
    "nothing": "",
    "NUL": "a\x00b",
    "10 kB": "ဆ" * 10_000,
    "10,000 digits": "9" * 10_000,
    "negative": "-1",
    "infinite": "1e309",
    "no number": "NaN",
    "beyond bigint": "9" * 20,
    "10^18": str(10**18),
    "other digits": "၁２٣",
    "half a letter": "\ud800",
    "odd letters": "‮\u200b\ufeff🥔%ff%00",
    "SQL": "1'; DROP TABLE accounts_user; --",
    "operator": '{"$gt": ""}',
    "wild cards": "%_\\*.(?P<",
    "path": "../../../../etc/passwd",
    "template": "{{ settings.SECRET_KEY }}{% load x %}",
    "markup": "<script>alert(1)</script>",
    "address": "http://[::1",
    "a day": "0000-99-99",
}
PARAMETERS = (
    "q", "region", "township", "type", "unit", "max_age", "sort", "period", "page", "with", "since", "item", "shop",
    "shop_q", "price", "quantity", "looks", "before", "next", "find", "on", "entry", "status", "zoom", "box", "place",
    "i", "add",
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
    "submit_echo": ("item", "shop", "price", "quantity", "unit"),
}
ADMIN_PARAMETERS = (
    "q",
    "o",
    "p",
    "all",
    "e",
    "_popup",
    "_to_field",
    "_changelist_filters",
    "before",
    "id__exact",
)
FORM = "application/x-www-form-urlencoded"
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


@dataclass(frozen=True)
class Site:
    """A small market, and what stands in the addresses of its pages."""

    market: Market
    values: dict[str, str]

    def address(self, route: str, **values: str) -> str:
        """The address of a route such as ``items/<slug:slug>/``."""
        filled = {**self.values, **values}
        known = {"items/": "item", "categories/": "category", "regions/": "region"}
        kind = next((kind for start, kind in known.items() if route.startswith(start)), "")
        filled.setdefault("slug", self.values.get(kind, "nothing"))
        return "/" + re.sub(
            r"<(?:\w+:)?(\w+)>",
            lambda match: quote(filled.get(match[1], "nothing"), errors="surrogatepass"),
            route,
        )


@pytest.fixture
def site() -> Site:
    market = Market()
    published, _dear, taken_back = market.send(), market.send(9_999_999), market.send()
    relay.run_once(limit=100)
    market.withdraw(taken_back)
    relay.run_once(limit=100)
    tasks.roll_up_dirty_days()
    tasks.renew_boards()
    # Without names of items and places their pages are not there.
    reference.put_many(reference_rows.everything(), rev=1)
    names.forget()
    Favourite.objects.create(user=market.author, shop=market.near)
    item = market.item
    return Site(
        market,
        {
            "item": item.slug,
            "category": item.category.slug,
            "region": market.near.region.slug,
            "township_slug": market.near.township.slug,
            "shop_id": str(market.near.pk),
            "entry_id": published,
            "submission_id": published,
            "object_id": "1",
            "key": "MQ:1xV65A:o08lLbJ1",
            "uidb36": "1",
            "app_label": "prices",
            "content_type_id": "1",
        },
    )


@pytest.fixture(autouse=True)
def no_limits(settings, monkeypatch) -> None:
    # The test client keeps a copy of every template's context; nobody asks for it here.
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)
    settings.ACCOUNT_RATE_LIMITS = False
    settings.SUBMISSIONS_PER_HOUR = 1_000_000


@dataclass
class Attempt:
    """Somebody who sends what they like. What made Potato stumble is kept."""

    client: Client
    log: pytest.LogCaptureFixture

    def __post_init__(self) -> None:
        self.client.raise_request_exception = False
        self.sent = 0
        self.stumbled: list[str] = []

    def get(self, path: str, what: str = "", **options: Any) -> Any:
        return self._note(f"GET {path[:150]} with {what}", self.client.get(path, **options))

    def post(self, path: str, what: str, body: bytes, content_type: str = FORM) -> Any:
        # Whatever it did is taken back: the next one finds the same site, and is still signed in.
        with transaction.atomic():
            response = self.client.generic("POST", path, body, content_type)
            transaction.set_rollback(True)
        return self._note(f"POST {path[:150]} with {what}", response)

    def _note(self, what: str, response: Any) -> Any:
        self.sent += 1
        errors = [
            record
            for record in self.log.records
            # What Django itself refuses by a 400 is written down as suspicious, and what is no position by its
            # map field, which says so to the reader: no errors of ours.
            if record.levelno >= logging.ERROR
            and not record.name.startswith(("django.security", "django.contrib.gis"))
        ]
        if response.status_code >= 500 or errors:
            told = [logging.Formatter().format(record)[-300:] for record in errors]
            self.stumbled.append(f"{what}: {response.status_code} {told}")
        self.log.clear()
        return response


@pytest.fixture
def visitor(caplog: pytest.LogCaptureFixture) -> Attempt:
    return Attempt(Client(), caplog)


@pytest.fixture
def contributor(caplog: pytest.LogCaptureFixture, site: Site) -> Attempt:
    attempt = Attempt(Client(), caplog)
    attempt.client.force_login(site.market.author)
    return attempt


@pytest.fixture
def superuser(caplog: pytest.LogCaptureFixture) -> Attempt:
    attempt = Attempt(Client(), caplog)
    attempt.client.force_login(make_user(is_superuser=True))
    return attempt


def routes(resolver: URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the site as a route: ``items/<slug:slug>/``."""
    for pattern in (resolver or get_resolver("potato.urls")).url_patterns:
        if isinstance(pattern.pattern, LocalePrefixPattern):
            own = ""
        elif isinstance(pattern.pattern, RegexPattern):
            own = re.sub(r"\(\?P(<\w+>)(?:[^()]|\([^()]*\))*\)", r"\1", str(pattern.pattern)).strip("^$")
        else:
            own = str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, before + own)
        else:
            yield before + own


def pages() -> list[str]:
    return [route for route in routes() if not route.startswith(settings.ADMIN_PATH)]


def in_burmese(path: str, *, number: int) -> str:
    """Every second address in Burmese; those that have no language stay."""
    has_language = not path.startswith(("/healthz", "/readyz", "/favicon"))
    return f"/my{path}" if number % 2 and has_language else path


def query(values: Iterable[tuple[str, str]]) -> str:
    return "?" + urlencode(list(values), errors="surrogatepass")


def body(fields: dict[str, str]) -> bytes:
    return urlencode(fields, errors="surrogatepass").encode()


def some(number: int, *, every: int = 2) -> list[tuple[str, str]]:
    """Every so many-th of the nasty values, others for the next number: all of them everywhere take too long."""
    return list(NASTY.items())[number % every :: every]


def parameter_of(list_filter: Any) -> str:
    """The name of a filter of the admin in its addresses: it is a field's, a pair with its class, or a class."""
    if isinstance(list_filter, str):
        return list_filter
    return list_filter[0] if isinstance(list_filter, tuple) else list_filter.parameter_name


class Fields(HTMLParser):
    """The forms of a page that are sent by POST: where to, and the names of their fields with what stands in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, dict[str, str]]] = []
        self._inside = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._inside = (given.get("method") or "").lower() == "post"
            if self._inside:
                self.forms.append((given.get("action") or "", {}))
        elif self._inside and tag in ("input", "select", "textarea", "button") and given.get("name"):
            self.forms[-1][1].setdefault(given["name"] or "", given.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False


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
                    if page.startswith("map") and parameter != "item":
                        asked["item"] = market.item.slug
                    path = in_burmese(reverse(page, args=args), number=number) + query(asked.items())
                    who = contributor if page.startswith("submit") else visitor
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


class TestTheAdmin:
    def test_takes_nonsense_in_its_addresses(self, site, superuser):
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.first()
            superuser.get(reverse(f"{name}_changelist"), "what is there")
            for number, (nasty, value) in enumerate(some(len(name))):
                asked = query((parameter, value) for parameter in ADMIN_PARAMETERS)
                superuser.get(reverse(f"{name}_changelist") + asked, nasty)
                one = reverse(f"{name}_change", args=["-"]).replace(
                    "/-/", f"/{quote(value, errors='surrogatepass')}/"
                )
                superuser.get(in_burmese(one, number=number), nasty)
            for page in ("change", "history", "delete") if first else ():
                superuser.get(reverse(f"{name}_{page}", args=[first.pk]), "what is there")

        assert superuser.stumbled == []

    def test_searches_and_filters_for_nonsense(self, site, superuser):
        for number, (model, managed) in enumerate(admin.site._registry.items()):
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
            filters = [parameter_of(one) for one in managed.list_filter]
            asked = [
                "q",
                "before",
                *(f"{one}{how}" for one in filters for how in ("__exact", "__gte", "__in")),
            ]
            for name, value in some(number, every=3):
                for parameter in asked:
                    superuser.get(path + query([(parameter, value)]), f"{parameter}: {name}")

        assert superuser.stumbled == []

    def test_says_what_is_wrong_with_nonsense_in_its_forms(self, site, superuser):
        turn = 0
        for model in admin.site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            first = model._default_manager.first()
            addresses = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
            addresses += [
                reverse(f"{name}_{page}", args=[first.pk]) for page in ("change", "delete") if first
            ]
            addresses += [reverse("admin:prices_to_check")] if name.endswith("ledgerrow") else []
            for path in addresses:
                page = superuser.client.get(path)
                for action, fields in Fields(page.content.decode()).forms if page.status_code == 200 else ():
                    if "logout" in action or "password" in action:
                        continue
                    turn += 1
                    for nasty, value in some(turn, every=4):
                        superuser.post(path, f"{nasty} everywhere", body(dict.fromkeys(fields, value)))

        assert superuser.stumbled == []
