"""What others read of the catalogue."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from catalog.models import Item, PriceRange, Unit, UnitFactor
from catalog.types import FactorFact, ItemUnits, PricedUnit, UnitFact


def active_units() -> dict[str, UnitFact]:
    """The units in use by code, in their usual order. One query."""
    return {unit.code: _fact(unit) for unit in Unit.objects.filter(is_active=True)}


def units_of_items(item_ids: Iterable[int] | None = None) -> dict[int, ItemUnits]:
    """What follows for the prices of items (all of them unless told) from units and factors. Three queries.

    An item is compared by its main base and by the bases that its usual units lead to.
    """
    items = Item.objects.select_related("default_unit").prefetch_related("usual_units")
    if item_ids is not None:
        items = items.filter(pk__in=list(item_ids))
    found = list(items)
    factors = _factors(found)
    return {item.pk: _item_units(item, factors) for item in found}


def units_for(*, item_id: int, region_id: int | None) -> list[PricedUnit]:
    """The units in use that a price of the item may be given in, its default and usual ones first. Four
    queries.

    The most specific factor wins: of the item in the region, of the item, of the item that it is a variety of
    in the region, of that item, and last the unit's own size. Nothing for an unknown item.
    """
    return units_for_items([item_id], region_id=region_id).get(item_id, [])


def unit_for(*, item: Item, unit: Unit, region_id: int | None) -> PricedUnit | None:
    """One unit, as :func:`units_for` gives it; None where no price of the item may be given in it.

    Two queries, three where the item came without its default unit.
    """
    if not unit.is_active:
        return None
    return next(iter(_priced([_fact(unit)], _item_units(item, _factors([item])), region_id=region_id)), None)


def units_for_items(
    item_ids: Iterable[int] | None = None, *, region_id: int | None
) -> dict[int, list[PricedUnit]]:
    """The same for several items, or all of them: four queries altogether."""
    units = list(active_units().values())
    return {item.id: _priced(units, item, region_id=region_id) for item in units_of_items(item_ids).values()}


def ranges_of(item_ids: Iterable[int]) -> dict[tuple[int, str], tuple[int, int]]:
    """What a base unit of items may plausibly cost: lowest and highest whole pya by item and base. One query."""
    rows = PriceRange.objects.filter(item__in=list(item_ids))
    return {(row.item_id, row.base): (int(row.low_kyat * 100), int(row.high_kyat * 100)) for row in rows}


def _fact(unit: Unit) -> UnitFact:
    return UnitFact(
        unit.pk, unit.code, unit.kind, unit.name_en, unit.name_my, unit.to_base, unit.base or None
    )


def _factors(items: Sequence[Item]) -> dict[int, list[UnitFactor]]:
    """The factors of items, and of those that they are varieties of. One query."""
    concerned = {item.pk for item in items} | {item.variety_of_id for item in items if item.variety_of_id}
    factors: dict[int, list[UnitFactor]] = {}
    for factor in UnitFactor.objects.filter(item__in=concerned).select_related("unit").order_by("pk"):
        factors.setdefault(factor.item_id, []).append(factor)
    return factors


def _item_units(item: Item, factors: Mapping[int, Sequence[UnitFactor]]) -> ItemUnits:
    holding = [
        *factors.get(item.pk, ()),
        *(one for one in factors.get(item.variety_of_id or 0, ()) if one.for_varieties),
    ]
    usual = list(item.usual_units.all())
    return ItemUnits(
        id=item.pk,
        parent_id=item.variety_of_id,
        bases=_bases(item, usual, holding),
        default_unit=item.default_unit.code,
        usual_units=frozenset(unit.code for unit in usual),
        factors=tuple(
            FactorFact(
                factor.unit.code,
                factor.item_id,
                factor.region_id,
                factor.to_base,
                factor.base,
                factor.source,
            )
            for factor in holding
        ),
    )


def _bases(item: Item, usual_units: Sequence[Unit], factors: Sequence[UnitFactor]) -> frozenset[str]:
    # A basket is a volume, but of rice it leads to kilograms: nobody should price rice by the litre for that.
    led_to = {factor.unit_id: factor.base for factor in reversed(factors)}  # its own factors win
    usual = (led_to.get(unit.pk, unit.base) for unit in usual_units)
    return frozenset({item.base, *(base for base in usual if base)})


def _priced(units: Sequence[UnitFact], item: ItemUnits, *, region_id: int | None) -> list[PricedUnit]:
    priced = [
        PricedUnit(unit, to_base, base, unit.code in item.usual_units, source)
        for unit in units
        for to_base, base, source in _size(unit, item, region_id)
    ]
    # The sort is stable: units keep their usual order within each group.
    return sorted(priced, key=lambda one: (one.unit.code != item.default_unit, not one.is_usual))


def _size(unit: UnitFact, item: ItemUnits, region_id: int | None) -> list[tuple[Decimal, str, str]]:
    """The one size that counts, with where it comes from; none where the unit leads to no base of the
    item."""
    places = (region_id, None) if region_id is not None else (None,)
    for owner in (item.id, item.parent_id):
        for place in places:
            for factor in item.factors:
                if (factor.unit_code, factor.item_id, factor.region_id) == (unit.code, owner, place) and (
                    factor.base in item.bases
                ):
                    return [(factor.to_base, factor.base, factor.source)]
    if unit.to_base is not None and unit.base in item.bases:
        return [(unit.to_base, unit.base, "")]
    return []
