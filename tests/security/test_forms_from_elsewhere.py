"""Forms without a valid token: what one of our own pages sent is given back, a strange site's is not."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from catalog.models import Category
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

        assert "Follow this shop" in text_of(told)
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


class TestAFormOfTheAdmin:
    @pytest.fixture
    def tin(self):
        return make_user(is_superuser=True, display_name="U Tin")

    @pytest.fixture
    def staff(self, tin):
        client = old_pages.browser()
        old_pages.sign_in(client, tin)
        return client

    @pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR])
    def test_is_kept_when_its_author_is_not_signed_in_any_more(self, staff, tin, role):
        address = reverse("admin:catalog_category_add")
        old_pages.sign_out(staff)
        if role:
            old_pages.sign_in(staff, make_user(role=role, display_name="Ko Aung"))
        fields = {"slug": "roots", "name_en": "Roots", "name_my": "အမြစ်", "position": "3"}
        fields["password"] = "mangosteen"
        token = old_pages.token_of(staff.get(reverse("preferences")))

        told = staff.post(address, fields | {"csrfmiddlewaretoken": token}, headers=OURS)

        seen = " ".join(text_of(told).split())
        assert told.status_code == 403
        assert "Roots" in seen and "mangosteen" not in told.content.decode()
        assert ("Ko Aung" in seen) == bool(role)
        assert "sign in with a staff account" in seen
        if role:
            old_pages.sign_out(staff)
        old_pages.sign_in(staff, tin)
        again = send_again(staff, told)
        assert "It will be sent from this account" in text_of(again)
        assert send_again(staff, again).status_code == 302
        assert Category.objects.filter(slug="roots").exists()

    def test_asks_for_signing_in_where_nothing_was_sent(self):
        assert old_pages.browser().get("/admin/catalog/category/add/").status_code == 302

    def test_keeps_every_price_that_a_moderator_picked(self, staff):
        picked = [f"{uuid7()}:quarantined" for _ in range(50)]
        fields = {"act_id": str(uuid7()), "entry": picked, "action": "removed", "reason": "made up"}

        told = post(staff, reverse("admin:prices_to_check"), fields)

        seen = text_of(told)
        assert "50 prices" in seen and "Remove" in seen and "made up" in seen
        assert [value for name, value in kept_in(told) if name == "entry"] == picked
        assert send_again(staff, told).status_code == 302

    def test_names_the_row_that_it_deletes(self, staff):
        roots = Category.objects.create(slug="roots", name_en="Roots", name_my="အမြစ်")

        told = post(staff, reverse("admin:catalog_category_delete", args=[roots.pk]), {"post": "yes"})

        assert "<b>Roots</b>" in told.content.decode()
        assert send_again(staff, told).status_code == 302
        assert not Category.objects.filter(pk=roots.pk).exists()

    def test_names_no_row_to_somebody_who_is_not_staff_any_more(self, staff, tin):
        roots = Category.objects.create(slug="roots", name_en="Roots", name_my="အမြစ်")
        address = reverse("admin:catalog_category_delete", args=[roots.pk])
        old_pages.sign_out(staff)
        aung = make_user(role=Role.CONTRIBUTOR)
        aung.user_permissions.add(Permission.objects.get(codename="view_category"))
        old_pages.sign_in(staff, aung)

        told = post(staff, address, {"post": "yes"})

        assert told.status_code == 403
        assert "Roots" not in told.content.decode()

    def test_names_the_rows_that_are_ticked_in_a_list(self, staff):
        may, aung = make_user(display_name="Daw May"), make_user(display_name="Ko Aung")
        fields = {"action": "ban", "_selected_action": [str(may.pk), str(aung.pk)]}

        told = post(staff, reverse("admin:accounts_user_changelist"), fields)

        for user in (may, aung):
            assert f"<b>{user}</b>" in told.content.decode()

    @pytest.mark.parametrize(
        ("address", "fields"),
        [
            ("/admin/catalog/category/4000000/delete/", {"post": "yes"}),
            ("/admin/catalog/category/roots/delete/", {"post": "yes"}),
            ("/admin/catalog/category/", {"action": "delete_selected", "_selected_action": ["x", "\x00"]}),
            ("/admin/catalog/category/", {"action": "delete_selected", "select_across": "1"}),
            ("/admin/prices/ledgerrow/", {"action": "x", "_selected_action": ["x", "\x00"]}),
        ],
    )
    def test_on_rows_that_cannot_be_named_names_nothing(self, staff, address, fields):
        told = post(staff, address, fields)

        assert told.status_code == 403
        assert "What it is about" not in text_of(told)

    @pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR])
    def test_names_no_row_to_who_may_not_see_it(self, staff, role):
        may = make_user(display_name="Daw May", email="may@example.com")
        old_pages.sign_out(staff)
        if role:
            old_pages.sign_in(staff, make_user(role=role))

        told = post(staff, reverse("admin:accounts_user_delete", args=[may.pk]), {"post": "yes"})

        assert told.status_code == 403
        assert "May" not in text_of(told) and "may@" not in text_of(told)

    def test_names_the_fields_of_its_rows(self, staff):
        told = post(
            staff,
            reverse("admin:catalog_category_add"),
            {"slug": "roots", "name_en": "Roots", "_save": "Save"},
        )

        seen = " ".join(text_of(told).split())
        assert "Roots" in seen and "roots" in seen
        assert "_save" not in seen
        assert "U Tin" in seen

    def test_is_not_lost_when_nobody_is_signed_in(self, staff):
        user = make_user(is_superuser=True)
        old_pages.sign_out(staff)
        told = post(staff, reverse("admin:catalog_category_add"), {"slug": "roots", "name_en": "Roots"})

        assert "sign in with a staff account" in text_of(told)
        old_pages.sign_in(staff, user)
        again = post(staff, reverse("admin:catalog_category_add"), dict(kept_in(told)))
        assert send_again(staff, again).status_code == 200

    def test_never_gives_a_password_back(self, staff):
        user = make_user(banned_at=timezone.now())
        address = reverse("admin:auth_user_password_change", args=[user.pk])

        told = post(
            staff, address, {"password1": "mangosteen", "password2": "mangosteen", "usable_password": "true"}
        )

        assert "mangosteen" not in told.content.decode()
        assert f'href="{address}"' in told.content.decode()
