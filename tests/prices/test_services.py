from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Barrier, Thread
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Role
from potato.errors import Refused
from prices import services
from prices.ids import uuid7
from prices.models import Installation, LedgerRow
from prices.services import SameIdOtherPrice
from prices.types import Submitter
from tests.factories import make_entry, make_item, make_shop, make_unit, make_user

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def make_contributor(**fields):
    return make_user(**{"role": Role.CONTRIBUTOR} | fields)


def make_moderator(**fields):
    moderator = make_user(role=Role.ADMIN, **fields)
    moderator.user_permissions.add(Permission.objects.get(codename="change_ledgerrow"))
    return moderator


def offer(**fields):
    """The fields of a form that a contributor filled in."""
    if "item" not in fields:
        fields["item"] = make_item()
    return {
        "by": fields.get("by") or make_contributor(),
        "submission_id": uuid7(),
        "shop": fields.get("shop") or make_shop(),
        "price": Decimal(2400),
        "quantity": Decimal(1),
        "unit": fields["item"].default_unit,
        "type": "RETAIL",
        "now": NOW,
    } | fields


def entry_by(user, *, item=None, **fields):
    """A stored entry as the services are handed it."""
    shop = fields.pop("shop", None) or make_shop()
    return make_entry(
        shop=shop,
        item_id=(item or make_item()).pk,
        submitter=Submitter(user.pk, user.public_name, user.role),
        **fields,
    )


