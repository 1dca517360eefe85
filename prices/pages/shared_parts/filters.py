"""What a reader asked of a page, read from the address. What makes no sense is left out, and named."""

import math
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Protocol

from django.utils.translation import gettext, pgettext

from potato.text.wording import wording
from prices.names import cache as names
from prices.pages.shared_parts.box import FIRST_ZOOM, LAST_ZOOM, MYANMAR, Box
from prices.pages.shared_parts.chart_lines import Beside, read_beside
from prices.pages.shared_parts.links import type_asked
from prices.pages.shared_parts.measures import Measure
from prices.types import PRICE_TYPES, RETAIL, Name, Place, PriceType

SORTS = ("price", "dearest", "newest", "name")
PERIODS: Mapping[str, int | None] = {"30d": 30, "1y": 365, "5y": 1826, "all": None}
DEFAULT_PERIOD = "1y"
CHANGE_PERIODS = ("7", "30", "365")
DEFAULT_CHANGE_PERIOD = "30"
LAST_MAX_AGE = 3650
LAST_PAGE = 10_000
FIRST_DAY = date(1990, 1, 1)
SHOWN_LENGTH = 40
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,6})?")


class Query(Protocol):
    """A ``QueryDict``, or what behaves like one."""

    def getlist(self, key: str) -> Sequence[Any]: ...


@dataclass(frozen=True, slots=True)
class ItemFilter:
    """A reader's choice; ``None`` where he left it to the page. ``ignored`` says what was left out, and why."""

    region: Name | None = None
    township: Name | None = None
    type: PriceType | None = None
    measure: Measure | None = None
    max_age: int | None = None
    sort: str = SORTS[0]
    period: str = DEFAULT_PERIOD
    page: int = 1
    beside: tuple[Beside, ...] = ()
    compared_with: date | None = None
    """The day with which today's price is compared, ``since`` in the address."""
    ignored: tuple[str, ...] = ()
    default_type: PriceType = RETAIL
    default_unit: str = ""
    """What the page shows unasked, and its address need not say."""

    def since(self, today: date) -> date | None:
        """The first day of the history to show; None for all of it."""
        days = PERIODS[self.period]
        return None if days is None else today - timedelta(days=days - 1)

    @property
    def where(self) -> Place:
        """The place that the history is of."""
        if self.region is None:
            return Place()
        return Place(self.region.id, self.township.id if self.township else None)

    def query(self, **changes: Any) -> dict[str, str | list[str]]:
        """The address's query for this choice, with some of it changed; defaults are left out."""
        said = replace(self, **changes)
        return {
            "region": said.region.slug if said.region else "",
            "township": said.township.slug if said.region and said.township else "",
            "type": said.type.lower() if said.type and said.type != said.default_type else "",
            "unit": said.measure.code if said.measure and said.measure.code != said.default_unit else "",
            "max_age": str(said.max_age) if said.max_age else "",
            "sort": said.sort if said.sort != SORTS[0] else "",
            "period": said.period if said.period != DEFAULT_PERIOD else "",
            "page": str(said.page) if said.page > 1 else "",
            "with": [one.code for one in said.beside if one.place != said.where],
            "since": said.compared_with.isoformat() if said.compared_with else "",
        }


@dataclass(frozen=True, slots=True)
class ChangesFilter:
    """Of which prices a reader wants to see the changes; ``None`` where of all."""

    region: Name | None = None
    category: Name | None = None
    type: PriceType = RETAIL
    period: str = DEFAULT_CHANGE_PERIOD
    ignored: tuple[str, ...] = ()

    def query(self, **changes: Any) -> dict[str, str]:
        """The address's query for this choice, with some of it changed; defaults are left out."""
        said = replace(self, **changes)
        return {
            "region": said.region.slug if said.region else "",
            "category": said.category.slug if said.category else "",
            "type": type_asked(said.type),
            "period": said.period if said.period != DEFAULT_CHANGE_PERIOD else "",
        }


