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
from prices.rules import typed_numbers, units
from prices.types import (
    Change,
    GivenPrice,
    Judgement,
    PriceEntry,
    PriceType,
    Status,
    Submission,
    Submitter,
)
from shops.models import Shop

Kind = LedgerRow.Kind


@dataclass(frozen=True, slots=True)
class Offer:
    """A price seen in a shop, as it was typed and cleaned.

    :param price: kyat for ``quantity`` of ``unit``.
    :param seen_at: when it was seen; None for "now".
    """

    item: Item
    shop: Shop
    price: Decimal
    quantity: Decimal
    unit: Unit
    type: PriceType
    seen_at: datetime | None = None
    note: str = ""

    @classmethod
    def in_place_of(cls, entry: PriceEntry, *, seen_at: datetime | None = None, **typed: Any) -> "Offer":
        """The correction of a price: another one of the same item, in the same shop.

        :param seen_at: None keeps the time of the price before.
        :param typed: the other fields.
        :raises Refused: the item or the shop does not exist any more.
        """
        item = Item.objects.filter(pk=entry.item_id).first()
        shop = Shop.objects.select_related("region", "township").filter(pk=entry.shop_id).first()
        if item is None or shop is None:
            raise Refused(_("The shop or the item of this price is not in the lists any more."))
        return cls(item=item, shop=shop, seen_at=seen_at or entry.seen_at, **typed)

    def body(self) -> dict[str, Any]:
        """The fields that make two submissions the same; "seen now" stays "now"."""
        return {
            "item": self.item.pk,
            "shop": self.shop.pk,
            "price": typed_numbers.plain(self.price),
            "quantity": typed_numbers.plain(self.quantity),
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


def price_of(payload: dict[str, Any]) -> GivenPrice | None:
    """The price that a row holds; None where it holds none, or was emptied after its 90 days."""
    if "amount" not in payload:
        return None
    return GivenPrice(
        price=Decimal(payload["price"]),
        quantity=Decimal(payload["quantity"]),
        unit=payload["unit"],
        amount=payload["amount"],
        base=payload["base"],
        item_id=payload.get("item"),
        shop_id=payload.get("shop"),
        shop_name=payload.get("shop_name", ""),
    )


def submission_from(row: LedgerRow, *, entry: PriceEntry | None = None) -> Submission:
    """What became of what a row holds.

    :param entry: the price that it became, where that is known.
    """
    return Submission(
        id=str(row.pk),
        kind=row.kind,
        state=row.state,
        reason=row.reason,
        item_id=row.item_id,
        payload=row.payload,
        received_at=row.received_at,
        seq=row.seq,
        target=row.target,
        entry=entry,
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
