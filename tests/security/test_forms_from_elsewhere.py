"""Forms without a valid token: what one of our own pages sent is given back, a strange site's is not."""

import pytest
from django.urls import reverse

from accounts.models import Role
from potato import preferences
from prices.coordination.ids import uuid7
from shops.models import Favourite
from tests import old_pages
from tests.factories import make_region, make_shop, make_user
from tests.old_pages import OURS, kept_in, post, send_again, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

ELSEWHERE = {
    "another site": {"sec-fetch-site": "cross-site", "origin": "https://evil.example"},
    "another site, by its word on the browser alone": {"sec-fetch-site": "cross-site"},
    "a sister site": {"sec-fetch-site": "same-site", "origin": "http://evil.testserver"},
    "an address that somebody typed": {"sec-fetch-site": "none"},
    "a page that hides where it is": {"origin": "null"},
    "a page that hides where it is, in a new browser": {"origin": "null", "sec-fetch-site": "same-origin"},
    "another port": {"origin": "http://testserver:8000"},
    "another scheme": {"origin": "https://testserver"},
    "another host that begins alike": {"origin": "http://testserver.evil.example"},
    "two headers that contradict each other": {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
    "two headers that contradict each other, the other way": {
        "origin": "https://evil.example",
        "sec-fetch-site": "same-origin",
    },
    "a program, or a very old browser": {},
    "only a referer": {"referer": "http://testserver/prices/submit/"},
}


@pytest.fixture
def browser():
    client = old_pages.browser()
    old_pages.sign_in(client, make_user(role=Role.CONTRIBUTOR, display_name="Daw May"))
    return client


class TestAFormFromElsewhere:
    @pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
    def test_is_refused_and_nothing_of_it_is_given_back(self, browser, headers):
        told = post(browser, reverse("submit"), {"note": "buy at evil", "evil": "here"}, headers=headers)

        assert told.status_code == 403
        assert "evil" not in told.content.decode()
        assert "Daw May" not in text_of(told)
        assert old_pages.Fields(told.content.decode()).forms == []
        assert "no-store" in told["Cache-Control"]

    @pytest.mark.parametrize("headers", ELSEWHERE.values(), ids=ELSEWHERE)
    def test_sent_by_htmx_is_refused_in_place_of_the_page(self, browser, headers):
        told = post(browser, reverse("submit"), {"note": "evil"}, headers=headers | {"hx-request": "true"})

        assert told.status_code == 403
        assert "evil" not in told.content.decode()

    def test_begins_no_session(self):
        stranger = old_pages.browser()

        for headers in (*ELSEWHERE.values(), OURS):
            post(stranger, reverse("submit"), {"note": "x"}, headers=headers)

        assert "sessionid" not in stranger.cookies


class TestAFormOfOurOwn:
    @pytest.mark.parametrize(
        "headers",
        [
            {"sec-fetch-site": "same-origin"},
            {"origin": "http://testserver"},
            {"sec-fetch-site": "same-origin", "origin": "http://testserver"},
        ],
    )
    def test_is_given_back_with_a_fresh_token_and_kept_nowhere(self, browser, headers):
        told = post(browser, reverse("submit"), {"note": "mine"}, headers=headers)

        assert told.status_code == 403
        assert kept_in(told) == [("note", "mine")]
        assert old_pages.token_of(told) != old_pages.OLD_TOKEN
        assert "no-store" in told["Cache-Control"]
        assert {"Cookie", "HX-Request"} <= {name.strip() for name in told["Vary"].split(",")}
        assert "form-action 'self'" in told["Content-Security-Policy"]

    def test_behind_a_proxy_that_hides_the_host_is_given_back(self, browser, settings):
        settings.CSRF_TRUSTED_ORIGINS = ["https://potato.example"]
        headers = {"sec-fetch-site": "same-origin", "origin": "https://potato.example"}

        assert kept_in(post(browser, reverse("submit"), {"note": "mine"}, headers=headers)) == [
            ("note", "mine")
        ]

    def test_goes_to_the_same_address(self, browser):
        told = post(browser, f"{reverse('submit')}?item=1&x=%22%3E%3Cb%3E", {"note": "mine"})
        ((action, _fields),) = old_pages.Fields(told.content.decode()).forms

        assert action == "/prices/submit/?item=1&x=%22%3E%3Cb%3E"
        assert post(browser, "//evil.example/prices/submit/", {"note": "mine"}).status_code in (403, 404)

    def test_without_cookies_says_that_they_are_needed(self):
        told = post(old_pages.browser(), reverse("preferences"), {"unit": "kg"})

        assert "cookies" in text_of(told)
        assert kept_in(told) == [("unit", "kg")]

    def test_with_an_old_token_does_not_speak_of_cookies(self, browser):
        assert "cookies" not in text_of(post(browser, reverse("preferences"), {"unit": "kg"}))

    def test_with_files_says_that_they_must_be_chosen_again(self, browser):
        from django.core.files.uploadedfile import SimpleUploadedFile

        told = post(
            browser, reverse("submit"), {"note": "mine", "photo": SimpleUploadedFile("stall.jpg", b"jpg")}
        )

        assert "Files must be chosen again" in text_of(told)
        assert kept_in(told) == [("note", "mine")]

    def test_sent_by_htmx_takes_the_place_of_the_page(self, browser):
        told = post(browser, reverse("submit"), {"note": "mine"}, headers=OURS | {"hx-request": "true"})

        assert (told["HX-Retarget"], told["HX-Reswap"]) == ("body", "innerHTML")
        assert kept_in(told) == [("note", "mine")]

    def test_of_as_many_fields_as_are_taken_is_given_back_whole(self, browser):
        fields = {f"field{number}": str(number) for number in range(499)}

        told = post(browser, reverse("submit"), fields)

        assert dict(kept_in(told)) == fields
        assert send_again(browser, told).status_code == 422

    def test_of_too_many_fields_or_too_long_is_not_understood(self, browser):
        many = post(browser, reverse("submit"), {f"field{number}": "" for number in range(600)})
        long = post(browser, reverse("submit"), {"note": "a" * 3_000_000})

        for told in (many, long):
            assert told.status_code == 400
            assert "more in it than we take" in text_of(told)

    def test_of_which_nothing_was_read_is_not_given_back(self, browser):
        for body, kind in (
            (b'{"note": 1}', "application/json"),
            (b"", "multipart/form-data; boundary=x"),
            (b"note", "text/plain"),
        ):
            told = browser.generic("POST", reverse("submit"), body, content_type=kind, headers=OURS)

            assert told.status_code == 403
            assert old_pages.Fields(told.content.decode()).forms == []

    @pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
    def test_sent_in_another_way_is_not_given_back(self, browser, method):
        told = browser.generic(method, reverse("submit"), b"note=mine", headers=OURS)

        assert told.status_code == 403
        assert "mine" not in told.content.decode()


class TestAFormOfAnAccount:
    def test_never_gives_a_password_back(self):
        stranger = old_pages.browser()

        told = post(
            stranger, reverse("account_login"), {"login": "may@example.com", "password": "mangosteen"}
        )

        assert "mangosteen" not in told.content.decode()
        assert kept_in(told) == [("login", "may@example.com")]
        assert "Only the password must be typed again" in text_of(told)
        assert send_again(stranger, told).status_code == 422

    def test_to_sign_up_keeps_address_and_name(self):
        fields = {"email": "may@example.com", "display_name": "Daw May", "password1": "mangosteen"}

        told = post(old_pages.browser(), reverse("account_signup"), {**fields, "password2": "mangosteen"})

        assert "mangosteen" not in told.content.decode()
        assert dict(kept_in(told)) == {"email": "may@example.com", "display_name": "Daw May"}

    @pytest.mark.parametrize("name", ["account_login", "account_signup"])
    def test_to_sign_in_says_who_is_signed_in_already(self, browser, name):
        told = post(browser, reverse(name), {"login": "may@example.com", "password": "mangosteen"})

        assert "You are signed in already, as Daw May" in " ".join(text_of(told).split())
        assert kept_in(told) == []

    def test_to_sign_out_says_that_nobody_is_signed_in_any_more(self, browser):
        old_pages.sign_out(browser)

        assert "You are signed out already" in text_of(post(browser, reverse("account_logout"), {}))

    def test_to_sign_out_asks_once_more(self, browser):
        told = post(browser, reverse("account_logout"), {})

        assert "Sign out" in text_of(told)
        assert send_again(browser, told).status_code == 302
        assert "_auth_user_id" not in browser.session

    @pytest.mark.parametrize(
        "address",
        [
            "/accounts/email/",
            "/accounts/password/change/",
            "/accounts/reauthenticate/",
            "/accounts/password/reset/key/1-set-password/",
        ],
    )
    def test_that_changes_who_may_sign_in_is_opened_again_and_not_sent(self, browser, address):
        fields = {"email": "evil@example.com", "action_add": "", "password1": "mangosteen", "code": "123456"}

        told = post(browser, address, fields)

        assert kept_in(told) == []
        assert "evil@example.com" not in told.content.decode()
        assert "123456" not in told.content.decode()
        assert f'href="{address}"' in told.content.decode()

    def test_about_oneself_is_kept(self, browser):
        fields = {"display_name": "Ma May", "full_name": "", "home_region": "", "language": "my"}

        told = post(browser, reverse("profile"), fields)

        assert "Ma May" in text_of(told)
        assert send_again(browser, told).status_code == 302


class TestOtherForms:
    def test_to_follow_a_shop_say_what_they_do(self, browser):
        shop = make_shop()

        told = post(browser, reverse("favourite_shop", args=[shop.pk]), {"on": "1"})

        assert "Follow" in text_of(told)
        send_again(browser, told)
        assert Favourite.objects.filter(shop=shop).count() == 1

    def test_to_confirm_a_price_say_what_they_do(self, browser):
        told = post(browser, reverse("confirm", args=[uuid7()]), {})

        assert "Still this price" in text_of(told)

    def test_of_preferences_need_no_account(self):
        stranger, region = old_pages.browser(), make_region(name_en="Yangon", slug="yangon")
        stranger.get(reverse("preferences"))

        told = post(
            stranger,
            reverse("preferences"),
            {"unit": "viss", "numerals": "myanmar", "region": "", "next": "/"},
        )

        seen = text_of(told)
        assert "a viss" in seen and "၁ ၂ ၃" in seen
        assert "You are" not in seen
        answer = send_again(stranger, told)
        assert answer.status_code == 303
        assert region and preferences.read({"HTTP_COOKIE": answer.cookies.output(header="", attrs=[])})

    def test_with_a_list_say_how_long_it_is(self, browser):
        told = post(browser, reverse("my_basket"), {"i": ["rice:1:kg", "onions:2:viss"]})

        assert "2 items" in text_of(told)
        assert kept_in(told) == [("i", "rice:1:kg"), ("i", "onions:2:viss")]
