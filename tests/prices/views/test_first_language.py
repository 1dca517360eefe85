"""The language in which somebody meets Potato first."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestFirstLanguage:
    BURMESE = {"accept-language": "my,en;q=0.5"}

    def test_of_a_burmese_browser_is_burmese(self, client, stalls):
        response = client.get("/", headers=self.BURMESE)

        assert response.status_code == 302
        assert response["Location"] == "/my/"
        assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))

    def test_of_others_is_english(self, stalls):
        for accepted in ("", "en", "en-GB,my;q=0.5", "fr", "*", "!!!"):
            assert Client().get("/", headers={"accept-language": accepted}).status_code == 200, accepted

    def test_of_a_browser_that_says_nothing_is_the_sites(self, stalls, settings):
        settings.POTATO_LANGUAGE = "my"

        for accepted, found in (("", 302), ("!!!", 302), ("en", 200), ("fr", 200), ("my", 302)):
            assert Client().get("/", headers={"accept-language": accepted}).status_code == found, accepted
        assert Client().get("/")["Location"] == "/my/"
        assert Client().get("/items/rice/").status_code == 200

    def test_is_asked_once_so_that_the_link_to_english_stays_there(self, client, stalls):
        client.get("/", headers=self.BURMESE)

        assert client.get("/", headers=self.BURMESE).status_code == 200

    def test_is_not_asked_of_somebody_who_comes_from_another_page_of_ours(self, stalls):
        fresh = Client()

        response = fresh.get("/", headers={**self.BURMESE, "referer": "http://testserver/items/rice/"})

        assert response.status_code == 200

    def test_is_not_asked_of_somebody_who_began_below_my_and_follows_the_link_to_english(
        self, client, stalls
    ):
        client.get("/my/", headers=self.BURMESE)

        response = client.get("/", headers={**self.BURMESE, "referer": "http://testserver/my/"})

        assert response.status_code == 200
        assert settings.LANGUAGE_COOKIE_NAME not in client.cookies

    def test_follows_the_path_and_nothing_else(self, client, stalls):
        response = client.get("/items/rice/", headers=self.BURMESE)

        assert '<html lang="en"' in response.content.decode()
