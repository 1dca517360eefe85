"""``manage.py rebuild_history``: everything derived, anew from raw entries."""

from typing import Any

from django.core.management.base import BaseCommand

from prices import tasks
from prices.coordination import locks


class Command(BaseCommand):
    help = "Make latest prices, history, boards and statistics anew from raw entries."

    def handle(self, *args: Any, **options: Any) -> None:
        with locks.mode_stays():
            self.stdout.write(f"{tasks.rebuild_all()} items made anew.")
