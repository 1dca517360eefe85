"""The map: colours, markers, and its pages."""

import json
import random
import re
from itertools import combinations, pairwise

import pytest
from django.contrib.gis.geos import Point

from prices.derived import board_copies
from prices.pages.maps import outlines
from prices.pages.maps.clusters import ABOVE, MOST, TILE, Group, Label, ShopPoint, grouped, text_width
from prices.pages.maps.colour_steps import key_of, steps_of
from tests.factories import make_shop
from tests.prices.reading import mongo_is_away, reads_without_postgresql, text_of
from tests.prices.stalls import price, put


class TestStepsOf:
    def test_nothing_is_nothing(self):
        assert steps_of([]) == []
        assert key_of([]) == []

    def test_a_single_price_is_the_middle_one(self):
        assert steps_of([1840]) == [3]
        assert steps_of([1840, 1840, 1840]) == [3, 3, 3]

    def test_few_prices_are_as_far_apart_as_can_be(self):
        assert steps_of([2648, 1840]) == [5, 1]
        assert steps_of([1, 2, 3]) == [1, 3, 5]
        assert steps_of([4, 1, 3, 2]) == [5, 1, 4, 2]
        assert steps_of([10, 20, 30, 40, 50]) == [1, 2, 3, 4, 5]

    def test_many_prices_are_about_as_many_in_each_step(self):
        steps = steps_of(list(range(1000, 1015)))

        assert [steps.count(step) for step in (1, 2, 3, 4, 5)] == [3, 3, 3, 3, 3]

    def test_the_same_price_has_the_same_step_and_a_dearer_one_never_a_lower(self):
        chance = random.Random(7)
        for _ in range(200):
            amounts = [chance.randint(1, 12) for _ in range(chance.randint(1, 20))]

            pairs = sorted(zip(amounts, steps_of(amounts), strict=True))

            assert len(set(pairs)) == len(set(amounts))
            assert [step for _amount, step in pairs] == sorted(step for _amount, step in pairs)

    def test_the_key_names_prices_that_there_are(self):
        key = key_of([1410, 1645, 1770, 1840, 1880, 2036, 2852])

        assert (key[0].low, key[-1].high) == (1410, 2852)
        assert all(one.high < after.low for one, after in pairwise(key))


class TestGrouped:
    def test_every_shop_is_in_one_group(self):
        points = scattered(2_000)

        groups = grouped(points, zoom=7, label_of=label_of)

        assert sorted(shop.shop_id for group in groups for shop in group.shops) == list(range(2_000))

    def test_there_are_never_more_markers_than_the_map_holds(self):
        points = scattered(5_000)

        for zoom in range(5, 15):
            assert len(grouped(points, zoom=zoom, label_of=label_of)) <= MOST

    def test_shops_come_apart_when_the_map_comes_closer(self):
        points = [ShopPoint(1, (96.15, 16.80), 100, False), ShopPoint(2, (96.17, 16.82), 200, False)]

        assert len(grouped(points, zoom=6, label_of=label_of)) == 1
        assert len(grouped(points, zoom=13, label_of=label_of)) == 2

    @pytest.mark.parametrize("zoom", range(5, 15))
    def test_no_label_covers_another(self, zoom):
        # As much as a screen shows.
        around = 600 / 2**zoom
        points = scattered(700, west=92.2, south=9.8, east=92.2 + around, north=9.8 + around)

        drawn = [box_of(group, zoom) for group in grouped(points, zoom=zoom, label_of=label_of)]

        assert len(drawn) > 4
        for one, other in combinations(drawn, 2):
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]

    def test_the_wider_the_labels_the_fewer_they_are(self):
        points = scattered(300)

        narrow, wide = (
            grouped(points, zoom=6, label_of=lambda group, width=width: Label(width, 20))
            for width in (30, 160)
        )

        assert len(wide) < len(narrow)

    def test_shops_of_one_place_stay_together(self):
        points = [ShopPoint(number, (96.15, 16.8), 100 + number, False) for number in range(3)]

        (group,) = grouped(points, zoom=14, label_of=label_of)

        assert [shop.shop_id for shop in group.shops] == [0, 1, 2]
        assert group.at == pytest.approx((96.15, 16.8))

    def test_old_prices_have_no_part_in_the_figures(self):
        points = [ShopPoint(1, (96.15, 16.8), 100, True), ShopPoint(2, (96.15, 16.8), 200, False)]

        (group,) = grouped(points, zoom=6, label_of=label_of)

        assert group.fresh == [200]
        assert len(group.shops) == 2

    def test_no_shops_are_no_groups(self):
        assert grouped([], zoom=6, label_of=label_of) == []


class TestTextWidth:
    def test_is_a_little_more_than_what_chromium_measured(self):
        measured = {
            "2,633–4,700": 75.6,
            "too old to count": 103.3,
            "၄,၀၄၂–၄,၅၉၃": 83.0,
            "ဟောင်းလွန်း၍ မထည့်တွက်": 151.3,
        }

        for text, width in measured.items():
            assert width <= text_width(text, size=13) < 1.3 * width, text


