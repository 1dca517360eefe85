"""How many prices a person may report."""

from datetime import timedelta

import pytest
from django.utils import timezone

from potato.errors import Refused
from prices import services
from prices.coordination.ids import uuid7
from prices.ledger.limits import is_established
from prices.models import LedgerRow
from tests.factories import make_item, make_moderator, make_user
from tests.prices.sending import submit_price
from tests.prices.services.conftest import (
    NOW,
    at_once,
    entry_by,
    make_contributor,
    offer,
)

pytestmark = pytest.mark.django_db


def report(by, **fields):
    return {
        "by": by,
        "act_id": uuid7(),
        "entry": entry_by(make_contributor()),
        "reason": "price",
        "now": NOW,
    } | fields


def send(number, *, by):
    for _ in range(number):
        services.report_price(**report(by))


def make_old(**fields):
    return make_contributor(date_joined=timezone.now() - timedelta(days=8), **fields)


def confirmed_prices(number, *, by, confirmed_by=None, **row):
    """Prices of a person, each confirmed."""
    item = make_item()
    for _ in range(number):
        price = LedgerRow.objects.get(pk=submit_price(**offer(by=by, item=item)).id)
        for author in [confirmed_by or make_contributor()]:
            fields = {"kind": "CONFIRM", "state": "published", "author": author, "received_at": NOW} | row
            LedgerRow.objects.create(id=uuid7(), target=str(price.pk), **fields)


def make_established():
    user = make_old()
    confirmed_prices(10, by=user)
    return user


class TestReportsOfANewAccount:
    def test_are_five_an_hour(self):
        by = make_user()
        send(5, by=by)

        with pytest.raises(Refused, match="a lot of reports"):
            send(1, by=by)
        send(1, by=make_user())

    def test_are_twenty_a_day(self):
        by = make_user()
        for _ in range(4):
            send(5, by=by)
            LedgerRow.objects.filter(author=by).update(accepted_at=timezone.now() - timedelta(hours=2))

        with pytest.raises(Refused, match="a lot of reports"):
            send(1, by=by)
        LedgerRow.objects.filter(author=by).update(accepted_at=timezone.now() - timedelta(hours=25))
        send(1, by=by)

    def test_are_as_many_of_a_moderator(self):
        by = make_moderator()
        send(5, by=by)

        with pytest.raises(Refused, match="a lot of reports"):
            send(1, by=by)

    def test_that_were_accepted_are_accepted_again(self):
        by = make_user()
        first = report(by)
        services.report_price(**first)
        send(4, by=by)

        assert services.report_price(**first).id == str(first["act_id"])
        assert LedgerRow.objects.filter(author=by).count() == 5


class TestReportsOfOthers:
    def test_are_twenty_an_hour_and_sixty_a_day(self):
        by = make_established()
        for _ in range(3):
            send(20, by=by)
            with pytest.raises(Refused, match="a lot of reports"):
                send(1, by=by)
            LedgerRow.objects.filter(author=by).update(accepted_at=timezone.now() - timedelta(hours=2))

        with pytest.raises(Refused, match="a lot of reports"):
            send(1, by=by)

    def test_are_counted_apart_from_prices(self, settings):
        settings.SUBMISSIONS_PER_HOUR = 3
        by, item = make_contributor(), make_item()
        send(5, by=by)

        for _ in range(3):
            submit_price(**offer(by=by, item=item))
        with pytest.raises(Refused, match="a lot of prices"):
            submit_price(**offer(by=by, item=item))
        with pytest.raises(Refused, match="a lot of reports"):
            send(1, by=by)


@pytest.mark.django_db(transaction=True)
class TestReportsAtOnce:
    def test_hold_to_the_number_an_hour(self):
        by = make_user()
        send(2, by=by)

        answers = at_once(services.report_price, [report(by) for _ in range(8)])

        assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 5 + ["Submission"] * 3
        assert LedgerRow.objects.filter(author=by, kind="REPORT").count() == 5


class TestAnEstablishedAccount:
    def test_is_seven_days_old_with_ten_prices_that_others_confirmed(self):
        assert is_established(make_established())

    def test_is_not_younger(self):
        by = make_contributor(date_joined=timezone.now() - timedelta(days=6, hours=23))
        confirmed_prices(10, by=by)

        assert not is_established(by)

    def test_has_not_nine_such_prices(self):
        by = make_old()
        confirmed_prices(9, by=by)
        # Another confirmation of the same price, and prices that others sent.
        last = LedgerRow.objects.filter(author=by).order_by("-seq").first()
        LedgerRow.objects.create(
            id=uuid7(),
            kind="CONFIRM",
            state="published",
            author=make_user(),
            target=str(last.pk),
            received_at=NOW,
        )
        confirmed_prices(3, by=make_contributor())

        assert not is_established(by)

    def test_has_not_confirmed_its_prices_itself(self):
        by = make_old()
        confirmed_prices(10, by=by, confirmed_by=by)

        assert not is_established(by)

    @pytest.mark.parametrize("row", [{"state": "accepted"}, {"state": "parked"}, {"kind": "REPORT"}])
    def test_needs_confirmations_that_counted(self, row):
        by = make_old()
        confirmed_prices(10, by=by, **row)

        assert not is_established(by)
