"""Home, the list of items, and the pages of a region, a township and a shop."""

import re

import pytest

from tests.factories import make_township, make_user
from tests.prices.reading import main_of, text_of
from tests.prices.stalls import put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestLists:
    def test_home_shows_staples_latest_prices_and_every_region(self, client, stalls):
        text = text_of(client.get("/"))

        assert "Myanmar today" in text
        assert "Rice" in text and "1,884" in text
        assert "Zamyin, Yangon" in text
        assert "Mandalay မန္တလေး" in text

    def test_home_without_a_price_says_so(self, client):
        response = client.get("/")

        assert response.status_code == 200
        assert "No prices yet" in text_of(response)

    def test_items_lists_those_without_a_price_too(self, client, stalls):
        text = text_of(client.get("/items/"))

        assert "Rice a kg · 4 shops" in text
        assert "No prices yet: Salt" in text

    def test_region_shows_its_own_typical_prices(self, client, stalls):
        text = text_of(client.get("/regions/yangon/"))

        assert "K 1,840" in text
        assert "2,648" not in text

    def test_township_shows_its_shops_and_prices(self, client, stalls):
        text = text_of(client.get("/regions/yangon/insein/"))

        assert "1,840" in text
        for shop in ("Meegwet", "YwarMa", "Zamyin", "Thiri"):
            assert shop in text

    def test_township_without_a_shop_says_so(self, client, stalls):
        make_township(region=stalls.yangon, slug="empty", name_en="Empty")
        put()

        text = text_of(client.get("/regions/yangon/empty/"))

        assert "No prices in Empty yet" in text
        assert "No shop is known here yet." in text

    def test_shop_compares_its_prices_with_the_region(self, client, stalls):
        text = text_of(client.get(f"/shops/{stalls.zamyin.pk}/"))

        # 1,927 beside 1,840.
        assert "1,927 +4.7 %" in text

    def test_shop_greys_a_price_too_old_to_count(self, client, stalls):
        response = client.get(f"/shops/{stalls.thiri.pk}/")

        assert 'class="old"' in response.content.decode()
        assert "too old to count" in text_of(response)

    def test_shop_says_on_a_phone_too_what_its_prices_are_compared_with(self, client, stalls):
        body = client.get(f"/shops/{stalls.ywarma.pk}/").content.decode()

        assert re.search(r'the same</span>\s*<small class="narrow">to typical</small>', body)

    def test_shop_offers_to_follow_it_to_members_and_a_way_to_sign_in_to_visitors(self, client, stalls):
        path = f"/shops/{stalls.ywarma.pk}/"
        button = f'action="{path}favourite/"'

        visitors = client.get(path).content.decode()
        client.force_login(make_user())
        members = client.get(path).content.decode()

        assert (button in visitors, button in members) == (False, True)
        assert f'href="/accounts/login/?next=%2Fshops%2F{stalls.ywarma.pk}%2F">Follow</a>' in visitors


class TestPage:
    def test_of_a_township_has_its_shops_on_the_map_its_history_and_what_moved(self, client, placed):
        body = main_of(client.get("/regions/yangon/insein/"))

        drawn = body.split("Shops on the map</h2>")[1].split("</section>")[0]
        assert "<title>YwarMa</title>" in drawn and "Zay Cho" not in drawn
        assert 'href="/movers/?region=yangon"' in body
        assert 'href="/items/rice/?region=yangon&amp;township=insein#history"' in body

    def test_of_a_category_leads_to_the_map_and_to_what_moved(self, client, placed):
        body = main_of(client.get("/categories/cereals/?type=wholesale"))
        assert "/map/?" not in body

        body = main_of(client.get("/categories/cereals/"))
        assert 'href="/map/?item=rice"' in body
        assert 'href="/movers/?category=cereals"' in body
