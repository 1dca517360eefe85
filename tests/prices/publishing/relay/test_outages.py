"""PostgreSQL ends the relay's session while it publishes."""

import pytest
from django.db import OperationalError

from prices.derived import refresh
from prices.publishing import relay, rows
from prices.store import entries
from tests.prices.market import Market
from tests.prices.publishing.relay.conftest import cheapest, make_due, row_of
from tests.prices.sessions import end_own_session

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo_store")]


class TestLostSession:
    @pytest.mark.parametrize("module, step", [(entries, "add"), (refresh, "refresh")])
    def test_costs_a_price_none_of_its_tries(self, monkeypatch, caplog, module, step):
        market = Market()
        id = market.send()
        with monkeypatch.context() as patched:
            patched.setattr(module, step, lambda *_, **__: end_own_session())
            for _ in range(rows.MOST_TRIES + 1):
                make_due()
                with pytest.raises(OperationalError):
                    relay.run_once()
        assert (row_of(id).state, row_of(id).tries) == ("accepted", 0)
        assert "could not be published" not in caplog.text
        assert "could not be refreshed" not in caplog.text

        make_due()
        relay.run_once()

        assert row_of(id).state == "published"
        assert cheapest(market) == [2400]
