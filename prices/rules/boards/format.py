"""How boards write moments and series of prices."""

from datetime import UTC, datetime


def to_ms(moment: datetime) -> int:
    """Whole milliseconds since 1970."""
    return round(moment.timestamp() * 1000)


def from_ms(value: int) -> datetime:
    return datetime.fromtimestamp(value / 1000, UTC)


def series_of(type: str, base: str) -> str:
    return f"{type}:{base}"


def base_of(series: str) -> str:
    return series.partition(":")[2]
