"""The rules of searching, tried on the names of the reference tables."""

import csv
import time
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prices.rules.name_index import MAX_LENGTH, Index, haystack, normal, words_of
from prices.types import Name

ROOT = Path(__file__).resolve().parents[3]


def name(en: str, my: str = "", *, id: int = 1, position: int = 0, aliases: Iterable[str] = ()) -> Name:
    return Name("item", id, en, my, en.lower(), {"position": position, "aliases": list(aliases)})


def table(path: str) -> list[Name]:
    with (ROOT / path).open(encoding="utf-8", newline="") as file:
        return [
            name(
                row["name_en"],
                row["name_my"],
                id=number,
                position=int(row.get("position") or 0),
                aliases=filter(None, (row.get("aliases") or "").split(";")),
            )
            for number, row in enumerate(csv.DictReader(file), start=1)
        ]


@cache
def real() -> dict[str, Index]:
    paths = {
        "item": "catalog/reference/items.csv",
        "category": "catalog/reference/categories.csv",
        "region": "shops/reference/regions.csv",
        "township": "shops/reference/townships.csv",
    }
    return {kind: Index(map(haystack, table(path))) for kind, path in paths.items()}


@cache
def many_shops() -> Index:
    """Five thousand shops in all townships: more than Potato has to find its way in for long."""
    townships = table("shops/reference/townships.csv")
    owners = ("Daw Mya", "U Ba", "Shwe", "Thiri", "Zay Cho", "YwarMa", "Ko Zaw", "Nilar", "Golden", "Sein")
    kinds = (("market", "ဈေး"), ("mini mart", "မီနီမတ်"), ("rice shop", "ဆန်ဆိုင်"))
    return Index(
        haystack(
            name(
                f"{owners[n % 10]} {place.name_en} {kinds[n % 3][0]} {n}",
                f"{place.name_my}{kinds[n % 3][1]} {n}",
                id=n,
            ),
            around=[place],
        )
        for n in range(5000)
        for place in [townships[n % len(townships)]]
    )


def found(question: str, index: Index, **options) -> list[str]:
    return [match.name.name_en for match in index.find(words_of(question), **{"limit": 10} | options)]


def near(question: str, index: Index) -> list[str]:
    return [match.name.name_en for match in index.near(words_of(question), limit=10)]


RICE = name("Rice (Paw San)", "ပေါ်ဆန်းမွှေး", id=1, aliases=("San",))
OIL = name("Oil (palm)", "စားအုန်းဆီ", id=2, aliases=("Cooking oil",))
MARKET = name("Insein market", "အင်းစိန်ဈေး", id=3)
WARD = name("Ward 88", "ရပ်ကွက် ၈၈", id=4)
FEW = Index(map(haystack, (RICE, OIL, MARKET, WARD)))


class TestFind:
    @pytest.mark.parametrize(
        ("question", "expected"),
        [
            ("RICE PAW", RICE),
            ("paw  rice", RICE),
            ("pawsan", RICE),
            ("အုန်းဆီ", OIL),
            ("cooking", OIL),
            ("၈၈", WARD),
            ("88", WARD),
            ("အင်းစိန်စျေး", MARKET),
            ("အင်းစိန်ဈေး", MARKET),
            ("အင်းစိန် ဈေး", MARKET),
            ("in\u200bsein", MARKET),
            ("arke", MARKET),
        ],
    )
    def test_takes_a_name_in_any_of_its_spellings(self, question, expected):
        assert found(question, FEW) == [expected.name_en]

    def test_wants_every_word(self):
        assert found("insein oil", FEW) == []

    def test_takes_no_single_letter_from_inside_a_word(self):
        assert found("k", FEW) == []

    def test_puts_whole_names_before_beginnings_and_those_before_pieces(self):
        index = Index(
            haystack(name(en, id=number))
            for number, en in enumerate(
                ("Li quorice", "Liquorice", "Rice flour", "Rice", "Wild rice"), start=1
            )
        )

        assert found("rice", index) == ["Rice", "Rice flour", "Wild rice", "Li quorice", "Liquorice"]

    def test_finds_nothing_for_nothing(self):
        assert found("", FEW) == found(" ,() ", FEW) == near("", FEW) == []

    def test_gives_no_more_than_asked_for(self):
        assert len(found("a", Index(haystack(name(f"a{n}", id=n)) for n in range(50)), limit=20)) == 20

    def test_counts_the_place_of_a_shop_beside_its_own_name(self):
        place = name("Mandalay", "မန္တလေး", id=9)
        index = Index([haystack(MARKET, around=[place]), haystack(WARD)])

        assert found("market mandalay", index) == ["Insein market"]
        assert found("mandalay", index) == []
        assert (
            found("mandalay", index, by_place=True) == found("မန္တ", index, by_place=True) == ["Insein market"]
        )

    @given(st.text(max_size=3 * MAX_LENGTH))
    def test_answers_anything(self, question):
        found(question, FEW)
        near(question, FEW)


