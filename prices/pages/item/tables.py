"""The tables of an item's page: shops, regions and townships, as sorted and filtered by the reader's choice."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils.translation import gettext, ngettext

from potato import calendar
from prices.names import cache as names
from prices.pages.item import nearby_townships
from prices.pages.item.page import ItemPage
from prices.pages.shared_parts.filters import sort_labels
from prices.pages.shared_parts.phrases import lower_first, n_shops, shop_name, who
from prices.pages.shared_parts.view_models import ChangeRow, PlaceRow, ShopRow, Tab, Table
from prices.rules.boards.format import from_ms, to_ms
from prices.rules.typical_price import Typical
from prices.types import Name

ROWS_PER_PAGE = 100


def shops(page: ItemPage) -> Table:
    """The shops of the chosen region or township, as sorted and filtered; prices too old to count come last."""
    rows = [row for row in page.local_rows if _is_wanted(page, from_ms(row["seen"]))]
    rows.sort(key=lambda row: (not page.is_fresh(row), *_sort_key(page, row)))
    cheapest = min((row["amount"] for row in rows if page.is_fresh(row)), default=None)
    is_only = len([row for row in rows if page.is_fresh(row)]) < 2
    last = max(1, -(-len(rows) // ROWS_PER_PAGE))
    current = min(page.chosen.page, last)
    shown = rows[(current - 1) * ROWS_PER_PAGE : current * ROWS_PER_PAGE]
    hidden = len(page.local_rows) - len(rows)
    return Table(
        rows=tuple(_shop_row(page, row, cheapest=None if is_only else cheapest) for row in shown),
        caption=gettext("Shops: %(order)s, %(currency)s")
        % {
            "order": sort_labels()[page.chosen.sort].lower(),
            "currency": lower_first(page.words.currency(page.measure.per)),
        },
        amount_heading=page.words.currency(page.measure.per),
        second_heading=page.second.per if page.second else "",
        hidden=_hidden(page, hidden),
        pages=tuple(
            Tab(page.words.number(number), page.address(page=number), number == current)
            for number in range(1, last + 1)
        )
        if last > 1
        else (),
    )


def regions(page: ItemPage) -> Table:
    """Every region that has or had a price."""
    return _places(page, page.by_region(), gettext("States and regions"))


def townships(page: ItemPage) -> Table:
    """Every township of the chosen region that has or had a price."""
    found = []
    for township_id, rows in nearby_townships.by_township(page.region_rows).items():
        township = names.get("township", township_id)
        if township is not None:
            place = nearby_townships.place_price(rows, words=page.words)
            found.append((township, place, page.address(township=township, page=1)))
    return _places(page, found, gettext("Townships"))


def near(page: ItemPage) -> tuple[ChangeRow, ...]:
    """The townships around the chosen one that have or had a price."""
    here = page.chosen.township
    if here is None:
        return ()
    return nearby_townships.rows_near(
        here,
        by_township=nearby_townships.by_township([*page.region_rows, *page.rows_around]),
        measure=page.measure,
        address_of=partial(_township_address, page),
        words=page.words,
    )


def _township_address(page: ItemPage, township: Name) -> str:
    region = names.get("region", township.facts["region"])
    return page.address(region=region, township=township, page=1)


def _is_wanted(page: ItemPage, seen_at: datetime | None) -> bool:
    """Whether a price is as young as the reader asks for."""
    if page.chosen.max_age is None or seen_at is None:
        return True
    return calendar.yangon_day(seen_at) > page.words.today - timedelta(days=page.chosen.max_age)


def _sort_key(page: ItemPage, row: dict[str, Any]) -> tuple[Any, ...]:
    match page.chosen.sort:
        case "dearest":
            return (-row["amount"], row["shop"])
        case "newest":
            return (-row["seen"], row["amount"], row["shop"])
        case "name":
            return (shop_name(row["shop"]).casefold(), row["shop"])
        case _:
            return (row["amount"], -row["seen"], row["shop"])


def _shop_row(page: ItemPage, row: dict[str, Any], *, cheapest: int | None) -> ShopRow:
    is_old = not page.is_fresh(row)
    township = names.get("township", row["township"])
    return ShopRow(
        shop=shop_name(row["shop"]),
        shop_url=page.links.shop(row["shop"]),
        place=str(township or names.get("region", row["region"]) or ""),
        who=who(row, words=page.words, is_old=is_old),
        entry_url=page.links.entry(row["entry"]),
        age=page.words.age(row["seen"]),
        amount=page.amount(row["amount"]),
        second=page.words.kyat(row["amount"], to_base=page.second.to_base) if page.second else "",
        is_old=is_old,
        is_cheapest=not is_old and row["amount"] == cheapest,
    )


def _places(page: ItemPage, found: Sequence[tuple[Name, Typical, str]], caption: str) -> Table:
    known = [place for place in found if place[1].amount is not None]
    wanted = [place for place in known if _is_wanted(page, place[1].newest)]
    wanted.sort(key=lambda place: (place[1].scope == "old", *_place_order(page, place[0], place[1])))
    fresh = [price.amount for _name, price, _url in wanted if price.amount and price.scope != "old"]
    cheapest = min(fresh) if len(fresh) > 1 else None
    rows = []
    for name, price, url in wanted:
        is_old = price.scope == "old"
        rows.append(
            PlaceRow(
                name=str(name),
                url=url,
                n_shops=page.words.number(price.n_shops) if not is_old else "",
                shops=n_shops(price.n_shops, page.words) if not is_old else "",
                age=page.words.age(price.newest),
                amount=page.amount(price.amount or 0),
                second=page.words.kyat(price.amount, to_base=page.second.to_base) if page.second else "",
                range=page.range_of(price),
                is_old=is_old,
                is_cheapest=not is_old and price.amount == cheapest,
            )
        )
    return Table(
        rows=tuple(rows),
        caption=caption,
        amount_heading=page.words.currency(page.measure.per),
        second_heading=page.second.per if page.second else "",
        hidden=_hidden(page, len(known) - len(wanted)),
    )


def _place_order(page: ItemPage, name: Name, price: Typical) -> tuple[Any, ...]:
    amount = price.amount or 0
    match page.chosen.sort:
        case "dearest":
            return (-amount, str(name))
        case "newest":
            return (-to_ms(price.newest) if price.newest else 0, amount, str(name))
        case "name":
            return (str(name).casefold(),)
        case _:
            return (amount, str(name))


def _hidden(page: ItemPage, n: int) -> str:
    if not n:
        return ""
    return ngettext("%(n)s older price is hidden.", "%(n)s older prices are hidden.", n) % {
        "n": page.words.number(n)
    }
