"""Reads the World Food Programme's price files for Myanmar. Pure: a file in, rows out, nothing stored.

Two shapes are known: the export of the Humanitarian Data Exchange (14 columns, with a row of HXL tags
under the header) and a later one cut to 9 columns, which says neither coordinates nor the price type.
"""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, cast

from accounts.names import is_readable_name

COLUMNS_14 = (
    "date",
    "admin1",
    "admin2",
    "market",
    "latitude",
    "longitude",
    "category",
    "commodity",
    "unit",
    "priceflag",
    "pricetype",
    "currency",
    "price",
    "usdprice",
)
COLUMNS_9 = ("date", "year", "admin1", "market", "category", "commodity", "unit", "price", "currency")

# WFP's unit: how much of which of our units its price is for.
WFP_UNITS: Mapping[str, tuple[Decimal, str]] = {
    "KG": (Decimal(1), "kg"),
    "1.6 KG": (Decimal("1.6"), "kg"),
    "10 KG": (Decimal(10), "kg"),
    "L": (Decimal(1), "l"),
    "10 pcs": (Decimal(10), "pc"),
}
NOT_GOODS_UNITS = frozenset({"Day"})
NOT_GOODS_PREFIXES = ("Wage", "Exchange rate")

# The later export calls four markets otherwise; the later name is the one kept.
RENAMED_MARKETS: Mapping[str, str] = {
    "Ramci": "Ramsi",
    "Chipwi Market": "Chipwi",
    "Hpakant Market": "Hpakant",
    "Kan Nar Market": "Kan Nar",
}

# The same names as in shops/reference/regions.csv: WFP counts Bago in two parts and Shan in three.
ADMIN1_NAMES = frozenset(
    {
        "Ayeyarwady",
        "Bago (East)",
        "Bago (West)",
        "Chin",
        "Kachin",
        "Kayah",
        "Kayin",
        "Magway",
        "Mandalay",
        "Mon",
        "Nay Pyi Taw",
        "Rakhine",
        "Sagaing",
        "Shan (East)",
        "Shan (North)",
        "Shan (South)",
        "Tanintharyi",
        "Yangon",
    }
)

LONGEST_LINE = 8_192  # bytes; a real line has about 150
LONGEST_NAME = 120
LONGEST_RAW = 500
LOWEST_PRICE = Decimal("0.01")  # a pya; less is stored as nothing
HIGHEST_PRICE = Decimal(10) ** 12
FIRST_DAY = date(2000, 1, 1)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
NUMBER = re.compile(r"[+-]?[0-9.]{1,34}([eE][+-]?[0-9]{1,3})?")

PriceType = Literal["RETAIL", "WHOLESALE"]
PRICE_TYPES: Mapping[str, PriceType] = {"retail": "RETAIL", "wholesale": "WHOLESALE"}


class UnknownShape(ValueError):
    """The file is not a WFP price file, or none of the two shapes that are known."""


class Reason(StrEnum):
    """Why a row is refused."""

    NOT_GOODS = "not_goods"
    UNKNOWN_UNIT = "unknown_unit"
    NO_PRICE = "no_price"
    UNPARSABLE_PRICE = "unparsable_price"
    NOT_POSITIVE = "not_positive"
    OTHER_CURRENCY = "other_currency"
    UNKNOWN_PRICE_TYPE = "unknown_price_type"
    UNKNOWN_REGION = "unknown_region"
    UNUSABLE_NAME = "unusable_name"
    BROKEN_DATE = "broken_date"
    WRONG_COLUMN_COUNT = "wrong_column_count"
    BAD_ENCODING = "bad_encoding"
    DAMAGED_FILE = "damaged_file"


