"""What a reader prefers: the page that asks, and what pages make of it."""

import re

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog.models import UnitFactor
from prices.names import cache as names
from prices.publishing import relay
from tests.accounts.conftest import make_member, sign_in
from tests.factories import make_unit, make_user
from tests.potato.web.page_cache.conftest import Answer
from tests.prices.reading import (
    HTMX,
    MONGO_READS,
    main_of,
    reads_without_postgresql,
    text_of,
    ticket_of,
)
from tests.prices.stalls import VISITED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

PREFS = settings.PREFERENCES_COOKIE_NAME


def reader(prefers: str) -> Client:
    client = Client()
    client.cookies[PREFS] = prefers
    return client


class TestPreferencesPage:
    def test_keeps_what_was_chosen_and_goes_back(self, client, stalls):
        page = client.get("/preferences/", headers={"referer": "http://testserver/items/rice/?region=yangon"})
        back = re.search(r'name="next" value="([^"]+)"', page.content.decode())

        answer = client.post(
            "/preferences/", {"unit": "viss", "numerals": "latin", "region": "yangon", "next": back[1]}
        )

        assert (answer.status_code, answer["Location"]) == (
            303,
            "http://testserver/items/rice/?region=yangon",
        )
        assert answer.cookies[PREFS].value == "viss.latin.yangon"
        assert "Saved." in text_of(client.get("/items/rice/"))

    def test_shows_what_was_chosen_before(self, stalls):
        body = reader("viss.myanmar.yangon").get("/preferences/").content.decode()

        assert len(re.findall(r"<input[^>]*checked", body)) == 2
        for value in ("viss", "myanmar"):
            assert re.search(rf'<input[^>]*value="{value}"[^>]*checked', body)
        assert re.search(r'<option value="yangon" selected', body)

    def test_forgets_when_nothing_is_chosen(self, stalls):
        answer = reader("viss..").post("/preferences/", {"unit": "", "numerals": "", "region": ""})

        assert (answer["Location"], answer.cookies[PREFS]["max-age"]) == ("/", 0)

    def test_says_at_the_field_what_nobody_can_prefer_and_keeps_the_rest(self, client, stalls):
        answer = client.post("/preferences/", {"unit": "furlong", "numerals": "latin", "region": "atlantis"})

        assert answer.status_code == 422
        assert PREFS not in answer.cookies
        assert len(re.findall('class="err"', answer.content.decode())) == 2
        assert re.search(r'value="latin"[^>]*checked', answer.content.decode())

    @pytest.mark.parametrize("field", ["unit", "numerals", "region"])
    def test_gives_no_megabyte_back(self, client, field):
        answer = client.post("/preferences/", {field: "x" * 1_000_000})

        assert answer.status_code == 422
        assert "Choose one from the list." in answer.content.decode()
        assert len(answer.content) < 100_000

    def test_leads_to_no_other_site(self, client, stalls):
        elsewhere = ("http://evil.example/", "//evil.example/", "javascript:alert(1)", "http://[::1")
        for target in (*elsewhere, "preferences", "", "/my/preferences/"):
            asked = client.get("/preferences/", headers={"referer": target})
            answer = client.post("/preferences/", {"unit": "kg", "next": target})

            assert 'name="next" value="/"' in asked.content.decode(), target
            assert answer["Location"] == "/", target

    def test_fills_in_the_unit_that_a_page_hands_over(self, client, stalls):
        assert re.search(r'value="viss"[^>]*checked', client.get("/preferences/?unit=viss").content.decode())
        assert client.get("/preferences/?unit=furlong").status_code == 200

    def test_asks_no_postgresql(self, client, stalls):
        client.get("/preferences/")

        with CaptureQueriesContext(connection) as queries:
            client.get("/my/preferences/")
            client.post("/my/preferences/", {"unit": "viss"})

        assert [query["sql"] for query in queries] == []

    def test_is_one_link_away_from_every_page(self, client, stalls):
        for path in ("/", "/items/rice/", "/accounts/login/", "/nothing/"):
            assert 'href="/preferences/"' in client.get(path).content.decode(), path
        client.force_login(make_user())
        assert 'href="/preferences/"' in main_of(client.get("/accounts/profile/"))


