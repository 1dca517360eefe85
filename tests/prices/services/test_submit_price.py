from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from accounts.models import Role
from potato.errors import Refused
from prices.ledger.accept import SameIdOtherPrice
from prices.models import Installation, LedgerRow
from tests.factories import make_item, make_shop, make_unit, make_user
from tests.prices.sending import submit_price
from tests.prices.services.conftest import NOW, at_once, make_contributor, offer

pytestmark = pytest.mark.django_db


class TestSubmitPrice:
    def test_stores_what_the_entry_will_say(self):
        viss = make_unit(to_base=Decimal("1.63293"))
        item = make_item(usual_units=[viss])
        shop, by = make_shop(), make_contributor(display_name="Daw Mya")
        submission = submit_price(
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

        first = submit_price(**form)
        second = submit_price(**form | {"now": NOW + timedelta(minutes=5)})

        assert first == second
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    @pytest.mark.parametrize(("typed", "again"), [("2400", "2400.00"), ("0.50", "0.5"), ("1E+3", "1000")])
    def test_takes_a_number_typed_otherwise_for_the_same(self, typed, again):
        form = offer(price=Decimal(typed))
        submit_price(**form)

        submit_price(**form | {"price": Decimal(again)})

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
        submit_price(**form)

        with pytest.raises(SameIdOtherPrice) as asked:
            submit_price(**form | other)

        assert asked.value.earlier.payload["price"] == "2400"
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    def test_refuses_the_form_of_another_account(self):
        form = offer()
        submit_price(**form)

        with pytest.raises(Refused) as refusal:
            submit_price(**form | {"by": make_contributor()})

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
            submit_price(**form)
        else:
            with pytest.raises(Refused):
                submit_price(**form)

        assert LedgerRow.objects.filter(kind="PRICE").count() == int(may)

    def test_refuses_a_unit_that_leads_to_no_weight_of_the_item(self):
        basket = make_unit(kind="container", to_base=None, base="")

        with pytest.raises(Refused) as refusal:
            submit_price(**offer(unit=basket))

        assert refusal.value.field == "unit"
        assert not LedgerRow.objects.filter(kind="PRICE").exists()

    @pytest.mark.parametrize("price", ["0.000001", "1e20"])
    def test_refuses_what_no_amount_can_say(self, price):
        with pytest.raises(Refused) as refusal:
            submit_price(**offer(price=Decimal(price)))

        assert refusal.value.field == "price"
        assert not LedgerRow.objects.filter(kind="PRICE").exists()

    def test_holds_to_a_number_an_hour(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 2
        by, item = make_contributor(), make_item()
        forms = [offer(by=by, item=item) for _ in range(3)]
        for form in forms[:2]:
            submit_price(**form)

        with pytest.raises(Refused):
            submit_price(**forms[2])
        submit_price(**offer(item=item))
        again = submit_price(**forms[0])

        assert again.id == str(forms[0]["submission_id"])
        assert LedgerRow.objects.filter(author=by).count() == 2

    def test_counts_the_hour_in_real_time(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 1
        by = make_contributor()
        submit_price(**offer(by=by))
        LedgerRow.objects.filter(author=by).update(accepted_at=timezone.now() - timedelta(minutes=61))

        submit_price(**offer(by=by))

        assert LedgerRow.objects.filter(author=by).count() == 2

    @pytest.mark.parametrize(("mode", "is_demo"), [("empty", False), ("demo", True), ("real", False)])
    def test_marks_what_is_sent_to_a_demo(self, mode, is_demo):
        Installation.objects.create(pk=1, mode=mode)

        submit_price(**offer())

        assert LedgerRow.objects.get(kind="PRICE").is_demo is is_demo


@pytest.mark.django_db(transaction=True)
class TestTwoTapsAtOnce:
    def send_from_threads(self, forms):
        return at_once(submit_price, forms)

    def test_are_one_row_and_one_answer(self):
        form = offer()

        answers = self.send_from_threads([form] * 6)

        assert len({answer.id for answer in answers}) == 1
        assert LedgerRow.objects.filter(kind="PRICE").count() == 1

    def test_hold_to_the_number_an_hour(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 3
        by, item = make_contributor(), make_item()
        submit_price(**offer(by=by, item=item))

        answers = self.send_from_threads([offer(by=by, item=item) for _ in range(8)])

        assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 6 + ["Submission"] * 2
        assert LedgerRow.objects.filter(author=by).count() == 3

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
