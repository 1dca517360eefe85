"""Rows of items and of newest prices: the home page, regions, townships, categories."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import NOTHING_TO_COMPARE, Change, Wording
from prices import charts
from prices.charts import Spark
from prices.names import cache as names
from prices.pages.item.varieties import heads_of
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import in_lists
from prices.pages.shared_parts.phrases import n_shops, shop_name, type_name
from prices.rules import typical_price
from prices.rules.boards.format import from_ms, series_of
from prices.rules.typical_price import ShopPrice, Summary, Typical
from prices.types import RETAIL, Name, PriceType

STAPLES = 8
STAPLES_PER_CATEGORY = 2


@dataclass(frozen=True, slots=True)
class ItemRow:
    """What an item typically costs in one place."""

    item: Name
    url: str
    per: str
    under: str
    """Unit, number of shops, and whose price it is where not the place's own."""
    spark: Spark | None
    amount: str
    beside: str
    change_30: Change
    change_365: Change
    range: str
    age: str
    is_old: bool
    percent_30: float | None
    percent_365: float | None
    has_price: bool = True
    is_own: bool = True
    """Whether it is the place's own price, not that of the region around it."""


@dataclass(frozen=True, slots=True)
class LatestRow:
    """A price that just came in."""

    item: str
    item_url: str
    place: str
    shop_url: str
    amount: str
    per: str
    age: str
    type: str
    is_old: bool


@dataclass(frozen=True, slots=True)
class Group:
    """The items of a category."""

    category: Name
    url: str
    rows: tuple[ItemRow, ...]
    by_kind: tuple[tuple[str, str], ...]
    """Name and address of the items of which only the kinds have prices."""
    without: tuple[tuple[str, str], ...]
    """Name and address of the items that have no price yet."""


def item_rows(
    items: Iterable[dict[str, Any]],
    *,
    type: PriceType,
    words: Wording,
    links: Links,
    region: Name | None = None,
) -> list[ItemRow]:
    """A board's items of one price type, in the catalogue's order; each by the base unit it is compared by."""
    rows = []
    for item, base, one in by_usual_base(items, type=type):
        found = typical_texts.of_summary(one["summary"], now=words.now)
        rows.append(item_row(item, base, found, one, type=type, words=words, links=links, region=region))
    return sorted(rows, key=catalogue_order)


def by_usual_base(
    items: Iterable[dict[str, Any]], *, type: PriceType
) -> Iterator[tuple[Name, str, dict[str, Any]]]:
    """A board's items of one price type, each with the base unit that it is compared by and what it costs so."""
    by_item: dict[int, dict[str, dict[str, Any]]] = {}
    for one in items:
        series_type, base = one["series"].split(":")
        if series_type == type:
            by_item.setdefault(one["item"], {})[base] = one
    for item_id, by_base in by_item.items():
        item = names.get("item", item_id)
        if item is not None:
            usual = item.facts.get("base")
            base = usual if usual in by_base else sorted(by_base)[0]
            yield item, base, by_base[base]


def item_row(
    item: Name,
    base: str,
    found: Typical,
    board_item: dict[str, Any] | None,
    *,
    type: PriceType,
    words: Wording,
    links: Links,
    region: Name | None = None,
    township: Name | None = None,
    note: str = "",
) -> ItemRow:
    """One item's row; without ``board_item`` it has no past."""
    is_old = found.scope == "old"
    changes = (board_item or {}).get("changes") or {}
    shops = n_shops(found.n_shops, words)
    shown, other = in_lists(base, words)
    return ItemRow(
        item=item,
        url=links.item(
            item,
            region=region.slug if region else "",
            township=township.slug if township else "",
            type=type_asked(type),
        ),
        per=shown.per,
        under=" · ".join(filter(None, (shown.per, gettext("too old to count") if is_old else shops, note))),
        spark=charts.sparkline(board_item["spark"]) if board_item else None,
        amount=words.kyat(found.amount, to_base=shown.to_base),
        beside=words.money(found.amount, other.per, to_base=other.to_base) if other else "",
        change_30=NOTHING_TO_COMPARE if is_old else words.change(changes.get("30")),
        change_365=NOTHING_TO_COMPARE if is_old else words.change(changes.get("365")),
        range=""
        if is_old or found.low is None or found.low == found.high
        else f"{words.kyat(found.low, to_base=shown.to_base)}–{words.kyat(found.high, to_base=shown.to_base)}",
        age=words.age(found.newest),
        is_old=is_old,
        percent_30=changes.get("30"),
        percent_365=changes.get("365"),
        has_price=found.amount is not None,
        is_own=not note,
    )


