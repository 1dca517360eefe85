from hypothesis import given
from hypothesis import strategies as st

from prices.search import MAX_LENGTH, find, haystack, normal
from prices.types import Name


def name(en: str, my: str = "", *, id: int = 1, position: int = 0, aliases: tuple[str, ...] = ()) -> Name:
    return Name("item", id, en, my, en.lower(), {"position": position, "aliases": list(aliases)})


RICE = name("Rice (Paw San)", "ပေါ်ဆန်းမွှေး", id=1, aliases=("San",))
OIL = name("Oil (palm)", "စားအုန်းဆီ", id=2, aliases=("Cooking oil",))
MARKET = name("Insein market", "အင်းစိန်ဈေး", id=3)
WARD = name("Ward 88", "ရပ်ကွက် ၈၈", id=4)
ALL = [haystack(one) for one in (RICE, OIL, MARKET, WARD)]


def found(question: str) -> list[str]:
    return [one.name_en for one in find(question, ALL, limit=10)]


class TestFind:
    def test_ignores_capitals_and_brackets(self):
        assert found("RICE PAW") == ["Rice (Paw San)"]

    def test_reads_names_in_burmese(self):
        assert found("အုန်းဆီ") == ["Oil (palm)"]

    def test_reads_other_names(self):
        assert found("cooking") == ["Oil (palm)"]

    def test_reads_any_numerals(self):
        assert found("၈၈") == found("88") == ["Ward 88"]

    def test_takes_both_spellings_of_market(self):
        assert found("အင်းစိန်စျေး") == found("အင်းစိန်ဈေး") == ["Insein market"]

    def test_ignores_what_nobody_sees(self):
        assert found("in\u200bsein") == ["Insein market"]

    def test_wants_every_word(self):
        assert found("insein oil") == []

    def test_takes_a_piece_of_a_word(self):
        assert found("arke") == ["Insein market"]

    def test_takes_no_single_letter_from_inside_a_word(self):
        assert found("k") == []

    def test_puts_whole_names_before_beginnings_and_those_before_pieces(self):
        hays = [
            haystack(name(en, id=number))
            for number, en in enumerate(("Liquorice", "Rice flour", "Rice"), start=1)
        ]

        assert [one.name_en for one in find("rice", hays, limit=10)] == ["Rice", "Rice flour", "Liquorice"]

    def test_finds_nothing_for_nothing(self):
        assert found("") == found(" ,() ") == []

    def test_gives_no_more_than_asked_for(self):
        assert len(find("a", [haystack(name(f"a{n}", id=n)) for n in range(50)], limit=20)) == 20

    @given(st.text(max_size=3 * MAX_LENGTH))
    def test_answers_anything(self, question):
        find(question, ALL, limit=10)


class TestNormal:
    @given(st.text(max_size=200))
    def test_says_the_same_of_what_it_said(self, text):
        assert normal(normal(text)) == normal(text)
