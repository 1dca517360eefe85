"""MongoDB reads and writes nothing for a while: somebody has blocked it, or its disk is full."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from potato.errors import Unavailable
from potato.stores import mongo
from prices.derived import refresh
from prices.publishing import relay, rows
from prices.store import entries
from tests.prices.market import Market
from tests.prices.publishing.relay.conftest import cheapest, make_due, row_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@contextmanager
def writes_blocked() -> Iterator[None]:
    ask = mongo.client().admin.command
    ask("setUserWriteBlockMode", 1, **{"global": True})
    try:
        yield
    finally:
        ask("setUserWriteBlockMode", 1, **{"global": False})


class TestBlockedWrites:
    def test_park_nothing_however_long_they_last(self):
        market = Market()
        id = market.send()
        with writes_blocked():
            for _ in range(rows.MOST_TRIES + 1):
                make_due()
                with pytest.raises(Unavailable):
                    relay.run_once()
        assert (row_of(id).state, row_of(id).tries) == ("accepted", 0)

        make_due()
        relay.run_once()

        assert row_of(id).state == "published"
        assert cheapest(market) == [2400]

    def test_park_nothing_that_is_stored_and_waits_for_its_boards(self, monkeypatch):
        market = Market()
        id = market.send()
        with monkeypatch.context() as patched, pytest.raises(Unavailable):
            patched.setattr(refresh, "refresh", blocked_refresh)
            relay.run_once()
        assert entries.get(id) is not None
        assert (row_of(id).state, row_of(id).tries) == ("accepted", 0)

        make_due()
        relay.run_once()

        assert row_of(id).state == "published"
        assert cheapest(market) == [2400]


def blocked_refresh(*args, original=refresh.refresh, **kwargs):
    with writes_blocked():
        original(*args, **kwargs)
