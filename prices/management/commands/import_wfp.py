"""``manage.py import_wfp FILE...``: real prices from the World Food Programme's files."""

import csv
from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from potato.errors import Unavailable
from potato.tables import TableError
from prices.importers import bars, loading
from prices.importers.wfp.files import BrokenFile
from prices.importers.wfp.items import NothingKnown
from prices.importers.wfp.reader import Reason, RefusedRow
from prices.importers.wfp.run import Told, import_files

REFUSED_FILE = "refused_wfp.csv"
REASONS = {
    Reason.NOT_GOODS: "not goods (wages, exchange rates)",
    Reason.UNKNOWN_UNIT: "unknown unit",
    Reason.NO_PRICE: "no price",
    Reason.UNPARSABLE_PRICE: "a price that cannot be read",
    Reason.NOT_POSITIVE: "a zero or negative price",
    Reason.OTHER_CURRENCY: "another currency",
    Reason.UNKNOWN_PRICE_TYPE: "unknown price type",
    Reason.UNKNOWN_REGION: "unknown region",
    Reason.UNUSABLE_NAME: "a name that is empty, too long or not readable",
    Reason.BROKEN_DATE: "a broken date",
    Reason.WRONG_COLUMN_COUNT: "a wrong number of columns",
    Reason.BAD_ENCODING: "no UTF-8",
    Reason.DAMAGED_FILE: "the file ends in the middle",
}
QUARANTINED_SHOWN = 10


class Command(BaseCommand):
    help = (
        "Imports WFP's food prices for Myanmar: the 14-column export of the Humanitarian Data Exchange and the later\n"
        "9-column one, plain or gzipped, in any order. Again is harmless; a run that was killed is finished by the\n"
        "next one. The first import ends the demo and takes everything of it away."
    )

    def create_parser(self, *args: Any, **kwargs: Any) -> CommandParser:
        return super().create_parser(*args, formatter_class=RawDescriptionHelpFormatter, **kwargs)

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen, write nothing")
        parser.add_argument(
            "--refused",
            type=Path,
            metavar="FILE",
            help=f"where rows that do not go in are listed with line and reason (default: {REFUSED_FILE} here; "
            "in a dry run: nowhere)",
        )

    def handle(self, *, files: list[Path], dry_run: bool, refused: Path | None, **options: Any) -> None:
        listing = refused or (None if dry_run else Path(REFUSED_FILE))
        if listing and _is_among(listing, files):
            raise CommandError(
                f"{listing} is to be imported and would be overwritten: name another --refused."
            )
        with ExitStack() as stack:
            refuse = stack.enter_context(_RefusedRows(listing))
            try:
                told = import_files(
                    files,
                    dry_run=dry_run,
                    refuse=refuse.add,
                    bar=bars.on_stderr if options["verbosity"] else loading.silently,
                )
            except (BrokenFile, NothingKnown, TableError, ValueError) as error:
                raise CommandError(str(error)) from error
            except Unavailable as error:
                raise CommandError(f"{error}. Run the same command again: it goes on from here.") from error
        if options["verbosity"]:
            self.stdout.write(_summary(told, dry_run=dry_run, listing=listing if told.refused else None))


class _RefusedRows:
    """The list of refused rows, made when there is the first one."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._stack = ExitStack()
        self._writer: Any = None

    def __enter__(self) -> "_RefusedRows":
        return self

    def __exit__(self, *error: object) -> None:
        with self._writing():
            self._stack.close()

    def add(self, name: str, row: RefusedRow) -> None:
        """List a row.

        :raises CommandError: the list cannot be written.
        """
        if self._path is None:
            return
        with self._writing():
            if self._writer is None:
                file = self._stack.enter_context(self._path.open("w", encoding="utf-8", newline=""))
                self._writer = csv.writer(file)
                self._writer.writerow(["file", "line", "reason", "why", "raw"])
            self._writer.writerow([name, row.line, row.reason.value, row.text, row.raw])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise CommandError(f"{self._path} cannot be written: {error.strerror}") from error


def _is_among(listing: Path, files: Iterable[Path]) -> bool:
    """Whether the list would be written over one of the files, by whatever name it is called."""
    return listing.exists() and any(file.exists() and listing.samefile(file) for file in files)


def _summary(told: Told, *, dry_run: bool, listing: Path | None) -> str:
    would = "would be " if dry_run else ""
    lines = []
    if told.ends_demo:
        lines.append(
            f"The demo and everything sent in it {'would go' if dry_run else 'went'}: this is real now."
        )
    lines += [f"{name} broke off earlier and {would or 'was '}taken up again." for name in told.resumed]
    lines += [
        f"{name} is only partly in, and not where it was. Please give it once more."
        for name in told.partly_in
    ]
    lines.append(
        f"{told.rows:,} rows are {told.observations:,} observations: {told.not_goods:,} are not goods, "
        f"{told.prices:,} are prices."
    )
    lines.append(
        f"{told.new:,} prices {would}added, {told.replaced:,} replaced, {told.unchanged:,} were there"
        + (f", {told.outranked:,} are known better" if told.outranked else "")
        + (f", {told.repeated:,} stand again further down in their file" if told.repeated else "")
        + "."
    )
    if told.new_shops:
        lines.append(f"{told.new_shops:,} markets {would}added.")
    if told.shops_without_township:
        lines.append(
            f"{told.shops_without_township:,} markets show their region only: nothing says in which township they lie."
        )
    if told.refiled:
        lines.append(
            f"{told.refiled:,} prices were filed under the township that their market turned out to be in."
        )
    if told.new_items:
        lines.append(
            f"Commodities that no item was known for, {would}added as items to look at: {'; '.join(told.new_items)}."
        )
    if told.quarantined:
        lines.append(
            f"{len(told.quarantined):,} prices are outside their item's range and wait for a moderator:"
        )
        shown = sorted(told.quarantined.values())
        lines += [f"  {why}" for why in shown[:QUARANTINED_SHOWN]]
        if len(shown) > QUARANTINED_SHOWN:
            lines.append(f"  and {len(shown) - QUARANTINED_SHOWN:,} more")
    if told.refused:
        lines.append(f"{told.refused.total():,} rows do not go in:")
        lines += [f"  {n:>8,}  {REASONS[Reason(reason)]}" for reason, n in told.refused.most_common()]
    if listing:
        lines.append(f"They are listed in {listing}.")
    return "\n".join(lines)
