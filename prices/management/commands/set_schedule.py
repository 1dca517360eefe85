"""``manage.py set_schedule``: what happens by the clock, as ``potato/schedule.py`` says it."""

from typing import Any

from django.core.management.base import BaseCommand

from potato import schedule


class Command(BaseCommand):
    help = "Write potato/schedule.py into beat's tables; again is harmless."

    def handle(self, *args: Any, **options: Any) -> None:
        changed = schedule.put_in_place()
        if changed:
            self.stdout.write(f"schedule: {changed} of {len(schedule.ENTRIES)} entries changed")
