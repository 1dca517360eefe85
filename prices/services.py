"""What people do to prices. Each function stores with one commit of PostgreSQL, which is the acknowledgement.

Nothing here waits for MongoDB or the queue: the relay publishes what was accepted.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Item
from potato import calendar
from potato.errors import Refused
from prices.coordination.ids import uuid7
from prices.ledger.accept import Act, accept, accept_price, wake_relay
from prices.ledger.payloads import Offer
from prices.ledger.rights import (
    may_moderate,
    refuse_unless_may_change,
    refuse_unless_may_submit,
    refuse_unless_reportable,
    refuse_waiting,
    refuse_without_reason,
)
from prices.models import BasketLine, LedgerRow
from prices.types import PriceEntry, Status, Submission

Kind = LedgerRow.Kind
_CONFIRMATIONS = UUID("6f0b6f6e-6f74-5a74-8f5f-7472757374ed")


def submit_price(*, by: User, submission_id: UUID, offer: Offer, now: datetime) -> Submission:
    """Accept a price seen in a shop.

    Asked in this order: may this person send prices; was the same form accepted before (then its answer stands, whatever
    the rest would say by now); does the price make sense; did this person send too many.

    :raises SameIdOtherPrice: the form was sent before with another content.
    :raises Refused: role, ban, limits, another author's form, a unit without a factor for this item.
    """
    refuse_unless_may_submit(by)
    act = Act(
        kind=Kind.PRICE,
        id=submission_id,
        by=by,
        item_id=offer.item.pk,
        target=str(submission_id),
        body=offer.body(),
    )
    return accept_price(act, offer, now=now)


def correct_price(
    *, by: User, submission_id: UUID, entry: PriceEntry, offer: Offer, reason: str = "", now: datetime
) -> Submission:
    """Replace a price by another: a new entry, newly judged; the old one is withdrawn.

    :param offer: of the entry's item and shop (:meth:`Offer.in_place_of`).
    :param reason: why a moderator corrects another person's price; an author needs none.
    :raises Refused: not the author's own and not a moderator's act, a moderator's without a reason, no longer editable,
        and as :func:`submit_price`.
    """
    refuse_unless_may_change(by, entry, act_id=submission_id)
    refuse_without_reason(by, entry, reason)
    more = {"corrects": entry.id, **({"reason": reason} if reason else {})}
    act = Act(
        kind=Kind.CORRECT,
        id=submission_id,
        by=by,
        item_id=entry.item_id,
        target=entry.id,
        body=offer.body() | more,
    )
    return accept_price(act, offer, now=now, **more)


def withdraw_price(
    *,
    by: User,
    act_id: UUID,
    entry: PriceEntry,
    reason: str = "",
    seen_status: Status | None = None,
    now: datetime,
) -> Submission:
    """Take a price back. It stays in the record: one's own as withdrawn, another person's as removed by a moderator.

    :param reason: a moderator's is needed; an author may give one.
    :param seen_status: the status that a moderator saw; the entry's where none is given.
    :raises Refused: not the author's own and not a moderator's act, a moderator's without a reason, or no longer
        editable.
    """
    refuse_unless_may_change(by, entry, act_id=act_id)
    refuse_without_reason(by, entry, reason)
    if entry.submitter.id != by.pk:
        refuse_waiting(entry)
        seen = seen_status or entry.status
        return moderate(
            by=by, act_id=act_id, entry=entry, status="removed", seen_status=seen, reason=reason, now=now
        )
    return _accept_act(Kind.WITHDRAW, id=act_id, by=by, entry=entry, payload={"reason": reason}, now=now)


def confirm_price(*, by: User, entry: PriceEntry, now: datetime) -> Submission:
    """Say that a price is still the same: it counts as seen now. One confirmation a person, entry and day.

    :return: today's confirmation, which may be an earlier one, and parked by now: then it did not count.
    :raises Refused: role, ban, limits, or the price is not published.
    """
    refuse_unless_may_submit(by)
    refuse_waiting(entry)
    if entry.status != "published":
        raise Refused(_("Only a published price can be confirmed."))
    day = calendar.yangon_day(now).isoformat()
    act_id = uuid5(_CONFIRMATIONS, f"{by.pk}:{entry.id}:{day}")
    return _accept_act(Kind.CONFIRM, id=act_id, by=by, entry=entry, payload={"day": day}, now=now)


def report_price(
    *, by: User, act_id: UUID, entry: PriceEntry, reason: str, text: str = "", now: datetime
) -> Submission:
    """Report a price as wrong to the moderators. Another report of the same price by the same person changes the first.

    :raises Refused: a ban, the limits, or there is nothing to decide about the price (any more).
    """
    if by.banned_at or not by.is_active:
        raise Refused(_("This account may not report prices."))
    refuse_unless_reportable(entry)
    return _accept_act(
        Kind.REPORT, id=act_id, by=by, entry=entry, payload={"reason": reason, "text": text}, now=now
    )


def moderate(
    *,
    by: User,
    act_id: UUID,
    entry: PriceEntry,
    status: Status,
    seen_status: Status,
    reason: str = "",
    now: datetime,
) -> Submission:
    """Publish, quarantine or remove a price.

    :param seen_status: the status that the moderator saw; another one by then parks the act as changed meanwhile.
    :raises Refused: not a moderator, or the price is the moderator's own.
    """
    if not may_moderate(by):
        raise Refused(_("Only moderators may do this."))
    if entry.submitter.id == by.pk:
        raise Refused(_("It is your own price: another moderator decides."))
    payload = {"status": status, "seen_status": seen_status, "reason": reason}
    return _accept_act(Kind.MODERATE, id=act_id, by=by, entry=entry, payload=payload, now=now)


def keep_basket(*, by: User, lines: Sequence[tuple[int, Decimal, str]]) -> None:
    """Keep a list of items in an account, in place of the one there. An empty one leaves none.

    :param lines: item, quantity and code of the unit; an item that is gone meanwhile is left out.
    """
    with transaction.atomic():
        # Two lists at once: one after the other, and the later one stays.
        User.objects.select_for_update().get(pk=by.pk)
        known = set(
            Item.objects.filter(pk__in=[item for item, _quantity, _unit in lines]).values_list(
                "pk", flat=True
            )
        )
        BasketLine.objects.filter(user=by).delete()
        BasketLine.objects.bulk_create(
            BasketLine(user=by, item_id=item, quantity=quantity, unit=unit, position=position)
            for position, (item, quantity, unit) in enumerate(lines)
            if item in known
        )


def reference_changed(*, kind: str, ids: list[int], now: datetime) -> None:
    """Have the relay publish names and places again. Repeats while one waits are one row."""
    targets = [f"{kind}:{id}" for id in ids]
    if kind == "unit" and ids:
        # An item's name carries the sizes of the units that it may be priced in.
        targets += [f"item:{id}" for id in Item.objects.values_list("pk", flat=True)]
    with transaction.atomic():
        # A waiting row stands for this change only if it cannot be published before this change is committed:
        # it is locked until then, and relays and others step over it.
        waiting = set(
            LedgerRow.objects.filter(
                kind=Kind.REFERENCE, state=LedgerRow.State.ACCEPTED, lease_until=None, target__in=targets
            )
            .select_for_update(skip_locked=True)
            .values_list("target", flat=True)
        )
        LedgerRow.objects.bulk_create(
            [
                LedgerRow(id=uuid7(), kind=Kind.REFERENCE, target=target, body_hash="", received_at=now)
                for target in targets
                if target not in waiting
            ],
            batch_size=500,
        )
        wake_relay()


def _accept_act(
    kind: Kind, *, id: UUID, by: User, entry: PriceEntry, payload: dict[str, Any], now: datetime
) -> Submission:
    body = {"kind": kind, "entry": entry.id, **payload}
    act = Act(kind=kind, id=id, by=by, item_id=entry.item_id, target=entry.id, body=body)
    return accept(act, payload, now=now)
