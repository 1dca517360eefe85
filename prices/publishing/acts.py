"""What each kind of ledger row does to the prices in MongoDB.

Every act may run again: an entry is inserted under its submission's id, a change is noted once per id.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from typing import Any

from prices.derived.refresh import Touched
from prices.ledger.payloads import change_from, entry_from
from prices.ledger.rights import may_moderate
from prices.models import CHANGED_MEANWHILE, LedgerRow
from prices.rules.judging import structure
from prices.rules.judging.facts import facts_for
from prices.store import entries, reports
from prices.types import EDITABLE, PriceEntry, Report

Kind = LedgerRow.Kind
Ranges = Mapping[tuple[int, str], tuple[int, int]]
"""Lowest and highest plausible pya by item and base."""

ID_TAKEN = "Another price was sent under the same id."
OTHER_PRICE = "The form belongs to another price."


class Parked(Exception):
    """A row that can never be published; the reason is for its author and the moderators."""


def _publish_price(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
    entry = entry_of(row, ranges, now=now)
    try:
        stored = entries.add(entry)
    except entries.EntryConflict:
        raise Parked(ID_TAKEN) from None
    # The ledger knows it, too, for pages of this price while MongoDB is unavailable.
    row.payload["judged"] = asdict(stored.judgement)
    return {Touched.by(stored)}


def _publish_correction(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
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


def _publish_withdrawal(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
    old = _target(row)
    _check_may_change(row, old)
    if not entries.change(old.id, change_from(row), where=EDITABLE):
        raise Parked("The price was withdrawn or removed meanwhile.")
    reports.close(old.id, outcome="withdrawn", seq=row.seq)
    return {Touched.by(old)}


def _publish_confirmation(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
    old = _target(row)
    _check_not_banned(row, old)
    if not entries.confirm(old.id, change_from(row), author_id=old.submitter.id):
        raise Parked("The price is no longer published.")
    return {Touched.by(old)}


def _publish_moderation(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
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


def _publish_report(row: LedgerRow, ranges: Ranges, now: datetime) -> set[Touched]:
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


ACTS: dict[str, Callable[[LedgerRow, Ranges, datetime], set[Touched]]] = {
    Kind.PRICE: _publish_price,
    Kind.CORRECT: _publish_correction,
    Kind.WITHDRAW: _publish_withdrawal,
    Kind.CONFIRM: _publish_confirmation,
    Kind.MODERATE: _publish_moderation,
    Kind.REPORT: _publish_report,
}


def entry_of(row: LedgerRow, ranges: Ranges, *, now: datetime) -> PriceEntry:
    """The entry that a PRICE or CORRECT row says, judged."""
    payload: dict[str, Any] = row.payload
    facts = facts_for(
        price=Decimal(payload["price"]),
        quantity=Decimal(payload["quantity"]),
        unit_code=payload["unit"],
        amount_pya=payload["amount"],
        base=payload["base"],
        range_pya=ranges.get((payload["item"], payload["base"])),
    )
    judgement = structure.judge(facts).judgement
    status = structure.STATUS_OF[judgement.verdict]
    return entry_from(row, status=status, judgement=judgement, published_at=now)


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
