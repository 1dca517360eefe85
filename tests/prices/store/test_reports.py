from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from prices.store import documents, indexes, reports
from prices.types import Report

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def make_report(**fields) -> Report:
    return Report(
        **{"entry_id": "e1", "item_id": 1, "by": 7, "reason": "price", "text": "", "at": NOON, "seq": 1}
        | fields
    )


def texts(entry_id="e1") -> list[tuple[int, str, str]]:
    return sorted((one.by, one.text, one.outcome) for one in reports.of_entry(entry_id))


def queue(*, limit: int) -> list[str]:
    """The prices with open reports, walked page by page."""
    walked, before = [], None
    while page := reports.reported(limit=limit, before=before):
        walked += [entry_id for _since, entry_id in page]
        before = page[-1]
    return walked


class TestOnePersonsReportsOfOnePrice:
    def test_are_one_which_the_newest_changes(self):
        for number in range(1, 52):
            reports.put(make_report(seq=number, text=f"number {number}", at=NOON + number * HOUR))

        (one,) = reports.of_entry("e1")
        assert (one.text, one.at, one.since) == ("number 51", NOON + 51 * HOUR, NOON + HOUR)

    def test_are_open_again_after_a_decision_when_there_is_a_new_one(self):
        reports.put(make_report(seq=1, text="first"))
        reports.close("e1", outcome="published", seq=2)

        reports.put(make_report(seq=3, text="still wrong", at=NOON + HOUR))

        (one,) = reports.of_entry("e1")
        assert (one.text, one.outcome, one.since) == ("still wrong", "open", NOON + HOUR)

    @pytest.mark.parametrize("repeated", list(permutations(range(4), 2)))
    def test_end_the_same_whichever_acts_a_relay_repeats_and_when(self, repeated):
        acts = [
            lambda: reports.put(make_report(seq=1, text="first")),
            lambda: reports.put(make_report(seq=2, text="changed")),
            lambda: reports.close("e1", outcome="published", seq=3),
            lambda: reports.put(make_report(seq=4, text="again")),
        ]
        for done in range(len(acts)):
            acts[done]()
            for again in repeated:
                if again <= done:
                    acts[again]()

        assert texts() == [(7, "again", "open")]

    def test_are_not_opened_again_by_a_late_repetition(self):
        reports.put(make_report(seq=1))
        reports.close("e1", outcome="removed", seq=2)

        reports.put(make_report(seq=1))

        assert texts() == [(7, "", "removed")]

    def test_that_came_after_a_decision_are_not_closed_by_its_repetition(self):
        reports.close("e1", outcome="published", seq=2)
        reports.put(make_report(seq=3))

        reports.close("e1", outcome="published", seq=2)

        assert texts() == [(7, "", "open")]


