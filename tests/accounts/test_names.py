"""What people may call themselves."""

import pytest
from django.utils.translation import override

from accounts.names import is_readable_name, shown_name, tidy_name


class TestIsReadableName:
    @pytest.mark.parametrize("name", ["Su", "မသူဇာ", "ဂုဏ်သိင်္ဂီ", "၂၃", "ก๊วย", "李", "Jean-Luc", "ကိုကို 🥔"])
    def test_is_true_of_what_people_call_themselves(self, name):
        assert is_readable_name(name)

    @pytest.mark.parametrize(
        "name", ["", "   ", "\u200b\u200b", "🥔", "...", "a\x00", "a\u202eb", "\ue000a", "Z" + "\u0301" * 9]
    )
    def test_is_false_of_what_nobody_can_read(self, name):
        assert not is_readable_name(name)


class TestTidyName:
    def test_composes_and_separates(self):
        assert tidy_name("  Jose\u0301 \t\n Aung\u00a0Kyaw ") == "José Aung Kyaw"


class TestShownName:
    def test_is_the_one_that_a_person_chose(self):
        with override("my"):
            assert shown_name("Daw Mya", id=7) == "Daw Mya"

    @pytest.mark.parametrize(("language", "name"), [("en", "Contributor 1234"), ("my", "ဈေးတင်သူ ၁၂၃၄")])
    def test_is_a_number_in_the_readers_language_without_one(self, language, name):
        with override(language):
            assert shown_name("", id=1234) == name
