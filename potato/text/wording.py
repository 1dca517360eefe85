"""How numbers, prices, ages and changes are written, in both languages. Pure: no I/O, the language comes in.

Burmese pages use Burmese numerals unless the reader prefers others, put the currency and the unit behind the figure,
and write dates as year, month, day. A view asks once for the reader's :class:`Wording` and writes every row with it: the
language is not looked up again for each of a thousand cells.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.utils.translation import get_language, gettext, ngettext, pgettext

from potato import calendar, clock, preferences
from potato.preferences import NONE, Preferences

BURMESE_DIGITS = str.maketrans("0123456789", "၀၁၂၃၄၅၆၇၈၉")
LATIN_DIGITS = str.maketrans("၀၁၂၃၄၅၆၇၈၉", "0123456789")
MINUS = "\N{MINUS SIGN}"
EN_DASH = "\N{EN DASH}"
OLD_AFTER_DAYS = 35
"""Older than this, an age is written as a date."""

MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
FULL_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
MONTHS_MY = (
    "ဇန်နဝါရီ",
    "ဖေဖော်ဝါရီ",
    "မတ်",
    "ဧပြီ",
    "မေ",
    "ဇွန်",
    "ဇူလိုင်",
    "ဩဂုတ်",
    "စက်တင်ဘာ",
    "အောက်တိုဘာ",
    "နိုဝင်ဘာ",
    "ဒီဇင်ဘာ",
)
DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


_unchanged_for: ContextVar[list[timedelta] | None] = ContextVar("unchanged_for", default=None)


@contextmanager
def page() -> Iterator[None]:
    """The time in which one page is made."""
    token = _unchanged_for.set([])
    try:
        yield
    finally:
        _unchanged_for.reset(token)


def unchanged_for() -> timedelta:
    """For how long every age that was written on the page being made reads the same on this day."""
    return min(_unchanged_for.get() or (), default=timedelta.max)


@dataclass(frozen=True, slots=True)
class Change:
    """A change as shown: the class of its colour and its text, sign included."""

    direction: str
    text: str


NOTHING_TO_COMPARE = Change("flat", EN_DASH)


@dataclass(frozen=True)
class Wording:
    """How one reader reads: the language, the moment from which ages count, and what he prefers."""

    language: str
    now: datetime
    prefers: Preferences = NONE

    @cached_property
    def is_burmese(self) -> bool:
        return self.language.startswith("my")

    @cached_property
    def today(self) -> date:
        return calendar.yangon_day(self.now)

    @cached_property
    def has_burmese_digits(self) -> bool:
        return self.prefers.numerals == "myanmar" or (self.is_burmese and self.prefers.numerals != "latin")

    def digits(self, text: str) -> str:
        """The text with the reader's numerals, whichever it was written with."""
        if self.has_burmese_digits:
            return text.translate(BURMESE_DIGITS)
        return text if text.isascii() else text.translate(LATIN_DIGITS)

    def number(self, value: int) -> str:
        """A whole number, grouped by thousands."""
        return self.digits(f"{value:,}".replace("-", MINUS))

    def listed(self, names: Iterable[str]) -> str:
        """Names in a row."""
        return ("၊ " if self.is_burmese else ", ").join(names)

    def kyat(self, pya: int | None, *, to_base: Decimal | None = None) -> str:
        """An amount in kyat, to read: whole kyat, below 10 with one decimal. A dash where there is none.

        :param pya: whole pya for one base unit.
        :param to_base: base units in the unit to show; without it one.
        """
        if pya is None:
            return EN_DASH
        over, under = (1, 1) if to_base is None else to_base.as_integer_ratio()
        tenths = _half_even(pya * over, under * 10)
        if tenths < 100 and tenths % 10:
            return self.digits(f"{tenths // 10}.{tenths % 10}")
        return self.number(_half_even(pya * over, under * 100))

    def money(self, pya: int | None, per: str = "", *, to_base: Decimal | None = None) -> str:
        """An amount with its currency, and the unit if told: ``K 1,840 a kg``, ``၁,၈၄၀ ကျပ် / ကီလို``."""
        amount = self.kyat(pya, to_base=to_base)
        if pya is None:
            return amount
        return (
            f"{amount} ကျပ် {per}".rstrip()
            if self.is_burmese
            else f"K\N{NO-BREAK SPACE}{amount} {per}".rstrip()
        )

    def currency(self, per: str = "") -> str:
        """The head of a column of amounts: ``Kyat a kg``, ``ကျပ် / ကီလို``."""
        return f"{'ကျပ်' if self.is_burmese else 'Kyat'} {per}".rstrip()

    def decimal(self, value: Decimal | str) -> str:
        """A number as it was typed, grouped by thousands, without zeros behind."""
        text = f"{Decimal(value):,f}"
        return self.digits(text.rstrip("0").rstrip(".") if "." in text else text)

    def change(self, percent: float | Decimal | None, *, decimals: int = 1) -> Change:
        """A change in percent with its sign, or that there is too little to tell."""
        if percent is None:
            return Change("flat", gettext("too few"))
        rounded = round(float(percent), decimals)
        if not rounded:
            return Change("flat", gettext("no change"))
        sign = "+" if rounded > 0 else MINUS
        return Change("up" if rounded > 0 else "down", self.digits(f"{sign}{abs(rounded):,.{decimals}f} %"))

    def difference(self, percent: float | Decimal) -> Change:
        """By how much one price is above or below another of the same time, in percent with its sign."""
        found = self.change(percent)
        return Change("flat", gettext("the same")) if found.direction == "flat" else found

    def percent(self, percent: float | Decimal) -> str:
        """The size of a change, without its sign."""
        return self.digits(f"{abs(round(float(percent), 1)):,.1f} %")

    def day(self, day: date, *, year: bool = True) -> str:
        """A day: ``15 Jun 2024``, in Burmese year, month, day."""
        if self.is_burmese:
            text = f"{MONTHS_MY[day.month - 1]} {day.day}"
            return self.digits(f"{day.year} {text}" if year else text)
        text = f"{day.day} {MONTHS_EN[day.month - 1]}"
        return self.digits(f"{text} {day.year}" if year else text)

    def month_name(self, day: date) -> str:
        """The month alone: ``Jun``."""
        return MONTHS_MY[day.month - 1] if self.is_burmese else MONTHS_EN[day.month - 1]

    def month(self, day: date) -> str:
        """A month: ``Jun 2024``."""
        if self.is_burmese:
            return self.digits(f"{day.year} {MONTHS_MY[day.month - 1]}")
        return self.digits(f"{MONTHS_EN[day.month - 1]} {day.year}")

    def long_day(self, day: date) -> str:
        """A day written out: ``Tuesday 16 December 2025``."""
        if self.is_burmese:
            return self.day(day)
        return self.digits(f"{DAYS_EN[day.weekday()]} {day.day} {FULL_MONTHS_EN[day.month - 1]} {day.year}")

    def time(self, moment: datetime) -> str:
        """A time of day in Yangon: ``14:05``."""
        return self.digits(f"{moment.astimezone(calendar.YANGON):%H:%M}")

    def age(self, moment: datetime | int | None) -> str:
        """How long ago something was seen: ``3 h``, ``1 day``, or the date when that is long ago.

        :param moment: aware, or whole milliseconds since 1970.
        """
        text, _is_span = self._age(moment)
        return text

    def ago(self, moment: datetime | int | None) -> str:
        """The same in a sentence: ``3 h ago``, ``today``, ``15 Jun 2024``."""
        text, is_span = self._age(moment)
        return gettext("%(age)s ago") % {"age": text} if is_span else text

    def _age(self, moment: datetime | int | None) -> tuple[str, bool]:
        """The age, and whether it is a span of time rather than a point in it."""
        if moment is None:
            return EN_DASH, False
        if isinstance(moment, int):
            moment = datetime.fromtimestamp(moment / 1000, UTC)
        local = moment.astimezone(calendar.YANGON)
        days = (self.today - local.date()).days
        if days > OLD_AFTER_DAYS or days < 0:
            return self.day(local.date()), False
        if days:
            return ngettext("%(n)s day", "%(n)s days", days) % {"n": self.number(days)}, True
        # Prices known by their day only are kept as midnight: "14 h" would claim to know the hour.
        if not (local.hour or local.minute):
            return gettext("today"), False
        passed = self.now - moment
        step = timedelta(minutes=1) if passed < timedelta(hours=1) else timedelta(hours=1)
        if (unchanged := _unchanged_for.get()) is not None:
            unchanged.append(step - passed % step)
        if passed < timedelta(minutes=1):
            return gettext("just now"), False
        n = self.number(passed // step)
        return (pgettext("age", "%(n)s min") if step < timedelta(hours=1) else pgettext("age", "%(n)s h")) % {
            "n": n
        }, True


def wording() -> Wording:
    """How the reader of the page being made reads."""
    return Wording(language=get_language() or "en", now=clock.now(), prefers=preferences.current())


def _half_even(over: int, under: int) -> int:
    """A fraction of whole numbers, rounded; halves go to the even neighbour. Pages write hundreds of these."""
    whole, rest = divmod(over, under)
    twice = 2 * rest
    return whole + (twice > under or (twice == under and whole % 2 == 1))
