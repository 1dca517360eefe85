"""Burmese as people type it: Zawgyi told from Unicode, and what looks alike written alike. Pure rules, no I/O.

Zawgyi is an older way to write Burmese on computers. It uses the code points of Unicode for other letters, so a text
says nowhere which of the two it is: :mod:`myanmartools` tells from how often which letters follow each other.
"""

import re
from dataclasses import dataclass
from functools import cache

from myanmar import converter
from myanmartools import ZawgyiDetector

LIKELY = 0.95
"""From this probability on a text is read as Zawgyi first. No name that we know reaches it in Unicode."""
SURE = 0.99
"""From this probability on a text is stored as Unicode: nobody looks at it before."""

_BURMESE = re.compile("[\u1000-\u109f]")
_SIGNS = re.compile("[\u102c-\u103e]{2,}")
# The order in which Unicode wants the signs of one letter: medials, vowels, nasal, killer, tones, stacking.
_ORDER = {
    sign: place
    for place, sign in enumerate(
        "\u103b\u103c\u103d\u103e\u1031\u102d\u102e\u102f\u1030\u1032\u1033\u1034\u1035"
        "\u102c\u1036\u103a\u1037\u1038\u1039"
    )
}
# What looks alike and is in use for the same: two signs, and the letter that is meant.
_MISSPELT = (("စျ", "ဈ"), ("သြ", "ဩ"), ("ဥ်", "ဉ်"), ("ဥ\u102e", "ဦ"))
# The digits zero and seven look like the letters wa and ra.
_DIGIT_FOR_LETTER = re.compile("(?<![0-9\u1040-\u1049])[\u1040\u1047](?=[\u1000-\u103f])")
_LETTERS = {"\u1040": "ဝ", "\u1047": "ရ"}


class _Lost(Exception):
    """Something has no counterpart in Unicode."""


def _stop(*_: object) -> None:
    raise _Lost


# The converter prints what it cannot convert and goes on without it. Nothing may be lost: it shall stop instead.
converter.print = _stop


@dataclass(frozen=True, slots=True)
class Reading:
    """A way to read a text, in Unicode."""

    text: str
    was_zawgyi: bool = False


def readings(text: str) -> tuple[Reading, ...]:
    """The ways in which a text can be read, the likeliest first: as it stands, and as Zawgyi where that differs."""
    as_it_stands = Reading(text)
    converted = _converted(text) if _BURMESE.search(text) else None
    if converted is None or converted == text:
        return (as_it_stands,)
    as_zawgyi = Reading(converted, was_zawgyi=True)
    is_likely = _zawgyi_probability(text) >= LIKELY
    return (as_zawgyi, as_it_stands) if is_likely else (as_it_stands, as_zawgyi)


def to_unicode(text: str) -> str:
    """The text in Unicode if it is surely Zawgyi, else as it is."""
    if not _BURMESE.search(text) or _zawgyi_probability(text) < SURE:
        return text
    converted = _converted(text)
    return text if converted is None else converted


def folded(text: str) -> str:
    """A text as it is compared: signs in one order and once each, letters that look alike the same."""
    if text.isascii():
        return text
    # Which of the two long a is right depends on the letter; few know the rule.
    text = _SIGNS.sub(lambda signs: _in_order(signs[0]), text.replace("\u102b", "\u102c"))
    text = _spelt(text)
    return _DIGIT_FOR_LETTER.sub(lambda digit: _LETTERS[digit[0]], text)


def _in_order(signs: str) -> str:
    return "".join(sorted(set(signs), key=_ORDER.__getitem__))


def _converted(text: str) -> str | None:
    """The text from Zawgyi into Unicode; None where something of it would be lost."""
    try:
        converted = converter.convert(text, "zawgyi", "unicode")
    except _Lost:
        return None
    # The converter leaves these two signs in the order in which Zawgyi draws them.
    return _spelt(str(converted).replace("\u102f\u102d", "\u102d\u102f"))


def _spelt(text: str) -> str:
    for seen, meant in _MISSPELT:
        text = text.replace(seen, meant)
    return text


def _zawgyi_probability(text: str) -> float:
    return float(_detector().get_zawgyi_probability(text))


@cache
def _detector() -> ZawgyiDetector:
    return ZawgyiDetector()
