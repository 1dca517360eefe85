"""What rose and fell, and what moved abnormally, in the reader's words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext, ngettext

from potato.text.wording import Change, Wording
from prices.names import cache as names
from prices.pages.shared_parts.filters import CHANGE_PERIODS, ChangesFilter
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import in_lists
from prices.pages.shared_parts.phrases import change_label, lower_first, type_name
from prices.pages.shared_parts.view_models import Option
from prices.rules import typical_price
from prices.rules.price_moves import WEEK
from prices.types import RETAIL, Name


@dataclass(frozen=True, slots=True)
class MoverRow:
    """A price now and before, each with its day and the number of prices behind it."""

    item: str
    place: str
    """With the kind of price where that is wholesale."""
    url: str
    amount: str
    per: str
    change: Change
    count: str
    day: str
    before: str
    before_count: str
    before_day: str
    strength: str = ""
    """Of an abnormal move: how many times the usual one it is."""


def mover_rows(movers: Iterable[dict[str, Any]], *, words: Wording, links: Links) -> list[MoverRow]:
    """What rose or fell, with where; what is too old by now is left out."""
    fresh = [
        mover
        for mover in movers
        if (words.today - date.fromisoformat(mover["day"])).days < typical_price.WINDOW_DAYS
    ]
    return [row for mover in fresh if (row := _row(mover, words=words, links=links))]


def unusual_rows(alarms: Iterable[dict[str, Any]], *, words: Wording, links: Links) -> list[MoverRow]:
    """Abnormal moves, the strongest first; what is no news any more is left out."""
    today = words.today.isoformat()
    return [
        row
        for alarm in alarms
        if alarm["until"] >= today
        and (row := _row(alarm, words=words, links=links, strength=_strength(alarm, words)))
    ]


def of_choice(
    movers: Iterable[dict[str, Any]], chosen: ChangesFilter, *, of_type: bool = True
) -> list[dict[str, Any]]:
    """The movers or alarms in the region, the category and of the type that a reader chose."""
    category = chosen.category
    return [
        mover
        for mover in movers
        if (chosen.region is None or mover["region"] == chosen.region.id)
        and (not of_type or mover["series"].partition(":")[0] == chosen.type)
        and (category is None or _category_of(mover["item"]) == category.id)
    ]


def options(chosen: ChangesFilter) -> dict[str, list[Option]]:
    """What the filter offers."""

    def all_of(known: Sequence[Name], current: Name | None, no_choice: str) -> list[Option]:
        return [
            Option("", no_choice, current is None),
            *(Option(one.slug, str(one), current is not None and one.id == current.id) for one in known),
        ]

    return {
        "regions": all_of(names.all_of("region"), chosen.region, gettext("All of Myanmar")),
        "categories": all_of(names.all_of("category"), chosen.category, gettext("All items")),
        "periods": [Option(key, change_label(key), key == chosen.period) for key in CHANGE_PERIODS],
    }


def headings(period: str) -> tuple[str, str]:
    """Over what rose and what fell."""
    return {
        "7": (gettext("Dearer than a week ago"), gettext("Cheaper than a week ago")),
        "30": (gettext("Dearer than a month ago"), gettext("Cheaper than a month ago")),
        "365": (gettext("Dearer than a year ago"), gettext("Cheaper than a year ago")),
    }[period]


def _row(mover: dict[str, Any], *, words: Wording, links: Links, strength: str = "") -> MoverRow | None:
    item, region = names.get("item", mover["item"]), names.get("region", mover["region"])
    township = names.get("township", mover["township"]) if mover.get("township") else None
    if item is None or region is None or (mover.get("township") and township is None):
        return None
    type_, base = mover["series"].split(":")
    before = mover["before"]
    place = f"{township}, {region}" if township else str(region)
    shown, _other = in_lists(base, words)
    return MoverRow(
        item=str(item),
        place=place if type_ == RETAIL else f"{place} · {lower_first(type_name(type_))}",
        url=links.item(
            item,
            region=region.slug,
            township=township.slug if township else "",
            type=type_asked(type_),
        ),
        amount=words.kyat(mover["now"], to_base=shown.to_base),
        per=shown.per,
        change=words.change(before["percent"], decimals=0 if abs(before["percent"]) >= 10 else 1),
        count=_n_prices(mover["n"], words),
        day=_day(mover["day"], words),
        before=words.kyat(before["amount"], to_base=shown.to_base),
        before_count=_n_prices(before["n"], words),
        before_day=_day(before["day"], words),
        strength=strength,
    )


def _strength(alarm: dict[str, Any], words: Wording) -> str:
    times = words.decimal(str(alarm["times"]))
    if alarm["span"] == WEEK.days:
        return gettext("Moved %(times)s times as much as it usually does in a week.") % {"times": times}
    return gettext("Moved %(times)s times as much as it usually does in a month.") % {"times": times}


def _n_prices(n: int, words: Wording) -> str:
    return ngettext("%(n)s price", "%(n)s prices", n) % {"n": words.number(n)}


def _day(day: str, words: Wording) -> str:
    found = date.fromisoformat(day)
    return words.day(found, year=found.year != words.today.year)


def _category_of(item_id: int) -> int | None:
    item = names.get("item", item_id)
    return item.facts.get("category") if item else None
