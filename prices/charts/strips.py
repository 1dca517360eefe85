"""Every shop's price on one line."""

from collections.abc import Sequence
from dataclasses import dataclass

from prices.charts.labels import AmountLabel, kyat_text, number_text

_LEVELS, _RISE, _ROOM = 5, 11, 2.5
_LEFT, _RIGHT = 4, 96
_LABEL_LEFT, _LABEL_RIGHT = 20, 80


@dataclass(frozen=True, slots=True)
class Ring:
    x: str
    y: str


@dataclass(frozen=True, slots=True)
class Strip:
    """Every shop's price on one line, equal ones stacked, with the middle marked."""

    rings: tuple[Ring, ...]
    low: str
    middle: str
    high: str
    low_label: str
    middle_label: str
    middle_label_x: str
    high_label: str
    """The labels that are drawn: empty where they would repeat another or lie on it."""
    middle_x: str
    """Empty without a middle."""
    height: int
    axis_y: int
    middle_top: int
    middle_bottom: int
    label_y: int


def strip(
    prices: Sequence[int], middle: int | None, *, amount_label: AmountLabel = kyat_text
) -> Strip | None:
    """Return every shop's price (pya) on one line, or None without prices.

    Prices that would cover each other are stacked, up to five high; beyond that they cover each other.
    """
    if not prices:
        return None
    known = [*prices] if middle is None else [*prices, middle]
    low, high = min(known), max(known)

    def across(pya: int) -> float:
        share = (pya - low) / (high - low) if high > low else 0.5
        return _LEFT + share * (_RIGHT - _LEFT)

    ends: list[float] = []
    placed: dict[tuple[str, int], None] = {}
    for pya in sorted(prices):
        x = across(pya)
        level = next((i for i, end in enumerate(ends) if x - end >= _ROOM), len(ends))
        if level < len(ends):
            ends[level] = x
        elif level < _LEVELS:
            ends.append(x)
        placed[number_text(x), min(level, _LEVELS - 1)] = None

    axis_y = 34 + _RISE * max(0, len(ends) - 2)
    labels = [amount_label(pya) if pya is not None else "" for pya in (min(prices), middle, max(prices))]
    one_price = labels[0] == labels[2]
    middle_x = across(middle) if middle is not None else 50.0
    # Beside the lowest or highest price it would lie on that one's label; the page says the middle elsewhere.
    has_room = labels[1] not in (labels[0], labels[2]) and _LABEL_LEFT <= middle_x <= _LABEL_RIGHT
    return Strip(
        rings=tuple(Ring(x=f"{x}%", y=str(axis_y - _RISE * level)) for x, level in placed),
        low=labels[0],
        middle=labels[1],
        high=labels[2],
        low_label="" if one_price else labels[0],
        middle_label=labels[0] if one_price else labels[1] if has_room else "",
        middle_label_x="50%" if one_price else f"{number_text(middle_x)}%",
        high_label="" if one_price else labels[2],
        middle_x=f"{number_text(middle_x)}%" if middle is not None else "",
        height=axis_y + 28,
        axis_y=axis_y,
        middle_top=20 if len(ends) <= 2 else 12,
        middle_bottom=axis_y + 10,
        label_y=axis_y + 24,
    )
