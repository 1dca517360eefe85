"""The units in which a page shows prices, and how "a kg" is said."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, gettext_noop

from potato.text.wording import Wording
from prices.names import cache as names
from prices.rules.units import BASES, VISS_IN_KG
from prices.types import Base, Name

SHORT = {"kg": gettext_noop("kg"), "l": gettext_noop("litre"), "pc": gettext_noop("piece")}
SHORT_MY = {"kg": "ကီလို", "l": "လီတာ"}
PER = {
    "pc": gettext_noop("each"),
    "ten": gettext_noop("for ten"),
    "half-viss": gettext_noop("for half a viss"),
    "eighth-viss": gettext_noop("for an eighth of a viss"),
    "impgal": gettext_noop("an imperial gallon"),
}
"""How a price for a unit is said where "a kg" would not do."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A unit that an item's prices are shown in; ``per`` is ``a kg``, in Burmese ``/ ကီလို``."""

    code: str
    base: Base
    to_base: Decimal
    label: str
    per: str


def label_of(code: str, words: Wording) -> str:
    """The short name of a unit: ``kg``, ``viss``, ``litre``."""
    if words.is_burmese:
        short = SHORT_MY.get(code)
    else:
        short = gettext(SHORT[code]) if code in SHORT else None
    return short or str(names.by_slug("unit", code) or code)


def per(code: str, words: Wording) -> str:
    """What follows a price: ``a kg``, ``for ten``; in Burmese ``/ ကီလို``."""
    if words.is_burmese:
        return f"/ {label_of(code, words)}"
    if code in PER:
        return gettext(PER[code])
    return gettext("a %(unit)s") % {"unit": label_of(code, words)}


def measures_of(item: Name, words: Wording) -> dict[str, Measure]:
    """The units in which an item's prices can be shown, by code: its base units first, then its usual ones."""
    found: dict[str, Measure] = {}
    units = item.facts.get("units", [])
    bases = [item.facts.get("base")] + [unit["base"] for unit in units]
    for base in dict.fromkeys(bases):
        if base in BASES:
            found[base] = _measure(base, base, Decimal(1), words)
    if "kg" in found:
        found["viss"] = _measure("viss", "kg", VISS_IN_KG, words)
    for unit in units:
        if unit.get("usual", True) and unit["base"] in BASES:
            found[unit["code"]] = _measure(unit["code"], unit["base"], Decimal(unit["to_base"]), words)
    return found


def sold_by(item: Name, words: Wording) -> dict[str, Measure]:
    """Every unit that an amount of an item may be given in, by code: its default unit first, then its usual ones."""
    return {
        unit["code"]: _measure(unit["code"], unit["base"], Decimal(unit["to_base"]), words)
        for unit in item.facts.get("units", [])
        if unit["base"] in BASES
    } or {"kg": base_measure("kg", words)}


def beside(main: Measure, item: Name, among: dict[str, Measure]) -> Measure | None:
    """The unit of the second column: per kg beside per viss, and the other way round."""
    wanted = [item.facts.get("default_unit"), "viss", main.base]
    return next(
        (
            among[code]
            for code in wanted
            if code in among and code != main.code and among[code].base == main.base
        ),
        None,
    )


def in_lists(base: str, words: Wording) -> tuple[Measure, Measure | None]:
    """The unit in which lists show prices of a base unit, and the one beside it: what the reader prefers comes first."""
    shown = base_measure(base, words)
    if base != "kg":
        return shown, None
    viss = _measure("viss", "kg", VISS_IN_KG, words)
    return (viss, shown) if words.prefers.unit == "viss" else (shown, viss)


def base_measure(base: str, words: Wording) -> Measure:
    return _measure(base, base, Decimal(1), words)  # type: ignore[arg-type]


def _measure(code: str, base: Base, to_base: Decimal, words: Wording) -> Measure:
    return Measure(code=code, base=base, to_base=to_base, label=label_of(code, words), per=per(code, words))
