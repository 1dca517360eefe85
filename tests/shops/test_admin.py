"""The admin of places, and every page of every model of places and catalogue: rules in the user's words."""

import re

import pytest
from django.contrib.gis.geos import Point
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from catalog.models import Category, Item, PriceRange, Unit, UnitFactor
from shops.models import Favourite, Region, Shop, ShopStatistics, Township
from tests.admin_forms import address, errors, inline
from tests.factories import (
    make_category,
    make_item,
    make_region,
    make_shop,
    make_township,
    make_unit,
    make_user,
)

pytestmark = pytest.mark.django_db

MODELS = [Region, Township, Shop, Favourite, Category, Item, Unit, UnitFactor, PriceRange]
POINT = '{"type":"Point","coordinates":[96.15,16.8]}'
NASTY = ["ဆန်", "rice'; --", "%", "\\", "x" * 10_000, '"><script>', "၁၂"]


def make_some(number):
    """``number`` more rows of every model, all with rows of others behind them."""
    for _ in range(number):
        shop = make_shop(owner=make_user(), point=Point(96.1, 16.9))
        Favourite.objects.create(user=make_user(), shop=shop)
        ShopStatistics.objects.create(shop=shop, entries=3)
        make_unit()
        item = make_item(variety_of=make_item())
        for unit in (make_unit(), make_unit()):
            UnitFactor.objects.create(
                unit=unit, item=item, region=make_region(), to_base=2, base="kg", source="x"
            )
        PriceRange.objects.create(item=item, base="kg", low_kyat=1, high_kyat=2)


class TestEveryModel:
    @pytest.mark.parametrize("prefix", ["", "/my"])
    @pytest.mark.parametrize("model", MODELS)
    def test_has_pages_that_list_search_add_and_change_in_both_languages(self, client, staff, model, prefix):
        make_some(2)
        row = model.objects.first()

        with translation.override("en"):
            pages = [address(model, "changelist"), address(model, "change", row.pk)]
            if model is not Region:
                pages.append(address(model, "add"))
        for page in pages:
            response = client.get(prefix + page)
            assert response.status_code == 200, page
            assert "Potato" in response.content.decode()

    @pytest.mark.parametrize("model", MODELS)
    def test_searches_for_anything(self, client, staff, model):
        make_some(1)

        for words in NASTY:
            assert client.get(address(model, "changelist"), {"q": words}).status_code == 200, words

    @pytest.mark.parametrize("model", MODELS)
    def test_lists_many_rows_with_as_few_queries_as_few(self, client, staff, model):
        counts = []
        for _ in range(2):
            make_some(3)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                client.get(address(model, "changelist"))
            counts.append(len(queries))

        assert counts[0] == counts[1]
        assert counts[0] < 20

    @pytest.mark.parametrize(
        ("model", "field"),
        [
            (Shop, "township"),
            (Shop, "region"),
            (Favourite, "shop"),
            (Item, "category"),
            (Item, "variety_of"),
            (Item, "default_unit"),
            (UnitFactor, "item"),
        ],
    )
    def test_completes_names_while_they_are_typed(self, client, staff, model, field):
        make_some(1)
        asked = {
            "app_label": model._meta.app_label,
            "model_name": model._meta.model_name,
            "field_name": field,
        }

        for term in ("", "item", "ကုန်", "x" * 1000):
            response = client.get(reverse("admin:autocomplete"), {**asked, "term": term})
            assert response.status_code == 200
            assert "results" in response.json()

    def test_completes_categories_in_their_order(self, client, staff):
        for position, name in ((2, "Another"), (1, "Zero")):
            make_category(name_en=name, position=position)

        asked = {"app_label": "catalog", "model_name": "item", "field_name": "category", "term": ""}
        response = client.get(reverse("admin:autocomplete"), asked)

        assert [one["text"] for one in response.json()["results"]] == ["Zero", "Another"]


