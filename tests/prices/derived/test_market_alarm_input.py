"""The market alarm over real stores: jumps planted among quiet prices, and what the oracle says of them."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from potato import clock
from prices import tasks
from prices.derived import refresh
from prices.publishing import relay
from prices.store import boards, entries
from prices.types import ALARMS
from tests.factories import make_entry, make_item, make_shop
from tests.prices import oracle

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

QUIET = (0.05, -0.04, 0.08, -0.09, 0.03, -0.03)
"""Moves of a quiet price, in turn."""


class Stalls:
    """Three shops of a township, noted weekly, and three of another region in different places, noted monthly."""

    def __init__(self) -> None:
        self.weekly, self.monthly = make_item(), make_item()
        here, there = make_shop(), make_shop()
        self.here = [here, *(make_shop(region=here.region, township=here.township) for _ in range(2))]
        self.there = [there, *(make_shop(region=there.region) for _ in range(2))]

    def prices(self, *, weekly_jump: float = 0.0, monthly_jump: float = 0.0) -> Iterator:
        for item, shops, every, n, jump in (
            (self.weekly, self.here, 7, 30, weekly_jump),
            (self.monthly, self.there, 30, 12, monthly_jump),
        ):
            level = 1.0
            for back in range(n, -1, -1):
                level *= 1 + (jump if back == 0 and jump else QUIET[back % len(QUIET)])
                for number, shop in enumerate(shops):
                    amount = round(200_000 * level) + 1000 * number
                    yield make_entry(
                        shop=shop,
                        item_id=item.pk,
                        amount=amount,
                        seen_at=clock.now() - timedelta(days=1 + back * every, minutes=number),
                    )


@pytest.fixture
def stalls() -> Stalls:
    return Stalls()


def store(prices) -> None:
    relay.run_once(limit=1000)
    entries.add_many(prices)
    tasks.rebuild_all()


def rows() -> list[dict]:
    board = boards.get_many([ALARMS]).get(ALARMS)
    return board.data["rows"] if board else []


class TestRenewAlarms:
    def test_finds_what_jumped_in_a_township_and_in_regions_and_agrees_with_the_oracle(self, stalls):
        store(stalls.prices(weekly_jump=0.6, monthly_jump=-0.5))

        found = {(row["item"], row["region"], row["township"]): row for row in rows()}

        here, there = stalls.here[0], stalls.there[0]
        assert set(found) == {
            (stalls.weekly.pk, here.region_id, None),
            (stalls.weekly.pk, here.region_id, here.township_id),
            (stalls.monthly.pk, there.region_id, None),
        }
        weekly = found[stalls.weekly.pk, here.region_id, here.township_id]
        assert (weekly["span"], weekly["n"], weekly["before"]["n"]) == (7, 3, 3)
        assert weekly["before"]["percent"] == pytest.approx(60, abs=1)
        monthly = found[stalls.monthly.pk, there.region_id, None]
        assert (monthly["span"], monthly["n"], monthly["before"]["n"]) == (28, 3, 3)
        assert monthly["before"]["percent"] == pytest.approx(-50, abs=1)
        assert all(row["times"] >= 4 for row in rows())
        assert oracle.differences() == []

    def test_is_silent_about_moves_as_they_usually_are(self, stalls):
        store(stalls.prices(weekly_jump=0.06, monthly_jump=-0.06))

        assert rows() == []
        assert boards.get_many([ALARMS])
        assert oracle.differences() == []

    def test_looks_only_at_items_that_changed_and_keeps_what_it_knows_of_the_others(self, stalls):
        store(stalls.prices(weekly_jump=0.6, monthly_jump=-0.5))
        before = rows()
        assert refresh.renew_alarms() == 0

        shop = stalls.there[0]
        touched = make_entry(shop=shop, item_id=stalls.monthly.pk, amount=190_000, seen_at=clock.now())
        entries.add_many([touched])
        refresh.refresh([refresh.Touched.by(touched)])

        assert tasks.renew_alarms() == 1
        assert [row for row in rows() if row["item"] == stalls.weekly.pk] == [
            row for row in before if row["item"] == stalls.weekly.pk
        ]

    def test_forgets_what_is_no_longer_fresh_on_another_day(self, stalls, settings):
        store(stalls.prices(weekly_jump=0.6, monthly_jump=-0.5))
        settings.POTATO_AS_OF = clock.today() + timedelta(days=20)

        tasks.renew()

        assert {row["item"] for row in rows()} == {stalls.monthly.pk}
        assert oracle.differences(now=clock.now()) == []
        assert tasks.renew_alarms() == 0