class TestOutlines:
    def test_hold_the_points_of_their_regions(self):
        frame = outlines.whole_country()

        assert frame.shows((96.15, 16.8))
        assert not frame.shows((100.5, 13.75 - 10))
        for slug in ("yangon", "shan", "rakhine"):
            assert re.fullmatch(r"(M\d+ \d+l-?\d[\d -]*z)+", outlines.path(slug, frame))

    @pytest.mark.parametrize("latitude", [90.0, -90.0])
    def test_say_of_the_poles_too_that_they_lie_outside(self, latitude):
        assert not outlines.of_region("yangon").shows((96.0, latitude))

    def test_are_small_enough_for_every_page(self):
        frame = outlines.whole_country()

        assert sum(len(outlines.path(slug, frame)) for slug in outlines._rings()) < 7_500
        assert len(outlines._rings()) == 14

    def test_of_nay_pyi_taw_are_those_of_mandalay(self):
        assert outlines.of_region("nay-pyi-taw") == outlines.of_region("mandalay")
        assert outlines.of_region("atlantis") is None
        assert outlines.path("atlantis", outlines.whole_country()) == ""


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestTheMapPage:
    def test_asks_no_postgresql_and_little_of_mongodb(self, client, placed):
        for path in (
            "/map/",
            "/map/?item=rice",
            "/my/map/?item=rice&region=yangon",
            "/map/shops.json?item=rice",
        ):
            assert 1 <= reads_without_postgresql(client, path) <= 2, path

    def test_colours_regions_that_lead_to_their_shops(self, client, placed):
        body = client.get("/map/?item=rice").content.decode()

        shapes = dict(re.findall(r'<a href="([^"]+)" data-region="[^"]+"[^>]*><\w+ class="(q\d)"', body))
        assert shapes["/map/?item=rice&amp;region=yangon"] == "q1"
        assert shapes["/map/?item=rice&amp;region=mandalay"] == "q5"
        assert shapes["/map/?item=rice&amp;region=nay-pyi-taw"] == "q0"
        assert "<title>Mandalay: K\xa02,648 a kg, 1 shop</title>" in body
        assert "<title>Nay Pyi Taw: no prices</title>" in body

    def test_says_the_same_in_a_table(self, client, placed):
        country, yangon = (text_of(client.get(f"/map/?item=rice{more}")) for more in ("", "&region=yangon"))

        assert "Mandalay 1 shop · 2 days" in country
        assert "YwarMa" in yangon and "too old to count" in yangon
        assert "nobody knows yet where they are: 1." in yangon

    def test_shows_what_most_shops_sell_to_who_has_not_chosen(self, client, placed):
        assert "Rice in Myanmar" in text_of(client.get("/map/"))

    def test_says_what_it_ignored(self, client, placed):
        text = text_of(client.get("/map/?item=gold&region=atlantis&unit=ell&type=stolen"))

        for wrong in ("gold", "atlantis", "ell", "stolen"):
            assert f"Left out “{wrong}”" in text

    def test_loads_leaflet_and_no_other_page_does(self, client, placed):
        assert "leaflet.js" in client.get("/map/").content.decode()
        for path in ("/items/rice/", "/regions/yangon/", f"/shops/{placed.ywarma.pk}/", "/items/rice/near/"):
            assert "leaflet.js" not in client.get(path).content.decode()

    def test_shows_copies_and_says_so_without_mongodb(self, client, placed, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        response = client.get("/map/?item=rice")

        assert response.status_code == 200
        assert "Prices as of" in text_of(response)
        assert "2,648" in text_of(response)

    def test_opens_on_a_regions_shops_without_the_one_far_off(self, client, placed):
        far = make_shop(region=placed.yangon, township=placed.insein, point=Point(93.37, 14.14))
        near = [
            make_shop(region=placed.yangon, township=placed.insein, point=Point(96.1 + number / 100, 16.8))
            for number in range(20)
        ]
        put(*(price(placed, shop, 2_000, days=1) for shop in (far, *near)))

        body = client.get("/map/?item=rice&region=yangon").content.decode()

        west, south, _east, _north = map(float, re.search('data-bounds="([^"]+)"', body)[1].split(","))
        assert west > 96 and south > 16

    @pytest.mark.parametrize("region", ["mandalay", "nay-pyi-taw"])
    def test_opens_on_all_there_is_where_shops_are_few(self, client, placed, region):
        body = client.get(f"/map/?item=rice&region={region}").content.decode()

        bounds = re.search('data-bounds="([^"]*)"', body)[1]
        assert bounds == {"mandalay": "96.08,21.97,96.08,21.97", "nay-pyi-taw": ""}[region]


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestTheMarkers:
    def test_are_grouped_from_afar(self, client, placed):
        markers = self.ask(client, "zoom=5&box=92,9,102,29")

        groups = {marker["count"]: marker for marker in markers}
        assert groups["2 shops"]["price"] == "1,715–1,840"
        assert groups[""]["price"] == "2,648"
        assert {shop["name"] for shop in groups["2 shops"]["shops"]} == {"Meegwet", "YwarMa", "Thiri"}

    def test_name_all_shops_of_a_heap_only_where_it_comes_apart_no_more(self, client, placed):
        prices = []
        for number in range(70):
            shop = make_shop(region=placed.yangon, township=placed.insein, point=Point(96.2, 16.9))
            prices.append(price(placed, shop, 2_000 + number, days=1))
        put(*prices)

        def heap(zoom: int) -> dict:
            found = self.ask(client, f"zoom={zoom}&box=96.19,16.89,96.21,16.91")
            return max(found, key=lambda one: one["count"])

        assert (heap(13)["count"], heap(13)["shops"]) == ("70 shops", [])
        assert len(heap(14)["shops"]) == 60
        assert "2,000" in heap(14)["shops"][0]["price"]

    def test_are_single_shops_from_near(self, client, placed):
        markers = self.ask(client, "zoom=14&box=96,16.6,96.3,17")

        assert {(one["price"], one["state"]) for one in markers} == {
            ("1,715", "best"),
            ("1,840", ""),
            ("1,198", "old"),
        }
        assert markers[0]["shops"][0]["url"].startswith("/shops/")

    def test_speak_burmese(self, client, placed):
        body = client.get("/my/map/shops.json?item=rice&zoom=14&box=96,16.6,96.3,17").json()

        assert "၁,၇၁၅" in {one["price"] for one in body["markers"]}

    def test_lie_in_the_box_and_region_asked_for(self, client, placed):
        assert len(self.ask(client, "zoom=14&box=96,21,97,23")) == 1
        assert self.ask(client, "zoom=14&region=mandalay&box=96,16.6,96.3,17") == []

    @pytest.mark.parametrize(
        "asked",
        [
            "zoom=99",
            "zoom=၇",
            "zoom=-1",
            "box=1,2,3",
            "box=nan,nan,nan,nan",
            "box=1e309,0,1,1",
            "box=9,9,1,1",
            "box=,,,",
        ],
    )
    def test_say_what_they_ignored(self, client, placed, asked):
        body = client.get(f"/map/shops.json?item=rice&{asked}").json()

        assert len(body["ignored"]) == 1
        assert body["markers"]

    def test_need_an_item(self, client, placed):
        assert client.get("/map/shops.json").status_code == 404
        assert client.get("/map/shops.json?item=gold").status_code == 404

    def ask(self, client, query: str) -> list[dict]:
        return json.loads(client.get(f"/map/shops.json?item=rice&{query}").content)["markers"]


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestOtherPages:
    def test_of_an_item_draw_its_regions_and_lead_to_the_map(self, client, placed):
        body = client.get("/items/rice/?region=yangon").content.decode()

        assert "<title>Mandalay: K\xa02,648 a kg, 1 shop</title>" in body
        assert 'href="/map/?item=rice&amp;region=yangon"' in body
        assert 'href="/items/rice/near/?region=yangon"' in body

    def test_of_a_region_and_a_shop_draw_where_the_shops_are(self, client, placed):
        region = client.get("/regions/yangon/").content.decode()
        shop = client.get(f"/shops/{placed.ywarma.pk}/").content.decode()
        nowhere = client.get(f"/shops/{placed.zamyin.pk}/").content.decode()

        assert re.findall('class="dot"[^>]*><title>([^<]+)', region) == ["Meegwet", "Thiri", "YwarMa"]
        assert "<title>YwarMa</title>" in shop and 'href="geo:16.905,96.115"' in shop
        assert "#at=16.905,96.115" in shop
        assert "geo:" not in nowhere


def label_of(group: Group) -> Label:
    """About as wide as prices are: a range is twice as wide as a price."""
    return Label(50, 25) if len(group.shops) == 1 else Label(100, 43)


def box_of(group: Group, zoom: int) -> tuple[float, float, float, float]:
    """Where a label is drawn, in pixels: west, south, east, north. Its point lies below, in the middle."""
    scale, label = TILE * 2**zoom / 360, label_of(group)
    x, y = group.at[0] * scale, outlines.mercator(group.at[1]) * scale + ABOVE
    return x - label.width / 2, y, x + label.width / 2, y + label.height


def scattered(
    n: int, *, west: float = 92.2, south: float = 9.8, east: float = 101.2, north: float = 28.5
) -> list[ShopPoint]:
    chance = random.Random(n)
    return [
        ShopPoint(
            number, (chance.uniform(west, east), chance.uniform(south, north)), chance.randint(1, 9), False
        )
        for number in range(n)
    ]
