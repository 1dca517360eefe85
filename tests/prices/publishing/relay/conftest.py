"""What the tests of the relay read of the ledger and of the boards."""

from typing import Any

from django.db import connection

from prices import tasks
from prices.derived import refresh
from prices.models import LedgerRow
from prices.store import latest
from tests.prices.market import Market


def make_due() -> None:
    """Time passes: pauses and leases are over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prices_ledgerrow SET next_try_at = clock_timestamp() - interval '1 hour',"
            " lease_until = lease_until - interval '1 hour'"
        )


def states() -> list[str]:
    return list(LedgerRow.objects.exclude(kind="REFERENCE").order_by("seq").values_list("state", flat=True))


def row_of(id: str) -> LedgerRow:
    return LedgerRow.objects.get(pk=id)


def cheapest(market: Market, shop: Any = None) -> list[int]:
    """The newest prices of the market's item, in kyat, in one shop or all."""
    return sorted(
        price.amount // 100
        for price in latest.of_item(market.item.pk)
        if shop is None or price.shop_id == shop.pk
    )


def roll_up() -> None:
    tasks.roll_up_dirty_days()
    refresh.renew_places()
