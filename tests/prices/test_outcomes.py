"""What an entry's page says happened to it."""

from datetime import UTC, datetime

from prices.outcomes import history_lines
from tests.factories import make_entry

SEEN_AT = datetime(2025, 11, 14, 17, 30, tzinfo=UTC)


class TestHistoryLines:
    def test_say_that_somebody_sent_it(self):
        assert [str(line.text) for line in history_lines(make_entry())] == ["Published", "Sent"]

    def test_do_not_say_that_the_price_of_a_survey_was_sent_at_midnight(self):
        lines = history_lines(make_entry(source="WFP", seen_at=SEEN_AT))

        assert [str(line.text) for line in lines] == ["Published"]
