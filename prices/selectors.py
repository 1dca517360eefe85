"""What pages and other apps read of prices.

Price pages make no PostgreSQL query and at most four reads of MongoDB: all boards of a page come with one call
of :func:`boards_for`. Without MongoDB boards come from PostgreSQL's copies and say so (``board.copied_at``).
"""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import DatabaseError
from django.db import Error as AnyDatabaseError
from django.utils import timezone

from potato import calendar, clock
from potato.errors import Unavailable
from potato.stores import degraded
from potato.web import page_cache
from prices.ledger import entries as ledger_entries
from prices.ledger.payloads import submission_from
from prices.models import PRICE_KINDS, BasketLine, BoardCopy, EntriesOfBoard, Installation, LedgerRow
from prices.names import cache as names
from prices.rules import rollups
from prices.rules.boards.format import from_ms
from prices.rules.typed_numbers import plain
from prices.store import amounts, boards, entries, history
from prices.types import (
    HOME,
    Base,
    Board,
    DayStat,
    Judgement,
    Place,
    PriceEntry,
    PriceType,
    Report,
    Submission,
    Submitter,
)

Kind, State = LedgerRow.Kind, LedgerRow.State
DECISIONS = (Kind.MODERATE, Kind.WITHDRAW, Kind.CORRECT)
"""Acts after which nothing more is to be decided about earlier reports of a price."""


def boards_for(keys: Iterable[str]) -> dict[str, Board]:
    """The boards of a page by key; those that do not exist are missing. One read of MongoDB.

    :raises Unavailable: neither MongoDB nor PostgreSQL's copies answer.
    """
    wanted = sorted(set(keys))
    try:
        found = boards.get_many(wanted)
    except Unavailable:
        degraded.mark("mongo")
        return _copies(wanted)
    page_cache.made_from({key: found[key].rev if key in found else 0 for key in wanted})
    return found


def followers(board: Board | None) -> int:
    """How many people follow an item or a shop, by its board (``followers_key``)."""
    return int(board.data["n"]) if board else 0


def price_before(entry: PriceEntry) -> PriceEntry | None:
    """The published price that a shop had before a price, of the same item, type and base. One read of MongoDB.

    :raises Unavailable: MongoDB does not answer.
    """
    return entries.newest(
        item_id=entry.item_id,
        shop_id=entry.shop_id,
        type=entry.type,
        base=entry.base,
        until=entry.last_seen_at - timedelta(milliseconds=1),
    )


def items_at_hand() -> list[dict[str, Any]] | None:
    """What items cost in the country, as the home board holds it. One read of MongoDB, and never one of PostgreSQL.

    :return: None where MongoDB is away: whoever is typing does not wait for the copies.
    """
    try:
        board = boards.get_many([HOME]).get(HOME)
    except Unavailable:
        degraded.mark("mongo")
        return None
    return board.data["items"] if board else []


def histories_of(
    places: Iterable[Place], *, item_id: int, type: PriceType, base: Base, since: date | None = None
) -> dict[Place, list[DayStat]] | None:
    """The days of an item in each of some places, oldest first.

    One read of MongoDB for all regions and the nation, one for all townships, one for all shops, where there are any.
    Townships and shops are computed from raw entries.

    :return: None where history is away with MongoDB (a board carries its own last 90 days).
    """
    wanted = set(places)
    what = {"item_id": item_id, "type": type, "base": base}
    shops = {place for place in wanted if place.shop_id is not None}
    townships = {place for place in wanted - shops if place.township_id is not None}
    try:
        return (
            _of_regions(wanted - shops - townships, since=since, **what)
            | _of_townships(townships, since=since, **what)
            | _of_shops(shops, since=since, **what)
        )
    except Unavailable:
        degraded.mark("mongo")
        return None