class TestSearching:
    def test_finds_an_item_by_another_name(self, client, staff):
        make_item(name_en="Emata rice", aliases=["ဧမထ", "Aemahta"])
        make_item(name_en="Onion")

        for words in ("ဧမထ", "aemahta"):
            text = client.get(address(Item, "changelist"), {"q": words}).content.decode()
            assert "Emata rice" in text
            assert ">Onion<" not in text

    @pytest.mark.parametrize(
        ("filters", "names"),
        [
            ({"position": "no"}, {"Lost"}),
            ({"township_known": "no"}, {"Lost"}),
            ({"owner_known": "no"}, {"Lost", "Placed"}),
            ({"status__exact": "CLOSED"}, set()),
            ({"position": "perhaps"}, {"Lost", "Placed"}),
        ],
    )
    def test_finds_shops_of_which_something_is_still_to_be_found_out(self, client, staff, filters, names):
        make_shop(shop_name="Lost", townshipless=True)
        make_shop(shop_name="Placed", point=Point(96.1, 16.9))

        response = client.get(address(Shop, "changelist"), filters)

        assert {shop.shop_name for shop in response.context["cl"].result_list} == names


class TestTheMap:
    @pytest.mark.parametrize("model", [Region, Township, Shop])
    def test_asks_nothing_of_another_host(self, client, staff, model):
        make_some(1)

        text = client.get(address(model, "change", model.objects.first().pk)).content.decode()

        assert "L.PotatoPointField" in text
        assert "shops/regions.geojson" in text
        outside = {piece for piece in text.split('"') if piece.startswith(("http:", "https:", "//"))}
        assert outside <= {"http://www.w3.org/2000/svg"}, "a name, not an address that is asked"

    def test_loads_its_own_script_after_those_that_it_builds_upon(self, client, staff):
        text = client.get(address(Shop, "add")).content.decode()

        scripts = ["leaflet/leaflet.js", "leaflet/leaflet.forms.js", "shops/point.js"]
        assert [text.index(script) for script in scripts] == sorted(text.index(script) for script in scripts)

    @pytest.mark.parametrize("prefix", ["", "/my"])
    def test_may_run_its_scripts_in_both_languages(self, client, staff, prefix):
        with translation.override("en"):
            page = address(Shop, "add")

        response = client.get(prefix + page)

        policy = {
            rule.split()[0]: rule.split()[1:] for rule in response["Content-Security-Policy"].split(";")
        }
        ours, nonce = policy["script-src"]
        assert (ours, policy["style-src"], policy["object-src"]) == ("'self'", ["'self'"], ["'none'"])
        # Each script within the page carries what this one answer allows; data is no script.
        inline = re.findall(r"<script(?![^>]* (?:src|type)=)[^>]*>", response.content.decode())
        assert set(inline) == {f'<script nonce="{nonce.strip(chr(39)).removeprefix("nonce-")}">'}
        assert nonce not in client.get(prefix + page)["Content-Security-Policy"]

    def test_lets_no_script_within_a_page_without_a_map_run(self, client, staff):
        assert "'nonce-" not in client.get(address(Shop, "changelist"))["Content-Security-Policy"]


