"""Forms that can be sent in more than one way."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

FORM = re.compile(r"<form\b.*?</form>", re.DOTALL)
BUTTON = re.compile(r"<(?:button|input)\b[^>]*>")
HARMLESS = "components/no_default_button.html"
# Its first button sends the price, as "Go" in any field does; prices.views.submit tells a search from that.
BEGINS_WITH_ITS_OWN = {"prices/_submit_form.html"}


def forms() -> Iterator[tuple[str, str]]:
    folder = Path(settings.BASE_DIR) / "templates"
    for path in sorted(folder.rglob("*.html")):
        for form in FORM.findall(path.read_text()):
            yield path.relative_to(folder).as_posix(), form


def submits(form: str) -> list[str]:
    """The buttons of a form that send it."""
    found = [tag for tag in BUTTON.findall(form) if tag.startswith("<button") or 'type="submit"' in tag]
    return [tag for tag in found if 'type="button"' not in tag and 'type="reset"' not in tag]


def several() -> dict[str, str]:
    return {name: form for name, form in forms() if len(submits(form)) > 1}


class TestFormsWithSeveralButtons:
    def test_are_found(self):
        assert {"admin/prices/to_check.html", "account/email.html"} <= set(several())

    @pytest.mark.parametrize("name", sorted(set(several()) - BEGINS_WITH_ITS_OWN))
    def test_begin_with_a_button_that_does_nothing_when_enter_presses_it(self, name):
        form = several()[name]

        assert HARMLESS in form
        assert form.index(HARMLESS) < form.index(submits(form)[0])
