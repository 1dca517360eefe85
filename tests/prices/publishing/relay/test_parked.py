"""Rows that cannot be published, or not now."""

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection

from potato.errors import Unavailable
from prices.coordination.ids import uuid7
from prices.derived import refresh
from prices.ledger import installation
from prices.models import STORE_UNAVAILABLE, Installation, LedgerRow
from prices.pages.shared_parts import price_text
from prices.publishing import acts, relay, rows
from prices.store import entries
from tests.factories import make_entry, make_item
from tests.prices.market import Market, forget_names
from tests.prices.publishing.relay.conftest import make_due, row_of, states

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestPark:
    def test_of_another_body_under_a_stored_id(self):
        market = Market()
        id = uuid7()
        entries.add(make_entry(id=str(id), body_hash="imported", item_id=market.item.pk))
        market.send(submission_id=id)
        other = market.send(2500, shop=market.far)

        relay.run_once()

        assert row_of(str(id)).state == "parked"
        assert row_of(other).state == "published"
        assert entries.get(str(id)).body_hash == "imported"

    def test_of_an_act_on_a_price_that_never_was(self):
        market = Market()
        late = market.withdraw(str(uuid7()))

        relay.run_once()

        assert row_of(late).state == "parked"

    def test_of_demo_rows_after_the_demo(self):
        market = Market()
        installation.begin_demo()
        late = market.send()
        Installation.objects.update(mode="real")

        relay.run_once()

        assert (row_of(late).state, row_of(late).reason) == ("parked", "The demo has ended.")
        assert entries.get(late) is None

    def test_of_real_rows_once_a_demo_has_begun(self):
        market = Market()
        early = market.send()
        installation.begin_demo()

        relay.run_once()

        assert row_of(early).state == "parked"
        assert entries.get(early) is None


class TestPoison:
    """A row that nobody foresaw."""

    @pytest.fixture
    def market(self, monkeypatch):
        market = Market()
        entry_of = acts.entry_of

        def fails(row, *args, **kwargs):
            if row.payload.get("note") == "poison":
                raise ZeroDivisionError("nobody foresaw this")
            return entry_of(row, *args, **kwargs)

        monkeypatch.setattr(acts, "entry_of", fails)
        return market

    def test_does_not_stop_the_others(self, market):
        poison, good = market.send(note="poison"), market.send(shop=market.far)

        relay.run_once()

        assert (row_of(poison).state, row_of(good).state) == ("accepted", "published")
        assert "ZeroDivisionError" in row_of(poison).reason
        assert row_of(poison).next_try_at > row_of(poison).accepted_at

    def test_is_parked_after_many_tries(self, market):
        poison = market.send(note="poison")

        for _ in range(rows.MOST_TRIES):
            assert row_of(poison).state == "accepted"
            make_due()
            relay.run_once()

        assert row_of(poison).state == "parked"

    def test_makes_later_acts_on_it_wait(self, market):
        poison = market.send(note="poison")
        correction = market.correct(poison, 2500)
        withdrawal = market.withdraw(correction)

        relay.run_once()

        assert states() == ["accepted"] * 3, [row_of(id).reason for id in (poison, correction, withdrawal)]

    def test_makes_an_act_that_comes_later_wait(self, market):
        poison = market.send(note="poison")
        relay.run_once()
        correction = market.correct(poison, 2500)
        withdrawal = market.withdraw(correction)

        relay.run_once()

        assert states() == ["accepted"] * 3, [row_of(id).reason for id in (poison, correction, withdrawal)]

    def test_with_acts_that_wait_for_it_does_not_stop_other_items(self, market):
        """The item's only due row waits for one that is not due: the next item's turn has come."""
        poison = market.send(note="poison")
        relay.run_once()
        market.correct(poison, 2500)
        other = market.send(item=make_item())
        forget_names()

        relay.run_once()

        assert row_of(other).state == "published"

    def test_lets_its_followers_go_on_once_it_is_parked(self, market):
        poison = market.send(note="poison")
        LedgerRow.objects.filter(pk=poison).update(tries=rows.MOST_TRIES - 1)
        withdrawal = market.withdraw(poison)

        relay.run_once()

        assert row_of(poison).state == "parked"
        assert row_of(withdrawal).state == "parked"

    def test_in_what_an_item_touches_does_not_stop_other_items(self, market, monkeypatch):
        stuck, good = market.send(), market.send(item=make_item())
        forget_names()
        written = refresh.refresh

        def fails(touched, **options):
            if any(one.item_id == market.item.pk for one in touched):
                raise ZeroDivisionError("nobody foresaw this")
            written(touched, **options)

        monkeypatch.setattr(refresh, "refresh", fails)
        relay.run_once()

        assert (row_of(stuck).state, row_of(good).state) == ("accepted", "published")
        monkeypatch.undo()
        make_due()
        relay.run_once()
        assert row_of(stuck).state == "published"


class TestStoreAway:
    @pytest.fixture
    def away(self, monkeypatch):
        def add(entry):
            raise Unavailable("mongo")

        monkeypatch.setattr(entries, "add", add)
        return monkeypatch

    def test_puts_rows_back(self, away):
        market = Market()
        id = market.send()

        with pytest.raises(Unavailable):
            relay.run_once()

        row = row_of(id)
        assert (row.state, row.lease_until, row.reason) == ("accepted", None, STORE_UNAVAILABLE)
        away.undo()
        make_due()
        relay.run_once()
        assert row_of(id).state == "published"

    def test_for_long_costs_a_row_none_of_its_tries(self, away):
        market = Market()
        id = market.send()
        for _ in range(2 * rows.MOST_TRIES):
            make_due()
            with pytest.raises(Unavailable):
                relay.run_once()

        away.undo()
        away.setattr(acts, "entry_of", lambda *args, **kwargs: 1 / 0)
        make_due()
        relay.run_once()

        assert row_of(id).state == "accepted"

    def test_is_asked_again_soon(self, away):
        """When MongoDB is back after a long time, what waits must not wait much longer."""
        market = Market()
        id = market.send()
        for _ in range(20):
            make_due()
            with pytest.raises(Unavailable):
                relay.run_once()

        with connection.cursor() as cursor:
            cursor.execute("SELECT next_try_at - clock_timestamp() FROM prices_ledgerrow WHERE id = %s", [id])
            assert cursor.fetchone()[0] < timedelta(seconds=2)


class TestWhyARowWasParked:
    def test_has_words_for_every_reason_that_the_relay_gives(self):
        calls = [
            call
            for module in (relay, acts)
            for call in ast.walk(ast.parse(Path(module.__file__).read_text()))
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "Parked"
        ]
        given = [part for call in calls for part in ast.walk(call.args[0])]
        reasons = {part.value for part in given if isinstance(part, ast.Constant)}
        reasons |= {
            getattr(acts, part.id) for part in given if isinstance(part, ast.Name) and part.id.isupper()
        }

        without_words = [
            reason for reason in reasons if price_text.parked(reason) == price_text.parked("a bug")
        ]

        assert without_words == []
        assert len(reasons) >= 12
