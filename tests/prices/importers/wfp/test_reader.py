import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from prices.importers.wfp.reader import (
    COLUMNS_9,
    COLUMNS_14,
    LONGEST_LINE,
    WFP_UNITS,
    Observation,
    Reason,
    RefusedRow,
    UnknownShape,
    read,
)

HEADER_14 = ",".join(COLUMNS_14)
HEADER_9 = ",".join(COLUMNS_9)
HXL = (
    "#date,#adm1+name,#adm2+name,#loc+market+name,#geo+lat,#geo+lon,#item+type,#item+name,#item+unit,"
    "#item+price+flag,#item+price+type,#currency,#value,#value+usd"
)


def row_14(**values: str) -> str:
    fields = {
        "date": "2022-03-15",
        "admin1": "Yangon",
        "admin2": "Yangon (East)",
        "market": "88 ward",
        "latitude": "16.84758",
        "longitude": "96.27097",
        "category": '"meat, fish and eggs"',
        "commodity": "Eggs (local)",
        "unit": "10 pcs",
        "priceflag": "actual",
        "pricetype": "Retail",
        "currency": "MMK",
        "price": "1400.0",
        "usdprice": "0.7577",
    }
    return ",".join((fields | values).values())


def row_9(**values: str) -> str:
    fields = {
        "date": "2025-12-15",
        "year": "2025",
        "admin1": "Shan (North)",
        "market": "Lashio Market",
        "category": "cereals and tubers",
        "commodity": "Rice (low quality)",
        "unit": "KG",
        "price": "2107",
        "currency": "MMK",
    }
    return ",".join((fields | values).values())


def rows_of(directory: Path, *lines: str | bytes, end: bytes = b"\n") -> list[Observation | RefusedRow]:
    path = directory / "prices.csv"
    path.write_bytes(end.join(line if isinstance(line, bytes) else line.encode() for line in lines) + end)
    return list(read(path))


def reason_of(directory: Path, row: str | bytes, *, header: str = HEADER_14) -> Reason:
    """The reason for refusing a row; that the row after it is read is checked on the way."""
    good = row_14() if header == HEADER_14 else row_9()
    refused, following = rows_of(directory, header, row, good)
    assert isinstance(refused, RefusedRow)
    assert refused.line == 2
    assert refused.text
    assert isinstance(following, Observation)
    return refused.reason


class TestReadingFourteenColumns:
    def test_gives_all_that_the_row_says(self, tmp_path):
        (observation,) = rows_of(tmp_path, HEADER_14, HXL, row_14())

        assert observation == Observation(
            line=3,
            date=date(2022, 3, 15),
            admin1="Yangon",
            admin2="Yangon (East)",
            market="88 ward",
            latitude=Decimal("16.84758"),
            longitude=Decimal("96.27097"),
            category="meat, fish and eggs",
            commodity="Eggs (local)",
            unit="10 pcs",
            price=Decimal("1400.0"),
            price_type="RETAIL",
            typed=True,
        )
        assert observation.natural_key == ("2022-03-15", "88 ward", "Eggs (local)", "10 pcs")
        assert (observation.quantity, observation.unit_code) == (Decimal(10), "pc")

    def test_reads_wholesale(self, tmp_path):
        (observation,) = rows_of(tmp_path, HEADER_14, row_14(pricetype="Wholesale"))

        assert (observation.price_type, observation.typed) == ("WHOLESALE", True)

    def test_does_without_the_hxl_row(self, tmp_path):
        assert len(rows_of(tmp_path, HEADER_14, row_14(), row_14())) == 2

    @pytest.mark.parametrize(
        ("latitude", "longitude"),
        [("", ""), ("16.8", ""), ("nan", "96"), ("91", "96"), ("16", "181"), ("0", "0")],
    )
    def test_keeps_a_row_whose_coordinates_cannot_be_used(self, tmp_path, latitude, longitude):
        (observation,) = rows_of(tmp_path, HEADER_14, row_14(latitude=latitude, longitude=longitude))

        assert (observation.latitude, observation.longitude) == (None, None)


class TestReadingNineColumns:
    def test_counts_as_retail_that_nobody_stated(self, tmp_path):
        (observation,) = rows_of(tmp_path, HEADER_9, row_9())

        assert observation == Observation(
            line=2,
            date=date(2025, 12, 15),
            admin1="Shan (North)",
            admin2=None,
            market="Lashio Market",
            latitude=None,
            longitude=None,
            category="cereals and tubers",
            commodity="Rice (low quality)",
            unit="KG",
            price=Decimal(2107),
            price_type="RETAIL",
            typed=False,
        )

    @pytest.mark.parametrize(
        ("older", "kept"),
        [
            ("Ramci", "Ramsi"),
            ("Chipwi Market", "Chipwi"),
            ("Hpakant Market", "Hpakant"),
            ("Kan Nar Market", "Kan Nar"),
        ],
    )
    def test_has_the_same_key_as_the_older_export_of_a_renamed_market(self, tmp_path, older, kept):
        same = {"date": "2022-03-15", "commodity": "Salt", "unit": "KG"}
        (before,) = rows_of(tmp_path, HEADER_14, row_14(market=older, **same))
        (after,) = rows_of(tmp_path, HEADER_9, row_9(market=kept, **same))

        assert before.natural_key == after.natural_key
        assert before.market == kept


