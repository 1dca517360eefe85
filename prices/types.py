"""What travels between the store and everybody else: frozen, typed, without a trace of MongoDB.

Money as typed is a ``Decimal`` in kyat; ``amount`` is what we compute with: whole pya (1/100 kyat) per base
unit. Times are aware, UTC, whole milliseconds. Ids of items, shops and places are those of PostgreSQL.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from django.utils.translation import get_language

Base = Literal["kg", "l", "pc"]
PriceType = Literal["RETAIL", "WHOLESALE"]
Status = Literal["accepted", "published", "pending", "quarantined", "removed", "withdrawn"]
"""What became of a price. ``accepted``: it waits in the ledger to be published; no entry in MongoDB has this status."""
EDITABLE: tuple[Status, ...] = ("published", "pending", "quarantined")
"""Of a stored price with another status nothing can be decided any more."""
CHANGEABLE: tuple[Status, ...] = ("accepted", *EDITABLE)
"""Prices that may be withdrawn or corrected: one's own also before it is published."""
RETAIL: PriceType = "RETAIL"
WHOLESALE: PriceType = "WHOLESALE"
PRICE_TYPES: tuple[PriceType, ...] = (RETAIL, WHOLESALE)
NATION = 0
"""Stands for "the whole country" where a region's id is asked for."""


@dataclass(frozen=True, slots=True)
class Submitter:
    """Who sent a price, as others may see it. ``name`` is empty of who chose none: ``accounts.names.shown_name``."""

    id: int
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Judgement:
    verdict: str
    reason: str = ""
    hint: str | None = None


NOT_JUDGED = Judgement("waits")
"""Of a price that is judged when it is published; no entry in MongoDB has this judgement."""


@dataclass(frozen=True, slots=True)
class GivenPrice:
    """A price as it was given: kyat for ``quantity`` of a unit (its code), and whole pya for one ``base``."""

    price: Decimal
    quantity: Decimal
    unit: str
    amount: int
    base: Base
    item_id: int | None = None
    shop_id: int | None = None
    shop_name: str = ""


@dataclass(frozen=True, slots=True)
class Change:
    """Something that happened to an entry after it was written; ``id`` is the ledger row's."""

    id: str
    kind: str
    at: datetime
    by: int | None
    status: str | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PriceEntry:
    """A price seen in a shop. What it says never changes; its status and confirmations do."""

    id: str
    item_id: int
    shop_id: int
    shop_name: str
    region_id: int
    region_name: str
    township_id: int | None
    township_name: str
    price: Decimal
    quantity: Decimal
    unit: str
    amount: int
    base: Base
    type: PriceType
    seen_at: datetime
    submitter: Submitter
    body_hash: str
    source: str
    status: Status
    judgement: Judgement
    received_at: datetime
    published_at: datetime
    last_seen_at: datetime
    confirmations: int = 0
    corrects: str | None = None
    duplicate_of: str | None = None
    demo: bool = False
    note: str = ""
    rev: int = 0
    dirty: bool = True
    changes: tuple[Change, ...] = ()

    @property
    def waits(self) -> bool:
        """Whether it is accepted and not published yet: only its author may see it."""
        return self.judgement == NOT_JUDGED


@dataclass(frozen=True, slots=True)
class LatestAmount:
    """The newest published price of an item in a shop, by type and base unit: what figures need of it."""

    item_id: int
    shop_id: int
    region_id: int
    township_id: int | None
    type: PriceType
    base: Base
    entry_id: str
    amount: int
    seen_at: datetime
    received_at: datetime

    @property
    def key(self) -> str:
        return latest_key(self.item_id, self.shop_id, self.type, self.base)


@dataclass(frozen=True, slots=True)
class LatestPrice(LatestAmount):
    """The same with what its row on a page says."""

    price: Decimal
    quantity: Decimal
    unit: str
    submitter: Submitter
    source: str
    confirmations: int
    demo: bool = False
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class DayStat:
    """The published prices of one Yangon day: exact, in pya per base unit."""

    day: date
    n: int
    min: int
    median: int
    max: int
    sum: int


@dataclass(frozen=True, slots=True)
class DayMiddle:
    """How many prices were published of one Yangon day, and their exact median in pya per base unit."""

    day: date
    n: int
    median: int


