import time
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from prices.rules.typed_numbers import BadNumber, fold_digits, parse_decimal

ZEROS = {"latin": "0", "burmese": "\u1040", "shan": "\u1090", "full-width": "\uff10", "khmer": "\u17e0"}


def refusal(text: str, **limits: int) -> str:
    with pytest.raises(BadNumber) as caught:
        parse_decimal(text, **limits)
    return caught.value.code


def written(number: int | str, *, zero: str) -> str:
    return str(number).translate({ord("0") + digit: ord(zero) + digit for digit in range(10)})


class TestFoldDigits:
    @pytest.mark.parametrize("zero", ZEROS.values(), ids=ZEROS)
    def test_reads_digits_of_every_script(self, zero):
        assert fold_digits(written(1234567890, zero=zero)) == "1234567890"

    def test_leaves_everything_else_as_it_was(self):
        assert fold_digits("ဆန် ၂ ပြည်, x² ½ Ⅷ") == "ဆန် 2 ပြည်, x² ½ Ⅷ"

    @settings(deadline=None)
    @given(st.text())
    def test_keeps_the_length_and_changes_only_decimal_digits(self, text):
        folded = fold_digits(text)

        assert len(folded) == len(text)
        assert all(a == b or unicodedata.category(a) == "Nd" for a, b in zip(text, folded, strict=True))