class TestNear:
    @pytest.mark.parametrize(
        ("question", "kind", "expected"),
        [
            ("onoin", "item", ["Onions"]),
            ("onnion", "item", ["Onions"]),
            ("garlik", "item", ["Garlic"]),
            ("mangosten", "item", ["Mangosteen"]),
            ("coliflower", "item", ["Cauliflower"]),
            ("wather melon", "item", ["Watermelon"]),
            ("chilli", "item", ["Chili (long, dried)", "Chili (Pwa)"]),
            ("kyet thun nee", "item", ["Onions"]),
            ("mandaly", "region", ["Mandalay"]),
            ("mandlay", "region", ["Mandalay"]),
            ("insien", "township", ["Insein"]),
            ("hlaingthaya", "township", ["Hlaingtharya", "Hlaingtharya (East)", "Hlaingtharya (West)"]),
            ("hlaing thaya", "township", ["Hlaingtharya", "Hlaingtharya (East)", "Hlaingtharya (West)"]),
            ("hlaingthya west", "township", ["Hlaingtharya (West)"]),
            # A vowel sign too much, one too few, another medial.
            ("ကြက်သွန်နီး", "item", ["Onions"]),
            ("ကြက်သွနနီ", "item", ["Onions"]),
            ("ကျက်သွန်နီ", "item", ["Onions"]),
            ("ခရမ်ချဉ်သီး", "item", ["Tomatoes"]),
            ("ရန်ကုန်တိုင်းဒသကြီး", "region", ["Yangon"]),
            ("အင်းစိန့်", "township", ["Insein"]),
        ],
    )
    def test_finds_what_was_meant(self, question, kind, expected):
        assert found(question, real()[kind]) == []
        assert sorted(near(question, real()[kind])) == sorted(expected)

    def test_is_not_needed_for_the_beginning_of_a_name(self):
        assert found("tomatoe", real()["item"]) == ["Tomatoes"]

    @pytest.mark.parametrize(
        "question",
        ["zzzz", "xyz", "computer", "chocolate", "biscuit", "hospital", "laptop", "coffee", "milk", "noodles",
         "a b c d e f g h", "12345", "ကွန်ပျူတာ", "ကော်ဖီ", "x" * 100, "က" * 100, "rice zzzz"],
    )  # fmt: skip
    def test_finds_nothing_like_what_is_nothing_like_it(self, question):
        assert {kind: near(question, index) for kind, index in real().items() if near(question, index)} == {}

    def test_lets_no_slip_pass_in_short_words_and_numbers(self):
        assert near("sal", FEW) == near("ward 89", FEW) == near("8889", FEW) == []

    def test_gives_the_nearest_alone(self):
        index = Index(haystack(name(en, id=number)) for number, en in enumerate(("Mandalay", "Mandalat"), 1))

        assert near("mandaley", index) == ["Mandalay"]


class TestNormal:
    @given(st.text(max_size=200) | st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F)))
    def test_says_the_same_of_what_it_said(self, text):
        assert normal(normal(text)) == normal(text)

    def test_takes_a_line_break_for_a_space(self):
        assert normal("paw\nsan") == "paw san"


class TestManyNames:
    @pytest.mark.parametrize(
        "question",
        ["market", "a", "market zzzz", "insien market", "ဈေး", "အင်းစိန့်ဈေး", "mandalay region shop market insien onoin",
         "a b c d e f g h i j k l m n o p q r s t u v w x y z", "market " * 14, "x" * 100, "က" * 100],
    )  # fmt: skip
    def test_are_searched_within_ten_milliseconds(self, question):
        indexes = [*real().values(), many_shops()]

        def look() -> float:
            started = time.thread_time()
            words = words_of(question)
            for index in indexes:
                index.find(words, limit=20)
                index.near(words, limit=20)
            return time.thread_time() - started

        # Time of this thread, the best of some: the machine does other work meanwhile.
        assert min(look() for _ in range(5)) < 0.010
