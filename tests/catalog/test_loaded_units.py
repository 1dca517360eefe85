import pytest

from catalog.models import Item
from catalog.selectors import ranges_of, units_of_items
from catalog.services import load_catalog
from shops.services import load_places

pytestmark = pytest.mark.django_db


class TestTheLoadedTables:
    def test_give_every_item_a_range_for_each_base_it_is_priced_in_and_no_other(self):
        load_places()
        load_catalog()

        units = units_of_items()

        assert set(ranges_of(units)) == {(item.id, base) for item in units.values() for base in item.bases}

    def test_price_rice_by_weight_alone_though_baskets_are_volumes(self):
        load_places()
        load_catalog()

        rice = Item.objects.get(slug="rice-low-quality")

        assert units_of_items([rice.pk])[rice.pk].bases == {"kg"}
