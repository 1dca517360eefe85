"""Numbers as people type them: Burmese or other digits, grouping, a currency; or a plain word why not.

Everything here answers without guessing: where a text could mean two numbers ("2,40", "15K", "2.400" with two
decimals), it asks for a plain one.
"""

import re
import unicodedata
from decimal import Decimal
from typing import Literal

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

Code = Literal["empty", "letters", "not_positive", "too_large", "too_precise", "unclear"]

MAX_LENGTH = 64
"""Longer texts are refused before anybody looks at them."""

_SPACES = "\u0020\u00a0\u2007\u2009\u202f\u3000"
_COMMAS = ",\u104a\uff0c"
_APOSTROPHES = "'\u2019"
_POINTS = ".\uff0e"
_PLUS = "+\uff0b"
_MINUS = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
# Nobody sees them, and Burmese text that was pasted is full of them.
_INVISIBLE = dict.fromkeys([*range(0x200B, 0x2010), 0x2060, 0xFEFF])
_AS_ONE = (
    {ord(char): " " for char in _SPACES + "\t\r\n"}
    | {ord(char): "," for char in _COMMAS}
    | {ord(char): "'" for char in _APOSTROPHES}
    | {ord(char): "." for char in _POINTS}
    | {ord(char): "+" for char in _PLUS}
    | {ord(char): "-" for char in _MINUS}
)

_CURRENCY = "mmk|kyats?|ks?|ကျပ်"
_BEFORE = re.compile(rf"(?:{_CURRENCY})(?:\.? +|(?=[-+0-9]))", re.IGNORECASE)
_AFTER = re.compile(rf"(?<=[0-9.,' ])({_CURRENCY})$", re.IGNORECASE)
_THOUSANDS = re.compile(r"[1-9][0-9]{0,2}(?:([,' ])[0-9]{3})(?:\1[0-9]{3})*")
_LAKHS = re.compile(r"[1-9][0-9]?(?:([,' ])[0-9]{2})(?:\1[0-9]{2})*\1[0-9]{3}")
_DIGITS = re.compile(r"[0-9]+")

_WA = "\u101d"  # the letter wa: on paper and on most screens the same ring as the Burmese zero
_MYANMAR_DIGIT = re.compile("[\u1040-\u1049\u1090-\u1099]")


class BadNumber(ValueError):
    """The text is not a number that can be meant. ``str()`` says why, in the reader's language."""

    def __init__(self, code: Code, message: str | Promise) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __str__(self) -> str:
        return str(self.message)


def fold_digits(text: str) -> str:
    """Return the text with every decimal digit of any script as 0 to 9, and everything else as it was."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)


def parse_decimal(text: str, *, max_digits: int = 12, decimals: int = 2) -> Decimal:
    """Return the positive number that a person typed, such as "2,400", "၂၄၀၀", "1,00,000" or "K 2 400.50".

    Digits of all scripts count; groups of three, or of two before the last three, may be set off by one kind
    of comma, space or apostrophe; a currency (K, Ks, MMK, kyat, ကျပ်) may stand before or behind. The same
    number always comes back the same, without zeros after its last decimal.

    :param max_digits: most digits in all, decimals included, as a column of the database counts them.
    :param decimals: most digits after the point.
    :raises BadNumber: with a ``code``, and a message in plain words for the person who typed.
    """
    if len(text) > MAX_LENGTH:
        raise BadNumber("too_large", _("This text is too long. Write a number such as 2,400 or ၂၄၀၀."))
    if _MYANMAR_DIGIT.search(text):
        text = text.replace(_WA, "\u1040")
    text = fold_digits(text).translate(_INVISIBLE).translate(_AS_ONE).strip(" ")
    if not text:
        raise BadNumber("empty", _("Write a number such as 2,400 or ၂၄၀၀."))

    text = _BEFORE.sub("", text, count=1) if _BEFORE.match(text) else text
    currency = ""
    if behind := _AFTER.search(text):
        text, currency = text[: behind.start()].rstrip(" "), behind[1].lower()
    sign, text = (text[0], text[1:].lstrip(" ")) if text.startswith(("+", "-")) else ("", text)
    if text.strip("0123456789,.' "):
        raise BadNumber("letters", _("Write only a number here, such as 2,400 or ၂၄၀၀."))

    whole, point, part = text.partition(".")
    if not (_grouped(whole) or (not whole and part)) or (point and not _DIGITS.fullmatch(part)):
        raise BadNumber("unclear", _("This could mean more than one number. Write it plainly, such as 2400."))
    whole = re.sub("[,' ]", "", whole).lstrip("0")
    significant = part.rstrip("0")
    if sign == "-":
        raise BadNumber("not_positive", _("Write a number above zero, without a minus sign."))
    if not whole and not significant:
        raise BadNumber("not_positive", _("Zero is not a price or an amount. Write a number above zero."))
    if len(whole) > max_digits - decimals:
        raise BadNumber("too_large", _("This number is too large. Check the zeros."))
    if len(part) > decimals:
        raise BadNumber("too_precise", _too_precise(decimals))
    if currency == "k" and len(whole) < 4:
        # "15K" is fifteen kyat on a ticket and fifteen thousand in a message.
        raise BadNumber("unclear", _("Does K mean thousand here? Write the number in full, such as 15,000."))
    return Decimal(f"{whole or '0'}.{significant}" if significant else whole)


def plain(number: Decimal) -> str:
    """A decimal as a form holds it, without an exponent or trailing zeros: 2400 however it was typed."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _grouped(whole: str) -> bool:
    return any(shape.fullmatch(whole) for shape in (_DIGITS, _THOUSANDS, _LAKHS))


def _too_precise(decimals: int) -> str | Promise:
    if decimals == 0:
        return _("Write a whole number, without a point.")
    return format_lazy(
        ngettext_lazy(
            "At most {count} digit may follow the point. For thousands use a comma, as in 2,400.",
            "At most {count} digits may follow the point. For thousands use a comma, as in 2,400.",
            decimals,
        ),
        count=decimals,
    )
