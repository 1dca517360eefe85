"""The places and shops whose prices are drawn beside a page's own: as the address names them, and as the page offers them."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext

from potato.text.wording import wording
from prices.names import cache as names
from prices.pages.shared_parts.phrases import shop_name
from prices.types import NATION, Name, Place

MOST = 3
MOST_SHOPS_OFFERED = 40
EVERYWHERE = "myanmar"
_SHOP = "shop-"
_LONGEST_ID = 9
_MOST_READ = 12
"""Of more nobody waits for a note."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A place or a shop beside the page's own; ``code`` is what the address calls it."""

    code: str
    place: Place

    @property
    def name(self) -> str:
        if self.place.shop_id is not None:
            return shop_name(self.place.shop_id)
        if self.place.township_id is not None:
            return str(names.known("township", self.place.township_id) or self.code)
        if self.place.region_id == NATION:
            return gettext("Myanmar")
        return str(names.known("region", self.place.region_id) or self.code)


@dataclass(frozen=True, slots=True)
class Offered:
    """A group of what may be drawn beside."""

    label: str
    options: tuple[Beside, ...]


def read_beside(
    given: Iterable[object], *, own: Place, leave_out: Callable[[str, str], None]
) -> tuple[Beside, ...]:
    """Read what an address names, each once; ``leave_out`` is told what makes no sense, and why.

    :param own: the page's own place.
    """
    found: dict[Place, Beside] = {}
    for code in islice(dict.fromkeys(str(one).strip().lower() for one in given), _MOST_READ):
        if not code:
            continue
        place = _place(code)
        if place is None:
            leave_out(code, gettext("there is no such place or shop"))
        elif place == own:
            leave_out(code, gettext("it is the chart’s own place"))
        elif place not in found:
            if len(found) == MOST:
                leave_out(
                    code, gettext("the chart has room for %(n)s more lines") % {"n": wording().number(MOST)}
                )
                break
            found[place] = Beside(code, place)
    return tuple(found.values())


def offered(
    *,
    region: Name | None,
    own: Place,
    chosen: Sequence[Beside],
    region_ids: Iterable[int],
    township_ids: Iterable[int],
    shop_ids: Iterable[int],
) -> tuple[Offered, ...]:
    """What else may be drawn: none of what is drawn already, nothing where no line more has room.

    :param region: the chosen one, of which the townships and shops are.
    """
    if len(chosen) >= MOST:
        return ()
    taken = {own, *(one.place for one in chosen)}
    everywhere = [Beside(EVERYWHERE, Place())]
    regions = [name for id in region_ids if (name := names.known("region", id))]
    groups = [(gettext("States and regions"), everywhere + [Beside(r.slug, Place(r.id)) for r in regions])]
    if region is not None:
        townships = [name for id in township_ids if (name := names.known("township", id))]
        shops = list(shop_ids)[:MOST_SHOPS_OFFERED]
        groups += [
            (
                gettext("Townships of %(place)s") % {"place": region},
                [Beside(f"{region.slug}/{t.slug}", Place(region.id, t.id)) for t in townships],
            ),
            (gettext("Shops"), [Beside(f"{_SHOP}{id}", Place(region.id, shop_id=id)) for id in shops]),
        ]
    return tuple(
        Offered(label, free)
        for label, options in groups
        if (free := tuple(one for one in options if one.place not in taken))
    )


def _place(code: str) -> Place | None:
    if code == EVERYWHERE:
        return Place()
    if code.startswith(_SHOP):
        id = code.removeprefix(_SHOP)
        known = id.isdecimal() and id.isascii() and len(id) <= _LONGEST_ID
        shop = names.known("shop", int(id)) if known else None
        return Place(shop.facts["region"], shop_id=shop.id) if shop else None
    slug, _, township_slug = code.partition("/")
    region = names.by_slug("region", slug)
    if region is None:
        return None
    if not township_slug:
        return Place(region.id) if "/" not in code else None
    township = names.by_slug("township", township_slug, region=region.id)
    return Place(region.id, township.id) if township else None
