"""Everything that happens by the clock, in the order in which data flows.

``manage.py set_schedule`` writes it into django-celery-beat's tables, where beat reads it; again is harmless.
Every one of these tasks may run twice, at once, late, or not at all for a while: each finds its work in the
databases. So a message that nobody took in time expires, and messages do not pile up while a worker is dead.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction

KEPT = "Kept by potato/schedule.py: what is changed here is put back, but switching it off."
TIME_ZONE = "Asia/Yangon"


@dataclass(frozen=True, slots=True)
class Entry:
    """A task by its name; every so many ``seconds``, or each day ``at`` an hour and minute of Yangon."""

    task: str
    seconds: int | None = None
    at: tuple[int, int] | None = None

    @property
    def name(self) -> str:
        return self.task if self.at is None else "{} at {:02}:{:02}".format(self.task, *self.at)

    @property
    def expires(self) -> int:
        """After so many seconds the next run is as good. Never shorter than a busy worker's breath."""
        return max(self.seconds, 10) if self.seconds else 3600


ENTRIES = (
    # The relay wakes these when prices are published; here they find what a wake-up has missed.
    Entry("prices.roll_up_dirty_days", seconds=5),
    Entry("alerts.match_published", seconds=5),
    Entry("prices.renew_boards", seconds=60),
    # A minute into the day every window has moved.
    Entry("prices.renew_boards", at=(0, 1)),
    # Reads two years of the prices of each item that changed: not at every price.
    Entry("prices.renew_alarms", seconds=300),
    Entry("prices.count_followers", seconds=60),
    Entry("prices.copy_boards", seconds=60),
    Entry("prices.sweep", seconds=600),
    Entry("prices.rebuild_recent_days", at=(2, 30)),
    Entry("accounts.send_mail", seconds=5),
    Entry("accounts.clear_sessions", at=(3, 10)),
    Entry("alerts.forget_old", at=(3, 20)),
)


@transaction.atomic
def put_in_place(entries: tuple[Entry, ...] = ENTRIES) -> int:
    """Make beat's tables say what ``entries`` say. Entries that others have added stay.

    :return: how many rows were added, changed or removed.
    """
    from django_celery_beat.models import PeriodicTask

    changed = 0
    for entry in entries:
        wanted = _fields(entry)
        row = PeriodicTask.objects.select_for_update().filter(name=entry.name).first()
        if row is None:
            PeriodicTask.objects.create(name=entry.name, **wanted)
        elif any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
        else:
            continue
        changed += 1
    gone = PeriodicTask.objects.filter(description=KEPT).exclude(name__in=[entry.name for entry in entries])
    for row in gone:
        # One by one: beat is told of each.
        row.delete()
        changed += 1
    return changed


def _fields(entry: Entry) -> dict[str, Any]:
    from django_celery_beat.models import CrontabSchedule, IntervalSchedule

    interval = crontab = None
    if entry.seconds is not None:
        every: dict[str, Any] = {"every": entry.seconds, "period": IntervalSchedule.SECONDS}
        interval = IntervalSchedule.objects.filter(**every).first() or IntervalSchedule.objects.create(
            **every
        )
    elif entry.at is not None:
        daily: dict[str, Any] = {
            "hour": str(entry.at[0]),
            "minute": str(entry.at[1]),
            "day_of_week": "*",
            "day_of_month": "*",
            "month_of_year": "*",
            "timezone": TIME_ZONE,
        }
        crontab = CrontabSchedule.objects.filter(**daily).first() or CrontabSchedule.objects.create(**daily)
    return {
        "task": entry.task,
        "interval": interval,
        "crontab": crontab,
        "expire_seconds": entry.expires,
        "description": KEPT,
    }
