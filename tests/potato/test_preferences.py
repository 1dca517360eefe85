from collections.abc import Iterator

import pytest
from django.conf import settings
from django.http import HttpResponse

from potato import preferences
from potato.preferences import NONE, Preferences

ALL = Preferences(unit="viss", numerals="latin", region="yangon")


@pytest.fixture(autouse=True)
def yangon_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(preferences, "_is_region", lambda slug: slug == "yangon")
    yield


class TestParse:
    @pytest.mark.parametrize(
        ("cookie", "expected"),
        [
            ("viss.latin.yangon", ALL),
            ("kg..", Preferences(unit="kg")),
            (".myanmar.", Preferences(numerals="myanmar")),
            ("..yangon", Preferences(region="yangon")),
            ("..", NONE),
        ],
    )
    def test_reads_what_was_kept(self, cookie, expected):
        assert preferences.parse(cookie) == expected

    @pytest.mark.parametrize(
        "cookie",
        ["", "viss", "viss.latin", "viss.latin.yangon.", "ton.roman.atlantis", "VISS..", " kg..", "\x00.\ud800.",
         "." * 9999, "viss.latin." + "y" * 50],
    )  # fmt: skip
    def test_takes_what_is_unknown_for_no_preference(self, cookie):
        assert preferences.parse(cookie) == NONE

    def test_keeps_the_parts_that_are_known(self):
        assert preferences.parse("viss.roman.atlantis") == Preferences(unit="viss")

    def test_is_undone_by_str(self):
        for one in (ALL, Preferences(unit="kg"), NONE):
            assert preferences.parse(str(one)) == one
        assert str(NONE) == ""


class TestRead:
    def test_finds_the_cookie_among_others(self):
        cookies = f"a=b; {settings.PREFERENCES_COOKIE_NAME}=viss.latin.yangon; x{settings.PREFERENCES_COOKIE_NAME}=kg.."

        assert preferences.read({"HTTP_COOKIE": cookies}) == ALL

    def test_says_the_same_during_a_whole_request(self, monkeypatch):
        # Names of regions may be read meanwhile: a page kept without the region must not be made with it.
        environ = {"HTTP_COOKIE": f"{settings.PREFERENCES_COOKIE_NAME}=..mandalay"}
        first = preferences.read(environ)

        monkeypatch.setattr(preferences, "_is_region", lambda slug: True)

        assert preferences.read(environ) == preferences.read({**environ}) == first == NONE


class TestKeep:
    def test_lasts_a_year_and_stays_on_this_site(self):
        response = HttpResponse()

        preferences.keep(response, ALL)

        cookie = response.cookies[settings.PREFERENCES_COOKIE_NAME]
        assert cookie.value == "viss.latin.yangon"
        assert (cookie["max-age"], cookie["samesite"], cookie["path"]) == (365 * 86_400, "Lax", "/")

    def test_forgets_where_there_is_nothing_to_keep(self):
        response = HttpResponse()

        preferences.keep(response, NONE)

        assert response.cookies[settings.PREFERENCES_COOKIE_NAME]["max-age"] == 0


class TestPage:
    def test_is_made_for_its_reader_and_nobody_after(self):
        with preferences.page(ALL):
            assert preferences.current() == ALL

        assert preferences.current() == NONE
