"""The echo of a price that is being typed: what it comes to, and a question where it is unusual."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from catalog import selectors as catalog
from catalog.models import Item
from catalog.types import PricedUnit
from potato.text.wording import wording
from prices.names import cache as names
from prices.pages.shared_parts import price_text
from prices.rules.judging import structure
from prices.rules.judging.structure import PriceFacts, Verdict
from prices.rules.numbers import BadNumber, parse_decimal, plain
from prices.rules.units import unit_price_pya
from prices.types import GivenPrice

# What the price would have to be multiplied by if this slip were made.
SLIPS = {
    "one_zero_too_many": Decimal("0.1"),
    "one_zero_too_few": Decimal(10),
    "two_zeros_too_many": Decimal("0.01"),
    "two_zeros_too_few": Decimal(100),
}
UNIT_SLIPS = {"per_viss_not_kg": "viss", "per_kg_not_viss": "kg"}


@dataclass(frozen=True, slots=True)
class Echo:
    """What a price that is being typed comes to, with a question where it is far from what is usual.

    ``fix`` is the field that would be otherwise if the guessed slip were made, its value, and how to say it.
    """

    price: price_text.PriceText
    question: str = ""
    usual: str = ""
    typed: str = ""
    fix: tuple[str, str, str] | None = None


def echo_of(typed: Any, *, item: Item | None, priced: Sequence[PricedUnit] | None) -> Echo | None:
    """The echo of price, quantity and unit as they were typed; None while they do not make a price.

    :param priced: the units that the item may be given in, in the chosen shop's region.
    """
    unit = str(typed.get("unit") or "")
    factor = next((one for one in priced or () if one.unit.code == unit), None)
    if item is None or factor is None:
        return None
    try:
        price = parse_decimal(str(typed.get("price") or ""))
        quantity = parse_decimal(str(typed.get("quantity") or ""), max_digits=9, decimals=3)
    except BadNumber:
        return None
    try:
        amount = unit_price_pya(price=price, quantity=quantity, to_base=factor.to_base)
    except ValueError:
        return None
    given = GivenPrice(price, quantity, unit, amount, factor.base)  # type: ignore[arg-type]
    words = price_text.text_of(given)
    low, high = catalog.ranges_of([item.pk]).get((item.pk, factor.base), (None, None))
    verdict = structure.judge(
        PriceFacts(
            price=price,
            quantity=quantity,
            amount_pya=amount,
            base=factor.base,  # type: ignore[arg-type]
            unit_code=unit,
            low_pya=None if low is None else int(low * 100),
            high_pya=None if high is None else int(high * 100),
        )
    )
    if verdict.verdict != "quarantined" or low is None or high is None:
        return Echo(words)
    return Echo(
        words,
        question=price_text.why(verdict.judgement),
        usual=_("%(item)s: usually from %(low)s to %(high)s.")
        % {
            "item": item.name,
            "low": price_text.per_base(int(low * 100), factor.base),
            "high": price_text.per_base(int(high * 100), factor.base),
        },
        typed=wording().decimal(price),
        fix=_fix(verdict, price=price, units=[one.unit.code for one in priced or ()]),
    )


def _fix(verdict: Verdict, *, price: Decimal, units: list[str]) -> tuple[str, str, str] | None:
    if verdict.hint in SLIPS:
        meant = price * SLIPS[verdict.hint]
        return "price", plain(meant), _("Make it %(price)s") % {"price": wording().decimal(meant)}
    unit = UNIT_SLIPS.get(verdict.hint or "")
    if unit in units:
        return "unit", unit, _("It was for a %(unit)s") % {"unit": names.by_slug("unit", unit) or unit}
    return None
