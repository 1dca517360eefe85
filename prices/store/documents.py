"""The spelling of every field in MongoDB, and the way between documents and types. Nothing else spells them."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

from bson import Decimal128, Int64

from prices.types import (
    NATION,
    Board,
    Change,
    DayMiddle,
    DayStat,
    HistoryMonth,
    Judgement,
    LatestAmount,
    LatestPrice,
    MonthOfMiddles,
    Name,
    PriceEntry,
    Report,
    Submitter,
)

Document = dict[str, Any]

ENTRIES, REPORTS, LATEST, HISTORY, BOARDS, REFERENCE = (
    "price_entries",
    "reports",
    "latest_prices",
    "price_history",
    "boards",
    "reference",
)


def from_entry(entry: PriceEntry) -> Document:
    return {
        "_id": entry.id,
        "itemId": entry.item_id,
        "price": Decimal128(entry.price),
        "quantity": Decimal128(entry.quantity),
        "unit": entry.unit,
        "unitPrice": {"amount": Int64(entry.amount), "base": entry.base},
        "type": entry.type,
        "timestamp": entry.seen_at,
        "location": {
            "township_id": entry.township_id,
            "region_id": entry.region_id,
            "township_name": entry.township_name,
            "region_name": entry.region_name,
        },
        "submittedBy": {
            "id": entry.submitter.id,
            "full_name": entry.submitter.name,
            "role": entry.submitter.role,
        },
        "shopId": entry.shop_id,
        "shop_name": entry.shop_name,
        "bodyHash": entry.body_hash,
        "source": entry.source,
        "status": entry.status,
        "judgement": {
            "verdict": entry.judgement.verdict,
            "reason": entry.judgement.reason,
            "hint": entry.judgement.hint,
        },
        "receivedAt": entry.received_at,
        "publishedAt": entry.published_at,
        "lastSeenAt": entry.last_seen_at,
        "confirmations": entry.confirmations,
        "duplicateOf": entry.duplicate_of,
        "corrects": entry.corrects,
        "demo": entry.demo,
        "note": entry.note,
        "rev": Int64(entry.rev),
        "dirty": entry.dirty,
        "changes": [from_change(change) for change in entry.changes],
    }


def to_entry(document: Mapping[str, Any]) -> PriceEntry:
    location, by, judgement = document["location"], document["submittedBy"], document["judgement"]
    return PriceEntry(
        id=document["_id"],
        item_id=document["itemId"],
        shop_id=document["shopId"],
        shop_name=document["shop_name"],
        region_id=location["region_id"],
        region_name=location["region_name"],
        township_id=location["township_id"],
        township_name=location["township_name"],
        price=to_decimal(document["price"]),
        quantity=to_decimal(document["quantity"]),
        unit=document["unit"],
        amount=int(document["unitPrice"]["amount"]),
        base=document["unitPrice"]["base"],
        type=document["type"],
        seen_at=document["timestamp"],
        submitter=Submitter(id=by["id"], name=by["full_name"], role=by["role"]),
        body_hash=document["bodyHash"],
        source=document["source"],
        status=document["status"],
        judgement=Judgement(judgement["verdict"], judgement["reason"], judgement["hint"]),
        received_at=document["receivedAt"],
        published_at=document["publishedAt"],
        last_seen_at=document["lastSeenAt"],
        confirmations=document["confirmations"],
        corrects=document["corrects"],
        duplicate_of=document["duplicateOf"],
        demo=document.get("demo", False),
        note=document.get("note", ""),
        rev=int(document["rev"]),
        dirty=document.get("dirty", False),
        changes=tuple(to_change(change) for change in document["changes"]),
    )


def from_change(change: Change) -> Document:
    return {
        "id": change.id,
        "kind": change.kind,
        "at": change.at,
        "by": change.by,
        "status": change.status,
        "reason": change.reason,
    }


def to_change(document: Mapping[str, Any]) -> Change:
    return Change(**{name: document[name] for name in ("id", "kind", "at", "by", "status", "reason")})


def from_latest(latest: LatestPrice) -> Document:
    return {
        "itemId": latest.item_id,
        "shopId": latest.shop_id,
        "region_id": latest.region_id,
        "township_id": latest.township_id,
        "type": latest.type,
        "base": latest.base,
        "entryId": latest.entry_id,
        "price": Decimal128(latest.price),
        "quantity": Decimal128(latest.quantity),
        "unit": latest.unit,
        "amount": Int64(latest.amount),
        "seenAt": latest.seen_at,
        "receivedAt": latest.received_at,
        "by": {"id": latest.submitter.id, "name": latest.submitter.name, "role": latest.submitter.role},
        "source": latest.source,
        "confirmations": latest.confirmations,
        "demo": latest.demo,
        "verdict": latest.verdict,
    }


# What figures need of a latest price and of a month; the rest takes most of the time that decoding takes.
LATEST_AMOUNT = [
    "itemId",
    "shopId",
    "region_id",
    "township_id",
    "type",
    "base",
    "entryId",
    "amount",
    "seenAt",
    "receivedAt",
]
MIDDLES = ["itemId", "type", "base", "month", "days.day", "days.n", "days.median"]


def no_latest(key: str) -> Document:
    """The mark that stays under a :func:`~prices.types.latest_key` without a price."""
    item_id, shop_id, *_ = key.split(":")
    return {"present": False, "itemId": int(item_id), "shopId": int(shop_id)}


def to_latest(document: Mapping[str, Any]) -> LatestPrice:
    by = document["by"]
    return LatestPrice(
        **_amount(document),
        price=to_decimal(document["price"]),
        quantity=to_decimal(document["quantity"]),
        unit=document["unit"],
        submitter=Submitter(id=by["id"], name=by["name"], role=by["role"]),
        source=document["source"],
        confirmations=document["confirmations"],
        demo=document["demo"],
        verdict=document["verdict"],
    )


def to_latest_amount(document: Mapping[str, Any]) -> LatestAmount:
    """Of a document that may hold no more than :data:`LATEST_AMOUNT`."""
    return LatestAmount(**_amount(document))


def _amount(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "item_id": document["itemId"],
        "shop_id": document["shopId"],
        "region_id": document["region_id"],
        "township_id": document["township_id"],
        "type": document["type"],
        "base": document["base"],
        "entry_id": document["entryId"],
        "amount": int(document["amount"]),
        "seen_at": document["seenAt"],
        "received_at": document["receivedAt"],
    }


def from_month(month: HistoryMonth) -> Document:
    """A month; its days are columns, which decode several times faster than a document a day."""
    return {
        "itemId": month.item_id,
        "region_id": month.region_id,
        "type": month.type,
        "base": month.base,
        "month": month.month,
        "days": {
            "day": [day.day.day for day in month.days],
            "n": [day.n for day in month.days],
            "min": [Int64(day.min) for day in month.days],
            "median": [Int64(day.median) for day in month.days],
            "max": [Int64(day.max) for day in month.days],
            "sum": [Int64(day.sum) for day in month.days],
        },
    }


def to_month(document: Mapping[str, Any]) -> HistoryMonth:
    days = document["days"]
    first = date.fromisoformat(f"{document['month']}-01")
    return HistoryMonth(
        item_id=document["itemId"],
        region_id=document["region_id"],
        type=document["type"],
        base=document["base"],
        month=document["month"],
        days=tuple(
            DayStat(first.replace(day=day), n, int(low), int(median), int(high), int(total))
            for day, n, low, median, high, total in zip(
                days["day"], days["n"], days["min"], days["median"], days["max"], days["sum"], strict=True
            )
        ),
    )


def to_middles(document: Mapping[str, Any]) -> MonthOfMiddles:
    """Of a document that may hold no more than :data:`MIDDLES`."""
    days = document["days"]
    first = date.fromisoformat(f"{document['month']}-01")
    return MonthOfMiddles(
        item_id=document["itemId"],
        type=document["type"],
        base=document["base"],
        days=tuple(
            DayMiddle(first.replace(day=day), n, int(median))
            for day, n, median in zip(days["day"], days["n"], days["median"], strict=True)
        ),
    )


def from_board(board: Board) -> Document:
    """``kind`` and ``region`` repeat what the key says, for the index."""
    kind = board.key.partition(":")[0]
    return {
        "kind": kind,
        "region": board.data.get("region", NATION),
        "madeAt": board.made_at,
        "data": board.data,
    }


def to_board(document: Mapping[str, Any]) -> Board:
    return Board(
        key=document["_id"], rev=int(document["rev"]), made_at=document["madeAt"], data=document["data"]
    )


def from_report(report: Report) -> Document:
    return {
        "_id": report.key,
        "entryId": report.entry_id,
        "itemId": report.item_id,
        "by": report.by,
        "reason": report.reason,
        "text": report.text,
        "at": report.at,
        "seq": Int64(report.seq),
        "outcome": report.outcome,
        "since": report.since,
    }


def to_report(document: Mapping[str, Any]) -> Report:
    """Of an older release's report, too, which had neither ``seq`` nor ``since``."""
    return Report(
        entry_id=document["entryId"],
        item_id=document["itemId"],
        by=document["by"],
        reason=document["reason"],
        text=document["text"],
        at=document["at"],
        seq=int(document.get("seq", 0)),
        outcome=document["outcome"],
        since=document.get("since"),
    )


def from_name(name: Name) -> Document:
    return {
        "kind": name.kind,
        "id": name.id,
        "name_en": name.name_en,
        "name_my": name.name_my,
        "slug": name.slug,
        "facts": name.facts,
    }


def to_name(document: Mapping[str, Any]) -> Name:
    return Name(
        kind=document["kind"],
        id=document["id"],
        name_en=document["name_en"],
        name_my=document["name_my"],
        slug=document["slug"],
        facts=document["facts"],
    )


def to_decimal(value: Decimal128) -> Decimal:
    return _decimal(value.bid)


@lru_cache(maxsize=10_000)
def _decimal(bid: bytes) -> Decimal:
    # The way through Decimal128 is slow, and people ask round prices.
    return Decimal128.from_bid(bid).to_decimal()
