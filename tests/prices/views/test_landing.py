"""What makes a place's page worth landing on, and what it says of itself."""

import json
import re
from types import SimpleNamespace

import pytest

from accounts.following import set_following
from prices.derived import followers
from prices.names import cache as names
from prices.publishing import relay
from tests.factories import make_item, make_region, make_shop, make_township, make_user
from tests.prices.reading import text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def stalls() -> SimpleNamespace:
    """Rice at half the country's price in three shops of Yangon; beans there too, in two only."""
    rice, beans = make_item(slug="rice", name_en="Rice"), make_item(slug="beans", name_en="Beans")
    insein = make_township(
        region=make_region(slug="yangon", name_en="Yangon"), slug="insein", name_en="Insein"
    )
    far = make_township(region=make_region(slug="chin", name_en="Chin"))
    near = [make_shop(shop_name=f"Near {number}", township=insein) for number in range(3)]
    away = [make_shop(shop_name=f"Away {number}", township=far) for number in range(4)]
    found = SimpleNamespace(**locals())
    put(
        *(price(found, shop, 1_000, days=1, item_id=rice.pk) for shop in near),
        *(price(found, shop, 1_500, days=31, item_id=rice.pk) for shop in near),
        *(price(found, shop, 2_000, days=1, item_id=rice.pk) for shop in away),
        *(price(found, shop, 1_000, days=1, item_id=beans.pk) for shop in near[:2]),
        *(price(found, shop, 2_000, days=1, item_id=beans.pk) for shop in away),
    )
    return found


def section_of(response, heading: str) -> str:
    body = response.content.decode()
    found = re.search(rf"<h2>{heading}</h2>.*?</section>", body, flags=re.DOTALL)
    assert found, heading
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def unfolded_and_folded(response) -> tuple[str, str]:
    """What a reader of a page sees at once, and what he has to unfold."""
    body = response.content.decode().split("<main")[1]
    folded = re.findall(r"<details.*?</details>", body, flags=re.DOTALL)
    for part in folded:
        body = body.replace(part, "")
    return tuple(" ".join(re.sub(r"<[^>]+>", " ", part).split()) for part in (body, " ".join(folded)))


def data_of(response) -> dict[str, dict]:
    """The page's structured data by type."""
    body = response.content.decode()
    found = [
        json.loads(one) for one in re.findall(r'<script type="application/ld\+json">(.*?)</script>', body)
    ]
    return {one["@type"]: one for one in found}


class TestPageOfAPlace:
    @pytest.mark.parametrize("path", ["/regions/yangon/", "/regions/yangon/insein/"])
    def test_names_what_three_shops_sell_well_below_the_countrys_price(self, client, stalls, path):
        cheap = section_of(client.get(path), "Cheap here today")

        # Seven shops: three at 1,000 and four at 2,000.
        assert "Rice" in cheap and "−50 %" in cheap and "3 shops" in cheap
        assert "Beans" not in cheap

    def test_says_that_nothing_is_cheap_where_nothing_is(self, client, stalls):
        assert "Nothing that three shops" in section_of(client.get("/regions/chin/"), "Cheap here today")

    def test_names_what_moved_with_a_way_to_its_history(self, client, stalls):
        response = client.get("/regions/yangon/")

        moved = section_of(response, "What moved")
        assert "Rice" in moved and "−33.3 %" in moved
        assert 'href="/items/rice/?region=yangon#history"' in response.content.decode()

    def test_names_who_sells_and_how_fresh_that_is(self, client, stalls):
        for path in ("/regions/yangon/", "/regions/yangon/insein/"):
            sellers = section_of(client.get(path), "Who sells")

            assert re.search(r"Near 0( Insein)? 2 1 day", sellers), sellers
            assert "Away" not in sellers

    def test_folds_away_what_is_too_old_to_count_and_townships_without_a_shop(self, client, stalls):
        salt = make_item(slug="salt", name_en="Salt")
        old_stall = make_shop(shop_name="Old stall", township=stalls.insein)
        make_township(region=stalls.insein.region, slug="hlegu", name_en="Hlegu")
        put(price(stalls, old_stall, 500, days=90, item_id=salt.pk))

        shown, folded = unfolded_and_folded(client.get("/regions/yangon/"))
        shown_there, folded_there = unfolded_and_folded(client.get("/regions/yangon/insein/"))

        assert "Rice" in shown and "Near 1" in shown and "Insein" in shown
        assert not re.search("Old stall|Hlegu", shown) and not re.search("Salt|Old stall", shown_there)
        assert "Prices too old to count: 1" in folded and "Prices too old to count: 1" in folded_there
        assert all(name in folded for name in ("Salt", "Old stall", "Hlegu"))
        assert all(name in folded_there for name in ("Salt", "Old stall"))

    def test_shows_old_prices_where_there_are_no_others(self, client, stalls):
        salt = make_item(slug="salt", name_en="Salt")
        far = make_shop(shop_name="Old stall", township=make_township(region=make_region(slug="mon")))
        put(price(stalls, far, 500, days=90, item_id=salt.pk))

        shown, folded = unfolded_and_folded(client.get("/regions/mon/"))

        assert "Salt" in shown and "too old to count" in shown and "Old stall" in shown
        assert folded == ""

    def test_of_one_type_says_nothing_of_the_other(self, client, stalls):
        response = client.get("/regions/yangon/?type=wholesale")

        assert "Cheap here today" not in text_of(response)
        assert "No prices in Yangon yet" in text_of(response)


