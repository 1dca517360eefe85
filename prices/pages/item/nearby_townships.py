"""The townships around one: how far they are, and what an item costs there. Names and points are held in memory."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import NOTHING_TO_COMPARE, Wording
from prices.names import cache as names
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import n_shops
from prices.pages.shared_parts.view_models import ChangeRow
from prices.rules import typical_price
from prices.rules.distance import distance_km
from prices.rules.typical_price import Typical
from prices.types import Name

ROWS_SHOWN = 8
NEAREST = 12
"""Of so many nearest townships a page looks up the prices where they lie in another region."""
OTHER_REGIONS = 2

Rows = Sequence[dict[str, Any]]


def townships_near(here: Name) -> list[tuple[Name, float]]:
    """All other townships with their distance in km, those of the same region first, each the nearest first."""
    by_distance = _by_distance(here)
    return sorted(by_distance, key=lambda pair: pair[0].facts["region"] != here.facts["region"])


def regions_near(here: Name) -> list[Name]:
    """The other regions in which the nearest townships lie, two at most."""
    near = [one.facts["region"] for one, _km in _by_distance(here)[:NEAREST]]
    found = (names.get("region", region) for region in dict.fromkeys(near) if region != here.facts["region"])
    return [region for region in found if region][:OTHER_REGIONS]


def rows_near(
    here: Name,
    *,
    by_township: Mapping[int, Rows],
    measure: Measure,
    address_of: Callable[[Name], str],
    words: Wording,
) -> tuple[ChangeRow, ...]:
    """What an item costs in the townships around one, beside what it costs here.

    :param by_township: the rows of boards, all of one type and base unit, by township.
    """
    own = place_price(by_township.get(here.id, ()), words=words)
    found = []
    for township, km in townships_near(here):
        price = place_price(by_township.get(township.id, ()), words=words)
        if price.amount is None:
            continue
        is_old = price.scope == "old"
        percent = None
        if own.amount and own.scope != "old" and not is_old:
            percent = typical_price.change_percent(own.amount, price.amount)
        under = (
            gettext("%(km)s km") % {"km": words.decimal(f"{km:.1f}" if km < 10 else f"{km:.0f}")},
            gettext("too old to count") if is_old else n_shops(price.n_shops, words),
            words.age(price.newest),
        )
        found.append(
            ChangeRow(
                name=str(township),
                url=address_of(township),
                under=" · ".join(under),
                amount=words.kyat(price.amount, to_base=measure.to_base),
                change=words.difference(percent) if percent is not None else NOTHING_TO_COMPARE,
                is_old=is_old,
            )
        )
        if len(found) == ROWS_SHOWN:
            break
    return tuple(found)


def place_price(rows: Rows, *, words: Wording) -> Typical:
    """The typical price of one place from its own rows alone, however few."""
    prices = [typical_texts.shop_price(row) for row in rows]
    return typical_price.typical_for(
        nation=typical_price.summarise(prices, now=words.now),
        last_known=typical_texts.newest_of(prices),
        now=words.now,
    )


def by_township(rows: Iterable[dict[str, Any]]) -> dict[int, list[dict[str, Any]]]:
    """The rows of a board by township, those that lie in none left out."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in rows:
        if row["township"] is not None:
            found.setdefault(row["township"], []).append(row)
    return found


def _by_distance(here: Name) -> list[tuple[Name, float]]:
    point = here.facts.get("point")
    if not point:
        return []
    found = [
        (one, distance_km((point[1], point[0]), (there[1], there[0])))
        for one in names.all_of("township")
        if one.id != here.id and (there := one.facts.get("point"))
    ]
    return sorted(found, key=lambda pair: (pair[1], pair[0].id))
