"""A reader's list of items, read from the address: ``?i=onions:1:viss&i=rice:2:kg``, and what a form adds to it.

The address is the list: it may be kept as a bookmark and sent to others. A form of the page comes as ``item`` (its
slug, once a line) with ``quantity-<slug>`` and ``unit-<slug>``, and ``add`` with ``quantity`` and ``unit``; what it
says is then written as ``i`` again. ``keep`` says, of a list that is written as ``i``, that the reader made it himself.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.shared_parts import filters
from prices.pages.shared_parts.filters import Query, shown
from prices.pages.shared_parts.measures import Measure, sold_by
from prices.rules.typed_numbers import MAX_LENGTH, BadNumber, parse_decimal, plain
from prices.types import Name

MOST_LINES = 30
MOST_LOOKED_AT = 100
"""Of a longer address the rest is not even looked at."""
QUANTITY_DIGITS, QUANTITY_DECIMALS = 9, 3
_ASKED = ("i", "item", "add", "quantity", "unit", "keep")


@dataclass(frozen=True, slots=True)
class WantedLine:
    """An item of the list with its amount as typed, and what is to be put right about it."""

    item: Name
    measures: Mapping[str, Measure]
    measure: Measure
    typed: str
    quantity: Decimal | None = None
    quantity_error: str = ""
    unit_error: str = ""

    @property
    def is_valid(self) -> bool:
        return self.quantity is not None and not self.unit_error

    def __str__(self) -> str:
        amount = self.typed if self.quantity is None else plain(self.quantity)
        return f"{self.item.slug}:{amount}:{self.measure.code}"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A list as asked for. ``ignored`` says what was left out, and why."""

    lines: tuple[WantedLine, ...]
    region: Name | None
    ignored: tuple[str, ...]
    is_asked: bool
    """Whether the address says a list at all, and be it an empty one."""
    is_form: bool
    """Whether the reader has just made it so, by a form or a link; it has an address of its own that says the same."""

    @property
    def valid(self) -> tuple[WantedLine, ...]:
        return tuple(line for line in self.lines if line.is_valid)

    @property
    def is_valid(self) -> bool:
        return len(self.valid) == len(self.lines)

    def address(
        self,
        *,
        lines: Iterable[WantedLine] | None = None,
        region: Name | None = None,
        before: Iterable[str] = (),
        keep: bool = False,
    ) -> str:
        """The address of this list, or of these lines; in its region, or in another.

        :param before: lines to put before them, as written in ``i``.
        :param keep: for a link by which a reader makes the list his own.
        """
        region = region or self.region
        texts = [*before, *(str(line) for line in (self.lines if lines is None else lines))]
        asked = [("i", text) for text in texts or [""]]
        asked += [("region", region.slug)] if region else []
        asked += [("keep", "1")] if keep else []
        return f"{reverse('basket')}?{urlencode(asked, safe=':')}"

    def without(self, line: WantedLine) -> str:
        """The link to the list without this line."""
        return self.address(lines=[other for other in self.lines if other is not line], keep=True)

    def instead(self, line: WantedLine, item: Name) -> str:
        """The link to the list with another item in place of this one."""
        return self.address(
            lines=[replace(other, item=item) if other is line else other for other in self.lines], keep=True
        )


def read(query: Query, *, words: Wording, kept: Iterable[str] = ()) -> Wanted:
    """Read a list. Never fails: what makes no sense is left out, with a note; a bad amount stays, with its error.

    :param kept: lines that the list has before what the address says, written as in ``i``.
    """
    reader = _Reader(query, words)
    asked = [key for key in _ASKED if query.getlist(key)]
    for text in [*kept, *reader.some("i")]:
        item, _, amount = text.partition(":")
        quantity, _, unit = amount.partition(":")
        reader.put(item, quantity or "1", unit)
    for slug in reader.some("item"):
        reader.put(slug, reader.last(f"quantity-{slug}"), reader.last(f"unit-{slug}"))
    if slug := reader.last("add").strip():
        quantity = reader.last("quantity") if "quantity" in asked else "1"
        reader.add(slug, quantity, reader.last("unit"))
    region, ignored = filters.read_region(query)
    return Wanted(
        lines=tuple(reader.lines.values()),
        region=region,
        ignored=(*reader.notes(), *ignored),
        is_asked=bool(asked),
        is_form=any(key in asked for key in _ASKED[1:]),
    )


