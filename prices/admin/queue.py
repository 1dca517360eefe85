"""The prices that wait for a moderator: put aside by the judge, or reported by people; in one order, page by page."""

import heapq
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.utils.translation import gettext as _

from accounts.models import User
from accounts.names import shown_name
from catalog import selectors as catalog
from prices import selectors
from prices.forms.acts import REPORT_REASONS
from prices.names import cache as names
from prices.pages.shared_parts import price_text
from prices.rules.boards.format import from_ms, to_ms
from prices.store import entries, reports
from prices.types import Name, PriceEntry, Report, Reported

PAGE = 50
REPORTS_SHOWN = 5
Position = tuple[datetime, str]
"""Since when a price waits, and its id: newest first, then by id."""


@dataclass(frozen=True, slots=True)
class Line:
    """A price of the queue in its context.

    ``reports`` are the newest ones in words, of ``people`` people; ``is_own`` is a price that the moderator sent.
    """

    entry: PriceEntry
    since: datetime
    item: Name | None
    place: str
    sender: str
    price: price_text.PriceText
    usual: str
    why: str
    reports: list[str]
    people: int
    is_own: bool

    @property
    def value(self) -> str:
        """What the box of the line sends: the price, and the status that the moderator saw."""
        return f"{self.entry.id}:{self.entry.status}"

    @property
    def more_reports(self) -> int:
        return self.people - len(self.reports)


def read_page(*, by: User, after: Position | None) -> tuple[list[Line], str]:
    """A page of the queue for a moderator, and where the next one begins, for its address; empty on the last one.

    What was just decided, and waits for the relay, is left out.

    :param after: the last line of the page before.
    :raises Unavailable: MongoDB does not answer.
    """
    merged = heapq.merge(_put_aside(after), _reported(after), key=lambda one: (-to_ms(one[0][0]), one[0][1]))
    # A price that changes from one kind to the other meanwhile may come twice.
    found = dict(islice(merged, PAGE + 1))
    lines = _lines(dict(list(found.items())[:PAGE]), by=by)
    return lines, address_of(list(found)[PAGE - 1]) if len(found) > PAGE else ""


def address_of(position: Position) -> str:
    """A position as the address of the next page has it."""
    since, entry_id = position
    return f"{to_ms(since)}.{entry_id}"


def position_of(text: str) -> Position | None:
    """The position in an address; None for what makes no sense."""
    since, _dot, entry_id = text.partition(".")
    if not since.isdecimal() or len(since) > 14:
        return None
    try:
        return from_ms(int(since)), str(UUID(entry_id[:40]))
    except ValueError:
        return None


def _put_aside(after: Position | None) -> Iterator[tuple[Position, PriceEntry]]:
    """Prices whose status says that they wait."""
    while page := entries.to_check(limit=PAGE + 1, before=after):
        decided = selectors.with_waiting_decision([entry.id for entry in page])
        for entry in page:
            if entry.id not in decided:
                yield (entry.received_at, entry.id), entry
        after = page[-1].received_at, page[-1].id


def _reported(after: Position | None) -> Iterator[tuple[Position, PriceEntry]]:
    """Published prices that somebody reported. Those that wait anyway have their place among the others."""
    while page := reports.reported(limit=PAGE + 1, before=after):
        found = entries.get_many([entry_id for _since, entry_id in page])
        decided = selectors.with_waiting_decision(list(found))
        for since, entry_id in page:
            entry = found.get(entry_id)
            if entry and entry.status == "published" and entry_id not in decided:
                yield (since, entry_id), entry
        after = page[-1]


def _lines(found: dict[Position, PriceEntry], *, by: User) -> list[Line]:
    shown = list(found.values())
    ranges = catalog.ranges_of({entry.item_id for entry in shown})
    reported = reports.open_of([entry.id for entry in shown], newest=REPORTS_SHOWN)
    nothing = Reported(0, ())
    return [
        Line(
            entry=entry,
            since=since,
            item=names.get("item", entry.item_id),
            place=", ".join(name for name in _places(entry) if name),
            sender=shown_name(entry.submitter.name, id=entry.submitter.id),
            price=price_text.text_of(entry),
            usual=_usual(ranges.get((entry.item_id, entry.base)), entry.base),
            why=price_text.why(entry.judgement),
            reports=list(_report_texts(reported.get(entry.id, nothing).newest)),
            people=reported.get(entry.id, nothing).people,
            is_own=entry.submitter.id == by.pk,
        )
        for (since, _id), entry in found.items()
    ]


def _places(entry: PriceEntry) -> tuple[str, str, str]:
    """Shop, township and region in the page's language."""
    return (
        names.shown("shop", entry.shop_id, otherwise=entry.shop_name),
        names.shown("township", entry.township_id, otherwise=entry.township_name or ""),
        names.shown("region", entry.region_id, otherwise=entry.region_name),
    )


def _report_texts(found: Iterable[Report]) -> Iterator[str]:
    labels = dict(REPORT_REASONS)
    for report in found:
        label = labels.get(report.reason, report.reason)
        yield f"{label}: {report.text}" if report.text else str(label)


def _usual(ends: tuple[int, int] | None, base: str) -> str:
    if ends is None:
        return "–"
    low, high = (price_text.per_base(end, base) for end in ends)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}