def read(query: Query, *, measures: Mapping[str, Measure], today: date) -> ItemFilter:
    """Read a reader's choice. Never fails: what makes no sense is ignored, with a note that names it."""
    reader = _Reader(query)
    region, township = reader.place()
    measure = None
    if wanted := reader.one("unit"):
        measure = measures.get(wanted.lower())
        if measure is None:
            reader.leave_out(wanted, no_such_unit())
    chosen = ItemFilter(region=region, township=township)
    return replace(
        chosen,
        type=reader.type(),
        measure=measure,
        max_age=reader.number("max_age", most=LAST_MAX_AGE, else_say=gettext("the age is a number of days")),
        sort=reader.choice("sort", SORTS, else_say=gettext("that is no order of rows")) or SORTS[0],
        period=reader.choice("period", tuple(PERIODS), else_say=gettext("that is no period of the chart"))
        or DEFAULT_PERIOD,
        page=reader.number("page", most=LAST_PAGE, else_say=gettext("there is no such page")) or 1,
        beside=read_beside(query.getlist("with"), own=chosen.where, leave_out=reader.leave_out),
        compared_with=reader.past_day("since", today=today),
        ignored=tuple(reader.ignored),
    )


def read_type(query: Query) -> tuple[PriceType, tuple[str, ...]]:
    """Retail or wholesale alone, for pages that have no other choice; with notes on what was left out."""
    reader = _Reader(query)
    return reader.type() or RETAIL, tuple(reader.ignored)


def read_radius(query: Query, *, known: Sequence[int], usual: int) -> tuple[int, tuple[str, ...]]:
    """How many kilometres somebody wants to look around; with notes on what was left out."""
    reader = _Reader(query)
    wanted = reader.choice(
        "radius", [str(km) for km in known], else_say=gettext("there is no such distance to choose")
    )
    return int(wanted or usual), tuple(reader.ignored)


def read_question(query: Query, *, most: int) -> tuple[str, tuple[str, ...]]:
    """What is searched for, without what nobody sees; with notes on what was left out."""
    reader = _Reader(query)
    question = reader.one("q")
    if len(question) > most:
        reader.ignored.append(
            gettext("That was long: only the first %(n)s signs were looked for.")
            % {"n": wording().number(most)}
        )
    seen = "".join(char for char in question[:most] if char.isprintable() or char.isspace())
    return " ".join(seen.split()), tuple(reader.ignored)


def read_item(query: Query) -> tuple[Name | None, tuple[str, ...]]:
    """The item asked for; with notes on what was left out."""
    reader = _Reader(query)
    wanted = reader.one("item")
    found = names.by_slug("item", wanted.lower()) if wanted else None
    if wanted and found is None:
        reader.leave_out(wanted, gettext("there is no such item"))
    return found, tuple(reader.ignored)


def read_view(query: Query) -> tuple[int, Box, tuple[str, ...]]:
    """What a map shows: its zoom and its box, widened to hundredths of a degree; with notes on what was left out."""
    reader = _Reader(query)
    zoom, box = FIRST_ZOOM, MYANMAR
    if wanted := reader.one("zoom"):
        found = int(wanted) if re.fullmatch("[0-9]{1,2}", wanted) else 0
        if FIRST_ZOOM <= found <= LAST_ZOOM:
            zoom = found
        else:
            reader.leave_out(wanted, gettext("a map’s zoom is a number from 5 to 14"))
    if wanted := reader.one("box"):
        parts = wanted.split(",")
        corners = [float(part) for part in parts if _DEGREES.fullmatch(part)]
        if len(corners) == len(parts) == 4 and corners[0] <= corners[2] and corners[1] <= corners[3]:
            west, south = (math.floor(degrees * 100) / 100 for degrees in corners[:2])
            east, north = (math.ceil(degrees * 100) / 100 for degrees in corners[2:])
            box = Box(west, south, east, north)
        else:
            reader.leave_out(wanted, gettext("a map’s box is west, south, east, north in degrees"))
    return zoom, box, tuple(reader.ignored)


def read_region(query: Query) -> tuple[Name | None, tuple[str, ...]]:
    """A region alone, with notes on what was left out."""
    reader = _Reader(query)
    region, _township = reader.place()
    return region, tuple(reader.ignored)


def read_choice(
    query: Query, key: str, known: Sequence[str], *, else_say: str
) -> tuple[str, tuple[str, ...]]:
    """One of a few choices, the first unless told; with notes on what was left out."""
    reader = _Reader(query)
    return reader.choice(key, known, else_say=else_say) or known[0], tuple(reader.ignored)


