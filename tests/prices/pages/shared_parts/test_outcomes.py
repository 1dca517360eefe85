"""What an entry's page says happened to it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from prices.pages.shared_parts.outcomes import history_lines
from prices.types import Change
from tests.factories import make_entry

SEEN_AT = datetime(2025, 11, 14, 17, 30, tzinfo=UTC)


class TestHistoryLines:
    def test_say_that_somebody_sent_it(self):
        assert [str(line.text) for line in history_lines(make_entry())] == ["Published", "Sent"]

    def test_do_not_say_that_the_price_of_a_survey_was_sent_at_midnight(self):
        lines = history_lines(make_entry(source="WFP", seen_at=SEEN_AT))

        assert [str(line.text) for line in lines] == ["Published"]

    def test_do_not_say_that_a_price_was_published_that_its_author_took_back_before(self):
        entry = make_entry()
        published = entry.published_at + timedelta(minutes=1)
        withdrawn = Change("act", "WITHDRAW", entry.received_at + timedelta(seconds=20), 1, "withdrawn")
        changed = replace(entry, status="withdrawn", published_at=published, changes=(withdrawn,))

        assert [str(line.text) for line in history_lines(changed)] == ["Taken back by its author", "Sent"]

    def test_say_that_a_price_was_published_before_its_author_took_it_back(self):
        entry = make_entry()
        withdrawn = Change("act", "WITHDRAW", entry.published_at + timedelta(seconds=20), 1, "withdrawn")
        changed = replace(entry, status="withdrawn", changes=(withdrawn,))

        lines = [str(line.text) for line in history_lines(changed)]
        assert lines == ["Taken back by its author", "Published", "Sent"]