class _Reader:
    def __init__(self, query: Query, words: Wording) -> None:
        self._query, self._words = query, words
        self.lines: dict[int, WantedLine] = {}
        self._said: list[str] = []
        self._n_too_many = 0

    def some(self, key: str) -> list[str]:
        given = [text for value in self._query.getlist(key) if (text := str(value).strip())]
        self._n_too_many += max(0, len(given) - MOST_LOOKED_AT)
        return given[:MOST_LOOKED_AT]

    def last(self, key: str) -> str:
        return next((str(value) for value in reversed(self._query.getlist(key))), "")

    def put(self, slug: str, quantity: str, unit: str) -> None:
        """Take an item into the list; what was said of it before counts no more."""
        if line := self._line(slug, quantity, unit):
            if line.item.id in self.lines:
                self._say(
                    gettext("“%(item)s” was on the list twice: the last one counts.") % {"item": line.item}
                )
            self._take(line)

    def add(self, slug: str, quantity: str, unit: str) -> None:
        """Take more of an item into the list."""
        line = self._line(slug, quantity, unit)
        before = self.lines.get(line.item.id) if line else None
        if line and before and before.quantity and line.quantity and before.measure.code == line.measure.code:
            total = line.quantity + before.quantity
            line = self._line(slug, plain(total), unit)
        elif before and before.measure.code != line.measure.code:  # type: ignore[union-attr]
            self._say(
                gettext("“%(item)s” was on the list by another unit: what was added last counts.")
                % {"item": before.item}
            )
        if line:
            self._take(line)

    def notes(self) -> list[str]:
        if self._n_too_many:
            left_out = ngettext(
                "A list has at most %(most)s items: %(n)s more was left out.",
                "A list has at most %(most)s items: %(n)s more were left out.",
                self._n_too_many,
            )
            number = self._words.number
            self._say(left_out % {"most": number(MOST_LINES), "n": number(self._n_too_many)})
        return self._said

    def _line(self, slug: str, quantity: str, unit: str) -> WantedLine | None:
        item = names.by_slug("item", slug.strip().lower())
        if item is None:
            self._say(
                gettext("Left out “%(value)s”: %(why)s.")
                % {"value": shown(slug.strip()), "why": gettext("there is no such item")}
            )
            return None
        measures = sold_by(item, self._words)
        usual = item.facts.get("default_unit")
        default = measures[usual] if usual in measures else next(iter(measures.values()))
        unit = unit.strip().lower()
        measure = measures.get(unit) if unit else default
        amount, error = _quantity(quantity)
        return WantedLine(
            item=item,
            measures=measures,
            measure=measure or default,
            typed=quantity.strip()[:MAX_LENGTH],
            quantity=amount,
            quantity_error=error,
            unit_error=""
            if measure
            else gettext("%(item)s is not sold by that unit: choose another one.") % {"item": item},
        )

    def _take(self, line: WantedLine) -> None:
        if line.item.id in self.lines or len(self.lines) < MOST_LINES:
            self.lines[line.item.id] = line
        else:
            self._n_too_many += 1

    def _say(self, note: str) -> None:
        if note not in self._said:
            self._said.append(note)


def _quantity(text: str) -> tuple[Decimal | None, str]:
    try:
        return parse_decimal(text, max_digits=QUANTITY_DIGITS, decimals=QUANTITY_DECIMALS), ""
    except BadNumber as error:
        return None, str(error)
