"""The page of a reader's list: what it costs where. Retail only; prices too old to count do not count."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext, ngettext

from potato.text.wording import EN_DASH, Wording
from prices.names import cache as names
from prices.pages.basket.query import Wanted, WantedLine
from prices.pages.item.varieties import heads_of
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.phrases import OPEN, shop_name
from prices.pages.shared_parts.view_models import Option
from prices.rules import typical_price
from prices.rules.basket_costs import Bill, Line, Offer, Split, best_first, bill_of, cheapest_split
from prices.rules.boards.format import from_ms, series_of
from prices.rules.typical_price import ShopPrice
from prices.types import HOME, NATION, RETAIL, Board, NameKind, item_region_key

Data = dict[str, Any]

SHOPS_SHOWN = 30
MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class ListRow:
    """A line of the list as it may be changed, with what it costs at best."""

    line: WantedLine
    item_url: str
    units: tuple[Option, ...]
    where: str
    amount: str
    remove_url: str
    kinds: tuple[tuple[str, str], ...]
    """Where only kinds of the item have prices: their names, and the list with each instead."""


@dataclass(frozen=True, slots=True)
class CostRow:
    """What the list costs in one place."""

    name: str
    url: str
    within: str
    counts: str
    """How many of the items, and how old the oldest of their prices is."""
    without: str
    amount: str
    is_cheapest: bool
    """Of those that have everything."""


@dataclass(frozen=True, slots=True)
class CostTable:
    rows: tuple[CostRow, ...]
    more: str = ""
    """That there are more rows; empty where all are shown."""


@dataclass(frozen=True, slots=True)
class SplitPart:
    """What to buy in one of two shops."""

    shop: str
    url: str
    items: str
    amount: str


@dataclass(frozen=True, slots=True)
class TwoShops:
    """Whether a second shop is worth the way, in a sentence."""

    text: str
    parts: tuple[SplitPart, ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class OtherList:
    """A list that this browser remembers, other than the one on the page: where each choice of the reader leads."""

    open_url: str
    join_url: str
    """Both as one list; empty where the page has none."""
    forget_url: str

    @classmethod
    def beside(cls, wanted: Wanted, kept: Sequence[str]) -> "OtherList":
        """
        :param kept: its lines, as an address has them in ``i``.
        """
        return cls(
            open_url=wanted.address(lines=(), before=kept),
            join_url=wanted.address(before=kept, keep=True) if wanted.lines else "",
            forget_url=wanted.address(keep=True),
        )


def board_keys(wanted: Wanted) -> set[str]:
    """The boards that a list's page is made of: of each item the nation's, and that of the chosen region.

    For an item that has kinds the home page's as well: it knows which of them have prices.
    """
    regions = [NATION, *([wanted.region.id] if wanted.region else [])]
    keys = {item_region_key(line.item.id, region) for line in wanted.valid for region in regions}
    heads = heads_of(names.all_of("item"))
    return keys | ({HOME} if any(line.item.id in heads for line in wanted.valid) else set())


class BasketPage:
    """A list's page for the whole country, or for one region and its shops.

    :param found: the boards of :func:`board_keys`, as far as there are any.
    """

    def __init__(self, wanted: Wanted, found: Mapping[str, Board], *, words: Wording, links: Links) -> None:
        self.wanted, self.words, self.links = wanted, words, links
        self.region = wanted.region
        self._wanted = wanted.valid
        self._lines = [
            Line(one.item.id, one.measure.base, one.quantity, one.measure.to_base)
            for one in self._wanted
            if one.quantity is not None
        ]
        nations = [found.get(item_region_key(line.item_id, NATION)) for line in self._lines]
        self._without_prices = {
            line.item_id
            for line, board in zip(self._lines, nations, strict=True)
            if not board or not board.data["series"]
        }
        home = found.get(HOME)
        self._at_retail = {
            one["item"] for one in (home.data["items"] if home else []) if one["series"].startswith(RETAIL)
        }
        self._series: list[Data] = [
            (board.data["series"].get(series_of(RETAIL, line.base)) if board else None) or {}
            for line, board in zip(self._lines, nations, strict=True)
        ]
        self._rows: list[list[Data]] = [self._rows_of(line, found) for line in self._lines]
        self._nation = self._typical([series.get("nation") for series in self._series])
        self._by_shop = self._offers_by_shop()
        self._shops = self._bills(self._by_shop)
        self._order = best_first(self._shops)
        self._best = self._best_offers()

    @property
    def place(self) -> str:
        return str(self.region) if self.region else gettext("Myanmar")

    def rows(self) -> list[ListRow]:
        """The lines of the list, those with a mistake as well."""
        numbers = {line.item.id: number for number, line in enumerate(self._wanted)}
        return [self._row(line, numbers.get(line.item.id)) for line in self.wanted.lines]

    def addable(self) -> list[tuple[str, list[Option]]]:
        """The items that may be added, by category."""
        there = {line.item.id for line in self.wanted.lines}
        groups: dict[int, list[Option]] = {}
        for item in names.all_of("item"):
            if item.id not in there and item.facts.get("active", True):
                label = f"{item} {item.other}" if item.other else str(item)
                groups.setdefault(item.facts.get("category", 0), []).append(Option(item.slug, label, False))
        return [(str(one), groups[one.id]) for one in names.all_of("category") if one.id in groups]

    def places_to_choose(self) -> list[Option]:
        chosen = self.region.id if self.region else None
        return [Option("", gettext("All of Myanmar"), chosen is None)] + [
            Option(one.slug, str(one), one.id == chosen) for one in names.all_of("region")
        ]

    def best(self) -> CostRow | None:
        """The best single shop of the region; without a region, what is typical in the country."""
        if self.region:
            return self._shop_row(self._order[0], is_best=True) if self._order else None
        bill = bill_of(self._lines, self._nation)
        return self._cost(bill, name=self.place) if bill.n_covered else None

    def two_shops(self) -> TwoShops | None:
        """Whether the best two shops of the region are better than the best one; None with fewer than two."""
        split = cheapest_split(self._shops)
        if split is None:
            return None
        words, single = self.words, self._shops[self._order[0]]
        note = "" if split.is_proven else gettext("Not every two of the many shops here were tried together.")
        if split.bill.rank >= single.rank:
            return TwoShops(gettext("A second shop would save nothing."), note=note)
        if split.bill.n_covered > single.n_covered:
            text = gettext("Two shops together have %(counts)s, for %(amount)s.") % {
                "counts": self._covered(split.bill),
                "amount": words.money(split.bill.total),
            }
        else:
            text = gettext("From two shops it costs %(amount)s, which is %(saved)s less.") % {
                "amount": words.money(split.bill.total),
                "saved": words.money(single.total - split.bill.total),
            }
        return TwoShops(text, tuple(self._part(split, shop) for shop in split.shops), note)

    def shops(self) -> CostTable:
        """The shops of the region, the best first."""
        n_more = len(self._order) - SHOPS_SHOWN
        more = ngettext(
            "%(n)s more shop has some of the list.", "%(n)s more shops have some of the list.", max(n_more, 1)
        )
        return CostTable(
            tuple(self._shop_row(shop, is_best=not at) for at, shop in enumerate(self._order[:SHOPS_SHOWN])),
            more % {"n": self.words.number(n_more)} if n_more > 0 else "",
        )

    def townships(self) -> CostTable:
        """The townships of the region, by what is typical in their shops."""
        offers: dict[int, dict[int, Offer]] = {}
        for number, rows in enumerate(self._rows):
            prices: dict[int, list[ShopPrice]] = {}
            for row in rows:
                if row["township"] is not None:
                    prices.setdefault(row["township"], []).append(typical_texts.shop_price(row))
            for township, some in prices.items():
                summary = typical_price.summarise(some, now=self.words.now)
                if summary.median is not None and summary.newest is not None:
                    offers.setdefault(township, {})[number] = Offer(summary.median, summary.newest)
        return self._places(self._bills(offers), "township")

    def regions(self) -> CostTable:
        """All regions, by what is typical there."""
        bills = {
            one.id: bill_of(
                self._lines,
                self._typical([series.get("regions", {}).get(str(one.id)) for series in self._series]),
            )
            for one in names.all_of("region")
        }
        return self._places(bills, "region")

    def missing(self) -> str:
        """The items that have no price that counts anywhere in the place; empty where all have."""
        return self._names(number for number in range(len(self._lines)) if number not in self._best)

    def _rows_of(self, line: Line, found: Mapping[str, Board]) -> list[Data]:
        """The region's retail prices of a line that count."""
        board = found.get(item_region_key(line.item_id, self.region.id)) if self.region else None
        return [
            row
            for row in (board.data["rows"] if board else [])
            if (row["type"], row["base"]) == (RETAIL, line.base)
            and typical_price.is_fresh(from_ms(row["seen"]), now=self.words.now)
        ]

    def _offers_by_shop(self) -> dict[int, dict[int, Offer]]:
        """What each open shop of the region asks, by number of the line."""
        offers: dict[int, dict[int, Offer]] = {}
        for number, rows in enumerate(self._rows):
            for row in rows:
                shop = names.get("shop", row["shop"])
                if shop is None or shop.facts.get("status", OPEN) == OPEN:
                    offer = Offer(row["amount"], from_ms(row["seen"]))
                    offers.setdefault(row["shop"], {})[number] = offer
        return offers

    def _typical(self, summaries: Iterable[Data | None]) -> dict[int, Offer]:
        """What is typical in a place, by number of the line, as far as it counts."""
        offers = {}
        for number, summary in enumerate(summaries):
            found = typical_texts.of_summary(summary, now=self.words.now)
            if found.amount is not None and found.newest is not None and found.scope != "old":
                offers[number] = Offer(found.amount, found.newest)
        return offers

    def _bills(self, offers: Mapping[int, Mapping[int, Offer]]) -> dict[int, Bill]:
        return {place: bill_of(self._lines, some) for place, some in offers.items()}

    def _best_offers(self) -> dict[int, tuple[Offer, int | None]]:
        """By number of the line: the cheapest shop of the region with its price; else what is typical."""
        if not self.region:
            return {number: (offer, None) for number, offer in self._nation.items()}
        found: dict[int, tuple[Offer, int | None]] = {}
        for shop, offers in sorted(self._by_shop.items()):
            for number, offer in offers.items():
                if number not in found or offer.amount < found[number][0].amount:
                    found[number] = (offer, shop)
        return found

    def _row(self, line: WantedLine, number: int | None) -> ListRow:
        """:param number: of the line among those that are right; None for one with a mistake."""
        where, amount = "", ""
        kinds: tuple[tuple[str, str], ...] = ()
        if number is not None and number in self._best:
            offer, shop = self._best[number]
            price = self.words.money(offer.amount, line.measure.per, to_base=line.measure.to_base)
            at = shop_name(shop) if shop else gettext("typical")
            where = f"{price} · {at}"
            amount = self.words.kyat(bill_of(self._lines[number : number + 1], {0: offer}).total)
        elif number is not None:
            where, amount = gettext("no price that counts"), EN_DASH
            kinds = self._kinds(line) if line.item.id in self._without_prices else ()
        return ListRow(
            line=line,
            item_url=self.links.item(line.item, region=self.region.slug if self.region else ""),
            units=tuple(
                Option(code, measure.label, code == line.measure.code)
                for code, measure in line.measures.items()
            ),
            where=where,
            amount=amount,
            remove_url=self.wanted.without(line),
            kinds=kinds,
        )

    def _kinds(self, line: WantedLine) -> tuple[tuple[str, str], ...]:
        return tuple(
            (str(item), self.wanted.instead(line, item))
            for item in names.all_of("item")
            if item.facts.get("variety_of") == line.item.id and item.id in self._at_retail
        )

    def _places(self, bills: Mapping[int, Bill], kind: NameKind) -> CostTable:
        rows: list[CostRow] = []
        for place_id in best_first(bills):
            place = names.get(kind, place_id)
            if place is None:
                continue
            url = self.wanted.address(region=place)
            if kind == "township" and self.region:
                url = self.links.township(self.region, place)
            rows.append(self._cost(bills[place_id], name=str(place), url=url, is_best=not rows))
        return CostTable(tuple(rows))

    def _shop_row(self, shop_id: int, *, is_best: bool) -> CostRow:
        shop = names.get("shop", shop_id)
        township = names.get("township", shop.facts.get("township")) if shop else None
        return self._cost(
            self._shops[shop_id],
            name=shop_name(shop_id),
            url=self.links.shop(shop_id),
            within=str(township or ""),
            is_best=is_best,
        )

    def _cost(
        self, bill: Bill, *, name: str, url: str = "", within: str = "", is_best: bool = False
    ) -> CostRow:
        oldest = gettext("oldest price: %(age)s") % {"age": self.words.age(bill.oldest)}
        without = ""
        if len(bill.missing) > MOST_NAMED:
            without = gettext("without %(n)s of the items") % {"n": self.words.number(len(bill.missing))}
        elif bill.missing:
            without = gettext("without %(items)s") % {"items": self._names(bill.missing)}
        return CostRow(
            name=name,
            url=url,
            within=within,
            counts=f"{self._covered(bill)} · {oldest}",
            without=without,
            amount=self.words.kyat(bill.total),
            is_cheapest=is_best and not bill.missing,
        )

    def _part(self, split: Split, shop_id: int) -> SplitPart:
        mine = [number for number, shop in enumerate(split.shop_of) if shop == shop_id]
        return SplitPart(
            shop=shop_name(shop_id),
            url=self.links.shop(shop_id),
            items=self._names(mine),
            amount=self.words.money(sum(split.bill.costs[number] or 0 for number in mine)),
        )

    def _covered(self, bill: Bill) -> str:
        number = self.words.number
        return gettext("%(n)s of %(all)s items") % {
            "n": number(bill.n_covered),
            "all": number(len(bill.costs)),
        }

    def _names(self, numbers: Iterable[int]) -> str:
        return self.words.listed(str(self._wanted[number].item) for number in numbers)
