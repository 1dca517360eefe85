"""The catalogue's reference tables."""

from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

from django.db import transaction

from catalog.models import Base, Category, Item, PriceRange, Unit, UnitFactor
from potato.tables import TableRow, read_table
from shops.models import Region
from shops.services import changed_rows, tell, upsert

REFERENCE = Path(__file__).parent / "reference"
COLUMNS = {
    "categories": "slug name_en name_my position",
    "units": "code name_en name_my kind to_base base position",
    "items": "slug category name_en name_my aliases default_unit usual_units variety_of base position",
    "factors": "unit item scope region to_base base source note",
    "ranges": "item base low_kyat high_kyat source",
}
KEYS = {
    "categories": ("slug",),
    "units": ("code",),
    "items": ("slug",),
    "factors": ("unit", "item", "region"),
    "ranges": ("item", "base"),
}


def load_catalog(*, folder: Path = REFERENCE, overwrite: bool = False) -> dict[str, int]:
    """Fill the catalogue from its tables, and return how many rows of each were written. Regions come first.

    Only rows that are new or changed in the table since they were last loaded are written, so what staff
    changed (or deleted) stays until the table itself says something new about that row. Rows that left a
    table stay.

    :param overwrite: write every row, over what staff changed.
    :raises TableError: a table has a mistake; then nothing is written.
    """
    tables = {name: read_table(folder / f"{name}.csv", columns=columns) for name, columns in COLUMNS.items()}
    with transaction.atomic():
        rows = {
            name: changed_rows(name, table, key=KEYS[name], overwrite=overwrite)
            for name, table in tables.items()
        }
        tell("category", _write_categories(rows["categories"]))
        tell("unit", _write_units(rows["units"]))
        items = _write_items(rows["items"])
        items += _write_factors(rows["factors"])
        items += _write_ranges(rows["ranges"])
        tell("item", items)
    return {name: len(changed) for name, changed in rows.items()}


def _write_categories(rows: Sequence[TableRow]) -> list[int]:
    categories = [
        Category(
            slug=row.slug("slug"),
            name_en=row.text("name_en", longest=120),
            name_my=row.optional("name_my", longest=120),
            position=row.whole("position"),
        )
        for row in rows
    ]
    return [category.pk for category in upsert(categories, key=("slug",))]


def _write_units(rows: Sequence[TableRow]) -> list[int]:
    units = []
    for row in rows:
        base = row.choice("base", ["", *Base.values])
        if not base and row.cells["to_base"]:
            raise row.wrong("base", "is empty, but there is a number in to_base")
        units.append(
            Unit(
                code=row.slug("code", longest=20),
                name_en=row.text("name_en", longest=120),
                name_my=row.optional("name_my", longest=120),
                kind=row.choice("kind", Unit.Kind.values),
                to_base=_factor(row) if base else None,
                base=base,
                position=row.whole("position"),
            )
        )
    return [unit.pk for unit in upsert(units, key=("code",), but=("is_active",))]


def _write_items(rows: Sequence[TableRow]) -> list[int]:
    if not rows:
        return []
    categories = dict(Category.objects.values_list("slug", "pk"))
    units = dict(Unit.objects.values_list("code", "pk"))
    items = [
        Item(
            slug=row.slug("slug"),
            category_id=_found(row, "category", categories),
            name_en=row.text("name_en", longest=120),
            name_my=row.optional("name_my", longest=120),
            aliases=row.texts("aliases"),
            default_unit_id=_found(row, "default_unit", units),
            base=row.choice("base", Base.values),
            position=row.whole("position"),
        )
        for row in rows
    ]
    # Varieties come second: by then every item that a row may name is there.
    upsert(items, key=("slug",), but=("is_active", "variety_of"))
    _set_varieties(rows, items)
    _set_usual_units(rows, items, units)
    return [item.pk for item in items]


def _set_varieties(rows: Sequence[TableRow], items: Sequence[Item]) -> None:
    by_slug = dict(Item.objects.values_list("slug", "pk"))
    for row, item in zip(rows, items, strict=True):
        item.variety_of_id = _found(row, "variety_of", by_slug) if row.cells["variety_of"] else None
    Item.objects.bulk_update(items, ["variety_of"])
    parents = dict(Item.objects.filter(variety_of__isnull=False).values_list("pk", "variety_of_id"))
    for row, item in zip(rows, items, strict=True):
        if item.variety_of_id == item.pk:
            raise row.wrong("variety_of", "an item cannot be a variety of itself")
        if item.variety_of_id in parents:
            raise row.wrong("variety_of", f"{row.cells['variety_of']!r} is a variety itself")
        if item.variety_of_id and item.pk in parents.values():
            raise row.wrong("variety_of", "the item has varieties, so it cannot be one itself")


def _set_usual_units(rows: Sequence[TableRow], items: Sequence[Item], units: dict[str, int]) -> None:
    through = Item.usual_units.through
    links = []
    for row, item in zip(rows, items, strict=True):
        for code in dict.fromkeys([row.cells["default_unit"], *row.texts("usual_units")]):
            if code not in units:
                raise row.wrong("usual_units", f"there is no unit {code!r}")
            links.append(through(item_id=item.pk, unit_id=units[code]))
    through.objects.filter(item__in=items).delete()
    through.objects.bulk_create(links)


def _write_factors(rows: Sequence[TableRow]) -> list[int]:
    if not rows:
        return []
    units = dict(Unit.objects.values_list("code", "pk"))
    items = dict(Item.objects.values_list("slug", "pk"))
    regions = dict(Region.objects.values_list("iso_code", "pk"))
    factors = [
        UnitFactor(
            unit_id=_found(row, "unit", units),
            item_id=_found(row, "item", items),
            region_id=_found(row, "region", regions) if row.cells["region"] else None,
            to_base=_factor(row),
            base=row.choice("base", Base.values),
            for_varieties=row.choice("scope", ["item", "varieties"]) == "varieties",
            source=row.text("source", longest=200),
            note=row.optional("note", longest=200),
        )
        for row in rows
    ]
    upsert(factors, key=("unit", "item", "region"))
    return [factor.item_id for factor in factors]


def _write_ranges(rows: Sequence[TableRow]) -> list[int]:
    if not rows:
        return []
    items = dict(Item.objects.values_list("slug", "pk"))
    ranges = []
    for row in rows:
        low = row.positive("low_kyat", digits=12, places=2)
        high = row.positive("high_kyat", digits=12, places=2)
        if high <= low:
            raise row.wrong("high_kyat", f"{high} is not above {low}")
        ranges.append(
            PriceRange(
                item_id=_found(row, "item", items),
                base=row.choice("base", Base.values),
                low_kyat=low,
                high_kyat=high,
                source=row.optional("source", longest=200),
            )
        )
    upsert(ranges, key=("item", "base"))
    return [one.item_id for one in ranges]


def _factor(row: TableRow) -> Decimal:
    return row.positive("to_base", digits=18, places=9)


def _found(row: TableRow, field: str, ids: dict[str, int]) -> int:
    name = row.text(field)
    if name not in ids:
        raise row.wrong(field, f"there is no {name!r}")
    return ids[name]
