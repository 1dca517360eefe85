"""Days in Yangon: on which day a moment falls, and when a day begins. Pure rules, which read no clock."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

YANGON = ZoneInfo("Asia/Yangon")


def yangon_day(moment: datetime) -> date:
    """The day in Yangon on which an aware moment falls.

    :raises ValueError: the moment is naive.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment without a time zone belongs to no day")
    return moment.astimezone(YANGON).date()


def start_of_day(day: date) -> datetime:
    """Midnight in Yangon at which a day begins: aware, UTC."""
    return datetime.combine(day, time(), tzinfo=YANGON).astimezone(UTC)
