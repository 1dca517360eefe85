"""The time that readers see.

``POTATO_AS_OF`` (development and tests) moves the date and keeps the real time of day, so that the
historical prices can be lived in. Leases, rate limits, sessions and tokens use real time instead.
"""

from datetime import date, datetime, timedelta

from django.conf import settings
from django.utils import timezone

from potato.calendar import yangon_day


def now() -> datetime:
    """The current moment: aware, UTC, in whole milliseconds (as MongoDB keeps it)."""
    moment = timezone.now()
    if settings.POTATO_AS_OF:
        moment += _days_to(settings.POTATO_AS_OF, moment)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def today() -> date:
    """The current day in Yangon."""
    return yangon_day(now())


def _days_to(day: date, moment: datetime) -> timedelta:
    return timedelta(days=(day - yangon_day(moment)).days)
