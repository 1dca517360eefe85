"""A row with which every relay dies, as one would that takes more memory than there is."""

import pytest

from prices.publishing import relay, rows
from prices.store import entries
from tests.prices.market import Market, forget_names
from tests.prices.publishing.relay.conftest import cheapest, make_due, row_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class Killed(BaseException):
    """What kill -9 is to a process: nothing catches it."""


def live_and_die(*, times: int) -> int:
    """Start a relay again whenever one dies. :return: how many died"""
    died = 0
    for _ in range(times):
        make_due()
        try:
            relay.run_all()
        except Killed:
            died += 1
    return died


@pytest.fixture
def deadly(monkeypatch) -> set[str]:
    """The ids of prices that kill whoever stores them."""
    ids: set[str] = set()
    add = entries.add

    def add_or_die(entry):
        if entry.id in ids:
            raise Killed
        return add(entry)

    monkeypatch.setattr(entries, "add", add_or_die)
    return ids


class TestRowThatKillsEveryRelay:
    def test_is_parked_and_keeps_the_others_of_its_item_no_longer(self, deadly):
        market = Market()
        before, bad, after = (market.send(price, shop=market.far) for price in (2300, 2400, 2500))
        next_door = market.send(2600, shop=market.next_door)
        forget_names()
        deadly.add(bad)

        died = live_and_die(times=rows.MOST_TRIES + 5)

        assert died == rows.MOST_TRIES + 1
        assert (row_of(bad).state, row_of(bad).reason) == ("parked", rows.GIVEN_UP)
        assert {row_of(id).state for id in (before, after, next_door)} == {"published"}
        assert max(row_of(id).tries for id in (before, after, next_door)) == 1
        assert cheapest(market) == [2500, 2600]

    def test_lets_acts_on_one_price_keep_their_order(self, deadly):
        market = Market()
        odd, bad = market.send(2400), market.send(2600, shop=market.far)
        late = market.withdraw(odd)
        forget_names()
        deadly.add(bad)
        # Its own failure put the first row back before the relay died, which was about to withdraw it.
        claimed = rows.claim()
        assert [str(row.pk) for row in claimed] == [odd, bad, late]
        rows.put_back(claimed[:1], "failed")

        live_and_die(times=rows.MOST_TRIES + 5)

        assert [row_of(id).state for id in (odd, bad, late)] == ["published", "parked", "published"]
        assert entries.get(odd).status == "withdrawn"

    def test_of_which_one_relay_died_is_published_by_the_next(self, deadly):
        market = Market()
        id = market.send()
        deadly.add(id)
        assert live_and_die(times=3) == 3
        deadly.clear()

        live_and_die(times=1)

        assert row_of(id).state == "published"