class TestReadingAnyFile:
    @pytest.mark.parametrize("header", [HEADER_14, HEADER_9])
    def test_reads_gzip_whatever_the_file_is_called(self, tmp_path, header):
        row = row_14() if header == HEADER_14 else row_9()
        path = tmp_path / "prices.csv"
        path.write_bytes(gzip.compress(f"{header}\n{row}\n".encode()))

        assert len(list(read(path))) == 1

    def test_reads_a_byte_order_mark_dos_line_ends_blank_lines_and_no_last_line_end(self, tmp_path):
        path = tmp_path / "prices.csv"
        path.write_bytes(f"\ufeff{HEADER_9}\r\n\r\n{row_9()}\r\n   \r\n\r\n{row_9()}".encode())

        assert [row.line for row in read(path)] == [3, 6]

    def test_reads_columns_in_another_order(self, tmp_path):
        header = ",".join(reversed(COLUMNS_9))
        row = ",".join(reversed(row_9().split(",")))

        (observation,) = rows_of(tmp_path, header, row)

        assert observation.price == 2107

    @pytest.mark.parametrize("unit", WFP_UNITS)
    def test_knows_every_unit_of_goods(self, tmp_path, unit):
        (observation,) = rows_of(tmp_path, HEADER_9, row_9(unit=unit))

        assert observation.quantity > 0

    def test_takes_a_commodity_that_nobody_knows(self, tmp_path):
        (observation,) = rows_of(
            tmp_path, HEADER_9, row_9(commodity="Durian", category="vegetables and fruits")
        )

        assert (observation.commodity, observation.category) == ("Durian", "vegetables and fruits")

    def test_gives_what_a_broken_download_has_and_says_that_it_broke_off(self, tmp_path):
        path = tmp_path / "prices.csv.gz"
        whole = gzip.compress(
            "\n".join([HEADER_9, *(row_9(price=str(n)) for n in range(1, 20_000))]).encode()
        )
        path.write_bytes(whole[: len(whole) // 2])

        *before, last = read(path)

        assert len(before) > 100
        assert all(isinstance(row, Observation) for row in before)
        assert last.reason is Reason.DAMAGED_FILE
        assert last.line == before[-1].line + 1


class TestRefusing:
    @pytest.mark.parametrize(
        ("values", "reason"),
        [
            (
                {"commodity": '"Wage (non-qualified labour, non-agricultural)"', "unit": "Day"},
                Reason.NOT_GOODS,
            ),
            ({"commodity": "Wage (qualified labour)", "unit": "Month"}, Reason.NOT_GOODS),
            ({"unit": "Marmite"}, Reason.UNKNOWN_UNIT),
            ({"unit": ""}, Reason.UNKNOWN_UNIT),
            ({"price": ""}, Reason.NO_PRICE),
            ({"price": "  "}, Reason.NO_PRICE),
            ({"price": "dear"}, Reason.UNPARSABLE_PRICE),
            ({"price": "NaN"}, Reason.UNPARSABLE_PRICE),
            ({"price": "sNaN"}, Reason.UNPARSABLE_PRICE),
            ({"price": "Infinity"}, Reason.UNPARSABLE_PRICE),
            ({"price": "-inf"}, Reason.UNPARSABLE_PRICE),
            ({"price": "1e309"}, Reason.UNPARSABLE_PRICE),
            ({"price": "1e99999999999999999999"}, Reason.UNPARSABLE_PRICE),
            ({"price": "9" * 400}, Reason.UNPARSABLE_PRICE),
            ({"price": "1_000"}, Reason.UNPARSABLE_PRICE),
            ({"price": "1.2.3"}, Reason.UNPARSABLE_PRICE),
            ({"price": '"1,400"'}, Reason.UNPARSABLE_PRICE),
            ({"price": "0"}, Reason.NOT_POSITIVE),
            ({"price": "0.004"}, Reason.NOT_POSITIVE),
            ({"price": "1e-300"}, Reason.NOT_POSITIVE),
            ({"price": "-5"}, Reason.NOT_POSITIVE),
            ({"currency": "CNY"}, Reason.OTHER_CURRENCY),
            ({"pricetype": "Farm Gate"}, Reason.UNKNOWN_PRICE_TYPE),
            ({"admin1": "Atlantis"}, Reason.UNKNOWN_REGION),
            ({"admin1": ""}, Reason.UNKNOWN_REGION),
            ({"market": ""}, Reason.UNUSABLE_NAME),
            ({"market": "m" * 121}, Reason.UNUSABLE_NAME),
            ({"commodity": ""}, Reason.UNUSABLE_NAME),
            ({"commodity": "\u200b"}, Reason.UNUSABLE_NAME),
            ({"market": "turned \u202earound"}, Reason.UNUSABLE_NAME),
            ({"market": "a\tb"}, Reason.UNUSABLE_NAME),
            ({"category": "-"}, Reason.UNUSABLE_NAME),
            ({"date": ""}, Reason.BROKEN_DATE),
            ({"date": "2022-02-30"}, Reason.BROKEN_DATE),
            ({"date": "20220315"}, Reason.BROKEN_DATE),
            ({"date": "2022-W03-2"}, Reason.BROKEN_DATE),
            ({"date": "15-03-2022"}, Reason.BROKEN_DATE),
            ({"date": "1999-12-31"}, Reason.BROKEN_DATE),
            ({"date": "#date"}, Reason.BROKEN_DATE),
        ],
    )
    def test_says_why_and_goes_on(self, tmp_path, values, reason):
        assert reason_of(tmp_path, row_14(**values)) is reason

    @pytest.mark.parametrize(
        "row",
        [
            row_14() + ",more",
            row_14().rsplit(",", 1)[0],
            "only one",
            row_14(market='"never closed'),
            row_14(market='"closed" too early'),
            row_14(market="in\rside"),
            row_14(market="m" * LONGEST_LINE),
            row_14(market="m" * LONGEST_LINE * 300),
        ],
        ids=[
            "one more",
            "one less",
            "one",
            "open quote",
            "text after a quote",
            "bare CR",
            "long line",
            "2 MB line",
        ],
    )
    def test_says_wrong_column_count_when_the_columns_cannot_be_told(self, tmp_path, row):
        assert reason_of(tmp_path, row) is Reason.WRONG_COLUMN_COUNT

    def test_says_wrong_column_count_for_a_line_of_commas_too_few(self, tmp_path):
        assert reason_of(tmp_path, ",,,", header=HEADER_9) is Reason.WRONG_COLUMN_COUNT

    def test_does_not_swallow_a_row_of_empty_fields(self, tmp_path):
        assert reason_of(tmp_path, "," * 8, header=HEADER_9) is Reason.UNUSABLE_NAME

    @pytest.mark.parametrize("odd", [b"Latin-1 caf\xe9", b"half \xf0\x9f", b"NUL \x00 byte"])
    def test_says_bad_encoding_and_shows_the_row_readably(self, tmp_path, odd):
        row = row_14(market="@").encode().replace(b"@", odd)

        assert reason_of(tmp_path, row) is Reason.BAD_ENCODING

        _, refused, _ = rows_of(tmp_path, HEADER_14, row_14(), row, row_14())
        assert "\\x" in refused.raw
        assert "\0" not in refused.raw

    def test_cuts_what_it_shows_of_a_long_row(self, tmp_path):
        (refused,) = rows_of(tmp_path, HEADER_14, row_14(market="m" * 100_000))

        assert len(refused.raw) <= 500

    def test_says_broken_date_for_a_day_in_the_future_when_told_the_day(self, tmp_path):
        path = tmp_path / "prices.csv"
        path.write_text(f"{HEADER_9}\n{row_9(date='2025-12-15')}\n{row_9(date='2025-12-16')}\n")

        today, tomorrow = read(path, not_after=date(2025, 12, 15))

        assert isinstance(today, Observation)
        assert tomorrow.reason is Reason.BROKEN_DATE


class TestAnUnknownHeader:
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"\n\n  \n",
            b"date,price\n2022-03-15,5\n",
            HEADER_9.encode() + b",more\n",
            HEADER_9.encode("utf-16"),
            HEADER_9.replace(",", ";").encode(),
            HEADER_9.replace("year", "date").encode(),
            b'"never closed',
            b"\x00" * 100,
            b"\x1f\x8b",
            b"\x1f\x8bnot really gzip at all",
            gzip.compress(b"something else", mtime=0),
        ],
    )
    def test_is_one_clear_error(self, tmp_path, content):
        path = tmp_path / "prices.csv"
        path.write_bytes(content)

        with pytest.raises(UnknownShape, match=r"prices\.csv"):
            list(read(path))

    def test_names_what_was_found_and_what_was_expected(self, tmp_path):
        path = tmp_path / "prices.csv"
        path.write_text("day,cost\n")

        with pytest.raises(UnknownShape) as caught:
            list(read(path))

        for words in ("day,cost", HEADER_14, HEADER_9):
            assert words in str(caught.value)

    def test_shows_what_cannot_be_seen_and_sends_no_signs_to_the_terminal(self, tmp_path):
        path = tmp_path / "prices.csv"
        path.write_text(f"\ufeff\ufeff\x1b[2J{HEADER_9}\n")

        with pytest.raises(UnknownShape, match=r'begins with "\\ufeff\\x1b\[2Jdate'):
            list(read(path))