@dataclass(frozen=True, slots=True)
class Observation:
    """A price as WFP saw it: `price` kyat for one `unit` (WFP's name of it) of `commodity`."""

    line: int
    date: date
    admin1: str
    admin2: str | None
    market: str
    latitude: Decimal | None
    longitude: Decimal | None
    category: str
    commodity: str
    unit: str
    price: Decimal
    price_type: PriceType
    # Whether the file states the price type; where it does not, RETAIL is an assumption.
    typed: bool

    @property
    def natural_key(self) -> tuple[str, str, str, str]:
        """Day, market, commodity and unit: the same in every export, whatever the price type."""
        return (self.date.isoformat(), self.market, self.commodity, self.unit)

    @property
    def quantity(self) -> Decimal:
        """How many of `unit_code` the price is for."""
        return WFP_UNITS[self.unit][0]

    @property
    def unit_code(self) -> str:
        """The code of our unit."""
        return WFP_UNITS[self.unit][1]


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that does not go in: its line in the file (the header is 1), why, and its text, cut if long.

    ``natural_key`` is that of what is observed, though it is no goods: the two exports repeat the same wages.
    """

    line: int
    reason: Reason
    text: str
    raw: str
    natural_key: tuple[str, str, str, str] | None = field(default=None, compare=False)


class _Refusal(Exception):
    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason
        self.text = text


def read(
    path: str | Path, *, admin1_names: Collection[str] = ADMIN1_NAMES, not_after: date | None = None
) -> Iterator[Observation | RefusedRow]:
    """Read a WFP file of either shape, plain or gzipped, row by row in the file's order.

    A row is a line: a quoted line break, which WFP does not write, costs that row and no other.
    Days after `not_after` (where given) are refused as broken dates.

    :raises UnknownShape: at the first step, if the header is not one that is known.
    :raises OSError: the file cannot be opened or read.
    """
    with ExitStack() as stack:
        file: BinaryIO = stack.enter_context(open(path, "rb"))
        gzipped = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        if gzipped:
            file = cast("BinaryIO", stack.enter_context(gzip.GzipFile(fileobj=file)))
        yield from _read(_lines(file), name=str(path), admin1_names=admin1_names, not_after=not_after)


class _Line(NamedTuple):
    number: int
    content: bytes
    is_whole: bool


def _lines(file: BinaryIO) -> Iterator[_Line]:
    """Lines of a file with their numbers, without their ends; a longer one than LONGEST_LINE is cut."""
    number = 0
    while content := file.readline(LONGEST_LINE):
        number += 1
        is_whole = content.endswith(b"\n") or len(content) < LONGEST_LINE
        rest = b"" if is_whole else file.readline(LONGEST_LINE)
        is_whole = is_whole or rest in (b"", b"\n")
        while rest and not rest.endswith(b"\n"):
            rest = file.readline(LONGEST_LINE)
        if number == 1:
            content = content.removeprefix(codecs.BOM_UTF8)
        yield _Line(number, content.rstrip(b"\r\n"), is_whole)


def _read(
    lines: Iterator[_Line], *, name: str, admin1_names: Collection[str], not_after: date | None
) -> Iterator[Observation | RefusedRow]:
    number = 0
    columns: list[str] = []
    try:
        for number, content, is_whole in lines:
            if not content.strip():
                continue
            if not columns:
                columns = _header(content, name=name)
                continue
            fields: dict[str, str] = {}
            try:
                fields = _fields(content, is_whole=is_whole, columns=columns)
                if fields["date"].startswith("#") and all(f.startswith("#") for f in fields.values() if f):
                    continue  # the row of HXL tags
                yield _observation(number, fields, admin1_names=admin1_names, not_after=not_after)
            except _Refusal as refusal:
                key = _natural_key(fields) if refusal.reason is Reason.NOT_GOODS else None
                yield RefusedRow(number, refusal.reason, refusal.text, _shown(content), key)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        # A download that broke off: what came before is good, and said to be not all.
        if not columns:
            raise UnknownShape(f"{name} cannot be unpacked: {error}") from None
        yield RefusedRow(number + 1, Reason.DAMAGED_FILE, f"the file cannot be read further: {error}", "")
    if not columns:
        raise UnknownShape(f"{name} is empty. {_EXPECTED}")


_EXPECTED = (
    f"A WFP price file has the 14 columns {','.join(COLUMNS_14)} or the 9 columns {','.join(COLUMNS_9)},"
    " in UTF-8 with commas."
)


def _header(content: bytes, *, name: str) -> list[str]:
    text = content.decode("utf-8", errors="replace")
    try:
        columns = [column.strip().lower() for column in next(csv.reader([text], strict=True))]
    except csv.Error:
        columns = []
    # The order of the columns is free, their names are not.
    if sorted(columns) not in (sorted(COLUMNS_14), sorted(COLUMNS_9)):
        raise UnknownShape(f'{name} begins with "{_shown(content)[:200]}". {_EXPECTED}')
    return columns


def _fields(content: bytes, *, is_whole: bool, columns: Sequence[str]) -> dict[str, str]:
    if not is_whole:
        raise _Refusal(Reason.WRONG_COLUMN_COUNT, f"the line is longer than {LONGEST_LINE} bytes")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _Refusal(Reason.BAD_ENCODING, f"not UTF-8 at byte {error.start + 1}") from None
    if "\0" in text:
        raise _Refusal(Reason.BAD_ENCODING, "contains a NUL byte")
    try:
        values = next(csv.reader([text], strict=True))
    except csv.Error as error:
        raise _Refusal(Reason.WRONG_COLUMN_COUNT, f"the columns cannot be told apart: {error}") from None
    if len(values) != len(columns):
        raise _Refusal(Reason.WRONG_COLUMN_COUNT, f"{len(values)} columns instead of {len(columns)}")
    return {column: value.strip() for column, value in zip(columns, values, strict=True)}


def _observation(
    number: int, fields: Mapping[str, str], *, admin1_names: Collection[str], not_after: date | None
) -> Observation:
    unit, commodity = fields["unit"], fields["commodity"]
    if unit in NOT_GOODS_UNITS or commodity.startswith(NOT_GOODS_PREFIXES):
        raise _Refusal(Reason.NOT_GOODS, f"{_cut(commodity)} is not goods")
    for column in ("market", "category", "commodity"):
        if len(fields[column]) > LONGEST_NAME or not is_readable_name(fields[column]):
            raise _Refusal(
                Reason.UNUSABLE_NAME,
                f"{column} is empty, longer than {LONGEST_NAME} characters, or not readable",
            )
    seen = _day(fields["date"], not_after=not_after)
    if fields["admin1"] not in admin1_names:
        raise _Refusal(Reason.UNKNOWN_REGION, f"unknown region {_cut(fields['admin1'])!r}")
    if unit not in WFP_UNITS:
        raise _Refusal(Reason.UNKNOWN_UNIT, f"unknown unit {_cut(unit)!r}; known are {', '.join(WFP_UNITS)}")
    if fields["currency"].upper() != "MMK":
        raise _Refusal(Reason.OTHER_CURRENCY, f"currency {_cut(fields['currency'])!r} instead of MMK")
    typed = "pricetype" in fields
    price_type = PRICE_TYPES.get(fields["pricetype"].lower()) if typed else "RETAIL"
    if price_type is None:
        raise _Refusal(
            Reason.UNKNOWN_PRICE_TYPE, f"price type {_cut(fields['pricetype'])!r}, not Retail or Wholesale"
        )
    latitude, longitude = _position(fields.get("latitude", ""), fields.get("longitude", ""))
    return Observation(
        line=number,
        date=seen,
        admin1=fields["admin1"],
        admin2=fields.get("admin2") or None,
        market=RENAMED_MARKETS.get(fields["market"], fields["market"]),
        latitude=latitude,
        longitude=longitude,
        category=fields["category"],
        commodity=commodity,
        unit=unit,
        price=_price(fields["price"]),
        price_type=price_type,
        typed=typed,
    )


def _natural_key(fields: Mapping[str, str]) -> tuple[str, str, str, str]:
    market = RENAMED_MARKETS.get(fields["market"], fields["market"])
    return (fields["date"], market, fields["commodity"], fields["unit"])


def _day(text: str, *, not_after: date | None) -> date:
    try:
        # `fromisoformat` alone would also take 20080115 and 2008-W03-2.
        day = date.fromisoformat(text) if DAY.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None:
        raise _Refusal(Reason.BROKEN_DATE, f"{_cut(text)!r} is not a day such as 2008-01-15")
    if day < FIRST_DAY or (not_after is not None and day > not_after):
        raise _Refusal(Reason.BROKEN_DATE, f"{text} lies before {FIRST_DAY} or in the future")
    return day


def _price(text: str) -> Decimal:
    if not text:
        raise _Refusal(Reason.NO_PRICE, "no price")
    price = _number(text)
    if price is None or abs(price) >= HIGHEST_PRICE:
        raise _Refusal(Reason.UNPARSABLE_PRICE, f"{_cut(text)!r} is not a price")
    if price < LOWEST_PRICE:
        raise _Refusal(Reason.NOT_POSITIVE, f"{_cut(text)} is not a positive price")
    return price


def _position(latitude: str, longitude: str) -> tuple[Decimal, Decimal] | tuple[None, None]:
    """Coordinates where both are usable; a market without them is still a market."""
    north, east = _number(latitude), _number(longitude)
    if north is None or east is None or abs(north) > 90 or abs(east) > 180 or north == east == 0:
        return None, None
    return north, east


def _number(text: str) -> Decimal | None:
    """A finite number of at most 34 digits (what a Decimal128 holds), or none."""
    if not NUMBER.fullmatch(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _cut(text: str) -> str:
    return text if len(text) <= 60 else text[:60] + "…"


def _shown(content: bytes) -> str:
    """A line's text for a person, with what cannot be shown as escapes."""
    text = content[:LONGEST_RAW].decode("utf-8", errors="backslashreplace")
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)
