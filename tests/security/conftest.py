"""A small site, and somebody who sends it what they like."""

import logging
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.test import Client

from alerts.models import AlertRule, Notification
from prices import tasks
from prices.names import cache as names
from prices.names import rows as name_rows
from prices.publishing import relay
from prices.store import reference
from shops.models import Favourite
from tests.prices.market import Market

ALERT = 7
"""The id of the author's rule and of their notification."""
FORM = "application/x-www-form-urlencoded"


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
    reference.put_many(name_rows.everything(), rev=1)
    names.forget()
    Favourite.objects.create(user=market.author, shop=market.near)
    item = market.item
    AlertRule.objects.create(
        pk=ALERT, user=market.author, kind="ANY", item=item, type="RETAIL", base="kg", unit=item.default_unit
    )
    Notification.objects.create(pk=ALERT, user=market.author, kind="SUMMARY", day="2026-12-01", count=2)
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
            "id": str(ALERT),
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
    settings.NEW_ACCOUNT_REPORTS_PER_HOUR = settings.NEW_ACCOUNT_REPORTS_PER_DAY = 1_000_000


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
