"""``manage.py seed_demo``: made-up prices for a machine without real ones, marked as such everywhere."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from potato import clock, confirmation
from potato.errors import Unavailable
from prices.importers import bars, loading
from prices.importers.demo import seed, shops
from prices.ledger import installation

MOST = 5_000_000


class Command(BaseCommand):
    help = (
        "Makes demo shops over real townships and believable prices up to this minute. Again is harmless: it adds "
        "what happened since. The first import of real prices, or --remove, takes everything of the demo away, what "
        "visitors sent in it included."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--entries", type=int, default=50_000, help="how many prices (default: 50,000)")
        parser.add_argument("--days", type=int, default=400, help="over how many days (default: 400)")
        parser.add_argument("--remove", action="store_true", help="take the demo away instead")
        parser.add_argument(
            "--only-if-empty", action="store_true", help="do nothing where there are prices already"
        )
        parser.add_argument("--no-input", dest="interactive", action="store_false", help="do not ask")

    def handle(
        self,
        *,
        entries: int,
        days: int,
        remove: bool,
        only_if_empty: bool,
        interactive: bool,
        verbosity: int,
        **options: Any,
    ) -> None:
        database = settings.DATABASES["default"]["NAME"]
        try:
            if remove:
                if interactive:
                    confirmation.agree(
                        f"The demo and all that was sent in it go from the database {database}. Go on?"
                    )
                self._remove(verbosity)
            elif not settings.DEBUG:
                raise CommandError("Demo prices are for development: DEBUG is off here.")
            elif not (1 <= entries <= MOST and 1 <= days <= 4000):
                raise CommandError(f"--entries goes from 1 to {MOST:,}, --days from 1 to 4,000.")
            elif not (only_if_empty and seed.is_there()):
                if interactive:
                    confirmation.agree(f"Made-up prices go into the database {database}. Go on?")
                self._seed(entries, days, verbosity)
        except (shops.NothingKnown, ValueError) as error:
            raise CommandError(f"No demo prices: {error}.") from error
        except Unavailable as error:
            raise CommandError(f"{error}. Run the same command again: it goes on from here.") from error

    def _seed(self, entries: int, days: int, verbosity: int) -> None:
        bar = bars.on_stderr if verbosity else loading.silently
        told = seed.seed(entries_wanted=entries, days=days, now=clock.now(), bar=bar)
        if verbosity:
            self.stdout.write(
                f"{told.new:,} demo prices and {told.shops:,} demo shops added, {told.there:,} prices were there."
            )

    def _remove(self, verbosity: int) -> None:
        removed = installation.end_demo()
        if verbosity:
            self.stdout.write("The demo is gone." if removed else "There is no demo here.")
