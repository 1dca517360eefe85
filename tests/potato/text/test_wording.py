from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from potato.preferences import Preferences
from potato.text.wording import Wording

NOW = datetime(2025, 12, 16, 8, 30, tzinfo=UTC)
ENGLISH, BURMESE = Wording("en", NOW), Wording("my", NOW)
LATIN, MYANMAR = Preferences(numerals="latin"), Preferences(numerals="myanmar")


@pytest.fixture(autouse=True)
def in_english():
    """Whatever language the test before left behind."""
    with translation.override("en"):
        yield


class TestKyat:
    @pytest.mark.parametrize(
        ("pya", "expected"),
        [
            (184_000, "1,840"),
            (184_049, "1,840"),
            (184_051, "1,841"),
            (950, "9.5"),
            (900, "9"),
            (999, "10"),
            (1, "0"),
            (123_456_789_00, "123,456,789"),
            (None, "–"),
        ],
    )
    def test_is_whole_and_below_ten_has_one_decimal(self, pya, expected):
        assert ENGLISH.kyat(pya) == expected

    def test_is_of_the_unit_asked_for(self):
        assert ENGLISH.kyat(184_000, to_base=Decimal("1.63293")) == "3,005"

    def test_has_burmese_numerals_on_burmese_pages(self):
        assert BURMESE.kyat(184_000) == "၁,၈၄၀"

    def test_is_money_with_its_currency_before_or_behind(self):
        assert ENGLISH.money(184_000, "a kg") == "K\u00a01,840 a kg"
        assert BURMESE.money(184_000, "/ ကီလို") == "၁,၈၄၀ ကျပ် / ကီလို"


class TestChange:
    @pytest.mark.parametrize(
        ("percent", "direction", "text"),
        [
            (4.9, "up", "+4.9 %"),
            (-15.84, "down", "−15.8 %"),
            (0.04, "flat", "no change"),
            (-0.04, "flat", "no change"),
            (None, "flat", "too few"),
            (1234.5, "up", "+1,234.5 %"),
        ],
    )
    def test_says_its_sign(self, percent, direction, text):
        found = ENGLISH.change(percent)

        assert (found.direction, found.text) == (direction, text)

    def test_of_two_places_is_no_change_over_time(self):
        assert [ENGLISH.difference(percent).text for percent in (4.9, 0.04)] == ["+4.9 %", "the same"]

    def test_has_burmese_numerals_on_burmese_pages(self):
        assert BURMESE.change(-15.8).text == "−၁၅.၈ %"


class TestAge:
    @pytest.mark.parametrize(
        ("ago", "expected"),
        [
            (timedelta(seconds=20), "just now"),
            (timedelta(minutes=5), "5 min"),
            (timedelta(hours=3), "3 h"),
            (timedelta(hours=16), "1 day"),
            (timedelta(days=35), "35 days"),
            (timedelta(days=36), "10 Nov 2025"),
            (timedelta(days=-2), "18 Dec 2025"),
        ],
    )
    def test_is_a_span_and_then_a_date(self, ago, expected):
        assert ENGLISH.age(NOW - ago) == expected

    def test_of_a_price_known_by_its_day_only_claims_no_hour(self):
        midnight_in_yangon = datetime(2025, 12, 15, 17, 30, tzinfo=UTC)

        assert ENGLISH.age(midnight_in_yangon) == "today"

    def test_takes_milliseconds(self):
        assert ENGLISH.age(round((NOW - timedelta(hours=3)).timestamp() * 1000)) == "3 h"

    def test_says_ago_of_spans_only(self):
        assert ENGLISH.ago(NOW - timedelta(hours=3)) == "3 h ago"
        assert ENGLISH.ago(NOW - timedelta(days=300)) == "19 Feb 2025"


class TestDays:
    def test_are_year_month_day_in_burmese(self):
        day = date(2024, 6, 15)

        assert (ENGLISH.day(day), BURMESE.day(day)) == ("15 Jun 2024", "၂၀၂၄ ဇွန် ၁၅")
        assert (ENGLISH.month(day), BURMESE.month(day)) == ("Jun 2024", "၂၀၂၄ ဇွန်")
        assert ENGLISH.long_day(day) == "Saturday 15 June 2024"


class TestDecimal:
    @pytest.mark.parametrize(
        ("typed", "expected"),
        [("2400", "2,400"), ("2400.50", "2,400.5"), ("0.250", "0.25"), ("1E+3", "1,000")],
    )
    def test_is_written_as_people_write(self, typed, expected):
        assert ENGLISH.decimal(typed) == expected


class TestNumerals:
    """As the reader prefers them; the language stays the page's."""

    @pytest.mark.parametrize(
        ("write", "english", "burmese"),
        [
            (lambda words: words.number(-1840), "−၁,၈၄၀", "−1,840"),
            (lambda words: words.kyat(950), "၉.၅", "9.5"),
            (lambda words: words.money(184_000, "/ kg"), "K\u00a0၁,၈၄၀ / kg", "1,840 ကျပ် / kg"),
            (lambda words: words.decimal("2400.50"), "၂,၄၀၀.၅", "2,400.5"),
            (lambda words: words.change(-15.8).text, "−၁၅.၈ %", "−15.8 %"),
            (lambda words: words.percent(15.8), "၁၅.၈ %", "15.8 %"),
            (lambda words: words.day(date(2024, 6, 15)), "၁၅ Jun ၂၀၂၄", "2024 ဇွန် 15"),
            (lambda words: words.day(date(2024, 6, 15), year=False), "၁၅ Jun", "ဇွန် 15"),
            (lambda words: words.month(date(2024, 6, 15)), "Jun ၂၀၂၄", "2024 ဇွန်"),
            (lambda words: words.long_day(date(2024, 6, 15)), "Saturday ၁၅ June ၂၀၂၄", "2024 ဇွန် 15"),
            (lambda words: words.time(NOW), "၁၅:၀၀", "15:00"),
            (lambda words: words.age(NOW - timedelta(hours=3)), "၃ h", "3 h"),
            (lambda words: words.digits("35 ရက်, ၃၅ days"), "၃၅ ရက်, ၃၅ days", "35 ရက်, 35 days"),
        ],
    )
    def test_are_those_preferred_in_either_language(self, write, english, burmese):
        assert write(Wording("en", NOW, MYANMAR)) == english
        assert write(Wording("my", NOW, LATIN)) == burmese
        assert write(Wording("en", NOW, LATIN)) == write(ENGLISH)
        assert write(Wording("my", NOW, MYANMAR)) == write(BURMESE)