def price(entry_id: UUID, *, signed: str = "", by_visitor: bool = False) -> PriceEntry | None:
    """One price as far as it is known now, with the withdrawal or correction that was accepted and is on its way.

    From MongoDB; where that does not know it yet or does not answer, from the ledger; else as a form carries it, or as the
    copies of boards show it.

    :param signed: what a form carries (:func:`prices.ledger.entries.sign`); anything may stand there.
    :param by_visitor: leave PostgreSQL alone while MongoDB answers: nothing that waits is a visitor's.
    :return: None where it does not exist. One that waits to be published (``waits``) is its author's alone to see.
    :raises Unavailable: MongoDB does not answer, and neither the ledger, the form nor a copy knows this price.
    """
    id = str(entry_id)
    try:
        stored = entries.get(id)
    except Unavailable:
        degraded.mark("mongo")
        try:
            found = (
                ledger_entries.get_many([id]).get(id)
                or ledger_entries.signed(signed, entry_id=id)
                or _copied(id)
            )
        except AnyDatabaseError as error:
            raise Unavailable("mongo", "and neither is PostgreSQL") from error
        if found is None:
            raise
        return found
    if by_visitor:
        return stored
    if stored is None:
        waiting = ledger_entries.get_many([id]).get(id)
        if waiting is None or waiting.waits:
            return waiting
        # Published just now, between the two questions.
        return entries.get(id)
    try:
        return ledger_entries.with_acts({id: stored}, waiting_only=True)[id]
    except AnyDatabaseError:
        # What waits is on no page yet.
        degraded.mark("postgres")
        return stored


def _copied(entry_id: str) -> PriceEntry | None:
    """A price from the copies of boards, with what the ledger says happened to it since."""
    entry = find_entry(entry_id)
    return ledger_entries.with_acts({entry_id: entry})[entry_id] if entry else None


def find_entry(entry_id: str) -> PriceEntry | None:
    """A published price by its id, as its shop's board shows it; None where it is no shop's newest price of an item.

    What a board does not hold is not known: notes, changes, when it was published. ``seen_at`` is when it was last seen.
    """
    copies = BoardCopy.objects.filter(key__startswith="shop:").annotate(entries=EntriesOfBoard("data"))
    for data in copies.filter(entries__has_key=entry_id).values_list("data", flat=True):
        return _entry_of(next(row for row in data["rows"] if row["entry"] == entry_id))
    return None


def _entry_of(row: dict[str, Any]) -> PriceEntry:
    seen, received = from_ms(row["seen"]), from_ms(row["received"])
    return PriceEntry(
        id=row["entry"],
        item_id=row["item"],
        shop_id=row["shop"],
        shop_name=_english_name("shop", row["shop"]),
        region_id=row["region"],
        region_name=_english_name("region", row["region"]),
        township_id=row["township"],
        township_name=_english_name("township", row["township"]),
        price=Decimal(row["price"]),
        quantity=Decimal(row["quantity"]),
        unit=row["unit"],
        amount=row["amount"],
        base=row["base"],
        type=row["type"],
        seen_at=seen,
        submitter=Submitter(**row["by"]),
        body_hash="",
        source=row["source"],
        status="published",
        judgement=Judgement(row["verdict"] or "unjudged"),
        received_at=received,
        published_at=received,
        last_seen_at=seen,
        confirmations=row["confirmations"],
        demo=row["demo"],
    )


def _english_name(kind: Any, id: int | None) -> str:
    name = names.get(kind, id)
    return name.name_en if name else ""


def unfinished_acts(user_id: int, *, entry_id: UUID | None = None, limit: int = 5) -> list[Submission]:
    """What a person did to prices that waits to be published, or could not be published, the newest first.

    :param entry_id: to this price; without, what could not be published of the last week, to any price.
    """
    rows = LedgerRow.objects.filter(author_id=user_id)
    if entry_id is None:
        # A correction that could not be published stands among what the person sent.
        rows = rows.filter(
            state=LedgerRow.State.PARKED, accepted_at__gt=timezone.now() - timedelta(days=7)
        ).exclude(kind__in=PRICE_KINDS)
    else:
        rows = rows.filter(target=str(entry_id)).exclude(pk=entry_id).exclude(state=LedgerRow.State.PUBLISHED)
    return [submission_from(row) for row in rows.order_by("-seq")[:limit]]


def submission(submission_id: UUID) -> Submission | None:
    """What became of something sent, from the ledger (payloads are kept 90 days)."""
    row = LedgerRow.objects.filter(pk=submission_id).first()
    return submission_from(row) if row else None


def submissions_of(user_id: int, *, before: int | None = None, limit: int = 50) -> list[Submission]:
    """What a person sent, newest first; ``before`` is the last row's ``seq`` of the page before."""
    rows = LedgerRow.objects.filter(author_id=user_id, kind__in=PRICE_KINDS)
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[:limit])
    known = prices_by_id([str(row.pk) for row in found])
    return [submission_from(row, entry=known.get(str(row.pk))) for row in found]


