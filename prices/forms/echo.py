"""The echo of a price that is being typed: what it comes to, and a question where it is unusual."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from catalog import selectors as catalog
from catalog.models import Item
from catalog.types import PricedUnit
from potato.text.wording import wording
from prices.names import cache as names
from prices.pages.shared_parts import measures, price_text
from prices.rules.typed_numbers import plain
from prices.rules.typed_price import Fix, TypedPrice, read_typed_price
from prices.rules.units import BASE_OF
from prices.types import GivenPrice


@dataclass(frozen=True, slots=True)
class Echo:
    """What a price that is being typed comes to, with a question where it would not simply be published.

    ``usual`` is a sentence on what is usual, empty where the price per base unit is not what is unusual; ``typed`` the
    figure in question. ``fix`` is the field that would be otherwise if the guessed slip were made, its value, and how
    to say it.
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
    if item is None:
        return None
    found = read_typed_price(
        **{name: str(typed.get(name) or "") for name in ("price", "quantity", "unit")},
        sizes={one.unit.code: (one.to_base, BASE_OF[one.base]) for one in priced or ()},
        ranges_pya={BASE_OF[base]: ends for (_item, base), ends in catalog.ranges_of([item.pk]).items()},
    )
    if found is None:
        return None
    given = GivenPrice(found.price, found.quantity, found.unit, found.amount_pya, found.base)
    return Echo(
        price_text.text_of(given),
        question=price_text.why(found.verdict.judgement),
        usual=_usual(found, item),
        typed=_in_question(found),
        fix=_fix(found.fix),
    )


def _usual(found: TypedPrice, item: Item) -> str:
    if found.range_pya is None or found.verdict.code not in ("below_range", "above_range"):
        return ""
    low, high = (price_text.per_base(end, found.base) for end in found.range_pya)
    return _("%(item)s: usually from %(low)s to %(high)s.") % {"item": item.name, "low": low, "high": high}


def _in_question(found: TypedPrice) -> str:
    words = wording()
    if found.verdict.code == "unusual_lot":
        return f"{words.decimal(found.quantity)} {measures.label_of(found.unit, words)}"
    return words.decimal(found.price)


def _fix(fix: Fix | None) -> tuple[str, str, str] | None:
    if fix and fix.price:
        return "price", plain(fix.price), _("Make it %(price)s") % {"price": wording().decimal(fix.price)}
    if fix and fix.unit:
        unit = names.by_slug("unit", fix.unit) or fix.unit
        return "unit", fix.unit, _("It was for a %(unit)s") % {"unit": unit}
    return None
