"""What a row of the ledger holds of a price or of an act on one, written and read back."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog.models import Item, Unit
from catalog.selectors import unit_for
from potato.errors import Refused
from prices.models import LedgerRow
from prices.rules import numbers, units
from prices.types import Change, Judgement, PriceEntry, PriceType, Status, Submitter
from shops.models import Shop

Kind = LedgerRow.Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A price as it was typed, cleaned."""

    item: Item
    shop: Shop
    price: Decimal
    quantity: Decimal
    unit: Unit
    type: PriceType
    seen_at: datetime | None
    note: str = ""

    def body(self) -> dict[str, Any]:
        """The fields that make two submissions the same; "seen now" stays "now"."""
        return {
            "item": self.item.pk,
            "shop": self.shop.pk,
            "price": numbers.plain(self.price),
            "quantity": numbers.plain(self.quantity),
            "unit": self.unit.code,
            "type": self.type,
            "seen": self.seen_at.isoformat() if self.seen_at else "now",
            "note": self.note,
        }

    def payload(self, *, now: datetime) -> dict[str, Any]:
        """Everything that the entry will say, fixed when it is accepted.

        :raises Refused: the unit has no factor for this item, or the price makes no sense for its quantity.
        """
        shop = self.shop
        unit = unit_for(item=self.item, unit=self.unit, region_id=shop.region_id)
        if unit is None:
            raise Refused(_("This item is not sold by that unit. Please choose another unit."), field="unit")
        try:
            amount = units.unit_price_pya(price=self.price, quantity=self.quantity, to_base=unit.to_base)
        except ValueError:
            raise Refused(
                _("This price is too large or too small for its quantity."), field="price"
            ) from None
        return {
            **self.body(),
            "seen": (self.seen_at or now).isoformat(),
            "amount": amount,
            "base": unit.base,
            "shop_name": shop.shop_name,
            "region": {"id": shop.region_id, "name": shop.region.name_en},
            "township": {"id": shop.township_id, "name": shop.township.name_en if shop.township else ""},
        }


def entry_from(row: LedgerRow, *, status: Status, judgement: Judgement, published_at: datetime) -> PriceEntry:
    """The entry that a PRICE or CORRECT row describes."""
    payload: dict[str, Any] = row.payload
    seen_at = datetime.fromisoformat(payload["seen"])
    by = payload["by"]
    return PriceEntry(
        id=str(row.pk),
        item_id=payload["item"],
        shop_id=payload["shop"],
        shop_name=payload["shop_name"],
        region_id=payload["region"]["id"],
        region_name=payload["region"]["name"],
        township_id=payload["township"]["id"],
        township_name=payload["township"]["name"],
        price=Decimal(payload["price"]),
        quantity=Decimal(payload["quantity"]),
        unit=payload["unit"],
        amount=payload["amount"],
        base=payload["base"],
        type=payload["type"],
        seen_at=seen_at,
        submitter=Submitter(id=by["id"], name=by["name"], role=by["role"]),
        body_hash=row.body_hash,
        source="CROWD",
        status=status,
        judgement=judgement,
        received_at=row.received_at,
        published_at=published_at,
        last_seen_at=seen_at,
        corrects=payload.get("corrects"),
        demo=row.is_demo,
        note=payload.get("note", ""),
    )


def change_from(row: LedgerRow) -> Change:
    """What a row for an act (a confirmation, correction, withdrawal or moderation) notes on its entry."""
    status: Status | None = row.payload.get("status")
    if row.kind in (Kind.WITHDRAW, Kind.CORRECT):
        status = "withdrawn"
    return Change(
        id=str(row.pk),
        kind=row.kind,
        at=row.received_at,
        by=row.payload["by"]["id"] if "by" in row.payload else row.author_id,
        status=status,
        reason=row.payload.get("reason", ""),
    )
