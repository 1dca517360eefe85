from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from threading import Thread

import pytest

from potato.errors import Unavailable
from potato.stores.breaker import MONGO, Fault
from prices.store import amounts, entries
from prices.store.entries import EntryConflict
from prices.types import Change, Judgement, Submitter
from tests.factories import make_entry

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
EDITABLE = ("published", "pending", "quarantined")


def make_change(**fields) -> Change:
    return Change(
        **{"id": "change-1", "kind": "WITHDRAW", "at": NOON, "by": 7, "status": "withdrawn", "reason": ""}
        | fields
    )


class TestAdd:
    def test_gives_back_what_was_put_in(self):
        entry = make_entry(
            price=Decimal("2400.50"),
            quantity=Decimal("0.5"),
            township_id=None,
            township_name="",
            corrects="earlier",
            note="ဈေးသစ်",
            demo=True,
            dirty=True,
            judgement=Judgement("quarantined", "above_range: too dear", "one_zero_too_many"),
            changes=(make_change(),),
        )

        entries.add(entry)

        assert entries.get(entry.id) == entry

    def test_changes_nothing_the_second_time(self):
        entry = make_entry()
        entries.add(entry)
        entries.change(entry.id, make_change(), where=EDITABLE)

        stored = entries.add(entry)

        assert stored == entries.get(entry.id)
        assert stored.status == "withdrawn"
        assert entries.collection().count_documents({}) == 1

    def test_keeps_the_first_judgement_when_the_second_differs(self):
        entry = make_entry(judgement=Judgement("fine"))
        entries.add(entry)

        stored = entries.add(replace(entry, judgement=Judgement("quarantined"), status="quarantined"))

        assert stored.status == "published"
        assert stored.judgement.verdict == "fine"

    def test_refuses_another_body_under_the_same_id(self):
        entry = make_entry()
        entries.add(entry)

        with pytest.raises(EntryConflict):
            entries.add(replace(entry, body_hash="another", amount=1))

        assert entries.get(entry.id) == entry

    def test_says_that_the_store_is_away(self):
        MONGO.failed(Fault.SLOW)

        with pytest.raises(Unavailable):
            entries.add(make_entry())


class TestAddMany:
    def test_leaves_what_is_there_and_counts_what_is_new(self):
        there = make_entry(amount=1)
        entries.add(there)

        new = entries.add_many([replace(there, amount=2), make_entry(), make_entry()])

        assert new == 2
        assert entries.get(there.id).amount == 1

    def test_adds_nothing_twice(self):
        some = [make_entry() for _ in range(1500)]

        assert entries.add_many(some) == 1500
        assert entries.add_many(some) == 0


class TestReplaceMany:
    def test_replaces_only_what_it_was_made_from(self):
        entry = make_entry()
        entries.add(entry)

        assert entries.replace_many([replace(entry, rev=1, amount=5)]) == 1
        assert entries.replace_many([replace(entry, rev=1, amount=6)]) == 0
        assert entries.get(entry.id).amount == 5


class TestChange:
    def test_is_noted_once_per_id(self):
        entry = make_entry(rev=3)
        entries.add(entry)

        assert entries.change(entry.id, make_change(), where=EDITABLE)
        assert entries.change(entry.id, make_change(), where=EDITABLE)

        stored = entries.get(entry.id)
        assert stored.status == "withdrawn"
        assert stored.changes == (make_change(),)
        assert stored.rev == 4
        assert stored.dirty

    def test_is_refused_from_another_status(self):
        entry = make_entry(status="removed")
        entries.add(entry)

        assert not entries.change(entry.id, make_change(), where=EDITABLE)
        assert entries.get(entry.id) == entry

    def test_of_an_unknown_entry_is_refused(self):
        assert not entries.change("nobody", make_change(), where=EDITABLE)

    def test_is_noted_once_when_many_do_it_at_once(self):
        entry = make_entry()
        entries.add(entry)
        threads = [
            Thread(target=entries.change, args=(entry.id, make_change()), kwargs={"where": EDITABLE})
            for _ in range(8)
        ]

        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert entries.get(entry.id).rev == 1


