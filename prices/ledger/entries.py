"""Price entries read from the ledger: before they are published, and while MongoDB is unavailable.

A row of the ledger holds all that its entry says, how it was judged, and every act on it, for 90 days. Prices that the
ledger does not hold (imported ones, old ones) travel with the forms about them, signed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.signing import BadSignature, Signer

from prices.ledger.payloads import change_from, entry_from
from prices.models import PRICE_KINDS, LedgerRow
from prices.rules.judging.structure import STATUS_OF
from prices.types import CHANGEABLE, NOT_JUDGED, Judgement, PriceEntry, Submitter

Kind, State = LedgerRow.Kind, LedgerRow.State
CHANGES = (Kind.CONFIRM, Kind.CORRECT, Kind.WITHDRAW, Kind.MODERATE)
"""Acts that an entry notes among its changes."""
KNOWN_FOR = timedelta(days=80)
"""How long after its receipt a price is certain to be in the ledger; payloads are deleted after 90 days."""
LONGEST = 4000
_signer = Signer(salt="prices.entry")


def get_many(ids: Sequence[str]) -> dict[str, PriceEntry]:
    """Entries by id as the ledger knows them; without those that it does not know, and those that were parked.

    One that was not published yet has the status ``accepted``.
    """
    rows = LedgerRow.objects.filter(pk__in=ids, kind__in=PRICE_KINDS).exclude(state=State.PARKED)
    known = {entry.id: entry for row in rows if (entry := _entry(row)) is not None}
    return with_acts(known)


def with_acts(found: dict[str, PriceEntry], *, waiting_only: bool = False) -> dict[str, PriceEntry]:
    """Entries by id with what the ledger says happened to them, beside what they note already.

    A withdrawal or correction counts from its acceptance, everything else once it is published.

    :param waiting_only: they come from MongoDB, which knows all that was published.
    """
    rows = LedgerRow.objects.filter(target__in=list(found), kind__in=CHANGES).exclude(state=State.PARKED)
    if waiting_only:
        rows = rows.filter(state=State.ACCEPTED)
    acts: dict[str, list[LedgerRow]] = {}
    for row in rows.order_by("seq"):
        acts.setdefault(row.target, []).append(row)
    return {id: _changed(entry, acts.get(id, [])) for id, entry in found.items()}


def sign(entry: PriceEntry) -> str:
    """What a form carries, so that it can be accepted while MongoDB is unavailable. Nothing that its page hides."""
    return _signer.sign_object(
        {
            "id": entry.id,
            "item": entry.item_id,
            "shop": [entry.shop_id, entry.shop_name],
            "region": [entry.region_id, entry.region_name],
            "township": [entry.township_id, entry.township_name],
            "given": [
                str(entry.price),
                str(entry.quantity),
                entry.unit,
                entry.amount,
                entry.base,
                entry.type,
            ],
            "by": [entry.submitter.id, entry.submitter.name, entry.submitter.role],
            "at": [
                at.isoformat()
                for at in (entry.seen_at, entry.received_at, entry.published_at, entry.last_seen_at)
            ],
            "is": [entry.source, entry.status, entry.demo, entry.confirmations, entry.note],
        },
        compress=True,
    )


def signed(text: str, *, entry_id: str) -> PriceEntry | None:
    """The entry that :func:`sign` wrote into a form, with what the ledger says happened to it; None for anything else."""
    if not text or len(text) > LONGEST:
        return None
    try:
        entry = _unpacked(_signer.unsign_object(text))
    except (BadSignature, KeyError, TypeError, ValueError):
        # Somebody else's, cut off, or of a release that signed something else.
        return None
    if entry.id != entry_id or _is_decision_forgotten(entry_id):
        return None
    return with_acts({entry_id: entry})[entry_id]


def is_known(entry: PriceEntry, *, now: datetime) -> bool:
    """Whether the ledger surely holds a price, so that forms need not carry it."""
    return entry.source in ("CROWD", "SHOP") and now - entry.received_at < KNOWN_FOR


def _is_decision_forgotten(entry_id: str) -> bool:
    """Whether a moderator decided about a price so long ago that the ledger does not know any more what."""
    decisions = LedgerRow.objects.filter(
        target=entry_id, kind=Kind.MODERATE, state=State.PUBLISHED, payload={}
    )
    return decisions.exists()


def _entry(row: LedgerRow) -> PriceEntry | None:
    """None where it was cleared, or was published by a release that did not note how it was judged."""
    if "amount" not in row.payload:
        return None
    if row.state == State.ACCEPTED:
        return entry_from(row, status="accepted", judgement=NOT_JUDGED, published_at=row.received_at)
    if "judged" not in row.payload:
        return None
    judgement = Judgement(**row.payload["judged"])
    return entry_from(
        row,
        status=STATUS_OF[judgement.verdict],
        judgement=judgement,
        published_at=row.published_at or row.received_at,
    )


def _changed(entry: PriceEntry, acts: Iterable[LedgerRow]) -> PriceEntry:
    noted = {change.id for change in entry.changes}
    for row in acts:
        if str(row.pk) in noted:
            continue
        change = change_from(row)
        if row.state == State.ACCEPTED and (change.status != "withdrawn" or entry.status not in CHANGEABLE):
            continue
        entry = replace(
            entry,
            status=change.status or entry.status,  # type: ignore[arg-type]
            changes=(*entry.changes, change),
        )
        if row.kind == Kind.CONFIRM:
            people = {
                one.by for one in entry.changes if one.kind == Kind.CONFIRM and one.by != entry.submitter.id
            }
            entry = replace(
                entry,
                last_seen_at=max(entry.last_seen_at, change.at),
                confirmations=max(entry.confirmations, len(people)),
            )
    return entry


def _unpacked(data: Any) -> PriceEntry:
    price, quantity, unit, amount, base, type = data["given"]
    seen_at, received_at, published_at, last_seen_at = (datetime.fromisoformat(at) for at in data["at"])
    source, status, demo, confirmations, note = data["is"]
    shop_id, shop_name = data["shop"]
    region_id, region_name = data["region"]
    township_id, township_name = data["township"]
    by_id, by_name, by_role = data["by"]
    return PriceEntry(
        id=data["id"],
        item_id=data["item"],
        shop_id=shop_id,
        shop_name=shop_name,
        region_id=region_id,
        region_name=region_name,
        township_id=township_id,
        township_name=township_name,
        price=Decimal(price),
        quantity=Decimal(quantity),
        unit=unit,
        amount=amount,
        base=base,
        type=type,
        seen_at=seen_at,
        submitter=Submitter(id=by_id, name=by_name, role=by_role),
        body_hash="",
        source=source,
        status=status,
        judgement=Judgement("unjudged"),
        received_at=received_at,
        published_at=published_at,
        last_seen_at=last_seen_at,
        confirmations=confirmations,
        demo=demo,
        note=note,
    )