class TestUnit:
    def test_is_what_an_item_is_shown_in_unasked(self, stalls):
        viss = reader("viss..")

        assert (
            ticket_of(viss.get("/items/rice/")) == "Typical in Myanmar, retail K 3,076 a viss = K 1,884 a kg"
        )
        assert ticket_of(viss.get("/items/rice/?unit=kg")).startswith(
            "Typical in Myanmar, retail K 1,884 a kg"
        )

    def test_that_was_asked_for_goes_on_to_further_pages(self, stalls):
        body = main_of(reader("viss..").get("/items/rice/?unit=kg"))

        assert 'href="/items/rice/?region=yangon&amp;unit=kg"' in body
        assert 'href="/items/rice/?region=yangon"' in main_of(reader("viss..").get("/items/rice/"))

    def test_is_what_lists_are_in(self, stalls):
        viss = reader("viss..")

        for path, expected in (
            ("/", "K 3,076 a viss · K 1,884 a kg"),
            ("/items/", "Rice a viss · 4 shops"),
            ("/regions/yangon/", "K 3,005"),
            ("/regions/yangon/insein/", "3,005"),
            (f"/shops/{stalls.zamyin.pk}/", "3,147 +4.7 %"),
        ):
            assert expected in text_of(viss.get(path)), path

    def test_may_be_a_unit_of_some_items_alone(self, client, stalls):
        pyi = make_unit(code="pyi", name_en="pyi", kind="volume", base="l")
        stalls.rice.usual_units.add(pyi)
        UnitFactor.objects.create(unit=pyi, item=stalls.rice, to_base=2, base="kg", source="a test")
        relay.run_once()
        names.refresh()

        assert 'href="/preferences/?unit=pyi"' in main_of(client.get("/items/rice/?unit=pyi"))
        assert ticket_of(reader("pyi..").get("/items/rice/")).startswith(
            "Typical in Myanmar, retail K 3,767 a pyi"
        )
        assert "K 1,884 a kg" in text_of(reader("pyi..").get("/"))

    def test_can_be_remembered_where_another_one_was_chosen(self, client, stalls):
        assert 'href="/preferences/?unit=viss"' in main_of(client.get("/items/rice/?unit=viss"))
        for asked, prefers in (("", ""), ("?unit=viss", "viss.."), ("", "viss..")):
            assert "/preferences/?unit" not in main_of(reader(prefers).get(f"/items/rice/{asked}"))

    def test_changes_no_file(self, stalls):
        viss, anybody = reader("viss.myanmar."), Client()

        for name in ("csv", "json"):
            path = f"/items/rice/history.{name}"
            assert viss.get(path).content == anybody.get(path).content
        assert 'href="/items/rice/history.csv?unit=viss"' in viss.get("/items/rice/").content.decode()


class TestNumerals:
    def test_are_burmese_in_english_where_preferred(self, stalls):
        client = reader(".myanmar.")

        for path in ("/items/rice/?region=yangon&period=all", "/", "/regions/yangon/"):
            response = client.get(path)
            assert "၁,၈" in text_of(response), path
            assert not re.search(r"[0-9],[0-9]{3}|[0-9]+ (days|prices|shops)|[0-9] %", text_of(response)), (
                path
            )
        drawn = re.findall(
            r"<text[^>]*>([^<]*)</text>", client.get("/items/rice/?region=yangon").content.decode()
        )
        assert drawn and not re.search("[0-9]", "".join(drawn))

    def test_are_latin_in_burmese_where_preferred(self, stalls):
        client = reader(".latin.")

        for path in ("/my/items/rice/?region=yangon&period=all", "/my/", "/my/regions/yangon/"):
            body = main_of(client.get(path)).split("</main>")[0]
            assert "1,8" in body, path
            assert not re.search("[၀-၉]", body), path

    def test_hold_in_what_htmx_asks_for(self, stalls):
        part = reader(".myanmar.").get("/items/rice/?region=yangon", headers=HTMX)

        assert "<html" not in part.content.decode()
        assert "၁,၈၄၀" in part.content.decode()
        assert "Cookie" in part["Vary"]