class TestConfirm:
    def confirmation(self, **fields) -> Change:
        return make_change(kind="CONFIRM", status=None, **fields)

    def test_moves_last_seen_and_counts_the_person(self):
        entry = make_entry()
        entries.add(entry)
        later = NOON + timedelta(hours=3)

        assert entries.confirm(entry.id, self.confirmation(at=later), author_id=1)

        stored = entries.get(entry.id)
        assert (stored.confirmations, stored.last_seen_at, stored.seen_at) == (1, later, NOON)
        assert stored.rev == 1
        assert stored.dirty

    def test_is_noted_once_per_id(self):
        entry = make_entry()
        entries.add(entry)

        assert entries.confirm(entry.id, self.confirmation(), author_id=1)
        assert entries.confirm(entry.id, self.confirmation(), author_id=1)

        stored = entries.get(entry.id)
        assert (stored.confirmations, stored.rev, len(stored.changes)) == (1, 1, 1)

    def test_counts_distinct_people_but_the_author(self):
        entry = make_entry(submitter=Submitter(1, "Author", "CONTRIBUTOR"))
        entries.add(entry)

        for number, by in enumerate([7, 8, 7, 1]):
            entries.confirm(entry.id, self.confirmation(id=f"c{number}", by=by), author_id=1)

        stored = entries.get(entry.id)
        assert stored.confirmations == 2
        assert len(stored.changes) == 4

    def test_never_moves_last_seen_back(self):
        entry = make_entry()
        entries.add(entry)

        entries.confirm(entry.id, self.confirmation(at=NOON - timedelta(days=1)), author_id=1)

        assert entries.get(entry.id).last_seen_at == NOON

    @pytest.mark.parametrize("status", ["pending", "quarantined", "removed", "withdrawn"])
    def test_of_what_is_not_published_is_refused(self, status):
        entry = make_entry(status=status)
        entries.add(entry)

        assert not entries.confirm(entry.id, self.confirmation(), author_id=1)
        assert entries.get(entry.id) == entry


class TestNewest:
    def newest(self, **fields):
        wanted = {
            "item_id": 1,
            "shop_id": 1,
            "type": "RETAIL",
            "base": "kg",
            "until": NOON + timedelta(days=1),
        }
        return entries.newest(**wanted | fields)

    def test_is_the_one_seen_last_not_the_one_received_last(self):
        new = make_entry(seen_at=NOON, received_at=NOON)
        back_dated = make_entry(seen_at=NOON - timedelta(days=3), received_at=NOON + timedelta(hours=5))
        entries.add_many([new, back_dated])

        assert self.newest() == new

    def test_goes_by_receipt_and_then_by_id_when_seen_at_the_same_moment(self):
        first = make_entry(id="a", received_at=NOON)
        second = make_entry(id="b", received_at=NOON + timedelta(seconds=1))
        third = make_entry(id="c", received_at=NOON + timedelta(seconds=1))
        entries.add_many([third, first, second])

        assert self.newest() == third

    def test_leaves_out_the_unpublished_and_the_future(self):
        old = make_entry(seen_at=NOON - timedelta(days=9))
        entries.add_many(
            [
                old,
                make_entry(status="pending"),
                make_entry(seen_at=NOON + timedelta(days=2)),
                make_entry(type="WHOLESALE"),
            ]
        )

        assert self.newest() == old

    def test_is_none_in_a_shop_without_a_price(self):
        entries.add(make_entry(shop_id=2))

        assert self.newest() is None


