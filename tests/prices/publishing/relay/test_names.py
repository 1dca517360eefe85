"""Names of things, published like prices."""

import pytest

from potato import clock
from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from prices.names import cache as names
from prices.publishing import relay
from prices.store import reference
from tests.factories import make_shop

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestNames:
    def test_of_a_shop_are_published(self):
        shop = make_shop(shop_name="Daw Mya's")

        relay.run_once()

        assert reference.get("shop", shop.pk).name_en == "Daw Mya's"
        assert names.get("shop", shop.pk).facts["region"] == shop.region_id
        assert set(LedgerRow.objects.values_list("state", flat=True)) == {"published"}

    def test_follow_a_change(self):
        shop = make_shop()
        relay.run_once()
        assert names.get("shop", shop.pk)

        shop.shop_name = "Renamed"
        shop.save()
        relay.run_once()
        names.refresh()

        assert names.get("shop", shop.pk).name_en == "Renamed"

    def test_of_what_was_deleted_are_forgotten(self):
        shop = make_shop()
        relay.run_once()
        assert names.get("shop", shop.pk)
        id = shop.pk

        shop.delete()
        relay.run_once()
        names.refresh()

        assert reference.get("shop", id) is None
        assert names.get("shop", id) is None

    def test_that_nobody_foresaw_do_not_stop_the_others(self):
        shop = make_shop()
        LedgerRow.objects.create(
            id=uuid7(), kind="REFERENCE", target="dragon:1", body_hash="", received_at=clock.now()
        )

        relay.run_once()

        assert reference.get("shop", shop.pk)
        assert LedgerRow.objects.get(target="dragon:1").state == "accepted"
        assert LedgerRow.objects.filter(target=f"shop:{shop.pk}", state="published").exists()