class TestHomeRegion:
    def test_is_offered_by_name(self, client, stalls):
        home = reader("..mandalay")

        assert 'href="/regions/mandalay/">Mandalay today</a>' in main_of(home.get("/"))
        assert 'href="/items/rice/?region=mandalay">Prices in Mandalay</a>' in main_of(
            home.get("/items/rice/")
        )
        assert "Prices in Mandalay" not in text_of(home.get("/items/rice/?region=yangon"))
        for path in ("/", "/items/rice/"):
            assert "Mandalay today" not in text_of(client.get(path))
            assert "Prices in" not in text_of(client.get(path))

    def test_comes_first_among_the_others(self, stalls):
        page = main_of(reader("..yangon").get("/items/rice/"))
        regions = re.search(r'<select id="f-region".*?</select>', page, flags=re.DOTALL)[0]
        options = re.findall(r'<option value="(\w*)"', regions)

        assert options[:3] == ["", "yangon", "mandalay"]

    def test_that_is_none_counts_as_no_preference(self, stalls):
        assert reader("..atlantis").get("/").content == Client().get("/").content

    def test_of_a_member_is_remembered_when_he_signs_in(self, client, stalls):
        member = make_member(home_region=stalls.yangon)
        client.cookies[PREFS] = "viss.."

        assert sign_in(client, member).cookies[PREFS].value == "viss..yangon"

    def test_that_was_chosen_here_stays_when_somebody_signs_in(self, client, stalls):
        client.cookies[PREFS] = "..mandalay"

        assert PREFS not in sign_in(client, make_member(home_region=stalls.yangon)).cookies

    def test_follows_the_profile(self, client, stalls):
        client.force_login(make_member())
        profile = {"display_name": "Ko Aung", "full_name": "", "language": "en"}

        answer = client.post("/accounts/profile/", {**profile, "home_region": stalls.yangon.pk})
        again = client.post("/accounts/profile/", {**profile, "home_region": stalls.yangon.pk})

        assert answer.cookies[PREFS].value == "..yangon"
        assert PREFS not in again.cookies


class TestPages:
    def test_ask_no_more_than_without_preferences(self, stalls):
        client = reader("viss.myanmar.yangon")
        for path in VISITED:
            assert 1 <= reads_without_postgresql(client, path) <= MONGO_READS, path

    def test_are_kept_for_each_way_of_reading(self, app, stalls):
        def ask(prefers: str) -> str:
            return Answer(app, path="/items/rice/", cookie=f"{PREFS}={prefers}").body.decode()

        anybody = Answer(app, path="/items/rice/").body.decode()
        viss = ask("viss..")

        assert "K</span>3,076" in viss and "K</span>1,884" in anybody
        assert ask("nonsense") == ask("..atlantis") == anybody
        assert ask("viss.roman.") == viss
        assert [key[-1] for key in app.store.pages] == ["", "viss.."]

    def test_are_kept_though_the_reader_has_a_forms_token(self, app, stalls):
        cookie = f"{PREFS}=viss..; {settings.CSRF_COOKIE_NAME}={'a' * 32}"

        first = Answer(app, path="/items/rice/", cookie=cookie)

        assert "ETag" in first.headers and "Set-Cookie" not in first.headers
        assert (
            Answer(app, path="/items/rice/", cookie=f"{PREFS}=viss..").headers["ETag"]
            == first.headers["ETag"]
        )
