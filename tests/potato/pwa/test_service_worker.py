import json
import re

import pytest

from accounts.models import Role
from potato.pwa.service_worker import KEEP
from tests.factories import make_shop, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture(autouse=True)
def whole_site(small_site, settings) -> None:
    settings.ROOT_URLCONF = "potato.urls"


class TestWorker:
    def test_is_a_script_for_the_whole_site_that_browsers_ask_for_each_time(self, client):
        response = client.get("/sw.js")

        assert response.status_code == 200
        assert response["Content-Type"].startswith("text/javascript")
        assert response["Cache-Control"] == "no-cache"
        about = json.loads(re.search(r"const POTATO = (.*);\n", response.content.decode())[1])
        assert about["offline"] == {"en": "/offline/", "my": "/my/offline/"}
        assert about["signOut"] == ["/accounts/logout/", "/my/accounts/logout/"]
        assert about["keep"] == KEEP

    def test_is_sent_again_only_when_it_has_changed(self, client):
        tag = client.get("/sw.js")["ETag"]

        assert client.get("/sw.js", headers={"If-None-Match": tag}).status_code == 304

    def test_asks_no_database(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            for path in ("/sw.js", "/manifest.webmanifest", "/robots.txt", "/offline/"):
                assert client.get(path).status_code == 200


class TestManifest:
    @pytest.mark.parametrize(("start", "language"), [("/", "en"), ("/my/", "my")])
    def test_starts_the_app_in_the_readers_language(self, client, start, language):
        about = client.get(f"{start}manifest.webmanifest").json()

        assert (about["lang"], about["start_url"], about["id"]) == (language, start, "/")
        assert {icon["sizes"] for icon in about["icons"]} == {"192x192", "512x512"}
        assert "maskable" in {icon["purpose"] for icon in about["icons"]}


class TestRobots:
    def test_are_kept_from_private_pages_and_told_of_all_others(self, client):
        lines = client.get("/robots.txt").content.decode().splitlines()

        assert {"Disallow: /accounts/", "Disallow: /my/accounts/", "Disallow: /my/search/"} <= set(lines)
        assert "Sitemap: http://testserver/sitemap.xml" in lines
        assert "Disallow: /" not in lines


class TestPageThatADeviceMayKeep:
    def test_is_one_that_is_made_for_everybody(self, client):
        client.cookies["language"] = "en"

        assert client.get("/")[KEEP]
        assert client.get("/items/?type=wholesale")[KEEP]
        assert client.get("/my/items/")[KEEP]

    def test_is_none_of_somebody_who_is_signed_in(self, client):
        client.force_login(make_user(role=Role.CONTRIBUTOR))

        for path in ("/items/", "/prices/mine/", "/accounts/profile/"):
            response = client.get(path)
            assert response.status_code == 200 and KEEP not in response, path

    def test_is_none_with_a_form_of_its_own_or_an_answer_to_any_question(self, client):
        make_shop(shop_name="Zay Cho")

        for path in ("/accounts/login/", "/search/?q=rice", "/shops/?q=zay", "/items/?utm=1", "/nothing/"):
            assert KEEP not in client.get(path), path

    def test_is_no_page_that_does_without_a_database(self, client, monkeypatch):
        monkeypatch.setattr("potato.stores.degraded.stores", lambda: ["mongo"])

        assert KEEP not in client.get("/items/")
