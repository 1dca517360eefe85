import re
from urllib.parse import quote

import pytest

from accounts.models import Role
from potato.stores import breaker
from potato.web import page_cache
from prices.models import BasketLine
from prices.pages.basket.query import MOST_LINES
from shops.models import Shop
from tests.factories import make_item, make_user
from tests.prices.reading import counted_reads, reads_without_postgresql, text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

LIST = "/basket/?i=rice:2:kg&i=onions:1:kg"
IN_YANGON = f"{LIST}&region=yangon"


@pytest.fixture
def market(two_goods):
    """Onions at Thiri, too, long ago."""
    put(price(two_goods, two_goods.thiri, 100, days=300, item_id=two_goods.onions.pk))
    return two_goods


@pytest.fixture
def member(client):
    user = make_user(role=Role.USER)
    client.force_login(user)
    return user


class TestBasket:
    def test_asks_no_postgresql_and_mongodb_once(self, client, market):
        for address in (LIST, IN_YANGON, "/my" + IN_YANGON):
            assert reads_without_postgresql(client, address) == 1, address

    def test_says_what_the_list_costs_in_each_region(self, client, market):
        text = text_of(client.get(LIST))

        # Rice in Yangon typically 1,840, onions 800; Mandalay has no onions.
        assert "Yangon 2 of 2 items · oldest price: 2 days 4,480" in text
        assert "Mandalay 1 of 2 items · oldest price: 2 days 5,296 without Onions" in text
        assert text.index("Yangon 2 of 2") < text.index("Mandalay 1 of 2")

    def test_finds_the_cheapest_shop_for_all_of_it_and_the_cheapest_two(self, client, market):
        text = text_of(client.get(IN_YANGON))

        # Meegwet 2 x 1,715 + 1,000; Zamyin 2 x 1,927 + 600; together 3,430 + 600.
        assert "Everything in one shop: Meegwet K 4,430" in text
        assert "From two shops it costs K 4,030, which is K 400 less." in text
        assert re.search(r"Meegwet K 3,430 Rice .*Zamyin K 600 Onions", text)

    def test_never_calls_a_shop_the_cheapest_that_lacks_something(self, client, market):
        body = client.get(IN_YANGON).content.decode()
        text = text_of(client.get(IN_YANGON))

        assert "YwarMa Insein · 1 of 2 items · oldest price: 1 day 3,680 without Onions" in text
        assert text.index("Zamyin Insein · 2 of 2") < text.index("YwarMa Insein · 1 of 2")
        assert re.findall(r'<b class="p mini">([^<]+)', body)[0] == "4,430"

    def test_counts_neither_old_prices_nor_wholesale_nor_closed_shops(self, client, market):
        assert "Thiri" not in text_of(client.get(IN_YANGON))

        market.meegwet.status = Shop.Status.CLOSED
        market.meegwet.save()
        put()

        text = text_of(client.get(IN_YANGON))
        assert "Everything in one shop: Zamyin K 4,454" in text
        assert "Meegwet" not in text

    def test_says_what_is_nowhere_to_be_had(self, client, market):
        text = text_of(client.get(f"{IN_YANGON}&i=salt:1:kg"))

        assert "Nowhere in Yangon at a price that counts: Salt." in text
        assert "Most of it in one shop: Meegwet" in text
        assert "without Salt" in text

    def test_reads_amounts_as_people_type_them(self, client, market):
        text = text_of(client.get(f"/basket/?i=rice:{quote('၁,၀၀၀')}:kg"))

        assert "1,840,000" in text

    def test_counts_by_the_unit_that_was_chosen(self, client, market):
        assert "3,005 " in text_of(client.get("/basket/?i=rice:1:viss"))

    def test_shows_a_mistake_at_its_field_and_keeps_the_list(self, client, market):
        response = client.get(
            "/basket/?item=rice&quantity-rice=much&unit-rice=kg&item=onions&quantity-onions=1&unit-onions=seer"
        )
        body = response.content.decode()

        assert response.status_code == 422
        assert re.search(
            r'name="quantity-rice"[^>]*value="much" aria-invalid="true" aria-describedby="e-rice"', body
        )
        assert "Write only a number here" in body
        assert "Onions is not sold by that unit" in body

    def test_answers_a_form_with_the_address_that_says_the_same(self, client, market):
        form = "item=rice&quantity-rice=၂&unit-rice=kg&add=onions&region=yangon"

        response = client.get(f"/basket/?{form}")

        assert response.status_code == 302
        assert response["Location"] == "/basket/?i=rice:2:kg&i=onions:1:viss&region=yangon"

    def test_adds_to_what_is_there(self, client, market):
        response = client.get("/basket/?i=rice:2:kg&add=rice&quantity=0.5&unit=kg")

        assert response["Location"] == "/basket/?i=rice:2.5:kg"

    def test_can_be_begun_from_an_items_page(self, client, market):
        body = client.get("/items/rice/?region=yangon").content.decode()
        assert '<input type="hidden" name="add" value="rice" />' in body

        response = client.get("/basket/?add=rice&region=yangon&quantity=2&unit=kg")

        assert response["Location"] == "/basket/?i=rice:2:kg&region=yangon"

    def test_offers_the_kinds_of_an_item_that_is_noted_by_kind(self, client, market):
        tea = make_item(slug="tea", name_en="Tea", default_unit=market.kg)
        green, black = (
            make_item(slug=f"tea-{colour}", name_en=f"{colour} tea", variety_of=tea, default_unit=market.kg)
            for colour in ("green", "black")
        )
        put(price(market, market.meegwet, 9_000, item_id=green.pk))

        body = client.get("/basket/?i=tea:3:kg").content.decode()

        assert '<a class="plain" href="/basket/?i=tea-green:3:kg&amp;keep=1">green tea</a>' in body
        assert f'<a class="plain" href="/basket/?i={black.slug}:3:kg"' not in body

    def test_says_what_it_left_out(self, client, market):
        text = text_of(client.get("/basket/?i=rice:1:kg&i=rice:2:kg&i=gold:1:kg&region=atlantis"))

        assert "“Rice” was on the list twice: the last one counts." in text
        assert "Left out “gold”: there is no such item." in text
        assert "Left out “atlantis”: there is no such region." in text

    def test_takes_thirty_items_and_no_more(self, client, market):
        slugs = [f"thing-{number}" for number in range(MOST_LINES + 2)]
        for slug in slugs:
            make_item(slug=slug, default_unit=market.kg)
        put()

        with counted_reads() as reads:
            text = text_of(
                client.get("/basket/?" + "&".join(f"i={slug}:1:kg" for slug in slugs) + "&region=yangon")
            )
            n_reads = reads()

        assert "A list has at most 30 items: 2 more were left out." in text
        assert n_reads == 1

    def test_stands_nonsense(self, client, market):
        for nonsense in ("", ":", "rice", "rice::", "rice:1e5:kg", "rice:-1:kg", "rice:0:kg", "9" * 5000):
            form = f"add={nonsense}&quantity={nonsense}&unit={nonsense}"
            for query in (f"i={nonsense}", f"item={nonsense}", form, "&".join([f"i={nonsense}"] * 490)):
                assert client.get(f"/basket/?{query}", follow=True).status_code in (200, 422)


