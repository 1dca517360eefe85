"""The World Food Programme's commodities as items: by our table, by name, or new ones in their category."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from django.db import transaction
from django.db.models import Q
from django.utils.text import slugify

from catalog.models import Category, Item, Unit
from catalog.selectors import ranges_of, units_for
from potato.tables import read_table
from prices.importers.wfp.reader import Observation
from prices.rules.units import BASE_OF

COMMODITIES = Path(__file__).resolve().parents[3] / "catalog" / "reference" / "wfp_commodities.csv"
# Behind everything that was put in its place by hand.
LAST_CATEGORY, LAST_ITEM = 900, 9000


class NothingKnown(Exception):
    """The reference tables are not loaded."""


@dataclass(frozen=True, slots=True)
class WfpItem:
    """An item, with how much of it (in which base unit) one of our units holds, and what that may cost (pya)."""

    id: int
    slug: str
    sizes: Mapping[str, tuple[Decimal, str]]
    ranges: Mapping[str, tuple[int, int]]


def learn_items(
    known: dict[str, WfpItem], observations: Iterable[Observation], *, dry_run: bool
) -> list[str]:
    """Add to ``known`` the items of commodities that are not in it, and make those that do not exist yet.

    :param dry_run: make none; then a new one has no id.
    :return: the commodities that were new.
    :raises NothingKnown: our units are not there.
    """
    units: dict[str, Counter[str]] = {}
    categories: dict[str, str] = {}
    for one in observations:
        if one.commodity not in known:
            units.setdefault(one.commodity, Counter())[one.unit_code] += 1
            categories.setdefault(one.commodity, one.category)
    slugs = {
        row.cells["commodity"]: row.cells["item"] for row in read_table(COMMODITIES, columns="commodity item")
    }
    new = []
    for commodity in sorted(units):
        item = _find_item(commodity, slugs.get(commodity))
        if item is None:
            new.append(commodity)
            if dry_run:
                known[commodity] = _item_to_come(commodity, units[commodity])
                continue
            item = _make_item(commodity, category=categories[commodity], units=units[commodity])
        known[commodity] = WfpItem(
            item.pk,
            item.slug,
            {one.unit.code: (one.to_base, one.base) for one in units_for(item_id=item.pk, region_id=None)},
            {base: ends for (_, base), ends in ranges_of([item.pk]).items()},
        )
    return new


def _find_item(commodity: str, slug: str | None) -> Item | None:
    """The item that a commodity is, by our table, else by its name."""
    if slug is not None and (item := Item.objects.filter(slug=slug).first()):
        return item
    named = Q(slug=_slug(commodity)) | Q(name_en__iexact=commodity) | Q(aliases__contains=[commodity])
    return Item.objects.filter(named).order_by("pk").first()


def _make_item(commodity: str, *, category: str, units: Counter[str]) -> Item:
    """A new item in WFP's category, compared by what WFP prices it in."""
    ours = {unit.code: unit for unit in Unit.objects.filter(code__in=units)}
    if len(ours) < len(units):
        raise NothingKnown("There are no units yet: run manage.py load_reference first.")
    usual = _most_common(units)
    with transaction.atomic():
        found, _ = Category.objects.get_or_create(
            slug=_slug(category), defaults={"name_en": category.capitalize(), "position": LAST_CATEGORY}
        )
        item = Item.objects.create(
            slug=_slug(commodity),
            name_en=commodity,
            category=found,
            base=BASE_OF[usual],
            default_unit=ours[usual],
            position=LAST_ITEM,
        )
        item.usual_units.set(ours.values())
    return item


def _item_to_come(commodity: str, units: Counter[str]) -> WfpItem:
    return WfpItem(0, _slug(commodity), {code: (Decimal(1), code) for code in units}, {})


def _most_common(units: Counter[str]) -> str:
    return min(units, key=lambda code: (-units[code], code))


def _slug(name: str) -> str:
    return slugify(name)[:50] or f"wfp-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
