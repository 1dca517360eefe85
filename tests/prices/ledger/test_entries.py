"""Prices as the ledger knows them, and as forms carry them."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from potato import clock
from prices import tasks
from prices.coordination.ids import uuid7
from prices.ledger import entries as ledger_entries
from prices.models import LedgerRow
from prices.publishing import relay
from prices.store import entries
from prices.types import PriceEntry
from tests.factories import make_entry
from tests.prices.market import Market

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def known(*ids: str) -> list[PriceEntry]:
    found = ledger_entries.get_many(ids)
    return [found[id] for id in ids]


class TestGetMany:
    def test_knows_every_price_and_what_happened_to_it_as_mongodb_does(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        kept, taken, wrong, odd, bad = (market.send(price) for price in (2400, 2410, 2420, 24_000, 2430))
        market.confirm(kept)
        market.confirm(kept, by=market.moderator, now=market.now + timedelta(hours=1))
        market.withdraw(taken, reason="wrong shop")
        right = market.correct(wrong, 2450)
        relay.run_all()
        market.moderate(odd, "published", seen="quarantined", reason="a festival")
        market.moderate(bad, "removed", seen="published", reason="made up")
        relay.run_all()
        ids = [kept, taken, wrong, right, odd, bad]

        found = known(*ids)

        stored = entries.get_many(ids)
        assert [replace(entry, rev=0, published_at=market.now) for entry in found] == [
            replace(stored[id], rev=0, published_at=market.now) for id in ids
        ]
        assert all(entry.published_at >= market.now for entry in found)

    def test_counts_a_withdrawal_and_a_correction_from_their_acceptance_and_nothing_else(self):
        market = Market()
        ids = [market.send(price) for price in (2400, 2410, 2420)]
        relay.run_all()
        taken, wrong, kept = ids
        market.withdraw(taken)
        market.correct(wrong)
        market.confirm(kept)
        market.moderate(kept, "removed", seen="published", reason="made up")

        assert [entry.status for entry in known(*ids)] == ["withdrawn", "withdrawn", "published"]
        assert known(kept)[0].confirmations == 0

    def test_does_not_count_what_was_parked(self):
        market = Market()
        price = market.send()
        relay.run_all()
        market.withdraw(price)
        LedgerRow.objects.filter(kind="WITHDRAW").update(state="parked")

        assert [entry.status for entry in known(price)] == ["published"]

    def test_says_of_a_price_that_it_waits_until_it_is_published(self):
        market = Market()
        price = market.send()

        (waiting,) = known(price)
        relay.run_all()
        (published,) = known(price)

        assert (waiting.status, waiting.waits) == ("accepted", True)
        assert (published.status, published.waits) == ("published", False)

    @pytest.mark.parametrize("loss", [{"payload": {}}, {"state": "parked"}])
    def test_does_not_know_what_was_thrown_away_or_parked(self, loss):
        market = Market()
        price = market.send()
        relay.run_all()
        LedgerRow.objects.filter(pk=price).update(**loss)

        assert ledger_entries.get_many([price]) == {}


class TestSigned:
    def test_is_what_was_signed(self):
        entry = make_entry(note="ဆန်သစ်", source="WFP", confirmations=3)

        found = ledger_entries.signed(ledger_entries.sign(entry), entry_id=entry.id)

        assert replace(found, judgement=entry.judgement, body_hash=entry.body_hash, dirty=False) == entry

    def test_is_the_same_text_each_time_so_that_pages_may_be_kept(self):
        entry = make_entry()

        assert ledger_entries.sign(entry) == ledger_entries.sign(entry)

    def test_is_nothing_for_another_price_or_another_hand(self):
        entry, text = make_entry(), ledger_entries.sign(make_entry())

        for forged in ("", "x", text, text[:-2], text.replace(":", "."), "x" * 1_000_000, "\x00", "é:é"):
            assert ledger_entries.signed(forged, entry_id=entry.id) is None

    def test_is_withdrawn_once_the_ledger_says_so(self):
        market = Market()
        entry = make_entry(item_id=market.item.pk, shop=market.near)
        text = ledger_entries.sign(entry)
        entries.add(entry)
        market.moderate(entry.id, "removed", seen="published", reason="made up")
        relay.run_all()

        found = ledger_entries.signed(text, entry_id=entry.id)

        assert (found.status, found.changes[-1].reason) == ("removed", "made up")

    def test_is_nothing_once_the_ledger_has_forgotten_what_a_moderator_decided(self):
        """Else a link of before would show a removed price again while MongoDB is unavailable."""
        market = Market()
        entry = make_entry(item_id=market.item.pk, shop=market.near)
        text = ledger_entries.sign(entry)
        entries.add(entry)
        market.moderate(entry.id, "removed", seen="published", reason="made up")
        relay.run_all()
        LedgerRow.objects.update(accepted_at=timezone.now() - timedelta(days=91))

        tasks.sweep()

        assert ledger_entries.signed(text, entry_id=entry.id) is None


class TestIsKnown:
    @pytest.mark.parametrize(
        ("source", "days", "expected"),
        [("CROWD", 1, True), ("SHOP", 79, True), ("CROWD", 81, False), ("WFP", 1, False), ("DEMO", 1, False)],
    )
    def test_is_so_of_what_people_sent_in_the_last_weeks(self, source, days, expected):
        now = clock.now()
        entry = make_entry(id=str(uuid7()), source=source, seen_at=now - timedelta(days=days))

        assert ledger_entries.is_known(entry, now=now) is expected
