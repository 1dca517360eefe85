"""Who gets the form of a price, and what it begins with."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from prices.models import Installation
from shops.models import Favourite, Shop
from tests.factories import make_category, make_item, make_shop, make_user
from tests.prices.sending import publish, sent
from tests.prices.views.submit.conftest import html_of, send, value_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestWhoMaySend:
    def test_a_visitor_signs_in_first_and_comes_back(self, client, form):
        page = client.get(reverse("submit"), {"item": "onions"})
        posted = client.post(reverse("submit"), form)

        assert page.status_code == posted.status_code == 302
        assert page["Location"] == f"{reverse('account_login')}?next=/prices/submit/%3Fitem%3Donions"
        assert not sent().exists()

    def test_a_reader_gets_a_page_that_says_how_to_become_a_contributor(self, client, form):
        client.force_login(make_user(role=Role.USER))

        for response in (client.get(reverse("submit")), client.post(reverse("submit"), form)):
            assert response.status_code == 403
            assert reverse("become_contributor") in html_of(response)
        assert not sent().exists()

    def test_somebody_banned_sends_nothing(self, client, form):
        user = make_user(role=Role.CONTRIBUTOR)
        client.force_login(user)
        type(user).objects.filter(pk=user.pk).update(banned_at=timezone.now())

        response = client.post(reverse("submit"), form)

        assert response.status_code == 403
        assert not sent().exists()

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_contributors_shop_owners_and_staff_do(self, client, form, role):
        client.force_login(make_user(role=role))

        send(client, form, 303)

        assert sent().count() == 1


class TestTheForm:
    def test_begins_with_the_item_and_shop_of_a_link(self, client, contributor, onions, market):
        text = html_of(client.get(reverse("submit"), {"item": "onions", "shop": market.pk}))

        assert value_of(text, "item") == str(onions.pk)
        assert value_of(text, "shop") == str(market.pk)
        assert value_of(text, "unit") == "viss"
        assert value_of(text, "quantity") == "1"

    def test_remembers_the_last_shop(self, client, contributor, form, market):
        make_shop()
        send(client, form, 303)

        assert value_of(html_of(client.get(reverse("submit"))), "shop") == str(market.pk)

    def test_does_not_begin_with_a_last_shop_that_closed(self, client, contributor, form, market):
        send(client, form, 303)
        market.status = Shop.Status.CLOSED
        market.save()

        assert value_of(html_of(client.get(reverse("submit"))), "shop") == ""

    @pytest.mark.parametrize(
        "query",
        [{"item": "nothing"}, {"item": "9" * 400}, {"shop": "abc"}, {"shop": "9" * 18}, {"shop": "0"}],
    )
    def test_says_when_a_link_made_no_sense(self, client, contributor, onions, query):
        response = client.get(reverse("submit"), query)

        assert response.status_code == 200
        assert "of this link is" in html_of(response)

    def test_groups_items_by_category_and_says_their_other_name(self, client, contributor, onions):
        make_item(name_en="Gone", is_active=False)

        text = html_of(client.get(reverse("submit")))

        assert f'<optgroup label="{onions.category.name_en}">' in text
        assert "Onions ကြက်သွန်နီ" in text
        assert "Gone" not in text

    def test_offers_ones_own_shops_first_and_the_home_regions(self, client, contributor, market):
        near, far = (
            make_shop(shop_name="Near", region=market.region, township=market.township),
            make_shop(shop_name="Far"),
        )
        make_shop(
            shop_name="Tired", region=market.region, township=market.township, status=Shop.Status.PAUSED
        )
        Favourite.objects.create(user=contributor, shop=far)
        contributor.home_region = market.region
        contributor.save()

        text = html_of(client.get(reverse("submit")))

        assert (
            text.index('label="Your shops"')
            < text.index("Far,")
            < text.index('label="Yangon"')
            < text.index("Near, Insein")
        )
        assert near.shop_name in text and "Tired" not in text

    @pytest.mark.parametrize(
        "words",
        [
            "ywarma",
            "ရွာမ",
            "ရွာ\u200bမစျေး",
            "insein market",
            "Yangon, ywar",
            "insein",
            "ywar ma",
            "ရြာမေစ်း",
            "stall ၈",
        ],
    )
    def test_finds_a_shop_without_a_script_and_keeps_what_was_typed(
        self, client, contributor, form, market, words
    ):
        make_shop(shop_name="Elsewhere")
        market.shop_name += " (stall 8)"
        market.save()
        publish()

        response = send(client, {**form, "shop": "", "note": "so far"}, 200, shop_q=words, find="1")

        text = html_of(response)
        assert value_of(text, "shop") == str(market.pk)
        assert value_of(text, "price") == "2,400" and value_of(text, "note") == "so far"
        assert value_of(text, "submission_id") == form["submission_id"]
        assert "1 shop found" in text
        assert not sent().exists()

    def test_offers_shops_that_are_called_nearly_so_but_chooses_none(self, client, contributor, form, market):
        publish()

        text = html_of(send(client, form, 200, shop="", shop_q="ywamra market", find="1"))

        assert (
            "No shop is called “ywamra market”. The list above has those that are called nearly so." in text
        )
        assert f'<option value="{market.pk}">YwarMa market, Insein' in text
        assert value_of(text, "shop") == ""

    def test_says_how_it_read_zawgyi(self, client, contributor, form, market):
        publish()

        assert "Read as: ရွာမဈေး" in html_of(send(client, form, 200, shop="", shop_q="ရြာမေစ်း", find="1"))

    def test_searches_when_the_key_for_it_was_pressed_instead_of_the_button(
        self, client, contributor, form, market
    ):
        publish()
        response = send(client, {**form, "shop": ""}, 200, shop_q="ywarma")

        assert value_of(html_of(response), "shop") == str(market.pk)

    def test_is_not_sent_by_enter_while_the_shop_searched_for_is_not_chosen(
        self, client, contributor, form, market
    ):
        elsewhere = make_shop(shop_name="Elsewhere")
        publish()
        searched = {"shop_q": "ywarma", "shop_q_shown": "ywarma", "enter": "1"}

        response = send(client, {**form, "shop": str(elsewhere.pk)}, 200, **searched)

        assert value_of(html_of(response), "price") == "2,400"
        assert not sent().exists()
        send(client, form, 303, **searched)
        assert sent().get().payload["shop"] == market.pk

    def test_is_sent_by_its_button_whatever_words_stand_in_the_search(
        self, client, contributor, form, market
    ):
        elsewhere = make_shop(shop_name="Elsewhere")
        publish()

        send(client, {**form, "shop": str(elsewhere.pk)}, 303, shop_q="ywarma", shop_q_shown="ywarma")

        assert sent().get().payload["shop"] == elsewhere.pk

    def test_says_when_no_shop_has_that_name(self, client, contributor, form):
        assert "No shop is called “\x00%_'x”" in html_of(
            send(client, form, 200, shop="", shop_q="\x00%_'x", find="1")
        )

    def test_says_that_it_is_a_demo(self, client, contributor):
        assert "This is a demo." not in html_of(client.get(reverse("submit")))
        Installation.objects.update_or_create(pk=1, defaults={"mode": Installation.Mode.DEMO})

        assert "This is a demo." in html_of(client.get(reverse("submit")))

    def test_asks_as_little_of_postgresql_with_many_items_and_shops_as_with_few(
        self, client, contributor, onions, market, form
    ):
        send(client, form, 303)
        ask = {"item": "onions", "shop": market.pk}
        client.get(reverse("submit"), ask)
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("submit"), ask)
        for _ in range(12):
            make_item(category=make_category(), default_unit=onions.default_unit)
            make_shop(region=market.region)

        with CaptureQueriesContext(connection) as many:
            client.get(reverse("submit"), ask)

        assert len(many) == len(few)
        assert len(few) <= 15, [query["sql"][:120] for query in few]

    def test_is_in_burmese_below_my(self, client, contributor, onions, market):
        text = html_of(client.get(f"/my{reverse('submit')}", {"item": "onions", "shop": market.pk}))

        assert 'action="/my/prices/submit/"' in text
        assert "ကြက်သွန်နီ Onions" in text and "ရွာမဈေး" in text
