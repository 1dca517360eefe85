"""What may be done to a price, and by whom."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from accounts.models import Role
from potato.errors import Refused
from prices import services
from prices.coordination.ids import uuid7
from prices.ledger.accept import SameIdOtherPrice
from prices.models import LedgerRow
from tests.factories import make_item, make_moderator, make_unit, make_user
from tests.prices.sending import correct_price, submit_price
from tests.prices.services.conftest import NOW, entry_by, make_contributor, offer

pytestmark = pytest.mark.django_db


class TestCorrectPrice:
    def correct(self, entry, *, by, **fields):
        unit = fields.pop("unit", None) or make_unit()
        return correct_price(
            **{
                "by": by,
                "submission_id": uuid7(),
                "entry": entry,
                "price": Decimal(2500),
                "quantity": Decimal(1),
                "unit": unit,
                "type": "RETAIL",
                "now": NOW,
            }
            | fields
        )

    def test_is_a_new_price_under_the_old_ones_item_and_shop(self):
        by = make_contributor()
        item = make_item()
        entry = entry_by(by, item=item)

        submission = self.correct(entry, by=by, unit=item.default_unit)

        row = LedgerRow.objects.get(kind="CORRECT")
        assert (row.target, str(row.pk)) == (entry.id, submission.id)
        assert row.payload["corrects"] == entry.id
        assert (row.payload["item"], row.payload["shop"]) == (entry.item_id, entry.shop_id)
        assert row.payload["seen"] == entry.seen_at.isoformat()
        assert row.payload["amount"] == 250_000

    def test_may_move_the_day(self):
        by, item = make_contributor(), make_item()
        earlier = NOW - timedelta(days=2)

        self.correct(entry_by(by, item=item), by=by, unit=item.default_unit, seen_at=earlier)

        assert LedgerRow.objects.get(kind="CORRECT").payload["seen"] == earlier.isoformat()

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_of_somebody_elses_price_is_refused_to_whoever_is_no_moderator(self, role):
        entry = entry_by(make_contributor())

        with pytest.raises(Refused, match="sent by somebody else"):
            self.correct(entry, by=make_user(role=role), reason="two zeros too many")

        assert not LedgerRow.objects.filter(kind="CORRECT").exists()

    def test_of_somebody_elses_price_is_a_moderators_with_a_reason(self):
        item = make_item()
        entry = entry_by(make_contributor(), item=item)

        with pytest.raises(Refused) as refusal:
            self.correct(entry, by=make_moderator(), unit=item.default_unit)
        self.correct(entry, by=make_moderator(), unit=item.default_unit, reason="two zeros too many")

        assert refusal.value.field == "reason"
        assert LedgerRow.objects.get(kind="CORRECT").payload["reason"] == "two zeros too many"

    def test_of_ones_own_price_needs_no_reason_of_a_moderator(self):
        by, item = make_moderator(), make_item()

        self.correct(entry_by(by, item=item), by=by, unit=item.default_unit)

        assert "reason" not in LedgerRow.objects.get(kind="CORRECT").payload

    @pytest.mark.parametrize("status", ["removed", "withdrawn"])
    def test_of_what_is_gone_is_refused(self, status):
        by = make_contributor()

        with pytest.raises(Refused):
            self.correct(entry_by(by, status=status), by=by)

    def test_is_refused_under_the_id_of_the_price_itself(self):
        form = offer()
        submit_price(**form)
        entry = entry_by(form["by"], item=form["item"], shop=form["shop"], id=str(form["submission_id"]))

        with pytest.raises(SameIdOtherPrice):
            self.correct(entry, by=form["by"], unit=form["unit"], submission_id=form["submission_id"])


class TestWithdrawPrice:
    def withdraw(self, entry, *, by, **fields):
        return services.withdraw_price(**{"by": by, "act_id": uuid7(), "entry": entry, "now": NOW} | fields)

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_of_somebody_elses_price_is_refused_to_whoever_is_no_moderator(self, role):
        with pytest.raises(Refused, match="sent by somebody else"):
            self.withdraw(entry_by(make_contributor()), by=make_user(role=role), reason="made up")

        assert not LedgerRow.objects.filter(kind__in=["WITHDRAW", "MODERATE"]).exists()

    def test_of_somebody_elses_price_is_a_moderation_with_a_reason(self):
        entry = entry_by(make_contributor())

        with pytest.raises(Refused) as refusal:
            self.withdraw(entry, by=make_moderator())
        self.withdraw(entry, by=make_moderator(), reason="made up")

        row = LedgerRow.objects.get(kind__in=["WITHDRAW", "MODERATE"])
        assert refusal.value.field == "reason"
        assert (row.kind, row.payload["status"], row.payload["seen_status"], row.payload["reason"]) == (
            "MODERATE",
            "removed",
            "published",
            "made up",
        )

    @pytest.mark.parametrize("make", [make_contributor, make_moderator])
    def test_of_ones_own_price_needs_no_reason(self, make):
        by = make()

        self.withdraw(entry_by(by), by=by)

        assert LedgerRow.objects.get(author=by).kind == "WITHDRAW"

    def test_of_ones_own_price_is_welcome_before_it_is_published(self):
        by = make_contributor()

        self.withdraw(entry_by(by, status="accepted"), by=by)

        assert LedgerRow.objects.get(author=by).kind == "WITHDRAW"

    def test_of_somebody_elses_price_waits_until_it_is_published(self):
        with pytest.raises(Refused, match="not published yet"):
            self.withdraw(
                entry_by(make_contributor(), status="accepted"), by=make_moderator(), reason="made up"
            )

    @pytest.mark.parametrize("status", ["removed", "withdrawn"])
    def test_of_what_is_gone_is_refused(self, status):
        by = make_contributor()

        with pytest.raises(Refused):
            services.withdraw_price(by=by, act_id=uuid7(), entry=entry_by(by, status=status), now=NOW)

    def test_is_refused_to_the_banned(self):
        by = make_contributor(banned_at=NOW)

        with pytest.raises(Refused):
            services.withdraw_price(by=by, act_id=uuid7(), entry=entry_by(by), now=NOW)


class TestConfirmPrice:
    def test_counts_once_a_person_and_day(self):
        entry, by = entry_by(make_contributor()), make_contributor()

        first = services.confirm_price(by=by, entry=entry, now=NOW)
        again = services.confirm_price(by=by, entry=entry, now=NOW + timedelta(hours=2))
        services.confirm_price(by=make_contributor(), entry=entry, now=NOW)
        services.confirm_price(by=by, entry=entry, now=NOW + timedelta(days=1))

        assert first.id == again.id
        assert UUID(first.id).version == 5
        assert LedgerRow.objects.filter(kind="CONFIRM").count() == 3

    def test_goes_by_the_day_in_yangon(self):
        entry, by = entry_by(make_contributor()), make_contributor()
        before_midnight = datetime(2026, 11, 20, 17, 29, tzinfo=UTC)

        services.confirm_price(by=by, entry=entry, now=before_midnight)
        services.confirm_price(by=by, entry=entry, now=before_midnight + timedelta(minutes=2))

        assert sorted(row.payload["day"] for row in LedgerRow.objects.filter(kind="CONFIRM")) == [
            "2026-11-20",
            "2026-11-21",
        ]

    @pytest.mark.parametrize("status", ["accepted", "pending", "quarantined", "removed", "withdrawn"])
    def test_is_for_published_prices(self, status):
        with pytest.raises(Refused):
            services.confirm_price(
                by=make_contributor(), entry=entry_by(make_contributor(), status=status), now=NOW
            )

    @pytest.mark.parametrize("fields", [{"role": Role.USER}, {"banned_at": NOW}])
    def test_is_refused_to_readers_and_the_banned(self, fields):
        with pytest.raises(Refused):
            services.confirm_price(by=make_contributor(**fields), entry=entry_by(make_contributor()), now=NOW)

    def test_holds_to_the_limit(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 1
        by = make_contributor()
        services.confirm_price(by=by, entry=entry_by(make_contributor()), now=NOW)

        with pytest.raises(Refused):
            services.confirm_price(by=by, entry=entry_by(make_contributor()), now=NOW)


class TestReportPrice:
    def test_is_open_to_readers_but_not_to_the_banned(self):
        entry = entry_by(make_contributor())

        services.report_price(
            by=make_user(), act_id=uuid7(), entry=entry, reason="too_high", text="K 200", now=NOW
        )
        with pytest.raises(Refused):
            services.report_price(
                by=make_user(banned_at=NOW), act_id=uuid7(), entry=entry, reason="other", now=NOW
            )

        row = LedgerRow.objects.get(kind="REPORT")
        assert (row.target, row.payload["reason"], row.payload["text"]) == (entry.id, "too_high", "K 200")


class TestModerate:
    def moderate(self, by, **fields):
        return services.moderate(
            **{
                "by": by,
                "act_id": uuid7(),
                "entry": entry_by(make_contributor(), status="quarantined"),
                "status": "published",
                "seen_status": "quarantined",
                "reason": "true: festival",
                "now": NOW,
            }
            | fields
        )

    def test_carries_the_status_that_the_moderator_saw(self):
        self.moderate(make_moderator())

        payload = LedgerRow.objects.get(kind="MODERATE").payload
        assert (payload["status"], payload["seen_status"]) == ("published", "quarantined")
        assert payload["reason"] == "true: festival"

    @pytest.mark.parametrize("role", [Role.USER, Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_needs_the_permission(self, role):
        with pytest.raises(Refused):
            self.moderate(make_user(role=role))

        assert not LedgerRow.objects.filter(kind="MODERATE").exists()

    def test_is_refused_to_a_former_member_of_the_staff_who_kept_the_permission(self):
        former = make_moderator()
        former.role = Role.CONTRIBUTOR
        former.save()

        with pytest.raises(Refused, match="Only moderators"):
            self.moderate(former)

    @pytest.mark.parametrize("status", ["published", "quarantined", "removed"])
    @pytest.mark.parametrize("make", [make_moderator, lambda: make_user(is_superuser=True)])
    def test_of_ones_own_price_is_for_another_moderator(self, make, status):
        by = make()

        with pytest.raises(Refused, match="your own price"):
            self.moderate(by, entry=entry_by(by, status="quarantined"), status=status)

        assert not LedgerRow.objects.filter(kind="MODERATE").exists()

    def test_is_refused_to_a_banned_moderator(self):
        with pytest.raises(Refused):
            self.moderate(make_moderator(banned_at=NOW))

    def test_is_as_often_as_there_is_need_and_counts_for_no_limit(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 1
        moderator = make_moderator()

        for _ in range(3):
            self.moderate(moderator)
        services.confirm_price(by=moderator, entry=entry_by(make_contributor()), now=NOW)

        assert LedgerRow.objects.filter(author=moderator).count() == 4
