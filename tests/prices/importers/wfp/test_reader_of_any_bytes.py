"""Whatever bytes a file holds, the reader gives rows that are usable or refused."""

import gzip
import tempfile
from decimal import Decimal
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from prices.importers.wfp.reader import (
    COLUMNS_9,
    COLUMNS_14,
    LONGEST_LINE,
    WFP_UNITS,
    Observation,
    Reason,
    UnknownShape,
    read,
)

HEADER_14 = ",".join(COLUMNS_14)
HEADER_9 = ",".join(COLUMNS_9)


class TestAnyBytes:
    @given(
        head=st.sampled_from([b"", HEADER_9.encode() + b"\n", HEADER_14.encode() + b"\r\n"]),
        body=st.one_of(
            st.binary(max_size=2_000),
            st.lists(
                st.lists(
                    st.one_of(
                        st.text(max_size=12),
                        st.sampled_from(["2022-03-15", "Yangon", "KG", "MMK", "5", "Retail", "#date"]),
                    ),
                    min_size=8,
                    max_size=15,
                ),
                max_size=4,
            ).map(lambda rows: "\n".join(map(",".join, rows)).encode("utf-8", "surrogatepass")),
        ),
        packed=st.booleans(),
        cut=st.integers(min_value=0, max_value=40),
    )
    @example(head=HEADER_9.encode() + b"\n", body=b"x" * (LONGEST_LINE * 2), packed=False, cut=0)
    @settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    def test_raise_nothing_but_the_header_error(self, head, body, packed, cut):
        content = gzip.compress(head + body) if packed else head + body
        with tempfile.TemporaryDirectory() as directory:
            path = Path(directory) / "prices.csv"
            path.write_bytes(content[: len(content) - cut])
            try:
                rows = list(read(path))
            except UnknownShape:
                return

        for row in rows:
            if isinstance(row, Observation):
                assert Decimal("0.01") <= row.price < 10**12
                assert row.unit in WFP_UNITS
                assert row.market
            else:
                assert row.reason in Reason
                assert len(row.raw) <= 2_000
