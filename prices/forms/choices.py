"""What the form for a price offers to choose from: items, this contributor's shops, the item's units."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from accounts.models import User
from catalog import selectors as catalog
from catalog.models import Item
from catalog.types import PricedUnit, UnitFact
from prices.models import PRICE_KINDS, LedgerRow
from prices.names import search as name_search
from shops.models import Shop

Groups = list[tuple[Any, Any]]

SHOPS_SHOWN = 40
OWN_SHOPS = 8
# How far back we look for the shops that somebody sends prices from.
LAST_ROWS = 60
SHOPS_LOOKED_AT = 200


def items() -> Groups:
    """Items in use, by category, with their other name. One query."""
    groups: dict[str, list[tuple[int, str]]] = {}
    rows = Item.objects.filter(is_active=True).select_related("category")
    for item in rows.order_by("category__position", "category__name_en", "position", "name_en"):
        groups.setdefault(item.category.name, []).append((item.pk, _both(item.name_en, item.name_my)))
    return [("", _("Choose an item")), *groups.items()]


def units(priced: Sequence[PricedUnit] | None) -> Groups:
    """The units that a price of an item may be given in, its usual ones first; without an item all in use."""
    if priced is None:
        every = [(fact.code, _unit_name(fact)) for fact in catalog.active_units().values()]
        return [("", _("Choose a unit")), *every]
    usual = [(one.unit.code, _unit_name(one.unit)) for one in priced if one.is_usual]
    others = [(one.unit.code, _unit_name(one.unit)) for one in priced if not one.is_usual]
    return (
        [(pgettext("units", "Usual"), usual), (_("Other units"), others)]
        if usual and others
        else usual + others
    )


def priced_units(item: Item | None, shop: Shop | None) -> list[PricedUnit] | None:
    """The units that an item may be priced in where the shop is; None without an item."""
    return catalog.units_for(item_id=item.pk, region_id=shop.region_id if shop else None) if item else None


def shops(*, by: User, found: Sequence[Shop] | None = None, chosen: Shop | None = None) -> Groups:
    """The shops to choose from: what a search found, and where this person sent prices from lately or follows.

    Without a search also the busiest of their home region (of the country where they have none).
    """
    own = _own(by)
    groups: list[tuple[str, Sequence[Shop]]] = [(_("Your shops"), own)]
    if found is not None:
        groups.insert(0, (_("Found"), found[:SHOPS_SHOWN]))
    else:
        title = by.home_region.name if by.home_region else _("Busiest shops")
        groups.append((title, _busiest(by.home_region_id)[: SHOPS_SHOWN - len(own)]))
    if chosen and not any(chosen in group for _title, group in groups):
        groups.insert(0, (_("Chosen"), [chosen]))
    seen: set[int] = set()
    offered: Groups = [("", _("Choose a shop"))]
    for title, group in groups:
        if fresh := [shop for shop in group if shop.pk not in seen]:
            offered.append((title, _labelled(fresh)))
            seen |= {shop.pk for shop in fresh}
    return offered


@dataclass(frozen=True, slots=True)
class ShopsFound:
    """What a search for a shop found: one more than are shown, if there are more."""

    shops: Sequence[Shop]
    is_guess: bool
    """Nothing is called so; these are called nearly so."""
    read_as: str


def search_shops(question: str) -> ShopsFound:
    """Open shops by pieces of their name or of their place's, in any of the ways that the search page understands."""
    answer = name_search.answer(question, limits={"shop": SHOPS_LOOKED_AT}, by_place=True)
    rank = {shop.id: number for number, shop in enumerate(answer.names("shop"))}
    shops = Shop.objects.open().select_related("region", "township").filter(pk__in=rank) if rank else ()
    found = sorted(shops, key=lambda shop: rank[shop.pk])[: SHOPS_SHOWN + 1]
    return ShopsFound(found, answer.is_guess and bool(found), answer.read_as)


def last_shop(by: User) -> Shop | None:
    """Where this person's newest price comes from, if that shop is still open."""
    row = _sent_by(by).values_list("payload__shop", flat=True).first()
    return Shop.objects.open().select_related("region", "township").filter(pk=row).first() if row else None


def _own(by: User) -> list[Shop]:
    recent = [
        pk for pk in dict.fromkeys(_sent_by(by).values_list("payload__shop", flat=True)[:LAST_ROWS]) if pk
    ]
    rank = {pk: number for number, pk in enumerate(recent)}
    shops = Shop.objects.open().select_related("region", "township")
    found = shops.filter(Q(pk__in=recent) | Q(favourites__user=by) | Q(owner=by)).distinct()
    return sorted(found, key=lambda shop: (rank.get(shop.pk, LAST_ROWS), shop.shop_name))[:OWN_SHOPS]


def _sent_by(by: User) -> Any:
    return LedgerRow.objects.filter(author=by, kind__in=PRICE_KINDS).order_by("-accepted_at")


def _busiest(region_id: int | None) -> Sequence[Shop]:
    shops = Shop.objects.open().select_related("region", "township")
    if region_id is not None:
        shops = shops.filter(region=region_id)
    return list(
        shops.order_by(F("statistics__entries").desc(nulls_last=True), "shop_name", "pk")[:SHOPS_SHOWN]
    )


def _labelled(shops: Sequence[Shop]) -> list[tuple[int, str]]:
    return [(shop.pk, f"{shop.name}, {(shop.township or shop.region).name}") for shop in shops]


def _both(name_en: str, name_my: str) -> str:
    first, second = (name_my, name_en) if get_language() == "my" and name_my else (name_en, name_my)
    return f"{first} {second}" if second else first


def _unit_name(unit: UnitFact) -> str:
    return (unit.name_my or unit.name_en) if get_language() == "my" else unit.name_en