def staples(rows: Sequence[ItemRow], items: Iterable[dict[str, Any]]) -> list[ItemRow]:
    """The items for the head of a board: those that most shops have fresh prices of, two of a category at most."""
    shops = {one["item"]: one["summary"]["shops"] for one in items if one["series"].startswith(RETAIL)}
    taken: dict[int, int] = {}
    found = []
    for row in sorted(rows, key=lambda row: (-shops.get(row.item.id, 0), *catalogue_order(row))):
        category = row.item.facts.get("category", 0)
        if row.is_old or taken.get(category, 0) >= STAPLES_PER_CATEGORY:
            continue
        taken[category] = taken.get(category, 0) + 1
        found.append(row)
    if not found:
        found = list(rows)
    return sorted(found[:STAPLES], key=catalogue_order)


def catalogue_order(row: ItemRow) -> tuple[bool, int, str, int]:
    """The catalogue's order, prices too old to count last."""
    return (row.is_old, row.item.facts.get("position", 0), row.item.name_en, row.item.id)


def latest_rows(
    rows: Iterable[dict[str, Any]], *, words: Wording, links: Links, limit: int, with_region: bool
) -> list[LatestRow]:
    """The newest prices of a board."""
    found = []
    for row in rows:
        item = names.get("item", row["item"])
        if item is None:
            continue
        place = names.get("township", row["township"]) if not with_region else None
        place = place or names.get("region", row["region"])
        shown, _other = in_lists(row["base"], words)
        found.append(
            LatestRow(
                item=str(item),
                item_url=links.item(item),
                place=f"{shop_name(row['shop'])}, {place}" if place else shop_name(row["shop"]),
                shop_url=links.shop(row["shop"]),
                amount=words.kyat(row["amount"], to_base=shown.to_base),
                per=shown.per,
                age=words.age(row["seen"]),
                type=type_name(row["type"]) if row["type"] != RETAIL else "",
                is_old=not typical_price.is_fresh(from_ms(row["seen"]), now=words.now),
            )
        )
        if len(found) == limit:
            break
    return found


def groups(rows: Sequence[ItemRow], *, categories: Sequence[Name], links: Links) -> list[Group]:
    """All items by category: those with a price as rows, the others by name."""
    priced = {row.item.id for row in rows}
    others = [
        item for item in names.all_of("item") if item.facts.get("active", True) and item.id not in priced
    ]
    heads = heads_of(row.item for row in rows)

    def named(category: Name, *, by_kind: bool) -> tuple[tuple[str, str], ...]:
        return tuple(
            (str(item), links.item(item))
            for item in others
            if item.facts.get("category") == category.id and (item.id in heads) is by_kind
        )

    return [
        Group(
            category=category,
            url=links.category(category),
            rows=tuple(row for row in rows if row.item.facts.get("category") == category.id),
            by_kind=named(category, by_kind=True),
            without=named(category, by_kind=False),
        )
        for category in categories
    ]


def township_rows(
    *,
    shop_rows: Iterable[dict[str, Any]],
    region_items: Iterable[dict[str, Any]],
    type: PriceType,
    region: Name,
    township: Name,
    words: Wording,
    links: Links,
) -> list[ItemRow]:
    """What items typically cost in a township, from its shops' boards; where those are few, the region speaks."""
    local: dict[tuple[int, str], list[ShopPrice]] = {}
    for seen in shop_rows:
        if seen["type"] == type:
            local.setdefault((seen["item"], seen["base"]), []).append(typical_texts.shop_price(seen))
    of_region = {(one["item"], one["series"]): one for one in region_items}
    rows: list[ItemRow] = []
    for (item_id, base), prices in local.items():
        item = names.get("item", item_id)
        if item is None:
            continue
        board_item = of_region.get((item_id, series_of(type, base)))
        summary: Summary = typical_texts.summary_of(board_item["summary"] if board_item else None)
        found = typical_price.typical_for(
            local=prices, region=summary, last_known=typical_texts.newest_of(prices), now=words.now
        )
        note = gettext("all of %(place)s") % {"place": region} if found.scope == "region" else ""
        rows.append(
            item_row(
                item,
                base,
                found,
                None,
                type=type,
                words=words,
                links=links,
                region=region,
                township=township,
                note=note,
            )
        )
    return sorted(rows, key=catalogue_order)
