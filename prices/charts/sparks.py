"""The small line of prices in a row of a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from prices.charts.labels import number_text, path_text

_TOP, _BOTTOM, _WIDTH = 4, 24, 92


@dataclass(frozen=True, slots=True)
class Spark:
    """A small line of prices; the newest is marked at ``x``, ``y``."""

    path: str
    x: str
    y: str
    view_box: str = f"0 0 {_WIDTH + 4} {_BOTTOM + 4}"


def sparkline(points: Sequence[int | None]) -> Spark | None:
    """Return evenly spaced prices (None is a gap) as a small line, or None when there is no price."""
    known = [value for value in points if value is not None]
    if not known:
        return None
    low, high = min(known), max(known)
    step = _WIDTH / max(len(points) - 1, 1)

    def place(index: int, value: int) -> tuple[float, float]:
        share = (high - value) / (high - low) if high > low else 0.5
        return _WIDTH - (len(points) - 1 - index) * step, _TOP + share * (_BOTTOM - _TOP)

    path, newest = [], (0.0, 0.0)
    for is_known, run in groupby(enumerate(points), key=lambda pair: pair[1] is not None):
        if is_known:
            placed = [place(index, value) for index, value in run if value is not None]
            path.append(path_text(placed) if len(placed) > 1 else f"{path_text(placed)}h.1")
            newest = placed[-1]
    return Spark(path="".join(path), x=number_text(newest[0]), y=number_text(newest[1]))
