from datetime import UTC, datetime

import pytest
from django.contrib.gis.geos import Point

from accounts.following import set_following
from accounts.models import Role
from shops import services
from shops.models import Favourite, Shop, ShopStatistics
from shops.signals import reference_changed
from shops.types import Market, ShopFigures
from tests.factories import make_region, make_shop, make_township, make_user

pytestmark = pytest.mark.django_db

NOON = datetime(2025, 12, 15, 12, tzinfo=UTC)


@pytest.fixture
def told():
    """The shops that ``reference_changed`` told of."""
    ids = []

    def remember(sender, kind, ids, **_):
        assert kind == "shop"
        told.append(ids)

    told = ids
    reference_changed.connect(remember)
    yield told
    reference_changed.disconnect(remember)


class TestSetFavourite:
    def test_follows_once_however_often_it_is_told(self):
        reader, shop = make_user(role=Role.USER), make_shop()

        changed = [set_following("shop", shop.pk, by=reader, on=True) for _ in range(3)]

        assert changed == [True, False, False]
        assert Favourite.objects.get().user == reader

    def test_stops_following_once_and_leaves_others_alone(self):
        reader, other, shop = make_user(), make_user(), make_shop()
        set_following("shop", shop.pk, by=reader, on=True)
        set_following("shop", shop.pk, by=other, on=True)

        changed = [set_following("shop", shop.pk, by=reader, on=False) for _ in range(2)]

        assert changed == [True, False]
        assert Favourite.objects.get().user == other


class TestSetStatistics:
    def figures(self, shop, *, rev, entries=1, last_seen_at=NOON):
        return ShopFigures(
            shop_id=shop.pk, entries=entries, items=1, contributors=1, last_seen_at=last_seen_at, rev=rev
        )

    def test_stores_the_first_and_whatever_is_newer(self):
        shop = make_shop()

        written = [services.set_statistics([self.figures(shop, rev=rev, entries=rev)]) for rev in (1, 5)]

        assert written == [{shop.pk}, {shop.pk}]
        assert ShopStatistics.objects.get().entries == 5
        assert ShopStatistics.objects.get().last_seen_at == NOON

    @pytest.mark.parametrize("rev", [4, 5])
    def test_refuses_what_is_older_or_the_same(self, rev):
        shop = make_shop()
        services.set_statistics([self.figures(shop, rev=5, entries=5)])

        assert services.set_statistics([self.figures(shop, rev=rev, entries=1)]) == set()
        assert ShopStatistics.objects.get().entries == 5

    def test_forgets_the_newest_price_when_there_is_none_any_more(self):
        shop = make_shop()
        services.set_statistics([self.figures(shop, rev=1)])

        services.set_statistics([self.figures(shop, rev=2, entries=0, last_seen_at=None)])

        assert ShopStatistics.objects.get().last_seen_at is None

    def test_writes_several_shops_in_one_statement_each_by_its_own_number(self, django_assert_num_queries):
        old, new, gone = make_shop(), make_shop(), make_shop()
        services.set_statistics([self.figures(old, rev=9)])
        Shop.objects.filter(pk=gone.pk).delete()
        rows = [self.figures(shop, rev=7, entries=7) for shop in (old, new)]
        rows += [ShopFigures(gone.pk or 10**9, 1, 1, 1, NOON, 7), self.figures(new, rev=8, entries=8)]

        with django_assert_num_queries(1):
            written = services.set_statistics(rows)

        assert written == {new.pk}
        assert dict(ShopStatistics.objects.values_list("shop_id", "entries")) == {old.pk: 1, new.pk: 8}

    def test_does_nothing_for_nothing(self, django_assert_num_queries):
        with django_assert_num_queries(0):
            assert services.set_statistics([]) == set()


class TestShopsForImport:
    def test_makes_markets_once_with_their_places(self, told):
        township = make_township()
        market = Market("Insein|Yangon", "Insein", township.region_id, township.pk, 96.1, 16.9)

        first = services.shops_for_import(source="WFP", markets=[market])
        second = services.shops_for_import(source="WFP", markets=[market])

        shop = Shop.objects.get()
        assert first == second == {"Insein|Yangon": shop.pk}
        assert (shop.kind, shop.source, shop.township, shop.region) == (
            "MARKET",
            "WFP",
            township,
            township.region,
        )
        assert (shop.point.x, shop.point.y) == (96.1, 16.9)
        assert shop.is_demo is False
        assert told == [[shop.pk]], "the second time there is nothing to tell"

    def test_finds_a_market_again_that_staff_renamed_and_moved(self):
        township = make_township()
        market = Market("Insein", "Insein", township.region_id, township.pk, 96.1, 16.9)
        services.shops_for_import(source="WFP", markets=[market])
        Shop.objects.update(shop_name="Insein market", point=Point(96.2, 17.0))

        services.shops_for_import(source="WFP", markets=[market])

        shop = Shop.objects.get()
        assert (shop.shop_name, shop.point.x) == ("Insein market", 96.2)

    def test_keeps_two_sources_and_the_demo_apart(self):
        region = make_region()
        market = Market("Insein", "Insein", region.pk)

        wfp = services.shops_for_import(source="WFP", markets=[market])
        demo = services.shops_for_import(source="DEMO", markets=[market], is_demo=True)

        assert wfp != demo
        assert list(Shop.objects.filter(is_demo=True).values_list("pk", flat=True)) == list(demo.values())

    def test_leads_to_the_same_shop_whether_the_point_comes_first_or_last(self):
        region = make_region()
        by_name, by_point = make_township(region=region), make_township(region=region)
        plain = Market("Insein", "Insein", region.pk, by_name.pk)
        placed = Market("Insein", "Insein", region.pk, by_point.pk, 96.1, 16.9)
        outcomes = []
        for source, order in (("A", [plain, placed]), ("B", [placed, plain])):
            for market in order:
                services.shops_for_import(source=source, markets=[market])
            shop = Shop.objects.get(source=source)
            outcomes.append((shop.township, shop.point.x, shop.point.y))

        assert outcomes[0] == outcomes[1] == (by_point, 96.1, 16.9)

    def test_makes_many_in_a_few_statements(self, django_assert_max_num_queries):
        region = make_region()
        markets = [Market(f"m{number}", f"Market {number}", region.pk) for number in range(400)]

        with django_assert_max_num_queries(15):
            assert len(services.shops_for_import(source="WFP", markets=markets)) == 400


class TestRemoveDemoShops:
    def test_takes_the_demos_shops_and_their_followers_away_and_no_other(self):
        demo, real, reader = make_shop(is_demo=True), make_shop(), make_user()
        for shop in (demo, real):
            set_following("shop", shop.pk, by=reader, on=True)

        assert services.remove_demo_shops() == 1
        assert Shop.objects.get() == real
        assert Favourite.objects.get().shop == real
