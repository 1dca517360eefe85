"""Texts in a drawing, and the room that they need."""

import unicodedata
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from potato.text.wording import MONTHS_EN
from prices.rules.units import per_unit_kyat

TickKind = Literal["day", "month", "year"]
AmountLabel = Callable[[int], str]
DateLabel = Callable[[date, TickKind], str]

# Pixels of a letter at 12 px, the larger ones of each kind: fonts differ from phone to phone.
_LATIN, _BURMESE, _BURMESE_DIGIT, _BURMESE_SIGN, _POINT = 6.7, 12.0, 8.2, 6.0, 3.5


def kyat_text(pya: int) -> str:
    """Write an amount in kyat with Latin digits: ``1,840``, and with a decimal under ten."""
    kyat = per_unit_kyat(pya_per_base=pya, to_base=Decimal(1))
    return f"{kyat:,f}".removesuffix(".0")


def english_date(day: date, kind: TickKind) -> str:
    """Write a tick's date in English: ``15 Dec``, ``Dec``, and January as its year."""
    if kind == "day":
        return f"{day.day} {MONTHS_EN[day.month - 1]}"
    if kind == "month" and day.month > 1:
        return MONTHS_EN[day.month - 1]
    return str(day.year)


def width_of(text: str) -> float:
    """Return about how many pixels a text of 12 px is wide; rather too many than too few."""
    return sum(_width_of_letter(letter) for letter in text)


def number_text(number: float) -> str:
    """Write a coordinate with one decimal at most."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def path_text(places: Sequence[tuple[float, float]]) -> str:
    """Return the path data of a line: after a move, further pairs are lines."""
    return "M" + " ".join(f"{number_text(x)} {number_text(y)}" for x, y in places)


def _width_of_letter(letter: str) -> float:
    if letter in ",. ":
        return _POINT
    match unicodedata.category(letter):
        case "Mn":
            return 0.0
        case "Mc":
            return _BURMESE_SIGN
        case "Lo":
            return _BURMESE
        case "Nd" if letter > "9":
            return _BURMESE_DIGIT
        case _:
            return _LATIN
