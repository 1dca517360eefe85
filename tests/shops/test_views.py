from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.models import Role
from potato import clock
from shops.models import Favourite, Shop, ShopStatistics
from tests import old_pages
from tests.factories import make_region, make_shop, make_township, make_user

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(client):
    user = make_user(role=Role.USER)
    client.force_login(user)
    return user


def page(client, expect=200, **filters):
    response = client.get(reverse("shops"), filters)
    assert response.status_code == expect
    return response.content.decode()


class TestTheListOfShops:
    def test_shows_name_place_kind_number_of_items_and_newest_price(self, client):
        insein = make_township(name_en="Insein", region=make_region(name_en="Yangon"))
        shop = make_shop(
            shop_name="Insein market", shop_name_my="အင်းစိန်ဈေး", township=insein, kind=Shop.Kind.MARKET
        )
        ShopStatistics.objects.create(
            shop=shop, entries=40, items=12, contributors=3, last_seen_at=clock.now() - timedelta(days=2)
        )

        text = page(client)

        for piece in ("Insein market", "အင်းစိန်ဈေး", "Insein, Yangon", "Market", "12 items", "2 days"):
            assert piece in text
        assert reverse("shop", args=[shop.pk]) in text

    def test_greys_a_shop_that_has_only_old_prices(self, client):
        for name, days in (("Fresh", 34), ("Stale", 35)):
            ShopStatistics.objects.create(
                shop=make_shop(shop_name=name),
                entries=1,
                items=1,
                contributors=1,
                last_seen_at=clock.now() - timedelta(days=days),
            )
        make_shop(shop_name="Unpriced")

        rows = page(client).split("<tbody>")[1].split("</tr>")

        assert [name for row in rows for name in ("Fresh", "Stale", "Unpriced") if name in row] == [
            "Fresh",
            "Stale",
            "Unpriced",
        ]
        assert ["too old to count" in row for row in rows[:3]] == [False, True, False]
        assert ['class="old"' in row for row in rows[:3]] == [False, True, False]

    def test_says_where_there_are_no_prices_and_hides_what_closed_for_good(self, client):
        make_shop(shop_name="New shop")
        make_shop(shop_name="Gone shop", status=Shop.Status.CLOSED)
        make_shop(shop_name="Tired shop", status=Shop.Status.PAUSED)

        text = page(client)

        assert "no prices" in text
        assert "Gone shop" not in text
        assert "Closed for now" in text

    @pytest.mark.parametrize(
        "words", ["insein", "အင်းစိန်", "INSEIN mar", "အင်းစိန်\u200bစျေး", "hlaing insein", "အင္းစိန္"]
    )
    def test_finds_by_english_and_burmese_names_of_shop_and_place(self, client, words):
        township = make_township(name_en="Hlaingtharya")
        make_shop(shop_name="Insein market", shop_name_my="အင်းစိန်ဈေး", township=township)
        make_shop(shop_name="Another one")

        text = page(client, q=words)

        assert "Insein market" in text
        assert "Another one" not in text

    def test_filters_by_region_and_township(self, client):
        mon, chin = make_region(slug="mon"), make_region(slug="chin")
        thaton, ye = make_township(region=mon, slug="thaton"), make_township(region=mon, slug="ye")
        for name, township in (("Shop T", thaton), ("Shop Y", ye), ("Shop C", make_township(region=chin))):
            make_shop(shop_name=name, township=township)

        in_mon, in_ye = page(client, region="mon"), page(client, region="mon", township="ye")

        assert [name in in_mon for name in ("Shop T", "Shop Y", "Shop C")] == [True, True, False]
        assert [name in in_ye for name in ("Shop T", "Shop Y", "Shop C")] == [False, True, False]

    @pytest.mark.parametrize(
        ("filters", "note"),
        [
            ({"region": "atlantis"}, "There is no such state or region"),
            ({"region": "mon", "township": "atlantis"}, "There is no such township there"),
            ({"region": "x" * 10_000}, "There is no such state or region"),
            ({"q": "x" * 10_000}, "only the first 100 signs"),
            ({"page": "-1"}, "There is no such page"),
            ({"page": "0"}, "There is no such page"),
            ({"page": "1e3"}, "There is no such page"),
            ({"page": "9" * 400}, "There is no such page"),
            ({"page": "²"}, "There is no such page"),
        ],
    )
    def test_leaves_out_a_filter_that_makes_no_sense_with_a_note(self, client, filters, note):
        make_shop(region=make_region(slug="mon"), shop_name="Shop of Mon")

        text = page(client, **filters)

        assert note in text

    @pytest.mark.parametrize(
        "value", ["%", "_", "\\", "'", '"><script>', "\ud7ff\U0010ffff", "{{ 1 }}", " ", "၁", "a " * 5000]
    )
    def test_takes_any_text_as_text(self, client, value):
        make_shop(shop_name="Shop A")

        for name in ("q", "region", "township", "page"):
            assert "<script>" not in page(client, **{name: value})

    def test_finds_nothing_under_a_nul(self, client):
        assert client.get(reverse("shops") + "?q=%00").status_code == 404

    def test_takes_letters_that_sql_means_something_by_as_letters(self, client):
        make_shop(shop_name="Plain")
        make_shop(shop_name="50 % off")

        text = page(client, q="%")

        assert "50 % off" in text
        assert "Plain" not in text

    def test_turns_pages_and_keeps_the_filters(self, client):
        township = make_township(region=make_region(slug="mon"))
        for number in range(51):
            make_shop(shop_name=f"Stall {number:02}", township=township)

        first, last, beyond = (
            page(client, q="stall", region="mon", page=number) for number in ("1", "၂", "99")
        )

        assert "Stall 49" in first
        assert "Stall 50" not in first
        assert "?q=stall&amp;region=mon&amp;page=2" in first
        assert "Stall 50" in last
        assert "Page 2 of 2" in last
        assert "Stall 50" in beyond

    def test_asks_the_same_few_queries_for_any_number_of_shops(self, client, django_assert_num_queries):
        region = make_region(slug="mon")
        for _ in range(30):
            ShopStatistics.objects.create(shop=make_shop(township=make_township(region=region)), items=1)

        with django_assert_num_queries(4):
            page(client, region="mon")

    def test_answers_htmx_with_the_part_alone(self, client):
        response = client.get(reverse("shops"), headers=HTMX)

        assert b'id="shop-list"' in response.content
        assert b"<html" not in response.content
        assert "HX-Request" in response["Vary"]

    def test_speaks_burmese_under_its_path(self, client):
        make_shop(shop_name="Insein market", shop_name_my="အင်းစိန်ဈေး")

        text = client.get("/my/shops/").content.decode()

        assert text.index("အင်းစိန်ဈေး") < text.index("Insein market")

    def test_marks_shops_of_the_demo(self, client):
        make_shop(shop_name="Made up", is_demo=True)

        assert "demo</span>" in page(client)


