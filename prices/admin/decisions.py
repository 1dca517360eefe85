"""What moderators decided about prices, and what came of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from potato import clock
from potato.errors import Refused, Unavailable
from prices import selectors, services
from prices.ledger.accept import SameIdOtherPrice
from prices.ledger.payloads import price_of
from prices.models import CHANGED_MEANWHILE, PRICE_KINDS, STORE_UNAVAILABLE, LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import price_text
from prices.store import entries
from prices.types import PriceEntry, Status

Kind, State = LedgerRow.Kind, LedgerRow.State
SHOWN_FOR = timedelta(minutes=10)
SHOWN = 100
Picked = tuple[UUID, Status]
"""A price, and the status that the moderator saw."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one decision. ``state`` is "done", "waits" or "not_done"; ``text`` says the last two in words."""

    entry_id: str
    price: str
    decision: str
    reason: str
    state: str
    text: str


def decide(
    *, by: User, form_id: UUID, picked: Iterable[Picked], status: Status, reason: str
) -> list[tuple[str, str]]:
    """Accept a decision about each of some prices. The same form again decides nothing twice.

    :return: those that were not accepted: the price in words, and why not.
    :raises Unavailable: MongoDB does not answer, and nothing was decided.
    """
    seen = {str(entry_id): status for entry_id, status in picked}
    found = entries.get_many(list(seen))
    acts = {entry_id: act_id(form_id, entry_id, status) for entry_id in seen}
    accepted = _accepted(by, acts.values())
    last = _last_decisions(list(seen), but=acts.values())
    refused = {}
    for entry_id, seen_status in seen.items():
        entry = found.get(entry_id)
        if entry is None:
            refused[entry_id] = _("This price does not exist any more.")
            continue
        if acts[entry_id] not in accepted:
            refused[entry_id] = _why_not(entry, seen_status, last.get(entry_id), by=by)
            if refused[entry_id]:
                continue
        try:
            services.moderate(
                by=by,
                act_id=acts[entry_id],
                entry=entry,
                status=status,
                seen_status=seen_status,
                reason=reason,
                now=clock.now(),
            )
        except SameIdOtherPrice:
            refused[entry_id] = _(
                "You decided this with the same form before, with another reason. That one stays."
            )
        except Refused as refusal:
            refused[entry_id] = str(refusal)
    texts = {entry_id: price_text.one_line(entry) for entry_id, entry in found.items()}
    return [(texts.get(entry_id, entry_id), why) for entry_id, why in refused.items() if why]


def act_id(form_id: UUID, entry_id: str, status: str) -> UUID:
    """One form, one price, one decision: one act, however often the button is pressed."""
    return uuid5(form_id, f"{entry_id}:{status}")


def undecided(*, by: User, form_id: UUID, picked: Iterable[Picked]) -> list[tuple[str, str]]:
    """Of the prices ticked in a form, those that this form did not decide: their boxes' values, and the prices in words.

    Asks the ledger alone first, for the time without MongoDB.
    """
    boxes = {str(entry_id): f"{entry_id}:{status}" for entry_id, status in picked}
    acts = {
        act_id(form_id, entry_id, status): entry_id
        for entry_id in boxes
        for status in ("published", "removed")
    }
    for done in _accepted(by, acts):
        boxes.pop(acts[done], None)
    texts = price_texts(dict.fromkeys(boxes))
    return [(box, texts[entry_id]) for entry_id, box in boxes.items()]


def just_decided(*, by: User) -> list[Outcome]:
    """What became of a moderator's decisions of the last minutes, the newest first."""
    rows = list(
        LedgerRow.objects.filter(author=by, kind=Kind.MODERATE, accepted_at__gt=timezone.now() - SHOWN_FOR)
        .exclude(payload={})
        .order_by("-seq")[:SHOWN]
    )
    texts = price_texts({row.target: row.item_id for row in rows})
    last = _last_decisions(
        [row.target for row in rows if row.state == State.PARKED],
        but=[row.pk for row in rows if row.state == State.PARKED],
    )
    return [_outcome(row, texts[row.target], last.get(row.target), by=by) for row in rows]


