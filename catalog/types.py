"""What the catalogue tells others about units: frozen, typed."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class UnitFact:
    """A unit; ``to_base`` and ``base`` are None where it has no size of its own (a bundle)."""

    id: int
    code: str
    kind: str
    name_en: str
    name_my: str
    to_base: Decimal | None
    base: str | None


@dataclass(frozen=True, slots=True)
class FactorFact:
    """One unit of the item is ``to_base`` base units; everywhere, or in one region only."""

    unit_code: str
    item_id: int
    region_id: int | None
    to_base: Decimal
    base: str
    source: str


@dataclass(frozen=True, slots=True)
class ItemUnits:
    """Everything from which follows what an item's prices may be given in.

    ``factors`` are the item's own and those of the item that it is a variety of, as far as they hold for
    varieties.
    """

    id: int
    parent_id: int | None
    bases: frozenset[str]
    default_unit: str
    usual_units: frozenset[str]
    factors: tuple[FactorFact, ...]


@dataclass(frozen=True, slots=True)
class PricedUnit:
    """A unit that a price of an item may be given in: one of it is ``to_base`` of ``base``.

    ``source`` says where a factor of the item comes from; it is empty where the unit's own size counts.
    """

    unit: UnitFact
    to_base: Decimal
    base: str
    is_usual: bool
    source: str
