"""Whoever reads Burmese meets no English: every page, form, error and mail is walked."""

import re
from datetime import timedelta
from hashlib import sha256
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AddressUndo, User
from potato.web import errors_pages
from prices import tasks
from prices.coordination.ids import uuid7
from prices.names import cache as names
from prices.names import rows as name_rows
from prices.publishing import relay
from prices.store import reference
from tests.factories import make_unit, make_user
from tests.old_pages import OLD_TOKEN, OURS
from tests.security.conftest import Site, site
from tests.security.walk import Fields, body, pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

site_of_fuzz = site
"""Pages of kinds that come later need a value in it, and are then walked here, too."""


@pytest.fixture
def market_site(site_of_fuzz: Site) -> Site:
    """The same site, whose viss has a Burmese name, as everywhere."""
    make_unit(code="viss", name_en="viss", name_my="ပိဿာ")
    reference.put_many(name_rows.everything(), rev=2)
    names.forget()
    return site_of_fuzz


# Names that have no Burmese spelling, and what everybody writes in Latin letters.
KNOWN = {
    "Potato", "English", "WFP", "MIMU", "CC", "BY", "IGO", "Natural", "Earth", "CSV", "JSON", "RSS", "Atom", "API", "Rice",
    "spam", "cookies", "JavaScript",
}  # fmt: skip
NAMES_OF_TESTS = re.compile(
    r"\b(?:Item|Shop|Person|Region|Township) \d+|\S+@\S+|https?://\S+|/my/\S*|\b(?:category|item|region|shop|township|unit)-\d+"
    r"|“[a-z]+”"  # what the reader asked for, said back to him
)
WORD = re.compile(r"[A-Za-z]{2,}")
SAID = ("alt", "aria-label", "content", "label", "placeholder", "title")
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
SPEECHLESS_META = {
    "viewport", "theme-color", "htmx-config", "robots", "og:type", "og:locale", "twitter:card"
}  # fmt: skip


