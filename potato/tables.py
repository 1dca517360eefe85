"""Reading the CSV tables that come with the project. A file in, rows out, mistakes by line and field."""

import csv
import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import Path

# Invisible characters that sources leave inside Burmese names: nobody types them, so searches would fail.
_INVISIBLE = str.maketrans("", "", "\u200b\ufeff\u2060")
_SLUG = re.compile("[-a-z0-9_]+")


class TableError(Exception):
    """A table that comes with the project has a mistake; the text names the file, the line and the field."""


@dataclass(frozen=True, slots=True)
class TableRow:
    """A line of a table. Reading a cell raises ``TableError`` where it does not hold what it should."""

    file: str
    line: int
    cells: dict[str, str]

    @property
    def digest(self) -> str:
        """Changes when any cell of the row does."""
        text = "\x1e".join(f"{name}\x1f{cell}" for name, cell in sorted(self.cells.items()))
        return hashlib.sha256(text.encode()).hexdigest()

    def wrong(self, field: str, why: str) -> TableError:
        """Return the error to raise about a cell."""
        return TableError(f"{self.file}, line {self.line}, {field}: {why}")

    def optional(self, field: str, *, longest: int = 200) -> str:
        """Return the text of a cell, empty or not."""
        text = self.cells[field]
        if len(text) > longest:
            raise self.wrong(field, f"longer than {longest} characters")
        return text

    def text(self, field: str, *, longest: int = 200) -> str:
        """Return the text of a cell that must not be empty."""
        return self.optional(field, longest=longest) or self._missing(field)

    def slug(self, field: str, *, longest: int = 50) -> str:
        """Return what stands in addresses."""
        text = self.text(field, longest=longest)
        if not _SLUG.fullmatch(text):
            raise self.wrong(field, f"{text!r} is not of small letters, digits, - and _ alone")
        return text

    def texts(self, field: str) -> list[str]:
        """Return the pieces of a cell between semicolons."""
        return [piece.strip() for piece in self.cells[field].split(";") if piece.strip()]

    def choice(self, field: str, choices: Sequence[str]) -> str:
        """Return a cell that must be one of ``choices``."""
        text = self.cells[field]
        if text not in choices:
            raise self.wrong(field, f"{text!r} is not one of {', '.join(map(repr, choices))}")
        return text

    def whole(self, field: str, *, highest: int = 32_767) -> int:
        """Return a whole number from 0 to ``highest``."""
        text = self.text(field)
        if not (text.isascii() and text.isdigit() and len(text) < 10 and int(text) <= highest):
            raise self.wrong(field, f"{text!r} is not a whole number from 0 to {highest}")
        return int(text)

    def positive(self, field: str, *, digits: int, places: int) -> Decimal:
        """Return a number above zero of at most ``digits`` digits, ``places`` of them behind the point."""
        text = self.text(field)
        try:
            number = Decimal(text)
        except InvalidOperation:
            raise self.wrong(field, f"{text!r} is not a number") from None
        if not number.is_finite() or number <= 0 or number.adjusted() >= digits - places:
            raise self.wrong(field, f"{text!r} is not a number above zero of a sensible size")
        if number.normalize().as_tuple().exponent < -places:  # type: ignore[operator]
            raise self.wrong(field, f"{text!r} has more than {places} decimals")
        return number

    def degrees(self, field: str, *, limit: int) -> float | None:
        """Return a latitude (``limit`` 90) or longitude (180); None for an empty cell."""
        text = self.cells[field]
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            raise self.wrong(field, f"{text!r} is not a number") from None
        if not -limit <= number <= limit:
            raise self.wrong(field, f"{text!r} is not between -{limit} and {limit}")
        return number

    def _missing(self, field: str) -> str:
        raise self.wrong(field, "is empty")


def read_table(path: Path, *, columns: str) -> list[TableRow]:
    """Return the rows of a CSV file with a header line; cells come stripped, without invisible characters.

    :param columns: the columns that the file must have, between spaces; others are an error too, for they
        would be ignored silently.
    :raises TableError: the file is missing or no UTF-8, or its header or a line is not as it should be.
    """
    return list(_rows(path, columns=columns))


def only_once(rows: Sequence[TableRow], *fields: str) -> None:
    """Make sure that no two rows have the same cells in ``fields``.

    :raises TableError: at the second of them.
    """
    seen: dict[tuple[str, ...], int] = {}
    for row in rows:
        key = tuple(row.cells[field] for field in fields)
        if key in seen:
            raise row.wrong(", ".join(fields), f"{' '.join(key)!r} is in line {seen[key]} already")
        seen[key] = row.line


def _rows(path: Path, *, columns: str) -> Iterator[TableRow]:
    name = f"{path.parent.parent.name}/{path.parent.name}/{path.name}"
    try:
        with path.open(encoding="utf-8", newline="") as file:
            lines = csv.reader(file, strict=True)
            header = [cell.strip().translate(_INVISIBLE) for cell in next(lines, [])]
            if sorted(header) != sorted(columns.split()):
                raise TableError(f"{name}, line 1: the columns must be {columns.replace(' ', ',')}")
            for cells in lines:
                if not cells:
                    continue
                row = TableRow(name, lines.line_num, {})
                if len(cells) != len(header):
                    raise row.wrong("the line", f"has {len(cells)} cells, not {len(header)}")
                row.cells.update(
                    zip(header, (cell.translate(_INVISIBLE).strip() for cell in cells), strict=True)
                )
                if damaged := next((field for field, cell in row.cells.items() if "\0" in cell), None):
                    raise row.wrong(damaged, "contains a NUL")
                yield row
    except OSError as error:
        raise TableError(f"{name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise TableError(f"{name} is not UTF-8, at byte {error.start}") from error
    except csv.Error as error:
        raise TableError(f"{name}, line {lines.line_num}: {error}") from error
