"""Prices to draw, and what was drawn of them as numbers."""

import re
from datetime import date

from hypothesis import strategies as st

from prices.charts import Point

amounts = st.integers(1, 10**11)


def month(text: str, middle: int | None, *, low=None, high=None) -> Point:
    """A month's point; prices in kyat."""
    low, high = low if low is not None else middle, high if high is not None else middle
    pya = [None if price is None else price * 100 for price in (low, middle, high)]
    return Point(date.fromisoformat(f"{text}-01"), *pya)


def numbers(path: str) -> list[float]:
    return [float(number) for number in re.findall(r"-?[\d.]+", path)]


def percent(text: str) -> float:
    assert text.endswith("%")
    return float(text[:-1])