class Said(HTMLParser):
    """What a page says to those who see or hear it, but for what it marks as English."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._open: list[tuple[str, bool]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        silent = self._is_silent or given.get("lang") == "en" or tag in ("script", "style")
        if tag not in VOID:
            self._open.append((tag, silent))
        if silent or (tag == "meta" and given.get("name", given.get("property")) in SPEECHLESS_META):
            return
        self.texts += [given[name] for name in SAID if name in given]
        # Texts for scripts; a selector or an address has no blanks.
        self.texts += [value for name, value in given.items() if name.startswith("data-") and " " in value]

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not self._is_silent:
            self.texts.append(data)

    @property
    def _is_silent(self) -> bool:
        return bool(self._open) and self._open[-1][1]


def english_in(text: str) -> list[str]:
    return [word for word in WORD.findall(NAMES_OF_TESTS.sub(" ", text)) if word not in KNOWN]


def english_of(response: HttpResponse) -> list[str]:
    """The texts of a page that are not Burmese."""
    if not response.get("Content-Type", "").startswith("text/html"):
        return []
    return [" ".join(text.split()) for text in Said(response.content.decode()).texts if english_in(text)]


class Reader:
    """Somebody who reads Burmese, and notes where he meets English."""

    def __init__(self, who: Any = None) -> None:
        self.client = Client()
        self.met: dict[str, list[str]] = {}
        self.seen = 0
        if who:
            self.client.force_login(who)

    def get(self, path: str) -> HttpResponse:
        return self._note(path, self.client.get(path, follow=True))

    def post(self, path: str, fields: dict[str, str]) -> None:
        """Send a form, read the answer and what it says on the next page, and take back what it did."""
        with transaction.atomic():
            response = self.client.post(path, body(fields), "application/x-www-form-urlencoded", follow=True)
            transaction.set_rollback(True)
        self._note(f"POST {path}", response)

    def _note(self, path: str, response: Any) -> HttpResponse:
        self.seen += 1
        # Who chooses English in a form goes on in English.
        in_burmese = response.request["PATH_INFO"].startswith("/my/")
        if in_burmese and (english := english_of(response)):
            self.met[path] = english
        assert response.status_code < 500
        return response


class TestEveryPageInBurmese:
    @pytest.mark.parametrize("role", ["visitor", "contributor"])
    def test_has_no_english_in_it(self, market_site: Site, role: str) -> None:
        reader = Reader(market_site.market.author if role == "contributor" else None)

        for route in pages():
            reader.get("/my" + market_site.address(route))

        assert reader.met == {}
        assert reader.seen > 40

    def test_has_no_english_when_it_finds_nothing_or_is_asked_for_nonsense(self, market_site: Site) -> None:
        reader = Reader()
        nonsense = "?region=၀&township=၀&type=၀&unit=၀&max_age=၀&sort=၀&period=၀&page=၀&q=၀"
        of_the_place = (
            f"?region={market_site.values['region']}&township={market_site.values['township_slug']}"
        )

        for route in pages():
            path = "/my" + market_site.address(route)
            reader.get(path + nonsense)
            reader.get(path + of_the_place + "&type=wholesale&period=all")

        assert reader.met == {}

    def test_has_no_english_when_it_is_asked_for_all_that_it_can_show(self, market_site: Site) -> None:
        market = market_site.market
        for shop, price in ((market.near, 2400), (market.next_door, 2000), (market.far, 3000)):
            market.send(price, shop=shop)
        relay.run_once(limit=100)
        tasks.roll_up_dirty_days()
        tasks.renew_boards()
        reader = Reader()
        item, region, other = market.item.slug, market.near.region.slug, market.far.region.slug
        township = f"{region}/{market.near.township.slug}"
        shops = [f"shop-{shop.pk}" for shop in (market.near, market.next_door, market.far)]

        for asked in (
            f"items/{item}/?with={other}&with={shops[0]}&with={township}&with=myanmar&since=2020-01-01",
            f"items/{item}/?region={region}&with={region}&with=၀&since=၀&unit=viss",
            f"map/?item={item}&region={region}",
            "map/?item=၀",
            f"compare/?place={shops[0]}&place={shops[1]}&place={shops[0]}&place={region}",
            f"compare/?place={region}&place={other}&unit=viss&find=၀",
            f"compare/?place={township}&type=wholesale&place=၀&place=၁&place=၂&place=၃&unit=၀",
            f"basket/?i={item}:2&i={item}:3&i=၀&region={region}",
            f"basket/?i={item}:1:kg&add={item}&quantity=1&unit=၀",
            "basket/?" + "&".join(["i=၀"] * 101),
            f"search/?q={market.item.name_en}",
            f"search/suggest/?q={market.item.name_en}",
            f"search/suggest/?q={market.near.name}",
            f"movers/?period=7&region={region}",
            "movers/?period=9&category=၀",
            "preferences/?unit=viss",
        ):
            reader.get(f"/my/{asked}")
        fields = {"radius": "50", "sort": "price", "type": "RETAIL", "unit": "kg"}
        for at in ({"latitude": "16.8", "longitude": "96.1"}, {"latitude": "0", "longitude": "0"}, {}):
            reader.post(f"/my/items/{item}/near/", fields | at)

        assert reader.met == {}


class TestEveryFormInBurmese:
    @pytest.mark.parametrize("role", ["visitor", "contributor"])
    def test_says_what_is_wrong_without_english(self, market_site: Site, role: str, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = False
        reader = Reader(market_site.market.author if role == "contributor" else None)
        forms = {}
        for route in pages():
            path = "/my" + market_site.address(route)
            response = reader.client.get(path, follow=True)
            if response.get("Content-Type", "").startswith("text/html"):
                forms |= {
                    (action or path, frozenset(fields)): (action or path, fields)
                    for action, fields in Fields(response.content.decode()).forms
                }

        for path, fields in forms.values():
            ids = {name: str(uuid7()) for name in ("submission_id", "act_id") if name in fields}
            for value in ("", "၀", "ဟို" * 2000):
                reader.post(path, dict.fromkeys(fields, value) | ids)
            reader.post(path, {**fields, "price": "၂၀၀၀", "quantity": "၁"} | ids)

        assert reader.met == {}
        assert reader.seen > 10

    def test_of_accounts_says_what_is_wrong_without_english(self, settings: Any) -> None:
        settings.ACCOUNT_RATE_LIMITS = False
        make_user(email="mya@example.com")
        reader = Reader()
        passwords = ("၁၂၃", "password12", "1234567890", "mya@example.com")

        for password in passwords:
            reader.post(
                "/my/accounts/signup/",
                {"email": "new@example.com", "password1": password, "password2": "၀", "display_name": "@"},
            )
            reader.post(
                "/my/accounts/signup/", {"email": password, "password1": password, "password2": password}
            )
            reader.post("/my/accounts/login/", {"login": "mya@example.com", "password": password})
        reader.post("/my/accounts/password/reset/", {"email": "nobody"})

        assert reader.met == {}

    def test_of_the_account_says_what_is_wrong_without_english(self) -> None:
        mya = make_user(email="mya@example.com")
        reader = Reader(mya)

        for fields in (
            {"oldpassword": "၀", "password1": "၁", "password2": "၂"},
            {"oldpassword": "correct horse battery", "password1": "၁", "password2": "၁"},
            {"oldpassword": "correct horse battery", "password1": "mya@example.com", "password2": "၁"},
        ):
            reader.post("/my/accounts/password/change/", fields)
        for action in ("action_add", "action_remove", "action_send", "action_primary"):
            reader.post("/my/accounts/email/", {action: "", "email": "mya@example.com"})
            reader.post("/my/accounts/email/", {action: "", "email": "new@example.com"})

        assert reader.met == {}


class TestEveryFormOfAnOldPageInBurmese:
    @pytest.mark.parametrize("role", ["visitor", "contributor", "staff"])
    def test_is_shown_to_be_sent_again_without_english(self, market_site: Site, role: str) -> None:
        market = market_site.market
        people = {"visitor": None, "contributor": market.author, "staff": make_user(is_superuser=True)}
        reader, strict = Client(), Client(enforce_csrf_checks=True)
        for client in (reader, strict):
            if people[role]:
                client.force_login(people[role])
        met, seen = {}, set()

        for route in pages():
            path = "/my" + market_site.address(route)
            page = reader.get(path, follow=True)
            if not page.get("Content-Type", "").startswith("text/html"):
                continue
            for action, fields in Fields(page.content.decode()).forms:
                sent = {name: value or "၁၂" for name, value in fields.items()} | {
                    "csrfmiddlewaretoken": OLD_TOKEN
                }
                told = strict.post(action or path, sent, headers=OURS)
                assert told.status_code == 403
                seen.add(action or path)
                if english := english_of(told):
                    met[action or path] = english

        assert met == {}
        assert len(seen) >= (4 if role == "visitor" else 9), seen


class TestEveryRefusalInBurmese:
    def test_has_no_english_in_it(self, rf: RequestFactory) -> None:
        request = rf.get("/my/items/")
        with translation.override("my"):
            answers = [
                errors_pages.bad_request(request),
                errors_pages.forbidden(request),
                errors_pages.csrf_failure(request),
                errors_pages.not_found(request),
                errors_pages.server_error(request),
                *(errors_pages.unavailable(request, store=store) for store in ("postgres", "mongo", "redis")),
                HttpResponse(render_to_string("429.html", {}, request)),
            ]

        assert [english for answer in answers for english in english_of(answer)] == []


class TestEveryMailInBurmese:
    @pytest.mark.parametrize(
        "name",
        [
            "account_already_exists", "addresses_changed", "email_confirmation", "email_confirmation_signup",
            "password_changed", "password_reset", "password_reset_key", "unknown_account",
        ],
    )  # fmt: skip
    def test_has_no_english_in_it(self, name: str) -> None:
        request = RequestFactory().get("/my/")
        context = {
            "added": ["a@example.com"], "removed": ["b@example.com"], "new_primary": "c@example.com", "activate_url": "https://example.com/a", "password_reset_url": "https://example.com/p",
            "signup_url": "https://example.com/s",
        }  # fmt: skip

        with translation.override("my"):
            mails = [
                render_to_string(
                    f"account/email/{name}_{part}.txt", {**context, known: "x@example.com"}, request
                )
                for part in ("subject", "message")
                for known in ("", "taken_back", "undo_url", "has_earlier_link", "is_lost")
            ]

        assert [english for text in mails for english in english_in(text)] == []


class TestTheLinkOfALostAddressInBurmese:
    def test_has_no_english_in_it(self, market_site: Site) -> None:
        path = reverse("account_undo_address", args=["token"])
        undo = AddressUndo(
            token_hash=sha256(b"token").hexdigest(),
            user=market_site.market.author,
            email="lost@example.com",
            rank=0,
            expires_at=timezone.now() + timedelta(days=1),
        )
        reader = Reader()

        reader.get(f"/my{path}")
        undo.save()
        reader.get(f"/my{path}")
        User.objects.filter(pk=undo.user_id).update(banned_at=timezone.now())
        reader.get(f"/my{path}")
        other = make_user(email="lost@example.com", role="CONTRIBUTOR")
        reader.get(f"/my{path}")
        other.delete()
        reader.client.post(f"/my{path}")
        reader.get(f"/my{path}")

        assert reader.met == {}
        assert reader.seen == 5
