"""The page of an item: the reader's choice and its figures. Its ticket: ``ticket.py``; its tables: ``tables.py``."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext

from potato import preferences
from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.item.history import days_of_board
from prices.pages.item.varieties import kinds_of, series_in
from prices.pages.maps import regions_map
from prices.pages.maps.regions_map import RegionsMap
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.chart_lines import Offered, offered
from prices.pages.shared_parts.filters import ItemFilter, left_out, no_such_unit, period_labels, sort_labels
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.measures import Measure, base_measure, beside, measures_of
from prices.pages.shared_parts.phrases import age_label, lower_first, shop_name, type_name
from prices.pages.shared_parts.view_models import Kinds, Option, Tab
from prices.rules import typical_price
from prices.rules.boards.format import base_of, from_ms, series_of
from prices.rules.typical_price import Scope, Typical
from prices.types import PRICE_TYPES, RETAIL, Board, DayStat, Name, PriceType


def settle(
    chosen: ItemFilter,
    *,
    item: Name,
    nation: Board | None,
    measures: Mapping[str, Measure],
    kinds: Iterable[Board] = (),
    preferred: str = "",
) -> ItemFilter:
    """Fill in what a reader left open: the type and unit that this item has prices in; without any, its kinds.

    A unit in which there are no prices of that type gives way to one in which there are, with a note.

    :param preferred: the unit in which the reader likes to see prices, as far as there are such.
    """
    series = series_in(nation) if nation else []
    series = series or sorted({one for board in kinds for one in series_in(board)})
    default_type: PriceType = next(
        (known for known in PRICE_TYPES if any(key.startswith(known) for key in series)), RETAIL
    )
    type_ = chosen.type or default_type
    bases = [base for key in series if key.startswith(type_) and (base := key.split(":")[1]) in measures]
    usual: str = item.facts["base"] if item.facts.get("base") in measures else next(iter(measures))
    unit = usual if usual in bases or not bases else bases[0]
    if (liked := measures.get(preferred)) and (liked.base in bases or (not bases and liked.base == usual)):
        unit = preferred
    measure, ignored = chosen.measure or measures[unit], chosen.ignored
    if bases and measure.base not in bases:
        ignored += (left_out(measure.label, no_such_unit()),)
        measure = measures[unit]
    return replace(
        chosen,
        type=type_,
        measure=measure,
        ignored=ignored,
        default_type=default_type,
        default_unit=unit,
    )


def measures_for(item: Name, words: Wording) -> dict[str, Measure]:
    """The units that a reader may choose, never none."""
    found = measures_of(item, words)
    return found or {"kg": base_measure("kg", words)}


class ItemPage:
    """An item's page for one choice of place, type and unit.

    :param chosen: as settled.
    :param region: the board of the chosen region.
    :param kinds: the boards of the rest of the item's family by item, of the region or the nation.
    :param neighbours: the boards of the regions around the chosen township.
    :param board_keys: the keys of all boards that the page is made of, there or not.
    :param days: the history of the chosen place of at least 400 days, oldest first; None while it is away.
    """

    def __init__(
        self,
        *,
        item: Name,
        chosen: ItemFilter,
        measures: Mapping[str, Measure],
        nation: Board | None,
        region: Board | None,
        days: Sequence[DayStat] | None,
        kinds: Mapping[int, Board],
        words: Wording,
        links: Links,
        neighbours: Iterable[Board] = (),
        board_keys: Iterable[str] = (),
    ) -> None:
        assert chosen.type and chosen.measure
        self._kinds = kinds
        self.board_keys = sorted(board_keys)
        self.item, self.chosen, self.words, self.links = item, chosen, words, links
        self.type: PriceType = chosen.type
        self.measure: Measure = chosen.measure
        self.second = beside(self.measure, item, dict(measures))
        self.measures = measures
        self.series = series_of(self.type, self.measure.base)
        self._all_series = sorted(nation.data["series"]) if nation else []
        self._nation = (nation.data["series"].get(self.series) if nation else None) or {
            "nation": None,
            "regions": {},
        }
        self._rows = self._rows_of(region)
        self.rows_around = [row for board in neighbours for row in self._rows_of(board)]
        self._recent = {
            scope: days_of_board(board.data["days"].get(self.series, []))
            for scope, board in (("region", region), ("nation", nation))
            if board
        }
        # Without the history the last 90 days, which boards carry with them; none for a township.
        self.days = list(days) if days is not None else self._recent.get(self.scope, [])
        self.is_history_away = days is None

    def _rows_of(self, board: Board | None) -> list[dict[str, Any]]:
        """The rows of a region's board that are of this type and base unit: those of others are never mixed in."""
        return [
            row
            for row in (board.data["rows"] if board else [])
            if row["type"] == self.type and row["base"] == self.measure.base
        ]

    @property
    def place(self) -> Name | None:
        """The chosen place; None for the whole country."""
        return self.chosen.township or self.chosen.region

    @property
    def place_name(self) -> str:
        return str(self.place) if self.place else gettext("Myanmar")

    @property
    def type_name(self) -> str:
        return type_name(self.type)

    @property
    def local_rows(self) -> list[dict[str, Any]]:
        """The rows of the chosen place."""
        if self.chosen.township is None:
            return self._rows
        return [row for row in self._rows if row["township"] == self.chosen.township.id]

    @property
    def region_rows(self) -> list[dict[str, Any]]:
        """The rows of the chosen region, its chosen township among them."""
        return self._rows

    def typical(self) -> Typical:
        """What it typically costs in the chosen place, or else whatever comes nearest to that."""
        region = [typical_texts.shop_price(row) for row in self._rows] if self.chosen.region else None
        local = [typical_texts.shop_price(row) for row in self.local_rows] if self.chosen.township else None
        return typical_texts.of_place(
            local=local, region=region, nation=self._nation["nation"], now=self.words.now
        )

    def n_prices(self, scope: Scope) -> int:
        """How many prices of the window are known of the place that speaks; 0 while nobody can say."""
        days = self.days if scope == self.scope else self._recent.get(scope, [])
        return sum(day.n for day in days if typical_price.is_of_window(day.day, today=self.words.today))

    def speaks_for_place(self, found: Typical) -> bool:
        """Whether a typical price is the chosen place's own, of today."""
        return found.scope == self.scope

    def fresh_rows(self, scope: Scope) -> list[dict[str, Any]]:
        """The rows that count for whoever speaks; none for the country, of which boards hold figures only."""
        rows = {"township": self.local_rows, "region": self._rows}.get(scope, [])
        return [row for row in rows if self.is_fresh(row)]

    def by_region(self) -> list[tuple[Name, Typical, str]]:
        """Every region with its typical price, and this page's address for it."""
        return [
            (
                region,
                typical_texts.of_summary(self._nation["regions"].get(str(region.id)), now=self.words.now),
                self.address(region=region, township=None, page=1),
            )
            for region in names.all_of("region")
        ]

    def regions_map(self) -> RegionsMap:
        """The same as a drawing."""
        return regions_map.of_regions(
            self.by_region(),
            chosen=self.chosen.region,
            measure=self.measure,
            subject=f"{self.item}, {self.type_name.lower()}",
            words=self.words,
        )

    def types(self) -> list[Tab]:
        return [
            Tab(type_name(known), self.address(type=known, page=1), known == self.type)
            for known in PRICE_TYPES
        ]

    def periods(self) -> list[Tab]:
        return [
            Tab(
                self.words.digits(label),
                self.address(period=period) + "#history",
                period == self.chosen.period,
            )
            for period, label in period_labels().items()
        ]

    def to_draw_beside(self) -> tuple[Offered, ...]:
        """What the chart offers to draw beside its own line; shops with a price that counts first."""
        rows = sorted(self._rows, key=lambda row: (not self.is_fresh(row), shop_name(row["shop"]).casefold()))
        townships = {row["township"] for row in rows}
        return offered(
            region=self.chosen.region,
            own=self.chosen.where,
            chosen=self.chosen.beside,
            region_ids=[r.id for r in names.all_of("region") if str(r.id) in self._nation["regions"]],
            township_ids=[t.id for t in names.all_of("township") if t.id in townships],
            shop_ids=[row["shop"] for row in rows],
        )

    def options(self) -> dict[str, list[Option]]:
        """What the filter offers."""
        chosen, words = self.chosen, self.words
        home = self.home_region
        regions = sorted(names.all_of("region"), key=lambda region: region != home)
        townships = []
        if chosen.region:
            townships = [t for t in names.all_of("township") if t.facts["region"] == chosen.region.id]
        bases = {base_of(series) for series in self._all_series if series.startswith(self.type)}
        units = [m for m in self.measures.values() if m.base in bases or not bases]
        ages = sorted({1, 7, typical_price.WINDOW_DAYS, chosen.max_age or 1})
        return {
            "regions": [Option("", gettext("All of Myanmar"), chosen.region is None)]
            + [
                Option(r.slug, str(r), chosen.region is not None and r.id == chosen.region.id)
                for r in regions
            ],
            "townships": [Option("", gettext("All townships"), chosen.township is None)]
            + [
                Option(t.slug, str(t), chosen.township is not None and t.id == chosen.township.id)
                for t in townships
            ],
            "ages": [Option("", gettext("Any age"), chosen.max_age is None)]
            + [Option(str(days), age_label(days, words), days == chosen.max_age) for days in ages],
            "units": [Option(m.code, m.label, m.code == self.measure.code) for m in units],
            "sorts": [Option(key, label, key == chosen.sort) for key, label in sort_labels().items()],
        }

    def address(self, **changes: Any) -> str:
        """This page with some of the choice changed."""
        return self.links.item(self.item, **self.chosen.query(**changes))

    @property
    def has_any_price(self) -> bool:
        """Whether anybody has ever sent a price of this item, of either kind."""
        return bool(self._all_series)

    @property
    def has_price_of_kind(self) -> bool:
        """Whether anybody has ever sent one of the chosen kind and unit."""
        return self.series in self._all_series

    @property
    def measure_heading(self) -> str:
        return lower_first(self.words.currency(self.measure.per))

    @property
    def amount_heading(self) -> str:
        return self.words.currency(self.measure.per)

    @property
    def region_url(self) -> str:
        return self.address(township=None, page=1)

    @property
    def any_age_url(self) -> str:
        return self.address(max_age=None, page=1)

    @property
    def nation_url(self) -> str:
        return self.address(region=None, township=None, page=1)

    @property
    def home_region(self) -> Name | None:
        """The region that the reader calls his own."""
        slug = self.words.prefers.region
        return names.by_slug("region", slug) if slug else None

    @property
    def home_url(self) -> str:
        """This page for the reader's own region; nothing where he has none, or has chosen a place."""
        home = self.home_region
        return "" if home is None or self.chosen.region else self.address(region=home, page=1)

    @property
    def unit_to_remember(self) -> str:
        """The unit shown, where the reader may prefer it from now on: it is not what he sees unasked."""
        code = self.measure.code
        return code if code in preferences.UNITS and code != self.chosen.default_unit else ""

    @property
    def is_by_kind(self) -> bool:
        """Whether only kinds of this item have prices."""
        return not self.has_any_price and not self.item.facts.get("variety_of") and bool(self._kinds)

    @property
    def item_ids(self) -> list[int]:
        """The item, and those of its kinds that are shown."""
        return [self.item.id, *self._kinds]

    def kinds(self) -> Kinds:
        """The kinds of this item, or the others of its kind."""
        return kinds_of(self.item, chosen=self.chosen, found=self._kinds, words=self.words, links=self.links)

    def subject(self) -> str:
        return f"{self.item}, {self.place_name}, {self.type_name.lower()}"

    @property
    def scope(self) -> Scope:
        """What kind of place was chosen."""
        if self.chosen.township:
            return "township"
        return "region" if self.chosen.region else "nation"

    def amount(self, pya: int) -> str:
        return self.words.kyat(pya, to_base=self.measure.to_base)

    def is_fresh(self, row: dict[str, Any]) -> bool:
        """Whether a row counts today."""
        return typical_price.is_fresh(from_ms(row["seen"]), now=self.words.now)

    def range_of(self, found: Typical) -> str:
        """From the lowest to the highest price; empty where there is one only."""
        if found.scope in ("old", "none") or found.low is None or found.low == found.high:
            return ""
        return f"{self.amount(found.low)}–{self.amount(found.high or 0)}"

    def elsewhere(self) -> tuple[Tab, ...]:
        """The other units, and the other kind, that have prices."""
        found = []
        for series in self._all_series:
            type_, base = series.split(":")
            if series != self.series and base in self.measures:
                label = f"{type_name(type_)}, {lower_first(self.words.currency(self.measures[base].per))}"
                found.append(Tab(label, self.address(type=type_, measure=self.measures[base], page=1), False))
        return tuple(found)
