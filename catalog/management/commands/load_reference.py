from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.services import load_catalog
from potato.tables import TableError
from shops.services import load_places


class Command(BaseCommand):
    help = (
        "Fills regions, townships, categories, units, items, factors and plausible ranges from the tables in "
        "shops/reference and catalog/reference. Again is harmless: a row is written only if it is new or "
        "changed in its table since it was last loaded, so what staff changed in the admin stays until then."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--overwrite", action="store_true", help="write every row of the tables, over what staff changed"
        )

    def handle(self, *, overwrite: bool, **options: Any) -> None:
        try:
            with transaction.atomic():
                written = load_places(overwrite=overwrite) | load_catalog(overwrite=overwrite)
        except TableError as error:
            raise CommandError(str(error)) from error
        if options["verbosity"]:
            rows = ", ".join(f"{count} {table}" for table, count in written.items() if count)
            self.stdout.write(f"Reference tables: {rows or 'nothing new'}.")
