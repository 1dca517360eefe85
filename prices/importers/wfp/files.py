"""Price files of the World Food Programme, each read whole before anything of it is stored."""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.utils import timezone

from potato import calendar, clock
from prices.importers.wfp import reader
from prices.importers.wfp.reader import Observation, RefusedRow

Refuse = Callable[[str, RefusedRow], object]
"""Called with a file's name and a row of it that does not go in."""


class BrokenFile(Exception):
    """A file cannot be read, or is no price file of WFP's; nothing was written."""


@dataclass(frozen=True, slots=True)
class PriceFile:
    """What is in a file; ``refused`` counts rows by their reason."""

    path: Path
    digest: str
    rows: int
    refused: Counter[str]
    observations: Sequence[Observation]
    not_goods: Collection[tuple[str, ...]]


def read_file(path: Path, *, admin1_names: Collection[str], refuse: Refuse) -> PriceFile:
    """Read a whole file.

    :param admin1_names: the regions that a row may name.
    :raises BrokenFile: it cannot be read, or is no price file of WFP's.
    """
    observations: list[Observation] = []
    not_goods: set[tuple[str, ...]] = set()
    refused: Counter[str] = Counter()
    rows = 0
    last_day = max(calendar.yangon_day(timezone.now()), clock.today())
    _check(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        for row in reader.read(path, admin1_names=admin1_names, not_after=last_day):
            rows += 1
            if isinstance(row, RefusedRow):
                refused[row.reason] += 1
                refuse(str(path), row)
                if row.natural_key:
                    not_goods.add(row.natural_key)
            else:
                observations.append(row)
    except OSError as error:
        raise BrokenFile(f"{path}: {error.strerror or error}") from error
    except reader.UnknownShape as error:
        raise BrokenFile(str(error)) from error
    return PriceFile(path.resolve(), digest, rows, refused, observations, not_goods)


def _check(path: Path) -> None:
    if path.exists() and not path.is_file():
        raise BrokenFile(
            f"{path} is no file. It is read twice: write what comes through a pipe to a file first."
        )
    try:
        str(path.absolute()).encode()
    except UnicodeEncodeError:
        # The name is stored with what was imported, as text.
        raise BrokenFile(f"The name {str(path)!a} is not UTF-8: rename the file.") from None
