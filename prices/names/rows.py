"""The names and facts of PostgreSQL's rows, as prices carry them."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.contrib.gis.geos import Point
from django.db.models import Model

from catalog.models import Category, Item, Unit
from catalog.selectors import units_for_items
from catalog.types import PricedUnit
from prices.models import Installation
from prices.types import Name, NameKind
from shops.models import Region, Shop, Township

MODELS: dict[NameKind, type[Model]] = {
    "category": Category,
    "unit": Unit,
    "item": Item,
    "region": Region,
    "township": Township,
    "shop": Shop,
}
KINDS: dict[type[Model], NameKind] = {model: kind for kind, model in MODELS.items()}


def everything() -> list[Name]:
    """Every name there is."""
    return [name for kind in MODELS for name in some(kind, None)]


def some(kind: NameKind, ids: Iterable[int] | None) -> Iterator[Name]:
    """The names of one kind: of these ids, or all. Ids that are gone are missing."""
    rows: Any = MODELS[kind]._default_manager.all()
    if ids is not None:
        rows = rows.filter(pk__in=list(ids))
    priced: dict[int, list[PricedUnit]] = {}
    if kind == "item":
        rows = list(rows.select_related("default_unit"))
        priced = units_for_items([row.pk for row in rows], region_id=None)
    for row in rows:
        yield _name_of(row, priced.get(row.pk, []))


def _name_of(row: Any, units: list[PricedUnit]) -> Name:
    """One row's name and facts (their list stands at :class:`prices.types.Name`).

    :param units: what an item may be priced in.
    """
    match row:
        case Item():
            slug, facts = row.slug, _facts_of_item(row, units)
        case Category():
            slug, facts = row.slug, {"position": row.position}
        case Unit():
            to_base = None if row.to_base is None else str(row.to_base.normalize())
            slug = row.code
            facts = {
                "code": row.code,
                "kind": row.kind,
                "to_base": to_base,
                "base": row.base,
                "position": row.position,
            }
        case Region():
            slug, facts = row.slug, {"kind": row.kind, "point": _point(row.point), "bounds": row.bounds}
        case Township():
            slug = row.slug
            facts = {"region": row.region_id, "pcode": row.pcode, "point": _point(row.point)}
        case Shop():
            facts = {
                "region": row.region_id,
                "township": row.township_id,
                "point": _point(row.point),
                "kind": row.kind,
                "status": row.status,
                "demo": row.is_demo,
                "phone": row.phone,
                "opening_hours": row.opening_hours,
            }
            return Name("shop", row.pk, row.shop_name, row.shop_name_my, str(row.pk), facts)
        case _:
            raise TypeError(f"{type(row).__name__} has no name that prices carry")
    return Name(KINDS[type(row)], row.pk, row.name_en, row.name_my, slug, facts)


def _facts_of_item(item: Item, units: list[PricedUnit]) -> dict[str, Any]:
    return {
        "category": item.category_id,
        "base": item.base,
        "default_unit": item.default_unit.code,
        "units": [
            {
                "code": one.unit.code,
                "to_base": str(one.to_base.normalize()),
                "base": one.base,
                "usual": one.is_usual,
            }
            for one in units
        ],
        "aliases": list(item.aliases),
        "variety_of": item.variety_of_id,
        "position": item.position,
        "active": item.is_active,
    }


def mode() -> str:
    """Whose prices this installation shows, from PostgreSQL."""
    row = Installation.objects.filter(pk=1).first()
    return row.mode if row else Installation.Mode.EMPTY


def _point(point: Point | None) -> list[float] | None:
    return None if point is None else [round(point.x, 6), round(point.y, 6)]