@dataclass(frozen=True, slots=True)
class HistoryMonth:
    """A month of an item's days in a region (or the nation), by type and base unit."""

    item_id: int
    region_id: int
    type: PriceType
    base: Base
    month: str
    days: tuple[DayStat, ...]

    @property
    def key(self) -> str:
        return f"{self.item_id}:{self.region_id}:{self.type}:{self.base}:{self.month}"


@dataclass(frozen=True, slots=True)
class MonthOfMiddles:
    """What a history month says of its days' middle prices."""

    item_id: int
    type: PriceType
    base: Base
    days: tuple[DayMiddle, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a history is of: the nation, a region, a township of it, or one shop."""

    region_id: int = NATION
    township_id: int | None = None
    shop_id: int | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """A page's data, ready made: values and ids, absolute times; names join when it is rendered.

    ``data`` is plain JSON: numbers, texts, lists, dicts. Its shape for each kind of board is written down at the top
    of ``prices/rules/boards/build.py``.
    """

    key: str
    rev: int
    made_at: datetime
    data: dict[str, Any] = field(default_factory=dict)
    copied_at: datetime | None = None
    """Set when the board came from PostgreSQL's copy because MongoDB is away."""


@dataclass(frozen=True, slots=True)
class Report:
    """Somebody says that a price is wrong. A person has one report of a price: sending another one changes it.

    ``seq`` is the number of the newest ledger row that it says. ``since`` is when the price began to wait for a
    moderator because of reports: the same for all open reports of a price.
    """

    entry_id: str
    item_id: int
    by: int
    reason: str
    text: str
    at: datetime
    seq: int = 0
    outcome: str = "open"
    since: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.entry_id}:{self.by}"


@dataclass(frozen=True, slots=True)
class Reported:
    """The open reports of a price: by how many people, and the newest ones."""

    people: int
    newest: tuple[Report, ...]


NameKind = Literal["item", "category", "unit", "region", "township", "shop"]


@dataclass(frozen=True, slots=True)
class Name:
    """A name, with the few facts that pages join when they render.

    ``facts`` by kind. item: ``category, base, default_unit, units: [{code, to_base, base, usual}], aliases, variety_of,
    position, active``; category: ``position``; unit: ``code, kind, to_base, base, position``;
    region: ``kind, point, bounds``; township: ``region, pcode, point``;
    shop: ``region, township, point, kind, status, demo, phone, opening_hours``.
    Decimals are text, points ``[lon, lat]`` or None.
    """

    kind: NameKind
    id: int
    name_en: str
    name_my: str
    slug: str
    facts: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return (self.name_my or self.name_en) if get_language() == "my" else self.name_en

    @property
    def other(self) -> str:
        """The name in the other language, or nothing."""
        return self.name_en if get_language() == "my" and self.name_my else self.name_my


@dataclass(frozen=True, slots=True)
class Submission:
    """What became of something that a person sent."""

    id: str
    kind: str
    state: str
    reason: str
    item_id: int | None
    payload: dict[str, Any]
    received_at: datetime
    seq: int
    target: str
    """The entry that an act is about; of a price its own id, of a correction that of the price before."""
    entry: PriceEntry | None = None


def latest_key(item_id: int, shop_id: int, type: PriceType, base: Base) -> str:
    return f"{item_id}:{shop_id}:{type}:{base}"


def shop_of(latest_key: str) -> int:
    """The shop in a latest price's key."""
    return int(latest_key.split(":")[1])


def item_region_key(item_id: int, region_id: int) -> str:
    """The key of the board of an item in a region; ``NATION`` for the country's."""
    return f"item:{item_id}:{region_id}" if region_id != NATION else f"item:{item_id}:nation"


def shop_key(shop_id: int) -> str:
    return f"shop:{shop_id}"


def region_key(region_id: int) -> str:
    return f"region:{region_id}"


def movers_key(region_id: int) -> str:
    return f"movers:{region_id}"


def followers_key(kind: str, id: int) -> str:
    """The key of the board that says how many people follow an item or a shop."""
    return f"followers:{kind}:{id}"


HOME = "home"
ALARMS = "alarms"
