"""A demo, and a demo that visitors were in."""

import io
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command

from accounts.following import set_following
from potato import clock
from prices import services, tasks
from prices.coordination.ids import uuid7
from prices.derived import board_copies
from prices.models import BoardCopy, ImportBatch, LedgerRow
from prices.publishing import relay
from prices.store import entries
from shops.models import Shop
from tests.factories import make_shop, make_user
from tests.prices.importers import stored
from tests.prices.importers.stored import wrong
from tests.prices.sending import submit_price


@pytest.fixture(autouse=True)
def development(settings: Any) -> None:
    settings.DEBUG = True


def seed_demo(**options: Any) -> str:
    """Run the command. :return: what it says."""
    said = io.StringIO()
    call_command("seed_demo", stdout=said, **options)
    return said.getvalue()


def publish() -> None:
    while relay.run_once():
        pass


@pytest.fixture
def visited(country: SimpleNamespace) -> SimpleNamespace:
    """A demo in which visitors sent, confirmed and reported prices, followed shops, and one row still waits."""
    return visit(country)


def visit(country: SimpleNamespace) -> SimpleNamespace:
    seed_demo(entries=200, days=40)
    publish()
    visitor = make_user(role="CONTRIBUTOR")
    own_shop = make_shop(region=country.yangon, township=country.dagon)
    shops = [Shop.objects.filter(is_demo=True).first(), own_shop]
    for shop in shops:
        submit(by=visitor, shop=shop, country=country)
        set_following("shop", shop.pk, by=visitor, on=True)
    publish()
    entry = entries.get(stored.documents("price_entries")[0]["_id"])
    services.confirm_price(by=visitor, entry=entry, now=clock.now())
    services.report_price(by=visitor, act_id=uuid7(), entry=entry, reason="too_high", now=clock.now())
    publish()
    tasks.roll_up_dirty_days()
    tasks.renew()
    board_copies.copy_changed()
    submit(by=visitor, shop=own_shop, country=country)
    assert BoardCopy.objects.exists()
    assert stored.documents("reports")
    assert wrong() == []
    return SimpleNamespace(visitor=visitor, own_shop=own_shop, country=country)


def submit(*, by: Any, shop: Shop, country: SimpleNamespace, price: int = 2500) -> str:
    return submit_price(
        by=by,
        submission_id=uuid7(),
        item=country.rice,
        shop=shop,
        price=Decimal(price),
        quantity=Decimal(1),
        unit=country.units["kg"],
        type="RETAIL",
        now=clock.now(),
    ).id


def assert_nothing_is_demo() -> None:
    """Neither store holds anything of a demo, nor anything that was computed from one."""
    publish()
    for collection in stored.COLLECTIONS:
        for document in stored.documents(collection):
            assert not _is_demo(document), (collection, document)
    assert not Shop.objects.filter(is_demo=True).exists()
    assert not LedgerRow.objects.filter(is_demo=True).exists()
    assert not ImportBatch.objects.filter(source="DEMO").exists()
    assert not any(_is_demo(copy.data) for copy in BoardCopy.objects.all())
    assert wrong() == []


def _is_demo(value: Any) -> bool:
    """Whether anything inside is marked as demo (a shop's name in the reference is the mark of one that was)."""
    if isinstance(value, dict):
        return (
            value.get("demo") is True or value.get("source") == "DEMO" or any(map(_is_demo, value.values()))
        )
    return any(map(_is_demo, value)) if isinstance(value, list) else False