def read_changes(query: Query) -> ChangesFilter:
    """Read of which prices a reader wants to see the changes, and over which time."""
    reader = _Reader(query)
    return ChangesFilter(
        region=reader.region(),
        category=reader.category(),
        type=reader.type() or RETAIL,
        period=reader.choice("period", CHANGE_PERIODS, else_say=gettext("changes are over 7, 30 or 365 days"))
        or DEFAULT_CHANGE_PERIOD,
        ignored=tuple(reader.ignored),
    )


def read_unusual(query: Query) -> ChangesFilter:
    """Read where and of what a reader wants to see the unusual moves, of either kind of price."""
    reader = _Reader(query)
    return ChangesFilter(region=reader.region(), category=reader.category(), ignored=tuple(reader.ignored))


class _Reader:
    def __init__(self, query: Query) -> None:
        self._query = query
        self.ignored: list[str] = []

    def one(self, key: str) -> str:
        given = [str(value).strip() for value in self._query.getlist(key)]
        if len(given) > 1:
            self.ignored.append(
                gettext("“%(name)s” was given %(count)s times: the last one counts.")
                % {"name": key, "count": wording().number(len(given))}
            )
        return given[-1] if given else ""

    def leave_out(self, value: str, why: str) -> None:
        self.ignored.append(left_out(value, why))

    def region(self) -> Name | None:
        region = None
        if wanted := self.one("region"):
            region = names.by_slug("region", wanted.lower())
            if region is None:
                self.leave_out(wanted, gettext("there is no such region"))
        return region

    def category(self) -> Name | None:
        category = None
        if wanted := self.one("category"):
            category = names.by_slug("category", wanted.lower())
            if category is None:
                self.leave_out(wanted, gettext("there is no such category"))
        return category

    def place(self) -> tuple[Name | None, Name | None]:
        region, township = self.region(), None
        if wanted := self.one("township"):
            if region is None:
                self.leave_out(wanted, gettext("a township needs its region"))
            else:
                township = names.by_slug("township", wanted.lower(), region=region.id)
                if township is None:
                    self.leave_out(wanted, gettext("%(region)s has no such township") % {"region": region})
        return region, township

    def type(self) -> PriceType | None:
        wanted = self.one("type")
        found = next((known for known in PRICE_TYPES if known == wanted.upper()), None)
        if wanted and found is None:
            self.leave_out(wanted, gettext("prices are retail or wholesale"))
        return found

    def choice(self, key: str, known: Sequence[str], *, else_say: str) -> str:
        wanted = self.one(key)
        if wanted and wanted.lower() not in known:
            self.leave_out(wanted, else_say)
            return ""
        return wanted.lower()

    def number(self, key: str, *, most: int, else_say: str) -> int | None:
        wanted = self.one(key)
        if not wanted:
            return None
        # Longer texts are no number that anybody means, and a megabyte of digits would take its time.
        value = int(wanted) if len(wanted) <= 9 and wanted.isdecimal() else 0
        if not 1 <= value <= most:
            self.leave_out(wanted, else_say)
            return None
        return value

    def past_day(self, key: str, *, today: date) -> date | None:
        wanted = self.one(key)
        if not wanted:
            return None
        found = None
        if re.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", wanted):
            with suppress(ValueError):
                found = date.fromisoformat(wanted)
        if found is None:
            self.leave_out(wanted, gettext("a day is written as 2025-12-15"))
        elif not FIRST_DAY <= found < today:
            self.leave_out(wanted, gettext("there is nothing to compare with on that day"))
            found = None
        return found


def no_such_unit() -> str:
    return gettext("this item has no price in that unit")


def left_out(value: str, why: str) -> str:
    """The note on something asked for that makes no sense."""
    return gettext("Left out “%(value)s”: %(why)s.") % {"value": shown(value), "why": why}


def shown(value: str) -> str:
    """A stranger's text as a note may repeat it: short, without control characters."""
    text = "".join(
        char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in value[: SHOWN_LENGTH + 1]
    )
    return text if len(text) <= SHOWN_LENGTH else text[:SHOWN_LENGTH] + "…"


def sort_labels() -> dict[str, str]:
    return {
        "price": gettext("Cheapest first"),
        "dearest": gettext("Dearest first"),
        "newest": gettext("Newest first"),
        "name": gettext("By name"),
    }


def period_labels() -> dict[str, str]:
    return {
        "30d": gettext("30 days"),
        "1y": gettext("1 year"),
        "5y": gettext("5 years"),
        "all": pgettext("period", "All"),
    }
