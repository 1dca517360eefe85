"""``manage.py prepare_boards``: names and boards are right for the day that readers live in."""

from typing import Any

from django.core.management.base import BaseCommand

from prices import tasks
from prices.publishing import relay


class Command(BaseCommand):
    help = "Publish names that wait, and renew boards that are behind (as after a change of POTATO_AS_OF)."

    def handle(self, *args: Any, **options: Any) -> None:
        relay.run_all()
        tasks.roll_up_dirty_days()
        self.stdout.write(f"{tasks.renew()} boards renewed.")
