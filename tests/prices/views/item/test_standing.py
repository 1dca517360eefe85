"""An item's page: how its price stands to its past, who asks the least and the most, what lies around."""

import re
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import Point

from potato import clock
from potato.text.wording import Wording
from potato.web import page_cache
from prices.derived import board_copies
from tests.factories import make_shop, make_township
from tests.prices.reading import (
    HTMX,
    main_of,
    mongo_is_away,
    reads_without_postgresql,
    text_of,
    ticket_of,
)
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]


def ago(days: int):
    return clock.today() - timedelta(days=days)


class TestHistoryTable:
    def test_scrolls_by_itself_where_its_numbers_are_wider_than_a_phone(self, client, stalls):
        body = client.get("/my/items/rice/?region=yangon&period=all").content.decode()

        assert re.search(r'<div class="scroll"[^>]* tabindex="0"[^>]*>\s*<table class="dense">', body)


class TestSince:
    def test_says_what_it_compared_with_or_that_there_is_nothing(self, client, stalls):
        # YwarMa's price of 70 days ago, 1,570, is the newest at or before; Zamyin's of today the newest of all.
        day = Wording("en", clock.now()).day
        text = text_of(client.get(f"/items/rice/?region=yangon&since={ago(75)}"))
        exactly = text_of(client.get(f"/items/rice/?region=yangon&since={ago(70)}"))

        assert f"Middle price K 1,600 on {day(ago(100))}, K 1,927 on" in text
        assert f"+22.7 % Middle price K 1,570 on {day(ago(70))}, K 1,927 on" in exactly
        for back in (450, 500, 5000):
            nothing = text_of(client.get(f"/items/rice/?region=yangon&since={ago(back)}"))
            assert "Nothing to compare: no price is known of" in nothing
        assert "Middle price" not in text_of(client.get("/items/rice/?region=yangon"))

    def test_reaches_back_as_far_as_there_are_prices(self, client, stalls):
        put(price(stalls, stalls.meegwet, 900, days=2000))

        text = text_of(client.get(f"/items/rice/?region=yangon&since={ago(1990)}"))

        assert "Middle price K 900 on" in text
        assert "Price by month" in text or "Price by week" in text

    def test_is_in_the_unit_and_language_of_the_page(self, client, stalls):
        text = text_of(client.get(f"/my/items/rice/?region=yangon&unit=viss&since={ago(70)}"))

        assert "၂,၅၆၄ ကျပ်" in text and "+၂၂.၇ %" in text

    def test_goes_on_with_the_rest_of_the_choice_and_the_other_way_round(self, client, stalls):
        body = main_of(client.get(f"/items/rice/?region=yangon&sort=name&since={ago(70)}"))
        form = re.search(r'<form class="since".*?</form>', body, flags=re.DOTALL)
        others = re.search(r'<form class="filter".*?</form>', body, flags=re.DOTALL)

        assert form and others
        assert 'name="region" value="yangon"' in form[0] and 'name="sort" value="name"' in form[0]
        assert f'name="since" type="date" min="1990-01-01" max="{ago(1)}" value="{ago(70)}"' in form[0]
        assert f'name="since" value="{ago(70)}"' in others[0]

    def test_makes_no_page_to_keep(self):
        assert "since" not in page_cache.QUERY_KEYS

    def test_has_the_last_90_days_without_mongodb(self, client, stalls, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        assert "Middle price K 1,570 on" in text_of(client.get(f"/items/rice/?region=yangon&since={ago(70)}"))


class TestCheapestAndDearest:
    def test_are_linked(self, client, stalls):
        body = main_of(client.get("/items/rice/?region=yangon"))

        for label, shop in (("Cheapest:", stalls.meegwet), ("Dearest:", stalls.zamyin)):
            assert re.search(
                rf'{label}\s*<a class="plain" href="/shops/{shop.pk}/">{shop.shop_name}</a>', body
            )

    def test_of_the_country_are_the_regions_where_they_are(self, client, stalls):
        page = client.get("/items/rice/")

        assert "Cheapest: Yangon · 1,715 Dearest: Mandalay · 2,648" in text_of(page)
        assert 'href="/items/rice/?region=mandalay">Mandalay</a> · 2,648' in main_of(page)

    def test_name_two_shops_and_count_the_rest(self, client, stalls):
        put(
            *(
                price(stalls, make_shop(shop_name=f"Stall {n}", township=stalls.insein), 1_715)
                for n in range(3)
            )
        )

        assert re.search(
            r"Cheapest: \w+ ?\d?, [\w ]+ \+2 · 1,715",
            text_of(client.get("/items/rice/?region=yangon")).replace(" ,", ","),
        )

    def test_are_not_named_where_all_ask_the_same(self, client, stalls):
        put(
            *(
                price(stalls, shop, 500, item_id=stalls.salt.pk)
                for shop in (stalls.meegwet, stalls.ywarma, stalls.zamyin)
            )
        )

        text = text_of(client.get("/items/salt/?region=yangon"))

        assert "From 3 shops" in text
        assert "Cheapest:" not in text and "Dearest:" not in text


class TestPricesOfTheWindow:
    """How many prices, not of each shop its newest alone, stand behind a typical price."""

    @pytest.fixture
    def often_seen(self, stalls):
        put(
            price(stalls, stalls.ywarma, 1_900, days=34),
            price(stalls, stalls.ywarma, 1_800, days=2),
            price(stalls, stalls.ywarma, 900, days=35),
            price(stalls, stalls.ywarma, 900, type="WHOLESALE"),
        )
        return stalls

    @pytest.mark.parametrize(
        "query, said",
        [
            ("", "6 prices of the last 35 days from 4 shops, the newest 3 h ago."),
            ("?region=yangon", "5 prices of the last 35 days from 3 shops, the newest 3 h ago."),
            ("?region=yangon&township=insein", "5 prices of the last 35 days from 3 shops"),
            # The country speaks for it.
            ("?region=mandalay", "6 prices of the last 35 days from 4 shops"),
        ],
    )
    def test_are_counted_of_the_place_that_speaks(self, client, often_seen, query, said):
        assert said in text_of(client.get(f"/items/rice/{query}"))

    def test_are_counted_for_a_township_for_which_its_region_speaks(self, client, often_seen):
        make_township(region=often_seen.yangon, slug="north", name_en="North")
        put(price(often_seen, often_seen.zay_cho, 2_500, days=1))

        said = "5 prices of the last 35 days from 3 shops"

        assert said in text_of(client.get("/items/rice/?region=yangon&township=north"))

    def test_are_said_in_burmese(self, client, often_seen):
        assert "ဆိုင် ၄ ဆိုင်က နောက်ဆုံး ၃၅ ရက်အတွင်း ဈေး ၆ ခု" in text_of(client.get("/my/items/rice/"))

    def test_are_those_of_the_board_while_the_history_is_away(self, client, often_seen, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        assert "5 prices of the last 35 days from 3 shops" in text_of(
            client.get("/items/rice/?region=yangon")
        )


class TestGoodPrice:
    def test_says_its_rule(self, client, stalls):
        put(
            price(stalls, stalls.zamyin, 1_400),
            price(stalls, stalls.meegwet, 1_500),
            price(stalls, stalls.ywarma, 1_560),
        )

        text = text_of(client.get("/items/rice/?region=yangon"))

        assert re.search(
            r"Good price within 5 % of the lowest since \d+ \w+ \d{4}, K 1,\d{3}. "
            "Said only where prices of at least 5 weeks are known.",
            text,
        )

    def test_is_not_said_of_prices_of_three_weeks(self, client, stalls):
        put(
            *(
                price(stalls, shop, 500 + back, days=back, item_id=stalls.salt.pk)
                for back in range(20)
                for shop in (stalls.meegwet, stalls.ywarma, stalls.zamyin)
            )
        )

        text = text_of(client.get("/items/salt/?region=yangon"))

        assert "K 500" in text and "Good price" not in text


class TestChanges:
    def test_of_a_place_for_which_another_speaks_say_whose_they_are(self, client, stalls):
        put(price(stalls, stalls.zay_cho, 2_000, days=40))

        assert "Change in Mandalay itself:" in text_of(client.get("/items/rice/?region=mandalay"))
        assert "itself:" not in text_of(client.get("/items/rice/?region=yangon"))


class TestNear:
    """North lies 5.6 km from Insein, Far 33 km, both in Yangon; Border lies 11 km away in Mandalay."""

    @pytest.fixture
    def around(self, stalls) -> SimpleNamespace:
        stalls.insein.point = Point(96.10, 16.89)
        stalls.insein.save()
        for slug, region, latitude, kyat in (
            ("north", stalls.yangon, 16.94, 1_500),
            ("far", stalls.yangon, 17.19, 2_000),
            ("border", stalls.mandalay, 16.99, 1_700),
            ("empty", stalls.yangon, 16.90, None),
        ):
            township = make_township(
                region=region, slug=slug, name_en=slug.title(), point=Point(96.10, latitude)
            )
            if kyat:
                put(price(stalls, make_shop(shop_name=f"{slug.title()} stall", township=township), kyat))
        return stalls

    def test_townships_come_nearest_first_those_of_the_region_before_others(self, client, around):
        body = main_of(client.get("/items/rice/?region=yangon&township=insein"))
        near = body.split("Townships near Insein</h2>")[1].split("</table>")[0]

        assert re.findall(r"township=(\w+)", near) == ["north", "far", "border", "amarapura"]
        assert 'href="/items/rice/?region=mandalay&amp;township=border"' in near
        text = " ".join(re.sub(r"<[^>]+>", " ", near).split())
        assert re.search(r"North 5\.6 km · 1 shop · \w+( \w+)? −18\.5 % 1,500", text)
        assert "Far 33 km" in text and "Border 11 km" in text

    def test_townships_have_no_change_where_nothing_fresh_is_known_here(self, client, around):
        near = text_of(client.get("/items/rice/?region=mandalay&township=border")).split(
            "Townships near Border"
        )[-1]

        # Amarapura is of the same region, North of the next.
        assert near.index("Amarapura") < near.index("North")
        only_old = make_township(region=around.yangon, slug="old", name_en="Old", point=Point(96.1, 16.95))
        put(price(around, make_shop(township=only_old), 1_000, days=90))
        there = text_of(client.get("/items/rice/?region=yangon&township=old")).split("Townships near Old")[-1]
        assert re.search(r"North 1\.1 km · 1 shop · \w+( \w+)? – 1,500", there)
        here = text_of(client.get("/items/rice/?region=yangon&township=insein"))
        assert re.search(r"Old 6\.7 km · too old to count · \d+ \w+ \d{4} – 1,000", here)

    def test_townships_are_of_one_type_of_price(self, client, around):
        put(price(around, around.ywarma, 1_000, type="WHOLESALE"))

        text = text_of(client.get("/items/rice/?region=yangon&township=insein&type=wholesale"))

        assert "Townships near" not in text

    def test_townships_cost_no_query(self, client, around):
        assert reads_without_postgresql(client, "/items/rice/?region=yangon&township=insein") <= 2

    def test_a_township_without_a_point_has_no_neighbours(self, client, around):
        make_township(region=around.yangon, slug="nowhere", name_en="Nowhere", point=None)
        put()

        response = client.get("/items/rice/?region=yangon&township=nowhere")

        assert response.status_code == 200
        assert "Townships near" not in text_of(response)


class TestKinds:
    def test_of_one_kind_lead_to_its_siblings_and_to_what_it_is_a_kind_of(self, client, stalls):
        from tests.factories import make_item

        emata, paw_san = (
            make_item(slug=slug, name_en=slug.title(), category=stalls.cereals, default_unit=stalls.viss)
            for slug in ("emata", "paw-san")
        )
        for kind in (emata, paw_san):
            kind.variety_of = stalls.rice
            kind.save()
        put(price(stalls, stalls.ywarma, 2_000, item_id=emata.pk))

        body = main_of(client.get("/items/emata/"))

        assert 'href="/items/rice/"' in body and 'href="/items/paw-san/"' in body
        assert 'href="/items/emata/"' in main_of(client.get("/items/rice/"))


class TestStates:
    def test_without_a_price_show_no_figure(self, client, stalls):
        for query in ("", "?region=yangon", "?region=yangon&township=insein", "?since=2024-01-01"):
            response = client.get(f"/items/salt/{query}")

            assert response.status_code == 200
            assert ticket_of(response) == "No price yet –"
            assert not re.search(r"K\s*\d|\d %", text_of(response).split("Prices:")[0])
            assert "f-since" not in response.content.decode()

    def test_with_one_price_show_no_range_no_cheapest_and_no_change(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, item_id=stalls.salt.pk))

        assert "take it as a hint" in text_of(client.get("/items/salt/"))
        for query in ("", "?region=yangon", "?region=yangon&township=insein"):
            text = text_of(client.get(f"/items/salt/{query}"))

            assert "K 500 a kg" in text, query
            assert "Cheapest:" not in text and "From cheapest" not in text, query
            assert "Good price" not in text and text.count("too few") == 3, query

    def test_with_old_prices_alone_show_no_change_and_no_cheapest(self, client, stalls):
        put(
            *(
                price(stalls, shop, 500, days=90 + shop.pk % 7, item_id=stalls.salt.pk)
                for shop in (stalls.meegwet, stalls.ywarma)
            )
        )

        for query in ("", "?region=yangon", "?region=yangon&township=insein"):
            response = client.get(f"/items/salt/{query}")
            text = text_of(response)

            assert "Last known in" in ticket_of(response), query
            assert "cheapest" not in text.lower().replace("cheapest first", ""), query
            assert "too few" not in text and "Good price" not in text, query

    def test_with_a_page_beyond_the_last_show_the_last(self, client, stalls, monkeypatch):
        monkeypatch.setattr("prices.pages.item.tables.ROWS_PER_PAGE", 2)

        for query, shops in (("page=9999", ["Zamyin", "Thiri"]), ("page=1000000000", ["Meegwet", "YwarMa"])):
            body = client.get(f"/items/rice/?region=yangon&{query}").content.decode()
            assert re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', body) == shops

    def test_with_an_unknown_order_are_cheapest_first(self, client, stalls):
        response = client.get("/items/rice/?region=yangon&sort=luck", headers=HTMX)

        assert "Left out “luck”: that is no order of rows." in text_of(response)
        assert "Shops: cheapest first" in text_of(response)