class TestAVisitorsList:
    def test_grows_by_what_is_added_on_pages_of_items(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")
        response = client.get("/basket/?add=onions&quantity=1&unit=kg&region=yangon")

        assert response["Location"] == "/basket/?i=rice:2:kg&i=onions:1:kg&region=yangon"
        response = client.get("/basket/?add=rice&quantity=0.5&unit=kg")
        assert response["Location"] == "/basket/?i=rice:2.5:kg&i=onions:1:kg"

    def test_is_there_again_in_both_languages(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")

        assert client.get("/basket/")["Location"] == "/basket/?i=rice:2:kg"
        assert client.get("/my/basket/?region=yangon")["Location"] == "/my/basket/?i=rice:2:kg&region=yangon"

    def test_is_told_to_the_pages_of_the_list_alone_and_to_no_script(self, client, market):
        cookies = client.get("/basket/?add=rice&quantity=2&unit=kg").cookies.values()

        assert {one["path"] for one in cookies} == {"/basket/", "/my/basket/"}
        assert {(one["httponly"], one["samesite"]) for one in cookies} == {(True, "Lax")}

    def test_is_never_served_a_page_that_was_kept_for_others(self, client, market):
        visitor = {"REQUEST_METHOD": "GET", "PATH_INFO": "/basket/"}

        assert page_cache.key_of(visitor) is not None
        assert page_cache.key_of({**visitor, "HTTP_COOKIE": "list_en=rice:2:kg"}) is None
        client.get("/basket/?add=rice&quantity=2&unit=kg")
        for address in ("/basket/", "/basket/?add=onions", "/basket/?i=onions:1:kg"):
            assert "X-Potato-Keep" not in client.get(address).headers

    def test_is_changed_by_the_forms_and_links_of_its_page(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")
        client.get("/basket/?item=rice&quantity-rice=3&unit-rice=kg&add=onions")
        body = client.get("/basket/", follow=True).content.decode()
        assert quantities_of(body) == {"rice": "3", "onions": "1"}

        for _item in range(2):
            remove = re.search(r'href="([^"]+)">Remove<', body)[1].replace("&amp;", "&")
            response = client.get(remove)
            assert "keep" not in response["Location"]
            body = client.get(response["Location"]).content.decode()

        assert client.get("/basket/").status_code == 200
        assert "This browser remembers a list" not in body

    def test_keeps_its_place_when_somebody_sends_another(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")

        body = client.get("/basket/?i=onions:1:kg").content.decode()

        assert "This browser remembers a list of yours." in body
        assert 'href="/basket/?i=rice:2:kg"' in body
        assert 'href="/basket/?i=rice:2:kg&amp;i=onions:1:kg&amp;keep=1"' in body
        assert client.get("/basket/")["Location"] == "/basket/?i=rice:2:kg"
        client.get("/basket/?i=onions:1:kg&keep=1")
        assert client.get("/basket/")["Location"] == "/basket/?i=onions:1:kg"
        assert "This browser remembers a list" not in text_of(client.get("/basket/?i=onions:1:kg"))

    def test_survives_what_is_not_understood(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")

        wrong = client.get("/basket/?add=onions&quantity=much")
        unknown = client.get("/basket/?item=gold")

        assert wrong.status_code == 422 and quantities_of(wrong) == {"rice": "2", "onions": "much"}
        assert "there is no such item" in text_of(unknown)
        assert client.get("/basket/")["Location"] == "/basket/?i=rice:2:kg"

    # "\000" is how a cookie says NUL.
    @pytest.mark.parametrize(
        "cookie", ["&&&", "gold:1:kg", "rice", "rice:1e9:kg&" * 300, '"\\', '"\\000"', "\x00"]
    )
    def test_stands_any_cookie(self, client, market, cookie):
        # Not by the client's own cookies: some versions of Python put no such thing into one.
        sent = {"cookie": f"list_en={cookie}"}

        for address in ("/basket/", LIST, "/basket/?add=onions"):
            assert client.get(address, follow=True, headers=sent).status_code in (200, 404, 422)

    def test_goes_into_the_account_when_that_keeps_it(self, client, market):
        client.get("/basket/?add=rice&quantity=2&unit=kg")
        client.force_login(make_user(role=Role.USER))
        assert "This browser remembers a list of yours." in text_of(client.get("/basket/mine/"))

        client.post("/basket/mine/", {"i": ["rice:2:kg"]})

        assert "This browser remembers a list" not in text_of(client.get("/basket/mine/"))


class TestMyBasket:
    def test_keeps_a_members_list_and_shows_it_again(self, client, market, member):
        sent = client.post("/basket/mine/", {"i": ["rice:2:kg", "onions:1.5:viss"]})

        assert (sent.status_code, sent["Location"]) == (303, "/basket/mine/")
        assert client.get("/basket/")["Location"] == "/basket/mine/"
        text = text_of(client.get("/basket/mine/"))
        assert "Your account keeps this list now." in text
        assert "This is the list that your account keeps." in text
        assert quantities_of(client.get("/basket/mine/")) == {"rice": "2", "onions": "1.5"}

    def test_replaces_the_list_that_was_there(self, client, market, member):
        client.post("/basket/mine/", {"i": ["rice:2:kg", "onions:1:kg"]})
        client.post("/basket/mine/", {"i": ["rice:3:viss"]})

        assert list(BasketLine.objects.values_list("user", "item__slug", "unit")) == [
            (member.pk, "rice", "viss")
        ]

        client.post("/basket/mine/", {})
        assert not BasketLine.objects.exists()

    def test_says_what_is_wrong_and_stores_nothing(self, client, market, member):
        response = client.post("/basket/mine/", {"i": ["rice:none:kg"]})

        assert response.status_code == 422
        assert "Write only a number here" in text_of(response)
        assert not BasketLine.objects.exists()

    def test_adds_an_item_to_the_list_of_the_account_but_keeps_it_only_when_told(
        self, client, market, member
    ):
        client.post("/basket/mine/", {"i": ["onions:1:kg"]})

        response = client.get("/basket/?add=rice&quantity=2&unit=kg", follow=True)

        assert response.redirect_chain[-1][0] == "/basket/?i=onions:1:kg&i=rice:2:kg"
        assert "Keep this list in my account" in text_of(response)
        assert BasketLine.objects.count() == 1

    def test_is_private(self, client, market):
        assert client.get("/basket/mine/").status_code == 302
        response = client.post("/basket/mine/", {"i": ["rice:2:kg"]})

        assert "/accounts/login/" in response["Location"]
        assert not BasketLine.objects.exists()

    def test_goes_with_its_member(self, client, market, member):
        client.post("/basket/mine/", {"i": ["rice:2:kg"]})

        member.delete()

        assert not BasketLine.objects.exists()


def quantities_of(page) -> dict[str, str]:
    """What a list's page has in its fields."""
    body = page if isinstance(page, str) else page.content.decode()
    return dict(re.findall(r'name="quantity-([^"]+)"[^>]* value="([^"]*)"', body))


class TestAListSentOnceTheSessionHasEnded:
    def test_is_shown_again_after_signing_in(self, client, market):
        client.post("/basket/mine/", {"i": ["rice:2:kg", "onions:1:kg"]})
        client.force_login(make_user(role=Role.USER))

        page = client.get("/basket/mine/", follow=True)

        assert page.redirect_chain == [("/basket/?i=rice%3A2%3Akg&i=onions%3A1%3Akg", 302)]
        text = text_of(page)
        assert "What you typed is here again" in text
        assert "Keep this list in my account" in text


class TestBasketWithoutPostgresql:
    def test_still_counts_a_list_in_the_address(self, client, market, member, monkeypatch):
        client.get(LIST)
        monkeypatch.setattr(breaker.POSTGRES, "_pause", 3600)
        breaker.POSTGRES.failed(breaker.Fault.SLOW)

        for address in (LIST, "/basket/"):
            assert client.get(address).status_code == 200
