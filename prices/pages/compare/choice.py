"""The places that a reader compares, read from the address, and which may be added."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, ngettext

from potato import preferences
from potato.text.wording import wording
from prices.names import cache as names
from prices.names import search as name_search
from prices.pages.shared_parts import filters
from prices.pages.shared_parts.filters import Query, left_out, shown
from prices.pages.shared_parts.lookup import GREATEST_ID
from prices.pages.shared_parts.phrases import OPEN, shop_name
from prices.types import RETAIL, Name, NameKind, PriceType

PlaceKind = Literal["shop", "township", "region"]

MOST_PLACES = 4
MOST_LOOKED_AT = 12
"""Of a longer address the rest is not even looked at."""
MOST_UNKNOWN = 3
"""An unknown shop is looked for in MongoDB, once: no more than these of an address."""
UNITS = ("kg", "viss")
SUGGESTED = 16
FOUND_SHOWN = 12
_SHOP = "shop-"


@dataclass(frozen=True, slots=True)
class Place:
    """Something with prices; ``code`` is how an address says it: ``shop-12``, ``yangon``, ``yangon/insein``."""

    kind: PlaceKind
    name: Name
    code: str
    within: str

    def __str__(self) -> str:
        return shop_name(self.name.id) if self.kind == "shop" else str(self.name)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a reader wants to compare. ``ignored`` says what was left out, and why."""

    places: tuple[Place, ...]
    type: PriceType
    unit: str
    find: str
    ignored: tuple[str, ...]

    def address(self, *, places: Iterable[Place] | None = None, type: str = "", unit: str = "") -> str:
        asked = [("place", place.code) for place in (self.places if places is None else places)]
        type, unit = type or self.type, unit or self.unit
        asked += [("type", type.lower())] if type != RETAIL else []
        asked += [("unit", unit)] if unit != _units()[0] else []
        query = urlencode(asked, safe="/")
        return f"{reverse('compare')}?{query}" if query else reverse("compare")

    @property
    def unit_asked(self) -> str:
        """The unit, where it is another than the reader's usual one; else empty."""
        return self.unit if self.unit != _units()[0] else ""

    def without(self, place: Place) -> str:
        return self.address(places=[other for other in self.places if other is not place])

    def with_(self, place: Place) -> str:
        return self.address(places=[*self.places, place])


def read(query: Query) -> Chosen:
    """Read what to compare. Never fails: what makes no sense is left out, with a note."""
    given = [text for value in query.getlist("place") if (text := str(value).strip())]
    places: list[Place] = []
    ignored: list[str] = []
    n_too_many, n_unknown = max(0, len(given) - MOST_LOOKED_AT), 0
    for text in given[:MOST_LOOKED_AT]:
        if n_unknown == MOST_UNKNOWN:
            n_too_many = 0
            ignored.append(
                gettext("There were too many unknown places: from “%(value)s” on none was looked for.")
                % {"value": shown(text)}
            )
            break
        place = place_of(text)
        if place is None:
            n_unknown += 1
            ignored.append(left_out(text, gettext("there is no such place")))
        elif any(place.code == other.code for other in places):
            ignored.append(left_out(str(place), gettext("it is there already")))
        elif places and place.kind != places[0].kind:
            ignored.append(
                left_out(str(place), gettext("shops, townships and regions are compared among themselves"))
            )
        elif len(places) == MOST_PLACES:
            n_too_many += 1
        else:
            places.append(place)
    if n_too_many:
        ignored.append(
            ngettext(
                "At most four places are compared: %(n)s more was left out.",
                "At most four places are compared: %(n)s more were left out.",
                n_too_many,
            )
            % {"n": wording().number(n_too_many)}
        )
    type_, notes = filters.read_type(query)
    unit, more = filters.read_choice(
        query, "unit", _units(), else_say=gettext("prices are compared a kg or a viss")
    )
    find = next((str(value) for value in reversed(query.getlist("find"))), "")
    return Chosen(
        tuple(places),
        type_,
        unit,
        shown(find.strip()) if find.strip() else "",
        tuple(dict.fromkeys([*ignored, *notes, *more])),
    )


def place_of(text: str) -> Place | None:
    """What an address means by a place; None where there is no such thing."""
    text = text.lower()
    if text.startswith(_SHOP):
        digits = text.removeprefix(_SHOP)
        # Longer texts are no id, and str.isdecimal() knows the digits of other scripts as well.
        is_number = digits.isascii() and digits.isdecimal() and len(digits) <= 10
        id = int(digits) if is_number else 0
        shop = names.get("shop", id) if 0 < id <= GREATEST_ID else None
        return of_name(shop) if shop else None
    region_slug, slash, township_slug = text.partition("/")
    region = names.by_slug("region", region_slug)
    if region is None or not slash:
        return of_name(region) if region else None
    township = names.by_slug("township", township_slug, region=region.id)
    return of_name(township) if township else None


def of_name(name: Name) -> Place | None:
    """A shop, township or region as a place to compare; None for anything else."""
    region = names.get("region", name.facts.get("region"))
    match name.kind:
        case "shop":
            township = names.get("township", name.facts.get("township"))
            within = ", ".join(str(place) for place in (township, region) if place)
            return Place("shop", name, f"{_SHOP}{name.id}", within)
        case "township" if region:
            return Place("township", name, f"{region.slug}/{name.slug}", str(region))
        case "region":
            return Place("region", name, name.slug, "")
    return None


def found_by_name(chosen: Chosen) -> list[tuple[Place, str]]:
    """Places with these words in their names, with the address that adds each; of the kind that is compared."""
    kinds: list[NameKind] = [chosen.places[0].kind] if chosen.places else ["region", "township", "shop"]
    answer = name_search.answer(chosen.find, limits=dict.fromkeys(kinds, FOUND_SHOWN + MOST_PLACES))
    some = [name for kind in kinds for name in answer.names(kind)]
    return _addable(chosen, some)[:FOUND_SHOWN]


def suggested(chosen: Chosen) -> list[tuple[Place, str]]:
    """What may be added without searching: what lies around the last place chosen; to begin with, the regions."""
    if not chosen.places:
        return _addable(chosen, names.all_of("region"))
    last = chosen.places[-1]
    others = names.all_of(last.kind)
    if last.kind != "region":
        others = [one for one in others if one.facts.get("region") == last.name.facts.get("region")]
    if last.kind == "township":
        with_shops = {shop.facts.get("township") for shop in names.all_of("shop")}
        others = [one for one in others if one.id in with_shops]
    if last.kind == "shop":
        here = last.name.facts.get("township")
        others.sort(key=lambda one: one.facts.get("township") != here)
    return _addable(chosen, others)[:SUGGESTED]


def _addable(chosen: Chosen, some: Iterable[Name]) -> list[tuple[Place, str]]:
    there = {place.code for place in chosen.places}
    still_there = (name for name in some if name.facts.get("status", OPEN) == OPEN)
    places = [place for name in still_there if (place := of_name(name)) and place.code not in there]
    return [(place, chosen.with_(place)) for place in places]


def _units() -> list[str]:
    """The units, the one first that the reader prefers."""
    return sorted(UNITS, key=lambda unit: unit != preferences.current().unit)