class TestAmounts:
    def test_are_those_of_the_days_asked_for(self):
        start, end = NOON, NOON + timedelta(days=1)
        entries.add_many(
            [
                make_entry(amount=1, seen_at=start - timedelta(milliseconds=1)),
                make_entry(amount=2, seen_at=start),
                make_entry(amount=3, seen_at=end - timedelta(milliseconds=1)),
                make_entry(amount=4, seen_at=end),
                make_entry(amount=5, seen_at=start, status="pending"),
                make_entry(amount=6, seen_at=start, region_id=2),
                make_entry(amount=7, seen_at=start, base="l"),
            ]
        )
        wanted = {"item_id": 1, "type": "RETAIL", "base": "kg", "start": start, "end": end}

        here = amounts.of_days(region_ids=[1], **wanted)
        everywhere = amounts.of_days(region_ids=[1, 2, 3], **wanted)

        assert sorted(amount for _, amount in here) == [2, 3]
        assert sorted(amount for _, amount in everywhere) == [2, 3, 6]

    def test_are_told_apart_by_township_or_shop_up_to_a_moment(self):
        start, end = NOON, NOON + timedelta(days=1)
        entries.add_many(
            [
                make_entry(amount=1, seen_at=start, township_id=1, shop_id=1),
                make_entry(amount=2, seen_at=end, township_id=2, region_id=2, shop_id=2),
                make_entry(amount=3, seen_at=end, township_id=3, shop_id=3),
                make_entry(
                    amount=4, seen_at=start - timedelta(days=1), last_seen_at=end, township_id=1, shop_id=1
                ),
                make_entry(amount=5, seen_at=end + timedelta(days=1), township_id=1, shop_id=1),
                make_entry(amount=6, seen_at=start, township_id=1, shop_id=1, status="withdrawn"),
                make_entry(amount=7, seen_at=start, township_id=1, shop_id=1, type="WHOLESALE"),
            ]
        )
        series = {"item_id": 1, "type": "RETAIL", "base": "kg", "end": end}
        here = {"region_ids": [1, 2], "township_ids": [1, 2, 4]}

        assert amounts.in_townships(start=start, **here, **series) == {
            1: [(start, 1)],
            2: [(end, 2)],
            4: [],
        }
        assert amounts.in_shops(start=start, shop_ids=[1, 2, 4], **series) == {
            1: [(start, 1)],
            2: [(end, 2)],
            4: [],
        }
        assert len(amounts.in_shops(start=None, shop_ids=[1], **series)[1]) == 2


class TestDirty:
    def test_lists_what_changed_and_forgets_what_was_cleaned(self):
        changed, clean = make_entry(dirty=True, rev=2), make_entry()
        entries.add_many([changed, clean])

        found = entries.dirty(limit=10)
        entries.clean((one.id, one.rev) for one in found)

        assert [(one.id, one.rev) for one in found] == [(changed.id, 2)]
        assert entries.dirty(limit=10) == []

    def test_keeps_what_changed_meanwhile(self):
        entry = make_entry(dirty=True)
        entries.add(entry)
        found = entries.dirty(limit=10)
        entries.change(entry.id, make_change(), where=EDITABLE)

        entries.clean((one.id, one.rev) for one in found)

        assert [one.rev for one in entries.dirty(limit=10)] == [1]


class TestCountByShop:
    def test_counts_published_prices_items_and_people(self):
        seen = NOON - timedelta(days=2)
        entries.add_many(
            [
                make_entry(item_id=1, submitter=Submitter(1, "A", "USER"), seen_at=seen),
                make_entry(item_id=1, submitter=Submitter(2, "B", "USER")),
                make_entry(item_id=2, submitter=Submitter(2, "B", "USER")),
                make_entry(item_id=3, status="withdrawn"),
                make_entry(item_id=4, seen_at=NOON + timedelta(days=9)),
            ]
        )

        one, nothing = entries.count_by_shop([1, 99], until=NOON)

        assert (one.shop_id, one.entries, one.items, one.contributors, one.last_seen_at) == (1, 3, 2, 2, NOON)
        assert (nothing.shop_id, nothing.entries, nothing.last_seen_at) == (99, 0, None)


class TestToCheck:
    def test_lists_the_newest_first_and_goes_on_from_there(self):
        waiting = [
            make_entry(status=status, received_at=NOON + timedelta(minutes=number))
            for number, status in enumerate(["pending", "quarantined", "pending"])
        ]
        entries.add_many([*waiting, make_entry(), make_entry(status="removed")])

        first = entries.to_check(limit=2)
        rest = entries.to_check(limit=2, before=(first[-1].received_at, first[-1].id))

        assert [entry.id for entry in first + rest] == [entry.id for entry in reversed(waiting)]

    def test_leaves_none_out_of_many_that_came_in_at_the_same_moment(self):
        """As an import's: a whole day's prices were received at its midnight."""
        days = [NOON, NOON - timedelta(days=1)]
        waiting = [make_entry(status="pending", received_at=day) for day in days for _ in range(5)]
        entries.add_many(waiting)

        found, before = [], None
        while page := entries.to_check(limit=3, before=before):
            found += [entry.id for entry in page]
            before = (page[-1].received_at, page[-1].id)

        by_day = [sorted(entry.id for entry in waiting if entry.received_at == day) for day in days]
        assert found == by_day[0] + by_day[1]


class TestRemoveDemo:
    def test_leaves_what_is_real(self):
        real = make_entry()
        entries.add_many([real, make_entry(demo=True), make_entry(demo=True)])

        assert entries.remove_demo() == 2
        assert [seen.id for seen in entries.of_item(1)] == [real.id]
