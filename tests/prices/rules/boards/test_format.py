from dataclasses import replace
from datetime import UTC, datetime

from prices.rules.boards import build
from prices.rules.boards.format import from_ms, to_ms
from tests.prices.store.test_derived import make_latest


class TestTimes:
    def test_go_there_and_back_in_milliseconds(self):
        moment = datetime(2025, 12, 14, 21, 5, 7, 123_000, tzinfo=UTC)

        assert from_ms(to_ms(moment)) == moment
        assert build.row(replace(make_latest(), seen_at=moment))["seen"] == to_ms(moment)
