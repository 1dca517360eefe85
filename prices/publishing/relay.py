"""The relay: what the ledger accepted reaches MongoDB, and everything that it touches is made right.

Any number of relays may run. Each claims the waiting rows of one item (lease on PostgreSQL's clock), publishes
them in their order, refreshes from raw under the item's lock, and marks them published. Every step may run again:
entries are inserted under their submission's id, changes are noted once per id, what is derived is recomputed.
"""

import json
import logging
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from catalog.selectors import ranges_of
from potato import clock
from potato.errors import OUTAGES, Unavailable
from prices.coordination import locks
from prices.coordination.sequences import next_rev
from prices.derived import refresh
from prices.derived.refresh import Touched
from prices.ledger import installation
from prices.ledger.payloads import change_from, entry_from
from prices.ledger.rights import may_moderate
from prices.models import CHANGED_MEANWHILE, STORE_UNAVAILABLE, Installation, LedgerRow
from prices.names import rows as name_rows
from prices.rules.judging import structure
from prices.store import entries, reference, reports
from prices.types import EDITABLE, PriceEntry, Report

Kind, State = LedgerRow.Kind, LedgerRow.State
BATCH = 100
LEASE = timedelta(seconds=15)
MOST_TRIES = 12
# Who holds an item for longer may be frozen; other items must not wait for it.
BUSY_SECONDS = 1.0
ID_TAKEN = "Another price was sent under the same id."
GIVEN_UP = "Something is wrong with this entry; we are looking at it."
OTHER_PRICE = "The form belongs to another price."
log = logging.getLogger(__name__)


class Parked(Exception):
    """A row that can never be published; the reason is for its author and the moderators."""


@dataclass(frozen=True, slots=True)
class Published:
    """What the relay tells others: an item's prices in a shop changed."""

    item_id: int
    region_id: int
    shop_id: int


def run_once(*, limit: int = 20) -> list[Published]:
    """Publish what waits, item by item, until nothing is due.

    :param limit: at most so many items.
    :return: what was published.
    :raises Unavailable: a store went away; what was claimed is due again after a pause.
    """
    told: list[Published] = []
    for _ in range(limit):
        rows = claim()
        if not rows:
            break
        told += publish(rows)
    return told


def run_all() -> None:
    """Publish until nothing is due any more.

    :raises Unavailable: a store went away.
    """
    while rows := claim():
        publish(rows)


def claim() -> list[LedgerRow]:
    """Take the waiting rows of the item whose turn it is; nobody else has them until the lease ends.

    Rows with which a relay died are taken one by one, and one with which ever more relays die is parked: it would keep
    its item waiting for ever.
    """
    while _anything_due():
        rows, was_held = _claim()
        if not was_held or rows[0].tries <= MOST_TRIES:
            return rows
        log.error("Relays died with ledger row %s: it is parked", rows[0].pk)
        rows[0].state, rows[0].reason = State.PARKED, GIVEN_UP
        _mark(rows)
    return []


def _claim() -> tuple[list[LedgerRow], bool]:
    """:return: rows of one item, and whether it is a single one with which a relay died."""
    with locks.claiming(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT item_id FROM prices_ledgerrow WHERE state = 'accepted'
            GROUP BY item_id
            HAVING count(*) FILTER (WHERE lease_until >= clock_timestamp()) = 0
               AND count(*) FILTER (WHERE next_try_at <= clock_timestamp()) > 0
            ORDER BY min(seq) FILTER (WHERE next_try_at <= clock_timestamp())
            """
        )
        # An item whose due rows all wait for earlier ones that are not due must not keep the others waiting.
        for (item_id,) in cursor.fetchall():
            ids, was_held = _free(cursor, item_id)
            if ids := _lease(cursor, ids, counts=was_held):
                return list(LedgerRow.objects.filter(pk__in=ids).order_by("seq")), was_held
    return [], False


def _anything_due() -> bool:
    """Whether it is worth taking turns with other relays: mostly nothing is left after what was published."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM prices_ledgerrow"
            " WHERE state = 'accepted' AND next_try_at <= clock_timestamp())"
        )
        return cursor.fetchone()[0]