def _outcome(row: LedgerRow, price: str, last: LedgerRow | None, *, by: User) -> Outcome:
    state, text = "done", ""
    if row.state == State.ACCEPTED:
        state = "waits"
        text = (
            _("It waits until the store of prices answers again.")
            if row.reason == STORE_UNAVAILABLE
            else _("It is done in a moment.")
        )
    elif row.state == State.PARKED:
        state = "not_done"
        text = (
            _meanwhile(last, by=by)
            if last and row.reason == CHANGED_MEANWHILE
            else price_text.parked(row.reason)
        )
    status = row.payload["status"]
    return Outcome(row.target, price, _decision(status), row.payload["reason"], state, text)


def _why_not(entry: PriceEntry, seen: Status, last: LedgerRow | None, *, by: User) -> str:
    """What is known against a decision before it is accepted; empty if nothing is."""
    if entry.submitter.id == by.pk:
        return _("It is your own price: another moderator decides.")
    if last and last.state == State.ACCEPTED:
        return _meanwhile(last, by=by)
    if entry.status != seen:
        now = _("It was changed meanwhile, and is now: %(status)s.") % {"status": _status(entry.status)}
        return _meanwhile(last, by=by) if last else now
    return ""


def _meanwhile(last: LedgerRow, *, by: User) -> str:
    """Who did what to a price meanwhile."""
    if last.kind == Kind.WITHDRAW:
        text = _("Taken back meanwhile by %(name)s.")
    elif last.kind == Kind.CORRECT:
        text = _("Corrected meanwhile by %(name)s.")
    else:
        text = {
            "published": _("Published meanwhile by %(name)s."),
            "quarantined": _("Put aside meanwhile by %(name)s."),
        }.get(last.payload.get("status", ""), _("Removed meanwhile by %(name)s."))
    if last.author_id == by.pk:
        name = _("yourself")
    else:
        name = last.author.public_name if last.author else _("somebody")
    return text % {"name": name}


def _decision(status: str) -> str:
    return {"published": _("Publish"), "removed": _("Remove")}.get(status, _("Put aside"))


def _status(status: str) -> str:
    return {
        "published": _("Published"),
        "pending": _("Pending"),
        "quarantined": _("Quarantined"),
        "withdrawn": _("Taken back"),
    }.get(status, _("Removed"))


def _accepted(by: User, act_ids: Iterable[UUID]) -> set[UUID]:
    return set(LedgerRow.objects.filter(pk__in=list(act_ids), author=by).values_list("pk", flat=True))


def _last_decisions(entry_ids: list[str], *, but: Iterable[UUID]) -> dict[str, LedgerRow]:
    """The newest act on each price that decided something about it or waits to do so, but some acts."""
    rows: QuerySet[LedgerRow] = LedgerRow.objects.filter(target__in=entry_ids, kind__in=selectors.DECISIONS)
    rows = rows.exclude(state=State.PARKED).exclude(pk__in=list(but)).select_related("author")
    return {row.target: row for row in rows.order_by("target", "-seq").distinct("target")}


def price_texts(items: dict[str, int | None]) -> dict[str, str]:
    """Prices in words by id: by the ledger where they came that way, else by MongoDB, else by their items alone.

    :param items: the item of each price, where it is known.
    """
    rows = LedgerRow.objects.filter(pk__in=list(items), kind__in=PRICE_KINDS).exclude(payload={})
    prices = {str(row.pk): price_of(row.payload) for row in rows}
    try:
        found = entries.get_many([entry_id for entry_id in items if entry_id not in prices])
    except Unavailable:
        found = {}
    texts = {entry_id: price_text.one_line(price) for entry_id, price in {**prices, **found}.items() if price}
    return {
        entry_id: texts.get(entry_id) or str(names.get("item", item_id) or _("A price"))
        for entry_id, item_id in items.items()
    }
