"""An item's page: its typical price, its shops, and what may be asked of them."""

import re

import pytest

from potato import clock
from prices.store import entries
from tests.factories import make_item, make_shop, make_township, make_unit
from tests.prices.reading import HTMX, text_of, ticket_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestItemPage:
    def test_shows_the_typical_price_of_the_whole_country_first(self, client, stalls):
        response = client.get("/items/rice/")

        # The middle of 1,715; 1,840; 1,927; 2,648.
        assert ticket_of(response) == "Typical in Myanmar, retail K 1,884 a kg = K 3,076 a viss"
        assert "From 4 shops, the newest price 3 h ago." in text_of(response)

    def test_shows_the_typical_price_of_the_region_asked_for(self, client, stalls):
        response = client.get("/items/rice/?region=yangon")

        assert ticket_of(response) == "Typical in Yangon, retail K 1,840 a kg = K 3,005 a viss"
        assert "Cheapest: Meegwet · 1,715 Dearest: Zamyin · 1,927" in text_of(response)

    def test_lets_the_region_speak_for_a_township_with_few_shops(self, client, stalls):
        north = make_township(region=stalls.yangon, slug="north", name_en="North")
        put(price(stalls, make_shop(shop_name="Lonely", township=north), 1_500))

        response = client.get("/items/rice/?region=yangon&township=north")

        assert "Typical in Yangon" in ticket_of(response)
        assert "Fewer than 3 shops of North have a price of the last 35 days, so Yangon speaks." in text_of(
            response
        )

    def test_lets_the_country_speak_for_a_region_with_few_shops(self, client, stalls):
        response = client.get("/items/rice/?region=mandalay")

        assert "Typical in Myanmar" in ticket_of(response)
        assert "so all of Myanmar speaks" in text_of(response)

    def test_lists_shops_cheapest_first_and_old_prices_last(self, client, stalls):
        response = client.get("/items/rice/?region=yangon")

        shops = re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', response.content.decode())
        assert shops == ["Meegwet", "YwarMa", "Zamyin", "Thiri"]
        assert "too old to count" in text_of(response)

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("dearest", ["Zamyin", "YwarMa", "Meegwet", "Thiri"]),
            ("newest", ["Zamyin", "YwarMa", "Meegwet", "Thiri"]),
            ("name", ["Meegwet", "YwarMa", "Zamyin", "Thiri"]),
        ],
    )
    def test_sorts_as_asked(self, client, stalls, sort, expected):
        body = client.get(f"/items/rice/?region=yangon&sort={sort}").content.decode()

        assert re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', body) == expected

    def test_hides_prices_older_than_asked_and_says_how_many(self, client, stalls):
        response = client.get("/items/rice/?region=yangon&max_age=7")

        # The chart offers to draw it all the same.
        assert "Thiri" not in text_of(response).split("Price by")[0]
        assert "2 older prices are hidden." in text_of(response)

    def test_shows_prices_in_the_unit_asked_for(self, client, stalls):
        response = client.get("/items/rice/?region=yangon&unit=viss")

        assert ticket_of(response) == "Typical in Yangon, retail K 3,005 a viss = K 1,840 a kg"
        assert "2,800" in text_of(response)

    def test_keeps_retail_and_wholesale_apart(self, client, stalls):
        put(price(stalls, stalls.ywarma, 1_000, type="WHOLESALE"))

        retail = client.get("/items/rice/?region=yangon")
        wholesale = client.get("/items/rice/?region=yangon&type=wholesale")

        assert "1,840" in ticket_of(retail)
        assert ticket_of(wholesale).startswith("Typical in Myanmar, wholesale K 1,000 a kg")
        assert "1,715" not in text_of(wholesale)

    def test_shows_wholesale_at_once_where_there_is_nothing_else(self, client, stalls):
        put(price(stalls, stalls.ywarma, 1_000, item_id=stalls.salt.pk, type="WHOLESALE"))

        assert "wholesale" in ticket_of(client.get("/items/salt/"))

    def test_says_that_nobody_has_sent_a_price_yet(self, client, stalls):
        response = client.get("/items/salt/")

        assert "No price yet" in ticket_of(response)
        assert "Nobody has sent a price for Myanmar yet (retail, kyat a kg)." in text_of(response)

    def test_falls_back_to_the_unit_that_has_prices_where_the_one_asked_for_has_none(self, client, stalls):
        make_unit(code="l", name_en="litre", kind="volume", base="l")
        oil = make_item(slug="oil", base="l", default_unit=stalls.viss, category=stalls.cereals)
        put(price(stalls, stalls.ywarma, 8_000, item_id=oil.pk, base="l"))

        response = client.get("/items/oil/?unit=viss")

        assert "Left out “viss”: this item has no price in that unit." in text_of(response)
        assert "K 8,000 a litre" in ticket_of(response)
        units = response.content.decode().split('name="unit"')[1].split("</select>")[0]
        assert re.findall(r'<option value="([a-z]+)"', units) == ["l"]
        assert client.get("/items/oil/history.json?unit=viss").json()["unit"] == "l"

    def test_leads_to_the_kind_of_price_that_there_is_where_there_is_none_of_the_other(self, client, stalls):
        put(price(stalls, stalls.ywarma, 1_000, item_id=stalls.salt.pk, type="WHOLESALE"))

        response = client.get("/items/salt/?type=retail")

        assert "No price yet" in ticket_of(response)
        assert "There are prices here: Wholesale, kyat a kg" in text_of(response)
        assert "No prices in this period" not in text_of(response)

    def test_draws_no_map_where_no_region_has_a_price_that_counts(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, days=90, item_id=stalls.salt.pk))

        assert 'class="map"' in client.get("/items/rice/").content.decode()
        assert 'class="map"' not in client.get("/items/salt/").content.decode()

    def test_says_that_one_price_is_only_a_hint(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, item_id=stalls.salt.pk))

        response = client.get("/items/salt/")

        assert "K 500 a kg" in ticket_of(response)
        assert "Fewer than 3 shops: take it as a hint." in text_of(response)
        assert "From 1 shop, the newest price" in text_of(response)

    def test_shows_the_last_known_price_as_old_where_nothing_else_is(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, days=90, item_id=stalls.salt.pk))

        response = client.get("/items/salt/?region=yangon")

        assert ticket_of(response).startswith("Last known in Yangon, retail K 500 a kg")
        assert "too old to count as today’s price" in text_of(response)
        assert 'class="ticket none"' in response.content.decode()

    def test_lists_regions_instead_of_shops_for_the_whole_country(self, client, stalls):
        body = client.get("/items/rice/").content.decode()

        assert "/shops/" not in body.split('id="where"')[1].split("</table>")[0]
        assert re.findall(r'class="top"><a href="[^"]*region=(\w+)', body) == ["yangon", "mandalay"]

    def test_sorts_and_hides_regions_as_asked_too(self, client, stalls):
        dearest = client.get("/items/rice/?sort=dearest").content.decode()
        hidden = client.get("/items/rice/?max_age=1")

        assert re.findall(r'class="top"><a href="[^"]*region=(\w+)', dearest) == ["mandalay", "yangon"]
        assert "1 older price is hidden." in text_of(hidden)

    def test_answers_htmx_with_the_part_alone(self, client, stalls):
        part = client.get("/items/rice/?region=yangon", headers=HTMX)
        page = client.get("/items/rice/?region=yangon")

        assert part.content.decode().strip().startswith('<div id="item-prices"')
        assert "<html" not in part.content.decode()
        assert '<div id="item-prices"' in page.content.decode()
        assert "HX-Request" in part["Vary"] and "HX-Request" in page["Vary"]

    def test_shows_burmese_names_numerals_and_units_below_my(self, client, stalls):
        response = client.get("/my/items/rice/?region=yangon")

        assert '<html lang="my"' in response.content.decode()
        assert "၁,၈၄၀ ကျပ် / ကီလို" in ticket_of(response)
        assert "= ၃,၀၀၅ ကျပ် / ပိဿာ" in ticket_of(response)
        assert not re.search(r"[0-9],[0-9]{3}", text_of(response))

    def test_links_every_price_to_the_page_of_its_entry(self, client, stalls):
        entry = entries.newest(
            item_id=stalls.rice.pk, shop_id=stalls.ywarma.pk, type="RETAIL", base="kg", until=clock.now()
        )

        assert f'href="/prices/{entry.id}/"' in client.get("/items/rice/?region=yangon").content.decode()

    def test_turns_pages_where_there_are_more_shops_than_fit(self, client, stalls, monkeypatch):
        monkeypatch.setattr("prices.pages.item.tables.ROWS_PER_PAGE", 2)

        first = client.get("/items/rice/?region=yangon").content.decode()
        second = client.get("/items/rice/?region=yangon&page=2").content.decode()

        assert "page=2" in first
        rows = [
            re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', body)
            for body in (first, second)
        ]
        assert rows == [["Meegwet", "YwarMa"], ["Zamyin", "Thiri"]]
