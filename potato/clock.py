"""The time that readers see.

``POTATO_AS_OF`` (development and tests) moves the date and keeps the real time of day, so that the
historical prices can be lived in. Leases, rate limits, sessions and tokens use real time instead.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

YANGON = ZoneInfo("Asia/Yangon")


def now() -> datetime:
    """The current moment: aware, UTC, in whole milliseconds (as MongoDB keeps it)."""
    moment = timezone.now()
    if settings.POTATO_AS_OF:
        moment += _days_to(settings.POTATO_AS_OF, moment)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """The current day in Yangon."""
    return yangon_day(now())


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


def _days_to(day: date, moment: datetime) -> timedelta:
    return timedelta(days=(day - yangon_day(moment)).days)