def prices_by_id(ids: Sequence[str]) -> dict[str, PriceEntry]:
    """Prices by id as :func:`price` finds them; those that are not known are missing."""
    try:
        stored = entries.get_many(ids)
    except Unavailable:
        degraded.mark("mongo")
        stored = {}
    else:
        stored = ledger_entries.with_acts(stored, waiting_only=True)
    return ledger_entries.get_many([id for id in ids if id not in stored]) | stored


def stored_prices(ids: Sequence[str]) -> dict[str, PriceEntry]:
    """Prices by id as MongoDB has them; those that it does not have are missing.

    :raises Unavailable: MongoDB does not answer.
    """
    return entries.get_many(ids)


def basket_of(user_id: int) -> list[str]:
    """The list of items that a member keeps, each as an address says it: ``onions:1.5:viss``."""
    rows = BasketLine.objects.filter(user=user_id).values_list("item__slug", "quantity", "unit")
    return [f"{slug}:{plain(quantity)}:{unit}" for slug, quantity, unit in rows]


def with_waiting_decision(entry_ids: Sequence[str]) -> set[str]:
    """Those prices about which something was decided that the relay has not published yet."""
    waiting = LedgerRow.objects.filter(target__in=entry_ids, kind__in=DECISIONS, state=State.ACCEPTED)
    return set(waiting.values_list("target", flat=True))


def open_report(*, by: int, entry_id: str, but: UUID | None = None) -> Report | None:
    """A person's report of a price about which nobody has decided yet, by the ledger: whatever waits for the relay, too.

    :param but: the id of an act that does not count.
    """
    acts = LedgerRow.objects.filter(target=entry_id)
    own = acts.filter(kind=Kind.REPORT, author=by).exclude(state=State.PARKED)
    if but is not None:
        own = own.exclude(pk=but)
    row = own.order_by("-seq").first()
    # A payload is kept for some time only.
    if (
        row is None
        or not row.payload
        or acts.filter(kind__in=DECISIONS, state=State.PUBLISHED, seq__gt=row.seq).exists()
    ):
        return None
    return Report(
        entry_id=entry_id,
        item_id=row.item_id or 0,
        by=by,
        reason=row.payload["reason"],
        text=row.payload.get("text", ""),
        at=row.received_at,
        seq=row.seq,
    )


def is_demo() -> bool:
    """Whether what is submitted now belongs to the demo (asked of PostgreSQL, inside a transaction)."""
    return Installation.objects.filter(mode=Installation.Mode.DEMO).exists()


def _of_regions(places: set[Place], *, since: date | None, **what: Any) -> dict[Place, list[DayStat]]:
    days: dict[Place, list[DayStat]] = {place: [] for place in places}
    if not places:
        return days
    today = clock.today()
    months = history.months_of_regions(
        region_ids={place.region_id for place in places},
        since=rollups.month_key(since) if since else None,
        **what,
    )
    for month in months:
        days[Place(month.region_id)] += [
            day for day in month.days if (since is None or day.day >= since) and day.day <= today
        ]
    return days


def _of_townships(places: set[Place], *, since: date | None, **what: Any) -> dict[Place, list[DayStat]]:
    if not places:
        return {}
    seen = amounts.in_townships(
        region_ids={place.region_id for place in places},
        township_ids=[place.township_id for place in places if place.township_id is not None],
        start=calendar.start_of_day(since) if since else None,
        end=clock.now(),
        **what,
    )
    return {place: rollups.roll_up_days(seen[place.township_id or 0]) for place in places}


def _of_shops(places: set[Place], *, since: date | None, **what: Any) -> dict[Place, list[DayStat]]:
    if not places:
        return {}
    seen = amounts.in_shops(
        shop_ids=[place.shop_id for place in places if place.shop_id is not None],
        start=calendar.start_of_day(since) if since else None,
        end=clock.now(),
        **what,
    )
    return {place: rollups.roll_up_days(seen[place.shop_id or 0]) for place in places}


def _copies(keys: Sequence[str]) -> dict[str, Board]:
    try:
        copies = BoardCopy.objects.filter(pk__in=keys)
        return {
            copy.key: Board(
                key=copy.key, rev=copy.rev, made_at=copy.copied_at, data=copy.data, copied_at=copy.copied_at
            )
            for copy in copies
        }
    except DatabaseError as error:
        raise Unavailable("mongo", "and PostgreSQL's copies are away too") from error
