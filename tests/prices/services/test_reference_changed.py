from datetime import timedelta
from threading import Thread

import pytest
from django.db import connection, transaction
from django.utils import timezone

from catalog.models import UnitFactor
from prices.models import LedgerRow
from tests.factories import make_item, make_shop, make_unit

pytestmark = pytest.mark.django_db


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

    @pytest.mark.parametrize("what", ["unit", "factor"])
    def test_of_a_units_size_is_one_of_every_item_that_may_be_priced_in_it(self, what):
        basket, kinds, rice = make_unit(), make_item(), make_item()
        factor = UnitFactor.objects.create(unit=basket, item=kinds, to_base=20, base="kg", source="test")
        LedgerRow.objects.filter(kind="REFERENCE").delete()

        if what == "unit":
            basket.is_active = False
            basket.save()
        else:
            factor.item = rice
            factor.save()

        assert [self.rows(f"item:{item.pk}") for item in (kinds, rice)] == [1, 1]
        assert self.rows(f"unit:{basket.pk}") == 1

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
        from prices.publishing import rows

        shop = make_shop()
        published = []

        def publish():
            try:
                while claimed := rows.claim():
                    LedgerRow.objects.filter(pk__in=[row.pk for row in claimed]).update(state="published")
                    published.extend(row.target for row in claimed)
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
