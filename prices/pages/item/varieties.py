"""The kinds of an item, and what each of them typically costs."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import NOTHING_TO_COMPARE, Wording
from prices.names import cache as names
from prices.pages.item.history import days_of_board
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.filters import ItemFilter
from prices.pages.shared_parts.links import Links, type_asked
from prices.pages.shared_parts.measures import Measure, base_measure
from prices.pages.shared_parts.phrases import n_shops, type_name
from prices.pages.shared_parts.view_models import ChangeRow, Kinds
from prices.rules import price_moves, typical_price
from prices.rules.boards.format import series_of
from prices.rules.typical_price import Typical
from prices.rules.units import BASES
from prices.types import NATION, Board, Name, PriceType, item_region_key


def family_of(item: Name) -> list[Name]:
    """The kinds of an item; of a kind the item that it is a kind of, and the other kinds. In the catalogue's order."""
    head = item.facts.get("variety_of") or item.id
    return [
        one
        for one in names.all_of("item")
        if one.id != item.id
        and (one.id == head or one.facts.get("variety_of") == head)
        and one.facts.get("active", True)
    ]


def heads_of(items: Iterable[Name]) -> set[int]:
    """The ids of the items that these are kinds of."""
    return {head for item in items if (head := item.facts.get("variety_of"))}


def board_key(item: Name, region: Name | None) -> str:
    """The key of an item's board in a region, or in the country."""
    return item_region_key(item.id, region.id if region else NATION)


def series_in(board: Board) -> list[str]:
    """The series that an item's board has prices of, a region's or the nation's."""
    if "series" in board.data:
        return sorted(board.data["series"])
    return sorted({series_of(row["type"], row["base"]) for row in board.data["rows"]})


def kinds_of(
    item: Name,
    *,
    chosen: ItemFilter,
    found: Mapping[int, Board],
    words: Wording,
    links: Links,
) -> Kinds:
    """The rest of an item's family: those with a price of the chosen type and place, and the others by name.

    :param chosen: as settled.
    :param found: their boards by item, of the chosen region or of the nation.
    """
    assert chosen.type and chosen.measure
    family = family_of(item)
    query = {key: value for key, value in chosen.query().items() if key in ("region", "township")}
    query["type"] = type_asked(chosen.type)
    rows, without, head = [], [], None
    for one in family:
        board = found.get(one.id)
        row = _row(one, board, chosen, links.item(one, **query), words) if board else None
        if row is not None:
            rows.append(row)
        elif one.id == item.facts.get("variety_of"):
            head = (str(one), links.item(one, **query))
        else:
            without.append((str(one), links.item(one, **query)))
    return Kinds(
        rows=tuple(sorted(rows, key=lambda row: row.is_old)),
        without=tuple(without),
        head=head,
        caption=gettext("Kinds of %(item)s, typical in %(place)s, %(type)s")
        % {
            "item": names.get("item", item.facts.get("variety_of")) or item,
            "place": chosen.region or gettext("Myanmar"),
            "type": type_name(chosen.type).lower(),
        },
        amount_heading=words.currency(chosen.measure.per),
    )


def _row(item: Name, board: Board, chosen: ItemFilter, url: str, words: Wording) -> ChangeRow | None:
    """What one kind costs; None without a price of the chosen type."""
    assert chosen.type and chosen.measure
    measure = _measure(board, chosen.type, chosen.measure, words)
    if measure is None:
        return None
    series = series_of(chosen.type, measure.base)
    price = _typical(board.data, chosen.type, measure.base, words)
    if price.amount is None:
        return None
    is_old = price.scope == "old"
    days = [day for day in days_of_board(board.data["days"].get(series, [])) if day.day <= words.today]
    other_unit = measure.per if measure.base != chosen.measure.base else ""
    under = gettext("too old to count") if is_old else n_shops(price.n_shops, words)
    return ChangeRow(
        name=str(item),
        url=url,
        under=" · ".join(filter(None, (other_unit, under, words.age(price.newest)))),
        amount=words.kyat(price.amount, to_base=measure.to_base),
        change=NOTHING_TO_COMPARE if is_old else words.change(price_moves.changes(days)["30"]),
        is_old=is_old,
    )


def _measure(board: Board, type: PriceType, wanted: Measure, words: Wording) -> Measure | None:
    """The unit in which a kind is shown: the page's, or its own base unit where it has no price by that measure."""
    bases = [series.split(":")[1] for series in series_in(board) if series.startswith(f"{type}:")]
    if wanted.base in bases:
        return wanted
    return next((base_measure(base, words) for base in BASES if base in bases), None)


def _typical(data: dict[str, Any], type: PriceType, base: str, words: Wording) -> Typical:
    if "series" in data:
        return typical_texts.of_summary(data["series"][series_of(type, base)]["nation"], now=words.now)
    prices = [
        typical_texts.shop_price(row) for row in data["rows"] if (row["type"], row["base"]) == (type, base)
    ]
    return typical_price.typical_for(
        region=typical_price.summarise(prices, now=words.now),
        last_known=typical_texts.newest_of(prices),
        now=words.now,
    )
