"""Following an item from its page."""

import pytest
from django.urls import reverse

from accounts.models import Role
from catalog.models import Favourite
from tests import old_pages
from tests.factories import make_item, make_user

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(client):
    user = make_user(role=Role.USER)
    client.force_login(user)
    return user


def url_of(item) -> str:
    return reverse("favourite_item", args=[item.slug])


class TestFollowingAnItem:
    def test_leads_back_to_the_item_without_javascript(self, client, reader):
        item = make_item()

        response = client.post(url_of(item), {"on": "1"})

        assert (response.status_code, response.url) == (303, reverse("item", args=[item.slug]))
        assert Favourite.objects.get().user == reader

    def test_leads_back_to_the_list_of_what_is_followed(self, client, reader):
        response = client.post(url_of(make_item()), {"on": "0", "back": "following"})

        assert response.url == reverse("following")

    def test_swaps_the_button_with_htmx(self, client, reader):
        url = url_of(make_item())

        follow = client.post(url, {"on": "1"}, headers=HTMX).content.decode()
        stop = client.post(url, {"on": "0"}, headers=HTMX).content.decode()

        assert 'name="on" value="0"' in follow and "You follow this now." in follow
        assert 'name="on" value="1"' in stop and "You do not follow this any more." in stop
        assert "<html" not in follow and "csrfmiddlewaretoken" in follow
        assert not Favourite.objects.exists()

    def test_says_what_is_the_most_beside_the_button(self, client, reader, settings):
        settings.MOST_FOLLOWS = 0

        for headers in ({}, HTMX):
            response = client.post(url_of(make_item()), {"on": "1"}, headers=headers)

            assert response.status_code == 422
            assert "You follow 0 shops and items, which is the most." in response.content.decode()
            assert 'name="on" value="1"' in response.content.decode()

    @pytest.mark.parametrize("fields", [{}, {"on": ""}, {"on": "2"}, {"on": "\x00"}])
    def test_refuses_what_is_neither_yes_nor_no(self, client, reader, fields):
        assert client.post(url_of(make_item()), fields).status_code == 422
        assert not Favourite.objects.exists()

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_sends_a_visitor_to_sign_in(self, client, method):
        response = getattr(client, method)(url_of(make_item()), {"on": "1"})

        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))
        assert not Favourite.objects.exists()

    def test_knows_no_such_item(self, client, reader):
        assert client.post("/items/gold/favourite/", {"on": "1"}).status_code == 404

    @pytest.mark.parametrize("role", Role.values)
    def test_is_for_every_role_and_not_for_who_is_banned(self, client, role):
        user = make_user(role=role)
        client.force_login(user)
        assert client.post(url_of(make_item()), {"on": "1"}).status_code == 303
        type(user).objects.filter(pk=user.pk).update(banned_at="2026-01-01T00:00Z")

        assert client.post(url_of(make_item()), {"on": "1"}).status_code == 403

        assert Favourite.objects.count() == 1

    def test_from_an_old_page_names_the_item(self):
        browser = old_pages.browser()
        old_pages.sign_in(browser, make_user(role=Role.USER))

        told = old_pages.post(browser, url_of(make_item(name_en="Rice")), {"on": "1"})

        assert "<b>Rice</b>" in told.content.decode()