class TestPageOfACategory:
    def test_names_the_place_where_an_item_is_cheapest(self, client, stalls):
        cheap = section_of(client.get(f"/categories/{stalls.rice.category.slug}/"), "Where it is cheap today")

        assert "Rice Yangon" in cheap and "−50 %" in cheap


class TestPageOfAShop:
    def test_counts_who_follows_it_without_asking_postgresql(self, client, stalls, django_assert_num_queries):
        shop, follower = stalls.near[0], make_user()
        set_following("shop", shop.pk, by=follower, on=True)
        followers.count()

        with django_assert_num_queries(0):
            assert "Followers 1" in text_of(client.get(f"/shops/{shop.pk}/"))

        set_following("shop", shop.pk, by=follower, on=False)
        followers.count()
        assert "Followers 0" in text_of(client.get(f"/shops/{shop.pk}/"))

    def test_has_its_hours_and_a_phone_to_call(self, client, stalls):
        shop = stalls.near[0]
        shop.opening_hours, shop.phone = "6:00–18:00", "09 123 456"
        shop.save()
        relay.run_once(limit=100)
        names.refresh()

        response = client.get(f"/shops/{shop.pk}/")

        assert "Open 6:00–18:00 · 09 123 456" in text_of(response)
        assert 'href="tel:09123456"' in response.content.decode()
        assert data_of(response)["Store"]["telephone"] == "09 123 456"
        assert data_of(response)["Store"]["address"]["addressLocality"] == "Insein"


class TestHead:
    def test_says_what_an_item_costs_in_words_and_data(self, client, stalls):
        response = client.get("/items/rice/?region=yangon")

        body = response.content.decode()
        assert (
            "Rice in Yangon: about K 1,000 a kg today. 6 prices of the last 35 days from 3 shops, the newest 1 day ago."
            in body
        )
        assert '<link rel="canonical" href="http://testserver/items/rice/?region=yangon" />' in body
        assert 'hreflang="x-default" href="http://testserver/items/rice/?region=yangon"' in body
        offer = data_of(response)["Product"]["offers"]
        assert (offer["lowPrice"], offer["highPrice"], offer["offerCount"]) == ("1000", "1000", 3)
        assert offer["priceCurrency"] == "MMK"
        assert [one["name"] for one in data_of(response)["BreadcrumbList"]["itemListElement"]][-1] == "Rice"

    def test_has_no_price_where_the_page_has_none_of_its_own(self, client, stalls):
        make_item(slug="salt")
        relay.run_once(limit=100)
        names.refresh()

        # Two shops: the country speaks.
        assert "Product" not in data_of(client.get("/items/beans/?region=yangon"))
        assert "Product" not in data_of(client.get("/items/salt/"))

    def test_is_another_one_on_every_page(self, client, stalls):
        shops = [f"/shops/{shop.pk}/" for shop in (*stalls.near, *stalls.away)]
        paths = [
            "/",
            "/items/",
            "/items/rice/",
            "/items/beans/",
            "/items/rice/?region=yangon",
            "/regions/chin/",
        ]
        paths += ["/items/?type=wholesale", "/regions/yangon/", "/regions/yangon/insein/", *shops]

        heads = [
            re.findall(
                r'<title>(.*?)</title>|name="description" content="(.*?)"', client.get(path).content.decode()
            )
            for path in paths
        ]

        for part in (0, 1):
            said = [head[part][part] for head in heads]
            assert len(set(said)) == len(said), said

    def test_cannot_be_left_by_what_a_shop_is_called(self, client, stalls):
        stalls.near[0].shop_name = "</script><script>alert(1)</script> & Sons"
        stalls.near[0].save()
        relay.run_once(limit=100)
        names.refresh()

        response = client.get(f"/shops/{stalls.near[0].pk}/")

        assert "<script>alert" not in response.content.decode()
        assert data_of(response)["Store"]["name"] == stalls.near[0].shop_name

    def test_of_a_page_that_is_not_to_be_found_says_so(self, client, stalls):
        for path in (
            "/search/?q=rice",
            "/accounts/login/",
            "/items/rice/?max_age=soon",
            "/nothing/",
            "/offline/",
        ):
            assert '<meta name="robots" content="noindex" />' in client.get(path).content.decode(), path
        for path in ("/", "/items/rice/?sort=newest", "/shops/"):
            assert "noindex" not in client.get(path).content.decode(), path
