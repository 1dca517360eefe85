"""Who may do what is asked again before an act becomes visible: much may have changed since it was accepted."""

import pytest

from accounts.models import Role
from potato import clock
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from prices.publishing import relay
from prices.store import entries
from tests.factories import make_item, make_user
from tests.prices.market import Market
from tests.prices.publishing.relay.conftest import cheapest, row_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def accept(market: Market, kind: str, target: str, **fields) -> str:
    """An act in the ledger, whoever let it in. :return: its id"""
    by = fields.pop("by", market.neighbour)
    row = LedgerRow.objects.create(
        **{
            "id": uuid7(),
            "kind": kind,
            "author": by,
            "item_id": market.item.pk,
            "target": target,
            "body_hash": "",
            "received_at": clock.now(),
            "payload": {
                "by": {"id": by.pk, "name": by.display_name, "role": by.role},
                **fields.pop("payload", {}),
            },
        }
        | fields
    )
    return str(row.pk)


def outcome_of(id: str) -> tuple[str, str]:
    row = row_of(id)
    return row.state, row.reason


class TestWithdrawal:
    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.ADMIN])
    def test_of_somebody_elses_price_is_parked(self, role):
        market = Market()
        price = market.send()
        late = accept(market, "WITHDRAW", price, by=make_user(role=role))

        relay.run_once()

        assert outcome_of(late) == ("parked", "Only its author and moderators may change a price.")
        assert cheapest(market) == [2400]

    def test_of_an_author_who_was_banned_meanwhile_is_parked(self):
        market = Market()
        price = market.send()
        relay.run_once()
        late = market.withdraw(price)
        market.author.banned_at = clock.now()
        market.author.save()

        relay.run_once()

        assert outcome_of(late) == ("parked", "Its author was banned meanwhile.")
        assert cheapest(market) == [2400]

    def test_stands_when_its_author_has_left_meanwhile(self):
        market = Market()
        price = market.send()
        late = market.withdraw(price)
        market.author.delete()

        relay.run_once()

        assert outcome_of(late) == ("published", "")
        assert entries.get(price).status == "withdrawn"

    def test_that_a_relay_had_begun_is_carried_through(self, monkeypatch):
        """It died after the entry was changed, and the author was banned before the next one came."""
        market = Market()
        old = market.send()
        relay.run_once()
        new = market.correct(old, 2500)
        with monkeypatch.context() as dying, pytest.raises(Killed):
            dying.setattr(entries, "add", die)
            relay.run_once()
        market.author.banned_at = clock.now()
        market.author.save()
        LedgerRow.objects.update(lease_until=None)

        relay.run_once()

        assert outcome_of(new) == ("published", "")
        assert (entries.get(old).status, cheapest(market)) == ("withdrawn", [2500])


class TestCorrection:
    def test_of_a_moderator_who_is_none_any_more_is_parked_and_stores_nothing(self):
        market = Market()
        old = market.send()
        relay.run_once()
        late = market.correct(old, 2500, by=market.moderator, reason="two zeros too many")
        market.moderator.user_permissions.clear()

        relay.run_once()

        assert outcome_of(late) == ("parked", "Only its author and moderators may change a price.")
        assert entries.get(late) is None
        assert cheapest(market) == [2400]

    def test_of_a_moderator_says_who_did_it_and_why(self):
        market = Market()
        old = market.send()
        new = market.correct(old, 2500, by=market.moderator, reason="two zeros too many")

        relay.run_once()

        (change,) = entries.get(old).changes
        assert (change.kind, change.by, change.status, change.reason) == (
            "CORRECT",
            market.moderator.pk,
            "withdrawn",
            "two zeros too many",
        )
        assert entries.get(new).submitter.id == market.moderator.pk

    def test_for_another_shop_than_the_prices_is_parked(self):
        market = Market()
        old, elsewhere = market.send(), market.send(2600, shop=market.far)
        relay.run_once()
        late = market.correct(old, 2500)
        LedgerRow.objects.filter(pk=late).update(
            payload=row_of(late).payload | {"shop": market.far.pk, "shop_name": "Far"}
        )

        relay.run_once()

        assert outcome_of(late) == ("parked", "The form belongs to another price.")
        assert {entries.get(id).status for id in (old, elsewhere)} == {"published"}