def _free(cursor: Any, item_id: int | None) -> tuple[list[str], bool]:
    """The due rows of an item, of one target in their order: a later one waits for an earlier one that is not due.

    :return: those up to the first one with which a relay died, or that one alone; and whether it is that one.
    """
    cursor.execute(
        """
        SELECT id::text, target, next_try_at <= clock_timestamp(), lease_until IS NOT NULL FROM prices_ledgerrow
        WHERE state = 'accepted' AND item_id IS NOT DISTINCT FROM %s ORDER BY seq LIMIT %s
        """,
        [item_id, 10 * BATCH],
    )
    free: list[str] = []
    blocked: set[str] = set()
    for id, target, is_due, was_held in cursor.fetchall():
        if not is_due or target in blocked:
            blocked |= {id, target}
        elif not was_held:
            free.append(id)
        elif free:
            break
        else:
            return [id], True
    return free[:BATCH], False


def _lease(cursor: Any, ids: list[str], *, counts: bool) -> list[str]:
    # A row of names that somebody is changing right now is locked until that is committed, and is left for later.
    cursor.execute(
        """
        UPDATE prices_ledgerrow SET lease_until = clock_timestamp() + %s, tries = tries + %s
        WHERE id IN (SELECT id FROM prices_ledgerrow WHERE id = ANY(%s::uuid[]) FOR UPDATE SKIP LOCKED)
        RETURNING id
        """,
        [LEASE, int(counts), ids],
    )
    return [row[0] for row in cursor.fetchall()]


def publish(rows: list[LedgerRow]) -> list[Published]:
    """Publish claimed rows of one item, refresh what they touch, and mark them.

    :raises Unavailable: MongoDB went away; the rows are due again after a pause.
    """
    item_id = rows[0].item_id
    try:
        if item_id is None:
            _publish_names(rows)
            return []
        with locks.mode_stays(), locks.items([item_id], seconds=BUSY_SECONDS):
            return _publish_item(_still_waiting(rows))
    except Unavailable:
        _put_back(rows, STORE_UNAVAILABLE, counts=False)
        raise
    except (refresh.Contended, locks.Busy):
        _put_back(rows, "others were faster", counts=False)
        return []
    except OUTAGES:
        # Where only our session was lost, the rows are due again soon; while PostgreSQL is unavailable their lease ends by itself.
        connection.close()
        with suppress(*OUTAGES):
            _put_back(rows, STORE_UNAVAILABLE, counts=False)
        raise
    except Exception as error:
        # What the rows said is stored; something that it touches could not be computed. The others go on.
        log.exception("Item %s could not be refreshed", item_id)
        _put_back(rows, f"{type(error).__name__}: {error}")
        return []


def _still_waiting(rows: list[LedgerRow]) -> list[LedgerRow]:
    """Without those that another relay has published since, because our lease ended while we waited."""
    waiting = set(
        LedgerRow.objects.filter(pk__in=[row.pk for row in rows], state=State.ACCEPTED).values_list(
            "pk", flat=True
        )
    )
    return [row for row in rows if row.pk in waiting]


def _publish_item(rows: list[LedgerRow]) -> list[Published]:
    now = clock.now()
    in_demo = installation.mode() == Installation.Mode.DEMO
    ranges = ranges_of({row.item_id for row in rows if row.item_id is not None})
    touched: set[Touched] = set()
    done: list[LedgerRow] = []
    blocked: set[str] = set()
    for row in rows:
        if row.target in blocked:
            blocked.add(str(row.pk))
            _put_back([row], "an earlier act on the same price waits", counts=False)
            continue
        try:
            if row.is_demo != in_demo:
                raise Parked("The demo has ended." if row.is_demo else "The demo has begun.")
            touched |= ACTS[row.kind](row, ranges, now)
        except Parked as reason:
            row.state, row.reason = State.PARKED, str(reason)
        except (*OUTAGES, refresh.Contended):
            raise
        except Exception as error:
            # One row that nobody foresaw must not stop the others.
            if not _give_up(row, error):
                blocked |= {row.target, str(row.pk)}
                continue
        else:
            row.state, row.reason = State.PUBLISHED, ""
        done.append(row)
    # The clock of the machine that accepted them may be ahead of ours.
    refresh.refresh(touched, until=max([now, *(row.received_at for row in rows)]))
    _mark(done)
    return [Published(t.item_id, t.region_id, t.shop_id) for t in touched]