class TestTheShopForm:
    def fields(self, shop, **fields):
        return {
            "shop_name": shop.shop_name,
            "shop_name_my": "",
            "kind": shop.kind,
            "status": shop.status,
            "region": shop.region_id,
            "township": shop.township_id or "",
            "point": POINT,
            **inline("statistics"),
            **fields,
        }

    def test_keeps_where_the_shop_came_from(self, client, staff):
        shop = make_shop(source="WFP", source_key="Insein|Yangon", is_demo=True)
        page = address(Shop, "change", shop.pk)

        response = client.post(
            page, self.fields(shop, shop_name="Insein", source="X", source_key="X", is_demo="")
        )

        assert response.status_code == 302
        shop.refresh_from_db()
        assert (shop.shop_name, shop.source, shop.source_key, shop.is_demo) == (
            "Insein",
            "WFP",
            "Insein|Yangon",
            True,
        )
        assert (shop.point.x, shop.point.y) == (96.15, 16.8)

    def test_does_not_take_its_prices_to_another_region(self, client, staff):
        shop, elsewhere = make_shop(), make_region()
        page = address(Shop, "change", shop.pk)
        statistics = ShopStatistics.objects.create(shop=shop, entries=1)
        fields = self.fields(shop, region=elsewhere.pk, township="") | inline("statistics")

        refused = client.post(page, fields)

        assert errors(refused)["region"] == (
            "There are prices from this shop: it cannot move to another region with them."
        )
        statistics.delete()
        assert client.post(page, fields).status_code == 302
        assert Shop.objects.get().region == elsewhere

    def test_says_where_the_township_lies_when_it_is_in_another_region(self, client, staff):
        shop = make_shop()
        insein = make_township(name_en="Insein", region=make_region(name_en="Yangon"))

        response = client.post(address(Shop, "change", shop.pk), self.fields(shop, township=insein.pk))

        assert errors(response) == {
            "township": "Insein lies in Yangon. Choose that region, or another township."
        }

    @pytest.mark.parametrize(
        "point",
        [
            '{"type":"Point","coordinates":[16.8,96.15]}',
            '{"type":"Point","coordinates":[0,0]}',
            '{"type":"Point"}',
            '{"type":"LineString","coordinates":[[96,16],[97,17]]}',
            '{"type":"Point","coordinates":[96.1,16.8,5]}',
            "16.8, 96.15",
            "POINT(nan nan)",
            "x" * 10_000,
        ],
    )
    def test_takes_no_position_outside_of_myanmar_and_no_nonsense(self, client, staff, point):
        shop = make_shop()

        response = client.post(address(Shop, "change", shop.pk), self.fields(shop, point=point))

        assert set(errors(response)) == {"point"}

    def test_may_leave_the_position_open(self, client, staff):
        shop = make_shop(point=Point(96.1, 16.9))

        assert client.post(address(Shop, "change", shop.pk), self.fields(shop, point="")).status_code == 302
        shop.refresh_from_db()
        assert shop.point is None

    def test_shows_its_figures_to_read_only(self, client, staff):
        shop = make_shop()
        ShopStatistics.objects.create(shop=shop, entries=4711)

        text = client.get(address(Shop, "change", shop.pk)).content.decode()

        assert "4711" in text or "4,711" in text
        assert 'name="statistics-0-entries"' not in text

    def test_deletes_no_shop_that_prices_tell_of(self, client, staff):
        priced, plain = make_shop(), make_shop()
        ShopStatistics.objects.create(shop=priced, entries=1)

        answers = [
            client.post(address(Shop, "delete", shop.pk), {"post": "yes"}).status_code
            for shop in (priced, plain)
        ]

        assert answers == [403, 302]
        assert Shop.objects.get() == priced


class TestTheRegionForm:
    def test_mends_names_and_leaves_alone_what_imports_and_maps_rely_on(self, client, staff):
        region = make_region(wfp_admin1=["Yangon"], bounds=[95.5, 16.2, 96.8, 17.8])
        nonsense = {"mimu_pcodes": "0", "wfp_admin1": "NaN", "bounds": "-1"}

        answer = client.post(
            address(Region, "change", region.pk),
            {"name_en": "Rangoon", "name_my": "", "point": POINT, **nonsense},
        )

        assert answer.status_code == 302
        region.refresh_from_db()
        assert (region.name_en, region.wfp_admin1) == ("Rangoon", ["Yangon"])
        assert region.bounds == [95.5, 16.2, 96.8, 17.8]


class TestTheTownshipForm:
    def test_does_not_take_its_shops_to_another_region(self, client, staff):
        township = make_township()
        make_shop(township=township)
        fields = {"name_en": "X", "region": make_region().pk, "district": "", "point": POINT}

        response = client.post(address(Township, "change", township.pk), fields)

        assert "There are shops in this township" in errors(response)["region"]


class TestTheFrontPage:
    @pytest.mark.parametrize("address", ["/admin/", "/my/admin/"])
    def test_is_potatos_in_both_languages(self, client, staff, address):
        text = client.get(address).content.decode()

        assert "Potato" in text
        assert "Django administration" not in text
