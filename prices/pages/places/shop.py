"""The page of a shop: what it costs there, beside what is typical in its region."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from potato.text.wording import Change, Wording
from prices.names import cache as names
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import in_lists, label_of, per
from prices.pages.shared_parts.phrases import type_name, who
from prices.rules import typical_price
from prices.rules.boards.format import from_ms, series_of
from prices.rules.typical_price import Typical
from prices.types import RETAIL, Name


@dataclass(frozen=True, slots=True)
class ShopPriceRow:
    """What a shop asks for an item."""

    item: str
    item_url: str
    history_url: str
    under: str
    who: str
    typed: str
    """The price as it was typed, where that was not for the base unit."""
    amount: str
    beside: str
    to_typical: Change | None
    entry_url: str
    is_old: bool


def price_rows(
    rows: Iterable[dict[str, Any]], *, region_items: Iterable[dict[str, Any]], words: Wording, links: Links
) -> list[ShopPriceRow]:
    """The shop's newest price of each item, in the catalogue's order, old ones last, compared with the region's middle price."""
    typicals_of = {
        (one["item"], one["series"]): typical_texts.of_summary(one["summary"], now=words.now)
        for one in region_items
    }
    found = []
    for row in rows:
        item = names.get("item", row["item"])
        if item is not None:
            usual = typicals_of.get((row["item"], series_of(row["type"], row["base"])))
            shown = _price_row(row, item, usual, words=words, links=links)
            found.append((_catalogue_order(row, item, is_old=shown.is_old), shown))
    return [row for _order, row in sorted(found, key=lambda pair: pair[0])]


def _price_row(
    row: dict[str, Any], item: Name, usual: Typical | None, *, words: Wording, links: Links
) -> ShopPriceRow:
    """One row; ``usual`` is the region's typical price of the item."""
    is_old = not typical_price.is_fresh(from_ms(row["seen"]), now=words.now)
    kind = "" if row["type"] == RETAIL else type_name(row["type"]).lower()
    age = words.age(row["seen"])
    if is_old:
        age = gettext("%(age)s, too old to count") % {"age": age}
    unit, other = in_lists(row["base"], words)
    item_url = links.item(item, region=_region_slug(row), type=type_asked(row["type"]))
    return ShopPriceRow(
        item=str(item),
        item_url=item_url,
        history_url=f"{item_url}#history",
        under=" · ".join(filter(None, (unit.per, kind, age))),
        who=who(row, words=words, is_old=False),
        typed=typed(row, words) if (row["unit"], row["quantity"]) != (unit.code, "1") else "",
        amount=words.kyat(row["amount"], to_base=unit.to_base),
        beside=words.money(row["amount"], other.per, to_base=other.to_base) if other else "",
        to_typical=None if is_old else _to_typical(row["amount"], usual, words),
        entry_url=links.entry(row["entry"]),
        is_old=is_old,
    )


def _to_typical(amount: int, usual: Typical | None, words: Wording) -> Change | None:
    """A price of today in pya, compared with the region's typical one."""
    # With a single shop, its own price is the typical one: nothing to compare.
    if usual is None or not usual.amount or usual.scope == "old" or usual.n_shops <= 1:
        return None
    percent = typical_price.change_percent(usual.amount, amount)
    return words.difference(percent) if percent is not None else None


def _catalogue_order(
    row: dict[str, Any], item: Name, *, is_old: bool
) -> tuple[bool, int, str, int, bool, str]:
    position = item.facts.get("position", 0)
    return (is_old, position, item.name_en, item.id, row["type"] != RETAIL, row["base"])


@dataclass(frozen=True, slots=True)
class ShopFigures:
    """A shop in a few numbers, in the reader's words."""

    n_items: str
    newest: str
    followers: str
    confirmed: str
    """How many of its newest prices others have confirmed; empty for none."""
    has_prices: bool


def figures_of(rows: Sequence[dict[str, Any]], *, followers: int, words: Wording) -> ShopFigures:
    confirmed = sum(1 for row in rows if row["confirmations"])
    values = {"n": words.number(confirmed), "all": words.number(len(rows))}
    return ShopFigures(
        n_items=words.number(len({row["item"] for row in rows})),
        newest=words.age(max((row["seen"] for row in rows), default=None)),
        followers=words.number(followers),
        confirmed=ngettext(
            "%(n)s of the prices here (%(all)s in all) was confirmed by others.",
            "%(n)s of the prices here (%(all)s in all) were confirmed by others.",
            confirmed,
        )
        % values
        if confirmed
        else "",
        has_prices=bool(rows),
    )


def typed(row: dict[str, Any], words: Wording) -> str:
    """A price as it was typed: ``K 3,000 a viss``, ``K 6,000 for 2 viss``."""
    amount, quantity = words.decimal(row["price"]), words.decimal(row["quantity"])
    label = label_of(row["unit"], words)
    if row["unit"] == "pc" and not words.is_burmese:
        label = gettext("pieces")
    if words.is_burmese:
        return f"{amount} ကျပ် / {label if quantity == words.number(1) else f'{quantity} {label}'}"
    if quantity == words.number(1):
        return f"K\N{NO-BREAK SPACE}{amount} {per(row['unit'], words)}"
    return gettext("K %(amount)s for %(quantity)s %(unit)s") % {
        "amount": amount,
        "quantity": quantity,
        "unit": label,
    }


def facts_of(shop: Name) -> dict[str, str]:
    """What the page says of a shop beside its prices."""
    kinds = {
        "MARKET": gettext("Market"),
        "SHOP": gettext("Shop"),
        "STALL": gettext("Stall"),
        "SUPERMARKET": gettext("Supermarket"),
        "WHOLESALE": gettext("Wholesale centre"),
    }
    states = {"PAUSED": gettext("Closed for now"), "CLOSED": gettext("Closed for good")}
    return {
        "kind": kinds.get(shop.facts.get("kind", ""), ""),
        "status": states.get(shop.facts.get("status", ""), ""),
        "opening_hours": shop.facts.get("opening_hours", ""),
        "phone": (phone := shop.facts.get("phone", "")),
        "phone_number": "".join(char for char in phone if char.isdecimal() or char == "+"),
    }


def _region_slug(row: dict[str, Any]) -> str:
    region = names.get("region", row["region"])
    return region.slug if region else ""
