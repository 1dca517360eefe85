"""``manage.py ensure_indexes``: MongoDB has every index that a query counts on."""

from typing import Any

from django.core.management.base import BaseCommand

from prices.store import indexes


class Command(BaseCommand):
    help = "Create MongoDB's indexes where they are missing."

    def handle(self, *args: Any, **options: Any) -> None:
        created = indexes.ensure()
        self.stdout.write(f"Created: {', '.join(created)}" if created else "All indexes are there.")
