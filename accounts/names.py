"""What people may call themselves, and are called by others: pure rules, no I/O."""

import unicodedata

from django.utils.translation import gettext

from potato.text.wording import wording

# Left-to-right and right-to-left overrides turn the text that follows on the page around.
_DIRECTIONS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
# A Burmese syllable stacks up to about six marks; a heap of them climbs over the lines above.
_MOST_MARKS = 8


def tidy_name(text: str) -> str:
    """The name in composed letters (NFC), with single spaces between its words."""
    return " ".join(unicodedata.normalize("NFC", text).split())


def is_readable_name(name: str) -> bool:
    """Whether others can read it: a letter or digit, nothing that is invisible by design, no heaps of marks.

    Joiners and the zero-width space are allowed: Burmese is written with them.
    """
    marks = 0
    for sign in name:
        category = unicodedata.category(sign)
        if category in ("Cc", "Cs", "Co", "Cn") or sign in _DIRECTIONS:
            return False
        marks = marks + 1 if category.startswith("M") else 0
        if marks > _MOST_MARKS:
            return False
    return any(sign.isalnum() for sign in name)


def shown_name(display_name: str, *, id: int) -> str:
    """What others call a person, in the reader's language: as he chose to be called, else by his number.

    Only what he chose is ever stored with his prices: who reads them reads in another language than he.
    """
    return display_name or gettext("Contributor %(number)s") % {"number": wording().digits(str(id))}
