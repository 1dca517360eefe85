"""Judging a price. Pure rules, no I/O.

Only structure so far: numbers that make no sense, and unit prices outside the range that was curated for the
item. ``judge`` is the one way in; a judge that knows what a price usually is here takes its place behind it,
after the structural one.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from prices.rules.judging.facts import PriceFacts
from prices.rules.units import VISS_IN_KG, per_unit_kyat
from prices.types import Base, Judgement, Status

VerdictName = Literal["fine", "warned", "quarantined", "unjudged"]

ReasonCode = Literal[
    "not_positive",
    "minimum_above_maximum",
    "maximum_twice_minimum",
    "below_range",
    "above_range",
    "unusual_lot",
    "no_range",
]

Hint = Literal[
    "one_zero_too_many",
    "one_zero_too_few",
    "two_zeros_too_many",
    "two_zeros_too_few",
    "per_viss_not_kg",
    "per_kg_not_viss",
]

STATUS_OF: Mapping[str, Status] = {
    "fine": "published",
    "unjudged": "published",
    "warned": "pending",
    "quarantined": "quarantined",
}
"""The status with which a price of each verdict begins."""

_PER_BASE: dict[Base, str] = {"kg": "a kg", "l": "a litre", "pc": "a piece"}
_IN_BASE: dict[Base, str] = {"kg": "kg", "l": "litres", "pc": "pieces"}

DIGIT_SLIPS: Mapping[Hint, Decimal] = {
    "one_zero_too_many": Decimal("0.1"),
    "one_zero_too_few": Decimal(10),
    "two_zeros_too_many": Decimal("0.01"),
    "two_zeros_too_few": Decimal(100),
}
"""What a price would have to be multiplied by if this slip were made."""

_PER_VISS: tuple[Hint, Fraction] = ("per_viss_not_kg", 1 / Fraction(VISS_IN_KG))
_PER_KG: tuple[Hint, Fraction] = ("per_kg_not_viss", Fraction(VISS_IN_KG))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a judge says about a price.

    ``reason`` is empty for a fine price, else "code: plain English words", the code one of ``ReasonCode``, so
    that a moderator reads it as it is and a page can say it in its own language. ``hint`` is the slip that
    would explain the price, to be asked as a question.
    """

    verdict: VerdictName
    reason: str = ""
    hint: Hint | None = None

    @property
    def code(self) -> str:
        """The machine-readable part of the reason; empty for a fine price."""
        return self.reason.partition(":")[0]

    @property
    def words(self) -> str:
        """The part of the reason for people, in plain English."""
        return self.reason.partition(": ")[2]

    @property
    def judgement(self) -> Judgement:
        """The verdict as the entry keeps it."""
        return Judgement(verdict=self.verdict, reason=self.reason, hint=self.hint)


def judge(facts: PriceFacts) -> Verdict:
    """Judge one price: ``quarantined`` never shows by itself, ``unjudged`` means that too little is known.

    A price inside its curated range is ``fine``; where no range is known it is ``unjudged`` and published.
    """
    spread = judge_spread(facts.minimum, facts.maximum)
    if spread.verdict != "fine":
        return spread
    return _judge_structure(facts)


def _judge_structure(facts: PriceFacts) -> Verdict:
    """Judge what needs no statistics, but the spread.

    Quarantined: a price, quantity or amount that is not positive; an amount outside the curated range (its
    ends are inside). Warned: a lot larger than makes sense. A range with only one end is judged at that end;
    one whose ends are the wrong way round counts as not known.
    """
    amount_pya, low_pya, high_pya = facts.amount_pya, facts.low_pya, facts.high_pya
    if not (_is_positive(facts.price) and _is_positive(facts.quantity) and amount_pya > 0):
        return Verdict("quarantined", "not_positive: price and quantity must be above zero")
    if low_pya is not None and high_pya is not None and low_pya > high_pya:
        low_pya = high_pya = None
    below = low_pya is not None and amount_pya < low_pya
    above = high_pya is not None and amount_pya > high_pya
    if below or above:
        return Verdict(
            "quarantined",
            f"{'below' if below else 'above'}_range: "
            f"{_kyat(amount_pya)} {_PER_BASE[facts.base]} is {_outside(low_pya, high_pya)}",
            _hint(amount_pya, base=facts.base, unit_code=facts.unit_code, low_pya=low_pya, high_pya=high_pya),
        )
    if facts.lot is not None and facts.largest_lot is not None and facts.lot > facts.largest_lot:
        unit = _IN_BASE[facts.base]
        return Verdict(
            "warned",
            f"unusual_lot: {facts.lot:,f} {unit} is more than the usual {facts.largest_lot:,f} {unit}",
        )
    if low_pya is None and high_pya is None:
        return Verdict("unjudged", "no_range: nobody has said yet what this may cost")
    return Verdict("fine")


def judge_spread(minimum: Decimal | None, maximum: Decimal | None) -> Verdict:
    """Judge the two prices of a quoted spread, in kyat; one alone is no spread and fine here.

    Quarantined: either is not positive, the minimum is above the maximum, or the maximum is at least twice
    the minimum (a lost or added zero far more often than a market).
    """
    if any(price is not None and not _is_positive(price) for price in (minimum, maximum)):
        return Verdict("quarantined", "not_positive: both prices must be above zero")
    if minimum is None or maximum is None:
        return Verdict("fine")
    if minimum > maximum:
        return Verdict(
            "quarantined",
            f"minimum_above_maximum: the minimum K {minimum:,f} is above the maximum K {maximum:,f}",
        )
    if maximum >= 2 * minimum:
        return Verdict(
            "quarantined",
            f"maximum_twice_minimum: the maximum K {maximum:,f} is twice the minimum K {minimum:,f} or more",
        )
    return Verdict("fine")


def _is_positive(number: Decimal) -> bool:
    return number.is_finite() and number > 0


def _outside(low_pya: int | None, high_pya: int | None) -> str:
    if low_pya is None:
        return f"above {_kyat(high_pya)}, the most that this may cost"
    if high_pya is None:
        return f"below {_kyat(low_pya)}, the least that this may cost"
    return f"outside {_kyat(low_pya)} to {_kyat(high_pya)}, what this may cost"


def _kyat(pya: int | None) -> str:
    return f"K {per_unit_kyat(pya_per_base=pya or 0, to_base=Decimal(1)):,f}"


def _hint(
    amount_pya: int, *, base: Base, unit_code: str, low_pya: int | None, high_pya: int | None
) -> Hint | None:
    """Return the slip that brings the amount inside, and nearest to the range's middle where several do."""
    slips = [(hint, Fraction(factor)) for hint, factor in DIGIT_SLIPS.items()]
    if base == "kg" and unit_code == "kg":
        slips.append(_PER_VISS)
    if base == "kg" and unit_code == "viss":
        slips.append(_PER_KG)
    low = low_pya if low_pya is not None else 0
    high = high_pya if high_pya is not None else math.inf
    inside = [(hint, amount_pya * factor) for hint, factor in slips if low <= amount_pya * factor <= high]
    if not inside:
        return None
    # Prices spread by factors, so the middle is the geometric one; with one end open, that end.
    middle = math.sqrt(low * high) if low and high < math.inf else low or high
    return min(inside, key=lambda slip: abs(math.log(slip[1] / middle)))[0]
