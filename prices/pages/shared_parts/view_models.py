"""View models that several pages share, in the reader's words: templates only place them."""

from dataclasses import dataclass, replace
from typing import Any

from potato.text.wording import Change
from prices.charts import Strip
from prices.rules.typical_price import Scope


@dataclass(frozen=True, slots=True)
class Tab:
    """One of a few choices shown side by side."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Extreme:
    """The shops that ask the least, or the most; of the country the regions where they are."""

    places: tuple[tuple[str, str], ...]
    """Name and address of the first few."""
    more: str
    """How many others do: ``+2``; empty where all are named."""
    amount: str


@dataclass(frozen=True, slots=True)
class Compared:
    """The price beside that of a day which the reader chose."""

    day: str
    """As the form holds it, ``2025-12-15``; empty where he chose none."""
    first: str
    last: str
    change: Change | None
    says: str
    """From when to when, and what it cost then; or why there is nothing to compare."""
    kept: tuple[tuple[str, str], ...]
    """The rest of the choice, which the form sends along."""


@dataclass(frozen=True, slots=True)
class Ticket:
    """The price of the page, with what it rests on, in the reader's words."""

    label: str
    amount: str
    per: str
    beside: str
    scope: Scope
    why: str
    """Why it is not simply this place's typical price; empty where it is."""
    range: str
    counts: str
    cheapest: Extreme | None
    dearest: Extreme | None
    good: str
    """Why it is a good price; empty where it is none."""
    good_rule: str
    """When prices are called good at all."""
    changes: tuple[tuple[str, Change], ...]
    changes_of: str
    """Whose changes they are, where another place speaks for the price."""
    strip: Strip | None
    elsewhere: tuple[Tab, ...] = ()
    """Where there is no price: the other units, and the other kind, that have some."""

    @property
    def is_old(self) -> bool:
        return self.scope == "old"

    @property
    def is_missing(self) -> bool:
        return self.scope == "none"


@dataclass(frozen=True, slots=True)
class ShopRow:
    """A shop's newest price."""

    shop: str
    shop_url: str
    place: str
    who: str
    entry_url: str
    age: str
    amount: str
    second: str
    is_old: bool
    is_cheapest: bool


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """What an item costs in a township or region."""

    name: str
    url: str
    n_shops: str
    shops: str
    """With the word: ``4 shops``."""
    age: str
    amount: str
    second: str
    range: str
    is_old: bool
    is_cheapest: bool


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """What a kind of an item costs, or an item in a township near by."""

    name: str
    url: str
    under: str
    """How far the township is, number of shops, age; of a kind its unit where that is not the page's."""
    amount: str
    change: Change
    """Of a township against the one that it is near to, of a kind in 30 days."""
    is_old: bool


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of an item; on the page of one of them, the others."""

    rows: tuple[ChangeRow, ...]
    without: tuple[tuple[str, str], ...]
    """Name and address of those without a price."""
    head: tuple[str, str] | None
    """Name and address of what they are kinds of, where that has no price of its own."""
    caption: str
    amount_heading: str

    @property
    def is_any(self) -> bool:
        return bool(self.rows or self.without or self.head)


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    selected: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A page of rows, with what stands beside it."""

    rows: tuple[Any, ...]
    caption: str
    amount_heading: str
    second_heading: str
    hidden: str
    """How many rows the filter hides; empty without any."""
    pages: tuple[Tab, ...] = ()

    @property
    def fresh(self) -> "Table":
        """The rows that count."""
        return replace(self, rows=tuple(row for row in self.rows if not row.is_old))

    @property
    def old(self) -> "Table":
        """Those too old to count, to be folded away."""
        return replace(self, rows=tuple(row for row in self.rows if row.is_old), pages=())