class TestFollowingAShop:
    def test_leads_back_to_the_shop_without_javascript(self, client, reader):
        shop = make_shop()

        response = client.post(reverse("favourite_shop", args=[shop.pk]), {"on": "1"})

        assert response.status_code in (302, 303)
        assert response.url == reverse("shop", args=[shop.pk])
        assert Favourite.objects.get().user == reader

    def test_swaps_the_button_with_htmx(self, client, reader):
        url = reverse("favourite_shop", args=[make_shop().pk])

        follow = client.post(url, {"on": "1"}, headers=HTMX).content.decode()
        stop = client.post(url, {"on": "0"}, headers=HTMX).content.decode()

        assert 'name="on" value="0"' in follow and "You follow this now." in follow
        assert 'name="on" value="1"' in stop and "You do not follow this any more." in stop
        assert "Undo</button>" in follow and "Undo</button>" in stop
        assert "<html" not in follow
        assert not Favourite.objects.exists()

    def test_sent_twice_is_sent_once(self, client, reader):
        url = reverse("favourite_shop", args=[make_shop().pk])

        for _ in range(2):
            assert client.post(url, {"on": "1"}, headers=HTMX).status_code == 200

        assert Favourite.objects.count() == 1

    @pytest.mark.parametrize("fields", [{}, {"on": ""}, {"on": "2"}, {"on": "\x00"}, {"on": "x" * 1_000_000}])
    def test_refuses_what_is_neither_yes_nor_no(self, client, reader, fields):
        response = client.post(reverse("favourite_shop", args=[make_shop().pk]), fields)

        assert response.status_code == 422
        assert 'name="on" value="1"' in response.content.decode()
        assert not Favourite.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_sends_a_visitor_to_sign_in(self, client, method):
        response = getattr(client, method)(reverse("favourite_shop", args=[make_shop().pk]), {"on": "1"})

        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))
        assert not Favourite.objects.exists()

    @pytest.mark.parametrize("number", [0, 10**9, 10**40])
    def test_knows_no_such_shop(self, client, reader, number):
        assert client.post(f"/shops/{number}/favourite/", {"on": "1"}).status_code == 404

    def test_shows_the_button_alone_when_asked(self, client, reader):
        response = client.get(reverse("favourite_shop", args=[make_shop().pk]))

        assert response.status_code == 200
        assert 'name="on" value="1"' in response.content.decode()


class TestFollowingAShopFromAnOldPage:
    @pytest.fixture
    def browser(self):
        browser = old_pages.browser()
        old_pages.sign_in(browser, make_user(role=Role.USER))
        return browser

    @pytest.mark.parametrize(("prefix", "name"), [("", "YwarMa market"), ("/my", "ရွာမဈေး")])
    def test_names_the_shop(self, browser, prefix, name):
        shop = make_shop(shop_name="YwarMa market", shop_name_my="ရွာမဈေး")

        told = old_pages.post(browser, prefix + reverse("favourite_shop", args=[shop.pk]), {"on": "0"})

        assert f"<b>{name}</b>" in told.content.decode()

    def test_names_nothing_where_there_is_no_such_shop(self, browser):
        told = old_pages.post(browser, reverse("favourite_shop", args=[4_000_000]), {"on": "1"})

        assert told.status_code == 403
        assert "What it is about" not in old_pages.text_of(told)