def _give_up(row: LedgerRow, error: Exception) -> bool:
    """Park a row that failed too often, or put it back. :return: whether it is parked."""
    log.error("Ledger row %s could not be published", row.pk, exc_info=error)
    if row.tries + 1 < MOST_TRIES:
        _put_back([row], f"{type(error).__name__}: {error}")
        return False
    row.state, row.reason = State.PARKED, GIVEN_UP
    return True


def _publish_price(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    entry = entry_of(row, ranges, now=now)
    try:
        stored = entries.add(entry)
    except entries.EntryConflict:
        raise Parked(ID_TAKEN) from None
    # The ledger knows it, too, for pages of this price while MongoDB is unavailable.
    row.payload["judged"] = asdict(stored.judgement)
    return {Touched.by(stored)}


def _publish_correction(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    old = _target(row)
    _check_may_change(row, old)
    if (row.payload["item"], row.payload["shop"]) != (old.item_id, old.shop_id):
        raise Parked(OTHER_PRICE)
    new = str(row.pk)
    if entries.body_hashes([new]).get(new, row.body_hash) != row.body_hash:
        # Before the old price is withdrawn for it.
        raise Parked(ID_TAKEN)
    if not entries.change(old.id, change_from(row), where=EDITABLE):
        raise Parked("The price was withdrawn or removed meanwhile.")
    reports.close(old.id, outcome="withdrawn", seq=row.seq)
    return {Touched.by(old)} | _publish_price(row, ranges, now)


def _publish_withdrawal(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    old = _target(row)
    _check_may_change(row, old)
    if not entries.change(old.id, change_from(row), where=EDITABLE):
        raise Parked("The price was withdrawn or removed meanwhile.")
    reports.close(old.id, outcome="withdrawn", seq=row.seq)
    return {Touched.by(old)}


def _publish_confirmation(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    old = _target(row)
    _check_not_banned(row, old)
    if not entries.confirm(old.id, change_from(row), author_id=old.submitter.id):
        raise Parked("The price is no longer published.")
    return {Touched.by(old)}


def _publish_moderation(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    old = _target(row)
    if not _is_begun(row, old):
        if row.payload["by"]["id"] == old.submitter.id:
            raise Parked("Nobody moderates their own price.")
        if row.author is None or not may_moderate(row.author):
            raise Parked("Its author is not a moderator any more.")
    if not entries.change(old.id, change_from(row), where=[row.payload["seen_status"]]):
        raise Parked(CHANGED_MEANWHILE)
    reports.close(old.id, outcome=row.payload["status"], seq=row.seq)
    return {Touched.by(old)}


def _publish_report(row: LedgerRow, ranges: dict, now: datetime) -> set[Touched]:
    old = _target(row)
    reports.put(
        Report(
            entry_id=old.id,
            item_id=old.item_id,
            by=row.payload["by"]["id"],
            reason=row.payload["reason"],
            text=row.payload.get("text", ""),
            at=row.received_at,
            seq=row.seq,
            # Of a price that is gone there is nothing to decide, and its reports would stand before others'.
            outcome="open" if old.status in EDITABLE else old.status,
        )
    )
    return set()


ACTS: dict[str, Callable[[LedgerRow, dict, datetime], set[Touched]]] = {
    Kind.PRICE: _publish_price,
    Kind.CORRECT: _publish_correction,
    Kind.WITHDRAW: _publish_withdrawal,
    Kind.CONFIRM: _publish_confirmation,
    Kind.MODERATE: _publish_moderation,
    Kind.REPORT: _publish_report,
}


def entry_of(
    row: LedgerRow, ranges: dict[tuple[int, str], tuple[Decimal, Decimal]], *, now: datetime
) -> PriceEntry:
    """The entry that a PRICE or CORRECT row says, judged."""
    payload: dict[str, Any] = row.payload
    low, high = ranges.get((payload["item"], payload["base"]), (None, None))
    price = Decimal(payload["price"])
    judgement = structure.judge(
        structure.PriceFacts(
            price=price,
            quantity=Decimal(payload["quantity"]),
            amount_pya=payload["amount"],
            base=payload["base"],
            unit_code=payload["unit"],
            low_pya=None if low is None else int(low * 100),
            high_pya=None if high is None else int(high * 100),
            # How much of the base unit the whole price was for.
            lot=round(price * 100 / payload["amount"], 1),
            largest_lot=structure.LARGEST_LOT[payload["base"]],
        )
    ).judgement
    status = structure.STATUS_OF[judgement.verdict]
    return entry_from(row, status=status, judgement=judgement, published_at=now)


def publish_names(targets: Iterable[str]) -> None:
    """Write names of things ("shop:12") as PostgreSQL has them now."""
    by_kind: dict[str, list[int]] = {}
    for target in targets:
        kind, _, id = target.partition(":")
        by_kind.setdefault(kind, []).append(int(id))
    with locks.reference():
        rev = next_rev()
        names = [name for kind, ids in by_kind.items() for name in name_rows.some(kind, ids)]  # type: ignore[arg-type]
        there = {f"{name.kind}:{name.id}" for name in names}
        gone = [t for kind, ids in by_kind.items() for id in ids if (t := f"{kind}:{id}") not in there]
        reference.put_many(names, gone=gone, rev=rev)


def _publish_names(rows: list[LedgerRow]) -> None:
    try:
        publish_names({row.target for row in rows})
    except OUTAGES:
        raise
    except Exception as error:
        if len(rows) > 1:
            for row in rows:
                _publish_names([row])
            return
        if not _give_up(rows[0], error):
            return
    else:
        for row in rows:
            row.state, row.reason = State.PUBLISHED, ""
    _mark(rows)


def _target(row: LedgerRow) -> PriceEntry:
    """The entry that an act is about, as it is stored.

    :raises Parked: there is none; or it is of another item than the act was accepted for, whose lock we hold.
    """
    entry = entries.get(row.target)
    if entry is None:
        raise Parked("The price does not exist.")
    if entry.item_id != row.item_id:
        raise Parked(OTHER_PRICE)
    return entry


def _check_may_change(row: LedgerRow, entry: PriceEntry) -> None:
    """Ask again whether the author of an act may withdraw or correct this price: much may have changed since.

    :raises Parked: somebody else's price and not a moderator (any more), or banned.
    """
    _check_not_banned(row, entry)
    author = row.author
    is_own = row.payload["by"]["id"] == entry.submitter.id
    if not is_own and not _is_begun(row, entry) and (author is None or not may_moderate(author)):
        raise Parked("Only its author and moderators may change a price.")


def _check_not_banned(row: LedgerRow, entry: PriceEntry) -> None:
    """:raises Parked: the author of an act was banned since it was accepted."""
    author = row.author
    is_banned = author is not None and (author.banned_at is not None or not author.is_active)
    if is_banned and not _is_begun(row, entry):
        raise Parked("Its author was banned meanwhile.")


def _is_begun(row: LedgerRow, entry: PriceEntry) -> bool:
    """Whether a relay that died has noted this act on its entry: then it is carried through."""
    return any(change.id == str(row.pk) for change in entry.changes)


def _mark(rows: list[LedgerRow]) -> None:
    if not rows:
        return
    # If another relay was first, because our lease had ended, what it said stands.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE prices_ledgerrow AS row
            SET state = done.state, reason = left(done.reason, 300), published_at = %s, lease_until = NULL,
                payload = row.payload || done.judged::jsonb
            FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::text[]) AS done (id, state, reason, judged)
            WHERE row.id = done.id AND row.state = 'accepted'
            """,
            [
                timezone.now(),
                [row.pk for row in rows],
                [str(row.state) for row in rows],
                [row.reason for row in rows],
                [_judged(row) for row in rows],
            ],
        )


def _judged(row: LedgerRow) -> str:
    judged = row.payload.get("judged")
    return json.dumps({"judged": judged} if judged else {})


def _put_back(rows: list[LedgerRow], why: str, *, counts: bool = True) -> None:
    """Give rows back, to be tried again after a pause that grows with every try, up to 10 s.

    :param counts: whether the row itself may be to blame; if not, it is due again in half a second.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE prices_ledgerrow SET lease_until = NULL, reason = left(%s, 300), tries = tries + %s,"
            " next_try_at = clock_timestamp() + interval '1 second'"
            " * CASE WHEN %s THEN least(0.4 * power(2, least(tries, 10)), 10) ELSE 0.5 END"
            " WHERE id = ANY(%s) AND state = 'accepted'",
            [why, int(counts), counts, [row.pk for row in rows]],
        )