class TestParseDecimal:
    @pytest.mark.parametrize(
        ("text", "number"),
        [
            ("2400", "2400"),
            (" 2400 ", "2400"),
            ("2,400", "2400"),
            ("၂၄၀၀", "2400"),
            ("၂,၄၀၀", "2400"),
            ("၂၊၄၀၀", "2400"),
            ("႒႔႐႐", "2400"),
            ("２４００", "2400"),
            ("２，４００．５", "2400.5"),
            ("2 400", "2400"),
            ("2\u00a0400", "2400"),
            ("2\u2009400", "2400"),
            ("2\u202f400", "2400"),
            ("2\u3000400", "2400"),
            ("2'400", "2400"),
            ("2’400", "2400"),
            ("1,00,000", "100000"),
            ("12,34,567", "1234567"),
            ("1,234,567.89", "1234567.89"),
            ("2400.50", "2400.5"),
            ("2400.00", "2400"),
            ("0.5", "0.5"),
            (".5", "0.5"),
            ("၀.၇၅", "0.75"),
            ("007", "7"),
            ("+5", "5"),
            ("K 2,400", "2400"),
            ("K2400", "2400"),
            ("k2400", "2400"),
            ("2400K", "2400"),
            ("2,400 K", "2400"),
            ("Ks. 2400", "2400"),
            ("500 Ks", "500"),
            ("MMK 2400", "2400"),
            ("2400mmk", "2400"),
            ("2400 kyat", "2400"),
            ("၂၄၀၀ ကျပ်", "2400"),
            ("၂,၄၀၀ကျပ်", "2400"),
            ("ကျပ် ၂၄၀၀", "2400"),
            ("\u200b၂၄၀၀\u200b", "2400"),
            ("9999999999.99", "9999999999.99"),
        ],
    )
    def test_understands(self, text, number):
        assert str(parse_decimal(text)) == number

    def test_reads_the_letter_wa_as_the_zero_that_it_looks_like_among_burmese_digits(self):
        assert parse_decimal("၂၄ဝဝ") == 2400

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("", "empty"),
            ("   ", "empty"),
            ("\u3000\t\n", "empty"),
            ("\u200b", "empty"),
            ("abc", "letters"),
            ("NaN", "letters"),
            ("nan", "letters"),
            ("sNaN", "letters"),
            ("inf", "letters"),
            ("-Infinity", "letters"),
            ("1e309", "letters"),
            ("1E5", "letters"),
            ("၁e၅", "letters"),
            ("0x10", "letters"),
            ("1_000", "letters"),
            ("2400 kg", "letters"),
            ("K", "letters"),
            ("ကျပ်", "letters"),
            ("ဝ", "letters"),
            ("2ဝ", "letters"),
            ("x²", "letters"),
            ("5²", "letters"),
            ("½", "letters"),
            ("2٫5", "letters"),
            ("\x00", "letters"),
            ("24\x0000", "letters"),
            ("2400; DROP TABLE", "letters"),
            ("<b>1</b>", "letters"),
            ("1/2", "letters"),
            ("5%", "letters"),
            ("Ks.50", "letters"),
            ("-5", "not_positive"),
            ("−၅", "not_positive"),
            ("－5", "not_positive"),
            ("- 2,400", "not_positive"),
            ("K -5", "not_positive"),
            ("0", "not_positive"),
            ("၀", "not_positive"),
            ("0.00", "not_positive"),
            ("0.000", "not_positive"),
            ("-0", "not_positive"),
            ("10000000000", "too_large"),
            ("9" * 60, "too_large"),
            ("9" * 400, "too_large"),
            ("2.405", "too_precise"),
            ("2.400", "too_precise"),
            ("0.001", "too_precise"),
            ("-", "unclear"),
            ("+", "unclear"),
            (".", "unclear"),
            (",", "unclear"),
            ("--5", "letters"),
            ("5-", "letters"),
            ("1.2.3", "unclear"),
            ("1.234.567", "unclear"),
            ("1..5", "unclear"),
            ("5.", "unclear"),
            ("1,2", "unclear"),
            ("2,40", "unclear"),
            ("၂,၄၀", "unclear"),
            ("2,4000", "unclear"),
            ("12,3456", "unclear"),
            ("0,400", "unclear"),
            (",400", "unclear"),
            ("400,", "unclear"),
            ("2,,400", "unclear"),
            ("2  400", "unclear"),
            ("2 4 0 0", "unclear"),
            ("12 34", "unclear"),
            ("1,000 000", "unclear"),
            ("1.234,56", "unclear"),
            ("1,234.567,8", "unclear"),
            ("15K", "unclear"),
            ("15k", "unclear"),
            ("2.4K", "unclear"),
        ],
    )
    def test_refuses(self, text, code):
        assert refusal(text) == code

    def test_counts_digits_as_a_column_of_the_database_does(self):
        assert parse_decimal("99.999", max_digits=5, decimals=3) == Decimal("99.999")
        assert refusal("100", max_digits=5, decimals=3) == "too_large"

    def test_wants_whole_numbers_when_there_are_no_decimals(self):
        assert parse_decimal("12", decimals=0) == 12
        assert refusal("1.5", decimals=0) == "too_precise"

    @pytest.mark.parametrize("filling", ["9", "၉", "a", ",", " ", "\x00", "1,000", "K "])
    def test_refuses_a_megabyte_at_once(self, filling):
        text = filling * (1_000_000 // len(filling))
        started = time.perf_counter()

        code = refusal(text)

        assert code == "too_large"
        assert time.perf_counter() - started < 0.05

    def test_says_why_in_plain_words_and_differently_for_zero_and_below(self):
        messages = {}
        for text in ("", "abc", "-5", "0", "9" * 20, "1.234", "1,2", "15K"):
            with pytest.raises(BadNumber) as caught:
                parse_decimal(text)
            messages[text] = str(caught.value)

        assert all(messages.values())
        assert len(set(messages.values())) == len(messages)
        assert "၂၄၀၀" in messages[""]

    @settings(deadline=None)
    @given(
        number=st.integers(1, 9_999_999_999),
        zero=st.sampled_from(list(ZEROS.values())),
        separator=st.sampled_from(["", ",", "၊", "，", " ", "\u00a0", "\u2009", "\u3000", "'", "’"]),
        currency=st.sampled_from(["{}", "K {}", "Ks{}", "MMK {}", "{} MMK", "{} ကျပ်", " {} "]),
    )
    def test_reads_back_every_number_written_with_groups_of_three(self, number, zero, separator, currency):
        text = currency.format(written(f"{number:,}", zero=zero).replace(",", separator))

        assert parse_decimal(text) == number

    @settings(deadline=None)
    @given(st.decimals(min_value="0.01", max_value="9999999999.99", places=2))
    def test_gives_the_same_decimal_for_the_same_number(self, number):
        short = str(number).rstrip("0").rstrip(".") if "." in str(number) else str(number)

        assert str(parse_decimal(str(number))) == str(parse_decimal(short)) == short

    @settings(deadline=None, max_examples=300)
    @given(st.text() | st.text(alphabet="0123456789၀၁၂၉ဝ.,၊' -+eEKkMs\x00_") | st.text(alphabet="059., "))
    def test_answers_every_text_with_a_number_in_range_or_a_refusal(self, text):
        try:
            number = parse_decimal(text)
        except BadNumber as bad:
            assert bad.code in {"empty", "letters", "not_positive", "too_large", "too_precise", "unclear"}
        else:
            assert 0 < number < 10**10
            assert number == number.quantize(Decimal("0.01"))