class TestConfirmation:
    def test_of_somebody_who_was_banned_meanwhile_is_parked_and_does_not_count(self):
        market = Market()
        price = market.send()
        relay.run_once()
        late = market.confirm(price)
        market.neighbour.banned_at = clock.now()
        market.neighbour.save()

        relay.run_once()

        assert outcome_of(late) == ("parked", "Its author was banned meanwhile.")
        assert entries.get(price).confirmations == 0

    def test_that_a_relay_had_begun_is_carried_through(self, monkeypatch):
        market = Market()
        price = market.send()
        relay.run_once()
        late = market.confirm(price)
        with monkeypatch.context() as dying, pytest.raises(Killed):
            dying.setattr(relay.refresh, "refresh", lambda *_, **__: die())
            relay.run_once()
        market.neighbour.banned_at = clock.now()
        market.neighbour.save()
        LedgerRow.objects.update(lease_until=None)

        relay.run_once()

        assert outcome_of(late) == ("published", "")
        assert entries.get(price).confirmations == 1


class TestAnyAct:
    @pytest.mark.parametrize(
        ("kind", "payload"),
        [
            ("CONFIRM", {"day": "2026-11-20"}),
            ("WITHDRAW", {"reason": ""}),
            ("REPORT", {"reason": "price", "text": ""}),
            ("MODERATE", {"status": "removed", "seen_status": "published", "reason": "no"}),
        ],
    )
    def test_accepted_for_another_item_than_the_prices_is_parked(self, kind, payload):
        market = Market()
        price = market.send()
        relay.run_once()
        by = market.author if kind == "WITHDRAW" else market.moderator
        late = accept(market, kind, price, by=by, item_id=make_item().pk, payload=payload)

        relay.run_once()

        assert outcome_of(late) == ("parked", "The form belongs to another price.")
        assert (entries.get(price).status, entries.get(price).changes) == ("published", ())


class TestModeration:
    def test_of_ones_own_price_is_parked(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        odd = market.send(24_000, by=market.moderator)
        relay.run_once()
        payload = {"status": "published", "seen_status": "quarantined", "reason": ""}
        late = accept(market, "MODERATE", odd, by=market.moderator, payload=payload)

        relay.run_once()

        assert outcome_of(late) == ("parked", "Nobody moderates their own price.")
        assert (entries.get(odd).status, cheapest(market)) == ("quarantined", [])

    def test_of_the_price_by_which_a_moderator_corrected_anothers_is_parked(self):
        market = Market()
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        new = market.correct(market.send(), 24_000, by=market.moderator, reason="that is what it costs")
        relay.run_once()
        payload = {"status": "published", "seen_status": "quarantined", "reason": ""}
        late = accept(market, "MODERATE", new, by=market.moderator, payload=payload)

        relay.run_once()

        assert outcome_of(late) == ("parked", "Nobody moderates their own price.")
        assert cheapest(market) == []

    @pytest.mark.parametrize("loss", ["permission", "ban", "role"])
    def test_of_a_moderator_who_is_none_any_more_is_parked(self, loss):
        market = Market()
        price = market.send()
        relay.run_once()
        late = market.moderate(price, "removed", seen="published", reason="made up")
        if loss == "permission":
            market.moderator.user_permissions.clear()
        elif loss == "ban":
            market.moderator.banned_at = clock.now()
            market.moderator.save()
        else:
            market.moderator.role = Role.CONTRIBUTOR
            market.moderator.save()

        relay.run_once()

        assert outcome_of(late) == ("parked", "Its author is not a moderator any more.")
        assert cheapest(market) == [2400]


class Killed(BaseException):
    """What kill -9 is to a process: nothing catches it."""


def die(*args):
    raise Killed
