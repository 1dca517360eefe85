import pytest
from hypothesis import given
from hypothesis import strategies as st

from potato.text.zawgyi import folded, readings, to_unicode

# How Zawgyi writes names that we know.
ZAWGYI = {
    "ၾကက္သြန္နီ": "ကြက်သွန်နီ",
    "ၾကက္သြန္ျဖဴ": "ကြက်သွန်ဖြူ",
    "ခရမ္းခ်ဥ္သီး": "ခရမ်းချဉ်သီး",
    "ေပၚဆန္းေမႊး": "ပေါ်ဆန်းမွှေး",
    "ရန္ကုန္တိုင္းေဒသႀကီး": "ရန်ကုန်တိုင်းဒေသကြီး",
    "လႈိင္သာယာ": "လှိုင်သာယာ",
    "ေစ်းႀကီး": "ဈေးကြီး",
}
# In Unicode, and easily taken for Zawgyi.
UNICODE = ("ဆန်", "ဈေး", "ကြက်ဥ", "ဆား", "အာလူး", "တီလားဗီးလား", "ပခုက္ကူ", "ကုလားပဲ", "၂၄၀၀", "ကျပ်")

burmese_text = st.text(st.characters(min_codepoint=0x1000, max_codepoint=0x109F) | st.sampled_from(" a1\n"))


class TestToUnicode:
    @pytest.mark.parametrize(("zawgyi", "meant"), ZAWGYI.items())
    def test_converts_zawgyi(self, zawgyi, meant):
        assert to_unicode(zawgyi) == meant

    @pytest.mark.parametrize("text", [*UNICODE, *ZAWGYI.values(), "", "rice", "Rice ဆန် 2 viss", "\ud800"])
    def test_leaves_everything_else(self, text):
        assert to_unicode(text) == text

    def test_converts_only_the_burmese_of_a_note(self):
        assert to_unicode("2 viss ၾကက္သြန္နီ, fresh") == "2 viss ကြက်သွန်နီ, fresh"

    def test_loses_nothing_that_it_cannot_convert(self, capsys):
        """The converter would print it and leave it out."""
        nonsense = "ၾကက္သြန္ဇွႊဓႇႊ"

        assert to_unicode(nonsense) == nonsense
        assert capsys.readouterr().out == ""

    @given(burmese_text)
    def test_answers_anything(self, text):
        to_unicode(text)
        readings(text)


class TestReadings:
    def test_of_a_text_that_is_likely_zawgyi_begin_with_what_it_means(self):
        first, second = readings("ၾကက္သြန္နီ")

        assert (first.text, first.was_zawgyi) == ("ကြက်သွန်နီ", True)
        assert (second.text, second.was_zawgyi) == ("ၾကက္သြန္နီ", False)

    def test_of_a_few_letters_that_may_be_either_are_both(self):
        assert [reading.text for reading in readings("ေစ်း")] == ["ေစ်း", "ဈေး"]

    def test_of_latin_are_one(self):
        assert [reading.text for reading in readings("rice")] == ["rice"]


class TestFolded:
    @pytest.mark.parametrize(
        ("typed", "meant"),
        [
            ("စျေး", "ဈေး"),
            ("သြဇာသီး", "ဩဇာသီး"),
            ("ခရမ်းချဥ်သီး", "ခရမ်းချဉ်သီး"),
            ("လှုိင်", "လှိုင်"),
            ("ပန်းဂော်ဖီ", "ပန်းဂေါ်ဖီ"),
            ("မုံရွာာ", "မုံရွာ"),
            ("၀က်သား", "ဝက်သား"),
            ("၇န်ကုန်", "ရန်ကုန်"),
        ],
    )
    def test_makes_those_alike_that_look_alike(self, typed, meant):
        assert typed != meant
        assert folded(typed) == folded(meant)

    def test_leaves_numbers(self):
        assert folded("ရက် ၉၀ ရပ်ကွက် ၇") == "ရက် ၉၀ ရပ်ကွက် ၇"

    @given(burmese_text)
    def test_says_the_same_of_what_it_said(self, text):
        assert folded(folded(text)) == folded(text)
