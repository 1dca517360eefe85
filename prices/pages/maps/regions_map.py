"""Maps that the server draws: every region in the colour of what an item costs there; one place with its shops."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext

from potato.text.wording import EN_DASH, Wording
from prices.pages.maps import outlines
from prices.pages.maps.colour_steps import key_of, steps_of
from prices.pages.maps.outlines import Frame
from prices.pages.shared_parts.box import Position
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import n_shops
from prices.rules.typical_price import Typical
from prices.types import Name

MOST_DOTS = 300
LABEL_AT: dict[str, Position] = {"yangon": (96.05, 15.95), "mon": (97.0, 15.4), "bago": (96.2, 18.3)}
"""Where a region's price stands, if not at the point inside it: there it would cover its neighbour's."""


@dataclass(frozen=True, slots=True)
class RegionShape:
    """A region on the map; without a ``path`` it is a dot at ``x``, ``y``, where its price stands too."""

    slug: str
    title: str
    """Name, price and number of shops in one line."""
    url: str
    step: int
    """1 to 5; 0 without a price that counts."""
    path: str
    at: str
    """Latitude and longitude of a dot."""
    x: int
    y: int
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class RegionsMap:
    """All regions, and what their colours stand for: ``key`` holds pairs of a step and its prices."""

    view_box: str
    shapes: tuple[RegionShape, ...]
    key: tuple[tuple[int, str], ...]
    desc: str


@dataclass(frozen=True, slots=True)
class Dot:
    x: int
    y: int
    title: str


@dataclass(frozen=True, slots=True)
class PlaceMap:
    """A region's outline with dots for shops."""

    view_box: str
    path: str
    dots: tuple[Dot, ...]
    title: str


def of_regions(
    places: Sequence[tuple[Name, Typical, str]],
    *,
    chosen: Name | None,
    measure: Measure,
    subject: str,
    words: Wording,
) -> RegionsMap:
    """The map of the whole country.

    :param places: every region, its typical price, and the address that it leads to.
    :param subject: what it is the price of: ``Rice, Myanmar, retail``.
    """
    amounts = {
        name.id: price.amount
        for name, price, _url in places
        if price.amount is not None and price.scope != "old"
    }
    steps = dict(zip(amounts, steps_of(list(amounts.values())), strict=True))
    shapes = (
        _shape(
            name,
            price,
            url,
            step=steps.get(name.id, 0),
            is_chosen=chosen is not None and chosen.id == name.id,
            measure=measure,
            words=words,
        )
        for name, price, url in places
    )
    return RegionsMap(
        view_box=outlines.whole_country().view_box,
        # What is only a dot lies on top of its neighbours.
        shapes=tuple(sorted(filter(None, shapes), key=lambda shape: not shape.path)),
        key=tuple(
            (step.number, _range(step.low, step.high, measure, words))
            for step in key_of(list(amounts.values()))
        ),
        desc=gettext("Map of Myanmar, the typical price by state and region: %(subject)s, %(currency)s")
        % {"subject": subject, "currency": words.currency(measure.per)},
    )


def _shape(
    name: Name, price: Typical, url: str, *, step: int, is_chosen: bool, measure: Measure, words: Wording
) -> RegionShape | None:
    """One region; None where neither its outline nor a point of it is known."""
    at = LABEL_AT.get(name.slug) or name.facts.get("point")
    path = outlines.path(name.slug, outlines.whole_country())
    if not (path or at):
        return None
    x, y = outlines.whole_country().place(at) if at else (0.0, 0.0)
    return RegionShape(
        slug=name.slug,
        title=_said(name, price, measure, words),
        url=url,
        step=step,
        path=path,
        at="" if path or not at else f"{at[1]},{at[0]}",
        x=round(x),
        y=round(y),
        label=words.kyat(price.amount, to_base=measure.to_base) if at and step else "",
        is_chosen=is_chosen,
    )


def of_place(region: Name, shops: Iterable[Name], *, title: str) -> PlaceMap | None:
    """The drawing of a region with those of the shops whose position is known; None where there is nothing to draw."""
    frame = outlines.of_region(region.slug)
    if frame is None:
        return None
    return PlaceMap(
        view_box=frame.view_box,
        path=outlines.path(outlines.LIES_INSIDE.get(region.slug, region.slug), frame),
        dots=_dots(shops, frame),
        title=title,
    )


def _dots(shops: Iterable[Name], frame: Frame) -> tuple[Dot, ...]:
    found = []
    for shop in shops:
        at = shop.facts.get("point")
        if at and frame.shows(at):
            x, y = frame.place(at)
            found.append(Dot(round(x), round(y), str(shop)))
    return tuple(found[:MOST_DOTS])


def _said(name: Name, price: Typical, measure: Measure, words: Wording) -> str:
    said = {
        "place": name,
        "price": words.money(price.amount, measure.per, to_base=measure.to_base),
        "shops": n_shops(price.n_shops, words),
        "age": words.ago(price.newest),
    }
    if price.amount is None:
        return gettext("%(place)s: no prices") % said
    if price.scope == "old":
        return gettext("%(place)s: %(price)s, seen %(age)s, too old to count") % said
    return gettext("%(place)s: %(price)s, %(shops)s") % said


def _range(low: int, high: int, measure: Measure, words: Wording) -> str:
    cheapest, dearest = (words.kyat(pya, to_base=measure.to_base) for pya in (low, high))
    return cheapest if cheapest == dearest else f"{cheapest}{EN_DASH}{dearest}"