class TestSubmitPrice:
    def test_stores_what_the_entry_will_say(self):
        viss = make_unit(to_base=Decimal("1.63293"))
        item = make_item(usual_units=[viss])
        shop, by = make_shop(), make_contributor(display_name="Daw Mya")
        submission = services.submit_price(
            **offer(by=by, item=item, shop=shop, unit=viss, price=Decimal("4000.00"), quantity=Decimal("1.0"))
        )

        row = LedgerRow.objects.get(kind="PRICE")
        assert (str(row.pk), row.state, row.author, row.item_id) == (submission.id, "accepted", by, item.pk)
        assert row.received_at == NOW
        assert row.target == submission.id
        assert row.payload == {
            "item": item.pk,
            "shop": shop.pk,
            "price": "4000",
            "quantity": "1",
            "unit": viss.code,
            "type": "RETAIL",
            "seen": NOW.isoformat(),
            "note": "",
            # 4,000 kyat for 1.63293 kg, in pya, rounded half-even once.
            "amount": 244_958,
            "base": "kg",
            "shop_name": shop.shop_name,
            "region": {"id": shop.region_id, "name": shop.region.name_en},
            "township": {"id": shop.township_id, "name": shop.township.name_en},
            "by": {"id": by.pk, "name": "Daw Mya", "role": "CONTRIBUTOR"},
        }

    def test_gives_the_same_answer_when_the_form_is_sent_twice(self):
        form = offer()

        first = services.submit_price(**form)
        second = services.submit_price(**form | {"now": NOW + timedelta(minutes=5)})

        assert first == second
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    @pytest.mark.parametrize(("typed", "again"), [("2400", "2400.00"), ("0.50", "0.5"), ("1E+3", "1000")])
    def test_takes_a_number_typed_otherwise_for_the_same(self, typed, again):
        form = offer(price=Decimal(typed))
        services.submit_price(**form)

        services.submit_price(**form | {"price": Decimal(again)})

        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    @pytest.mark.parametrize(
        "other",
        [
            {"price": Decimal(2500)},
            {"quantity": Decimal(2)},
            {"type": "WHOLESALE"},
            {"seen_at": NOW - timedelta(days=1)},
            {"note": "on the corner"},
        ],
    )
    def test_asks_when_the_same_form_comes_with_another_content(self, other):
        form = offer()
        services.submit_price(**form)

        with pytest.raises(SameIdOtherPrice) as asked:
            services.submit_price(**form | other)

        assert asked.value.earlier.payload["price"] == "2400"
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    def test_refuses_the_form_of_another_account(self):
        form = offer()
        services.submit_price(**form)

        with pytest.raises(Refused) as refusal:
            services.submit_price(**form | {"by": make_contributor()})

        assert not isinstance(refusal.value, SameIdOtherPrice)
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    @pytest.mark.parametrize(
        ("fields", "may"),
        [
            ({"role": Role.USER}, False),
            ({"role": Role.CONTRIBUTOR}, True),
            ({"role": Role.RETAILER}, True),
            ({"role": Role.ADMIN}, True),
            ({"role": Role.CONTRIBUTOR, "banned_at": NOW}, False),
            ({"role": Role.CONTRIBUTOR, "is_active": False}, False),
        ],
    )
    def test_is_for_contributors_shop_owners_and_staff_who_are_not_banned(self, fields, may):
        form = offer(by=make_user(**fields))

        if may:
            services.submit_price(**form)
        else:
            with pytest.raises(Refused):
                services.submit_price(**form)

        assert LedgerRow.objects.filter(kind="PRICE").count() == int(may)

    def test_refuses_a_unit_that_leads_to_no_weight_of_the_item(self):
        basket = make_unit(kind="container", to_base=None, base="")

        with pytest.raises(Refused) as refusal:
            services.submit_price(**offer(unit=basket))

        assert refusal.value.field == "unit"
        assert not LedgerRow.objects.filter(kind="PRICE").exists()

    @pytest.mark.parametrize("price", ["0.000001", "1e20"])
    def test_refuses_what_no_amount_can_say(self, price):
        with pytest.raises(Refused) as refusal:
            services.submit_price(**offer(price=Decimal(price)))

        assert refusal.value.field == "price"
        assert not LedgerRow.objects.filter(kind="PRICE").exists()

    def test_holds_to_a_number_an_hour(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 2
        by, item = make_contributor(), make_item()
        forms = [offer(by=by, item=item) for _ in range(3)]
        for form in forms[:2]:
            services.submit_price(**form)

        with pytest.raises(Refused):
            services.submit_price(**forms[2])
        services.submit_price(**offer(item=item))
        again = services.submit_price(**forms[0])

        assert again.id == str(forms[0]["submission_id"])
        assert LedgerRow.objects.filter(author=by).count() == 2

    def test_counts_the_hour_in_real_time(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 1
        by = make_contributor()
        services.submit_price(**offer(by=by))
        LedgerRow.objects.filter(author=by).update(accepted_at=timezone.now() - timedelta(minutes=61))

        services.submit_price(**offer(by=by))

        assert LedgerRow.objects.filter(author=by).count() == 2

    @pytest.mark.parametrize(("mode", "is_demo"), [("empty", False), ("demo", True), ("real", False)])
    def test_marks_what_is_sent_to_a_demo(self, mode, is_demo):
        Installation.objects.create(pk=1, mode=mode)

        services.submit_price(**offer())

        assert LedgerRow.objects.get(kind="PRICE").is_demo is is_demo


@pytest.mark.django_db(transaction=True)
class TestTwoTapsAtOnce:
    def send_from_threads(self, forms):
        """Each form from a thread of its own, all at the same moment; what came back, in their order."""
        barrier, answers = Barrier(len(forms)), [None] * len(forms)

        def send(number):
            try:
                barrier.wait(10)
                answers[number] = services.submit_price(**forms[number])
            except Refused as refusal:
                answers[number] = refusal
            finally:
                connection.close()

        threads = [Thread(target=send, args=(number,)) for number in range(len(forms))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return answers

    def test_are_one_row_and_one_answer(self):
        form = offer()

        answers = self.send_from_threads([form] * 6)

        assert len({answer.id for answer in answers}) == 1
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    def test_with_two_prices_are_one_row_and_a_question(self):
        form = offer()
        prices = [Decimal(2400), Decimal(2500)]

        answers = self.send_from_threads([form | {"price": price} for price in prices])

        assert sorted(type(answer).__name__ for answer in answers) == ["SameIdOtherPrice", "Submission"]
        stored = LedgerRow.objects.get(kind="PRICE")
        winner = next(
            price for price, answer in zip(prices, answers, strict=True) if not isinstance(answer, Refused)
        )
        assert stored.payload["price"] == str(winner)


class TestCorrectPrice:
    def correct(self, entry, *, by, **fields):
        unit = fields.pop("unit", None) or make_unit()
        return services.correct_price(
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

    def test_is_for_the_author_and_for_staff(self):
        by, item = make_contributor(), make_item()
        entry = entry_by(by, item=item)

        with pytest.raises(Refused):
            self.correct(entry, by=make_contributor(), unit=item.default_unit)
        self.correct(entry, by=make_user(role=Role.ADMIN), unit=item.default_unit)

        assert LedgerRow.objects.filter(kind="CORRECT").count() == 1

    @pytest.mark.parametrize("status", ["removed", "withdrawn"])
    def test_of_what_is_gone_is_refused(self, status):
        by = make_contributor()

        with pytest.raises(Refused):
            self.correct(entry_by(by, status=status), by=by)

    def test_is_refused_under_the_id_of_the_price_itself(self):
        form = offer()
        services.submit_price(**form)
        entry = entry_by(form["by"], item=form["item"], shop=form["shop"], id=str(form["submission_id"]))

        with pytest.raises(SameIdOtherPrice):
            self.correct(entry, by=form["by"], unit=form["unit"], submission_id=form["submission_id"])


class TestWithdrawPrice:
    def test_is_for_the_author_and_for_staff(self):
        by = make_contributor()
        entry = entry_by(by)

        with pytest.raises(Refused):
            services.withdraw_price(by=make_contributor(), act_id=uuid7(), entry=entry, now=NOW)
        services.withdraw_price(by=by, act_id=uuid7(), entry=entry, now=NOW)
        services.withdraw_price(by=make_user(role=Role.ADMIN), act_id=uuid7(), entry=entry, now=NOW)

        assert [row.target for row in LedgerRow.objects.filter(kind="WITHDRAW")] == [entry.id] * 2

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

    @pytest.mark.parametrize("status", ["pending", "quarantined", "removed", "withdrawn"])
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

    def test_is_refused_to_a_banned_moderator(self):
        with pytest.raises(Refused):
            self.moderate(make_moderator(banned_at=NOW))


class TestReferenceChanged:
    def rows(self, target):
        return LedgerRow.objects.filter(kind="REFERENCE", target=target, state="accepted").count()

    def test_of_a_shop_that_waits_already_is_one_row(self):
        shop = make_shop()

        shop.save()
        shop.save()

        assert self.rows(f"shop:{shop.pk}") == 1

    def test_is_another_row_once_the_first_is_being_published(self):
        shop = make_shop()
        LedgerRow.objects.filter(kind="REFERENCE").update(lease_until=timezone.now() + timedelta(seconds=9))

        shop.save()

        assert self.rows(f"shop:{shop.pk}") == 2

    def test_tells_of_what_was_deleted(self):
        shop = make_shop()
        LedgerRow.objects.filter(kind="REFERENCE").delete()
        target = f"shop:{shop.pk}"

        shop.delete()

        assert self.rows(target) == 1


@pytest.mark.django_db(transaction=True)
class TestRenamingWhileAnotherChangeWaits:
    def test_is_not_lost_when_the_waiting_row_is_published_before_the_commit(self):
        """The waiting row may be published with the name as it was: then it does not stand for this change."""
        from prices import relay

        shop = make_shop()
        published = []

        def publish():
            try:
                while rows := relay.claim():
                    LedgerRow.objects.filter(pk__in=[row.pk for row in rows]).update(state="published")
                    published.extend(row.target for row in rows)
            finally:
                connection.close()

        with transaction.atomic():
            shop.shop_name = "Renamed"
            shop.save()
            relaying = Thread(target=publish)
            relaying.start()
            relaying.join(10)

        assert not relaying.is_alive()
        assert LedgerRow.objects.filter(target=f"shop:{shop.pk}", state="accepted").exists()