class TestReportedPrices:
    def test_of_two_people_show_both(self):
        reports.put(make_report(by=7, text="too dear"))
        reports.put(make_report(by=8, text="per viss", at=NOON + HOUR, seq=2))

        assert queue(limit=10) == ["e1"]
        found = reports.open_of(["e1", "e2"])["e1"]
        assert (found.people, [one.text for one in found.newest]) == (2, ["per viss", "too dear"])

    def test_show_their_newest_reports_and_count_the_others(self):
        for person in range(30):
            reports.put(make_report(by=person, seq=person + 1, at=NOON + person * HOUR))

        found = reports.open_of(["e1"], newest=3)["e1"]

        assert found.people == 30
        assert [one.by for one in found.newest] == [29, 28, 27]

    def test_are_all_reached_once_each_however_many_report_them(self):
        """300 reports of 120 prices, some by many people; several came in at the same moment."""
        for number in range(300):
            entry = min(number, number % 120)
            reports.put(
                make_report(entry_id=f"e{entry:03}", by=number, seq=number, at=NOON + (entry // 7) * HOUR)
            )

        walked = queue(limit=7)

        assert sorted(walked) == [f"e{number:03}" for number in range(120)]
        assert walked == sorted(walked, key=lambda id: (-(int(id[1:]) // 7), id))

    def test_keep_their_place_when_more_people_report_them(self):
        for seq, entry_id in enumerate(["e1", "e2", "e3"]):
            reports.put(make_report(entry_id=entry_id, seq=seq, at=NOON + seq * HOUR))
        (first,) = reports.reported(limit=1)

        reports.put(make_report(entry_id="e2", by=8, seq=9, at=NOON + 9 * HOUR))

        assert first[1] == "e3"
        assert [entry_id for _since, entry_id in reports.reported(limit=5, before=first)] == ["e2", "e1"]

    def test_by_one_person_many_times_hide_nobody_elses(self):
        reports.put(make_report(entry_id="e2", by=8))
        for seq in range(2, 60):
            reports.put(make_report(seq=seq, at=NOON + seq * HOUR))

        assert [entry_id for _since, entry_id in reports.reported(limit=2)] == ["e1", "e2"]

    def test_leave_when_somebody_deals_with_them(self):
        reports.put(make_report())
        reports.put(make_report(entry_id="e2"))

        reports.close("e2", outcome="published", seq=5)

        assert queue(limit=5) == ["e1"]


class TestReportsOfOlderReleases:
    """They were stored one for each act, without a number."""

    def older(self, id: str, **fields) -> None:
        report = make_report(**fields)
        document = documents.from_report(report) | {"_id": id}
        for name in ("seq", "since"):
            del document[name]
        reports.collection().insert_one(document)

    @pytest.fixture(autouse=True)
    def older_indexes(self):
        """A database as the last release left it."""
        for name in ("queue", "entry_outcome"):
            reports.collection().drop_index(name)
        reports.collection().create_index("entryId", name="entry")
        yield
        indexes.ensure()

    def test_become_one_for_each_person_and_price_when_indexes_are_ensured(self):
        for number in range(51):
            self.older(f"a{number}", text=f"number {number}", at=NOON + number * HOUR)
        self.older("b", by=8, text="theirs", at=NOON - HOUR)
        self.older("c", entry_id="e2", by=8, text="done", outcome="removed")

        indexes.ensure()
        indexes.ensure()

        assert indexes.missing() == []
        assert "entry" not in reports.collection().index_information()
        assert texts() == [(7, "number 50", "open"), (8, "theirs", "open")]
        assert {one.since for one in reports.of_entry("e1")} == {NOON - HOUR}
        assert texts("e2") == [(8, "done", "removed")]
        assert queue(limit=1) == ["e1"]

    def test_stay_open_where_an_older_one_was_decided(self):
        self.older("a", text="first", outcome="published")
        self.older("b", text="again", at=NOON + HOUR)

        indexes.ensure()

        assert texts() == [(7, "again", "open")]

    def test_do_not_replace_what_was_sent_since(self):
        self.older("a", text="old")
        reports.put(make_report(seq=9, text="new", at=NOON + HOUR))

        indexes.ensure()

        assert texts() == [(7, "new", "open")]
        assert {one.since for one in reports.of_entry("e1")} == {NOON}

    def test_are_closed_by_a_decision_before_they_are_rewritten(self):
        self.older("a")

        reports.close("e1", outcome="removed", seq=5)
        indexes.ensure()

        assert texts() == [(7, "", "removed")]

    def test_are_not_in_the_queue_before_they_are_rewritten(self):
        indexes.ensure()
        self.older("a", entry_id="e2")
        reports.put(make_report())

        assert queue(limit=1) == queue(limit=5) == ["e1"]
        indexes.ensure()
        assert queue(limit=1) == ["e1", "e2"]

    def test_killed_on_the_way_is_finished_by_the_next_time(self, monkeypatch):
        self.older("a", text="old")
        self.older("b", by=8, text="theirs")
        collection = reports.collection()
        monkeypatch.setattr(reports, "collection", lambda: Killed(collection))
        with pytest.raises(KeyboardInterrupt):
            indexes.ensure()
        monkeypatch.undo()

        indexes.ensure()

        assert texts() == [(7, "old", "open"), (8, "theirs", "open")]


class Killed:
    """A collection whose process ends before it deletes anything."""

    def __init__(self, collection) -> None:
        self._collection = collection

    def __getattr__(self, name):
        if name.startswith("delete"):
            raise KeyboardInterrupt
        return getattr(self._collection, name)


def test_a_report_says_since_when_its_price_waits():
    report = make_report(at=NOON + HOUR)
    reports.put(report)

    assert reports.of_entry("e1") == [replace(report, since=NOON + HOUR)]
