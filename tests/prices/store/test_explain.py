"""Every read of the store is bounded, by what MongoDB itself says of it: ``explain("executionStats")``.

The reads are caught on their way to the server, so what is explained is what the repository really asks.
"""

import inspect
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from potato.stores import mongo
from prices.store import amounts, boards, entries, filing, history, indexes, latest, reference, reports
from prices.types import NATION, Report
from tests.prices.store.explaining import NOW, REGIONS, Caught, explained, seed

YEARS_AGO = NOW - timedelta(days=3 * 365)
SERIES = {"item_id": 1, "type": "RETAIL", "base": "kg"}

Read = Callable[[], object]

# Reads that a page or a relay makes while somebody waits: each examines what it gives back, and little more.
ASKED_OFTEN: dict[str, Read] = {
    "entries.get": lambda: entries.get("e7"),
    "entries.get_many": lambda: entries.get_many([f"e{number}" for number in range(50)]),
    "entries.newest": lambda: entries.newest(**SERIES, shop_id=1, until=NOW),
    "latest.of_item": lambda: latest.of_item(1),
    "latest.of_item_in": lambda: latest.of_item_in(1, [1, 2]),
    "latest.get_many": lambda: latest.get_many(["1:1:RETAIL:kg", "1:2:RETAIL:kg"]),
    "latest.amounts_of_item": lambda: latest.amounts_of_item(1),
    "latest.of_shop": lambda: latest.of_shop(1),
    "amounts.in_shops": lambda: amounts.in_shops(**SERIES, shop_ids=[1, 2, 3], start=None, end=NOW),
    "history.months_of_regions": lambda: history.months_of_regions(**SERIES, region_ids=[NATION, 1, 2, 3]),
    "history.get_many": lambda: history.get_many([f"1:{region}:RETAIL:kg:2026-11" for region in range(16)]),
    "boards.get_many": lambda: boards.get_many(["home", "item:1:1", "item:1:nation", "shop:1"]),
    "reference.get": lambda: reference.get("shop", 7),
}
# The same, but every figure is in the index: no document is fetched.
COVERED: dict[str, Read] = {
    "amounts.of_days": lambda: amounts.of_days(**SERIES, region_ids=[1], start=YEARS_AGO, end=NOW),
    "amounts.in_townships": lambda: amounts.in_townships(
        **SERIES, region_ids=[1], township_ids=[1], start=None, end=NOW
    ),
    "entries.item_ids": lambda: entries.item_ids(),
    "boards.revs": lambda: boards.revs(),
}
# Asked by a background process, a command or a moderator: no more either than what is given back.
ASKED_RARELY: dict[str, Read] = {
    "entries.body_hashes": lambda: entries.body_hashes([f"e{number}" for number in range(1000)]),
    "entries.of_item": lambda: list(entries.of_item(1)),
    "entries.dirty": lambda: entries.dirty(limit=100),
    "entries.to_check": lambda: entries.to_check(limit=50, before=(NOW, "")),
    "entries.any_at_all": lambda: entries.any_at_all(),
    "latest.amounts_of_region": lambda: latest.amounts_of_region(1),
    "latest.all_amounts": lambda: latest.all_amounts(),
    "latest.keys_of_item": lambda: latest.keys_of_item(1),
    "history.of_item": lambda: history.of_item(1, since="2026-11"),
    "history.middles_of_region": lambda: history.middles_of_region(NATION, since="2025-01"),
    "boards.newest_rev": lambda: boards.newest_rev(kind="item", region_id=1),
    "boards.followers": lambda: boards.followers(),
    "boards.revs_of_nation": lambda: boards.revs_of_nation(),
    "boards.regions_of_item": lambda: boards.regions_of_item(1),
    "reference.changed_since": lambda: reference.changed_since(400),
    "reports.reported": lambda: reports.reported(limit=50),
    "reports.of_entry": lambda: reports.of_entry("e1"),
}
# Where a scan steps over keys it seeks anew: once for each value of an $in, each region or series of an item.
SEEKS = {
    "entries.get_many": 50,
    "entries.body_hashes": 1000,
    "entries.of_item": 4 * REGIONS,
    "amounts.in_shops": 3 * 4,
    "history.months_of_regions": 4,
    "history.get_many": 16,
    "history.of_item": 4 * REGIONS,
    "boards.get_many": 4,
    "boards.regions_of_item": 2,
    "latest.of_item": REGIONS,
    "latest.of_item_in": 2,
    "latest.get_many": 2,
    "latest.amounts_of_item": REGIONS,
}
# Reads that examine more than they give back, each with a test of its own below.
BOUNDED_OTHERWISE = {
    "entries.count_by_shop",
    "entries.dirty_of_item",
    "filing.places_of_shops",
    "history.months_of",
    "reports.open_of",
}
WRITES = {
    "amounts": set(),
    "entries": {
        "add",
        "add_many",
        "replace_many",
        "change",
        "confirm",
        "clean",
        "remove_demo",
    },
    "filing": {"file_in_township"},
    "latest": {"put_many", "remove_all"},
    "history": {"put_over", "replace_item", "remove_all"},
    "boards": {"put_many", "remove_all"},
    "reference": {"put_many", "put_mode"},
    "reports": {"put", "close", "remove_all", "rewrite_older"},
}


@pytest.fixture(scope="module")
def seeded(mongo_indexes: None) -> Iterator[Caught]:
    """20,000 entries over items, regions, shops and three years, with what is derived; reads are caught."""
    caught = Caught()
    before, mongo._client = (
        mongo._client,
        mongo.connect(event_listeners=[caught], w=1, journal=False, readConcernLevel="local"),
    )
    for collection in indexes.INDEXES:
        mongo.database()[collection].delete_many({})
    seed()
    yield caught
    for collection in indexes.INDEXES:
        mongo.database()[collection].delete_many({})
    mongo._client.close()
    mongo._client = before


class TestReads:
    @pytest.mark.parametrize("name", ASKED_OFTEN | ASKED_RARELY)
    def test_examine_what_they_give_back_and_little_more(self, seeded, name):
        for one in explained(seeded, (ASKED_OFTEN | ASKED_RARELY)[name]):
            seeks = SEEKS.get(name, 1)
            assert one.keys <= one.given + seeks, one
            assert one.documents <= one.given, one

    def test_of_an_items_entries_that_wait_for_their_day_examine_only_such_entries(self, seeded):
        waiting = len(entries.dirty(limit=0))
        for one in explained(seeded, lambda: entries.dirty_of_item(1)):
            assert one.keys <= waiting + 1, one

    @pytest.mark.parametrize("name", COVERED)
    def test_of_history_fetch_no_document(self, seeded, name):
        for one in explained(seeded, COVERED[name]):
            assert one.documents == 0, one
            assert one.keys <= one.given + SEEKS.get(name, 2), one
            assert one.given > 0

    def test_of_the_nations_history_fetch_no_document_either(self, seeded):
        def read() -> object:
            return amounts.of_days(
                **SERIES, region_ids=range(1, REGIONS + 1), start=NOW - timedelta(days=30), end=NOW
            )

        (one,) = explained(seeded, read)

        assert one.documents == 0
        assert one.given > 0
        assert one.keys <= one.given + 4 * REGIONS

    def test_of_several_townships_history_fetch_no_document_either(self, seeded):
        places = {"region_ids": [1, 2, 3, 4], "township_ids": [1, 2, 3, 4]}

        (one,) = explained(
            seeded,
            lambda: amounts.in_townships(**SERIES, **places, start=NOW - timedelta(days=401), end=NOW),
        )

        assert one.documents == 0
        assert one.given > 0
        assert one.keys <= one.given + 2 * 4 * 4

    def test_of_shops_history_since_a_day_step_over_the_older_ones(self, seeded):
        since = NOW - timedelta(days=401)

        (one,) = explained(
            seeded, lambda: amounts.in_shops(**SERIES, shop_ids=[1, 2, 3], start=since, end=NOW)
        )

        assert one.documents == one.given > 0
        assert one.keys <= one.given + 3 * 4

    @pytest.mark.parametrize("type", ["RETAIL", "WHOLESALE"])
    def test_of_the_newest_price_look_at_one(self, seeded, type):
        (one,) = explained(
            seeded,
            lambda: entries.newest(
                item_id=1, shop_id=1, type=type, base="kg", until=NOW - timedelta(days=90)
            ),
        )

        assert (one.keys, one.documents, one.given) == (1, 1, 1)
        assert not one.sorted_in_memory

    def test_of_all_series_of_an_item_since_a_month_step_over_the_older_ones(self, seeded):
        (one,) = explained(seeded, lambda: history.months_of(item_id=1, region_id=1, since="2026-08"))

        assert one.documents == one.given == 2 * 5
        assert one.keys <= one.given + 2 * 4

    def test_of_the_highest_number_look_at_one(self, seeded):
        for region in (None, 1, NATION):
            (one,) = explained(seeded, lambda region=region: boards.newest_rev(kind="item", region_id=region))

            assert (one.keys, one.documents) == (1, 1)
            assert not one.sorted_in_memory

    def test_for_the_names_ask_one_document_while_nothing_changed(self, seeded):
        found = explained(seeded, lambda: reference.changed_since(500))

        assert [(one.keys, one.documents) for one in found] == [(1, 1)]

    def test_of_a_shops_figures_count_its_entries_in_the_index_alone(self, seeded):
        """Asked at every publication: as many keys as the shop has published prices, no document."""
        (counted,) = entries.count_by_shop([1], until=NOW)
        (one,) = explained(seeded, lambda: entries.count_by_shop([1], until=NOW))

        assert counted.entries > 100
        assert one.documents == 0
        assert one.keys <= 1.05 * counted.entries + 5

    def test_of_where_shops_prices_are_filed_look_at_these_shops_only(self, seeded):
        """Asked by imports only."""
        own = entries.collection().count_documents({"shopId": {"$in": [1, 2]}})
        (one,) = explained(seeded, lambda: filing.places_of_shops([1, 2], source="CROWD"))

        assert one.keys <= own + 3
        assert one.documents <= own

    def test_to_check_go_on_among_many_of_one_moment(self, seeded):
        """An import's prices of a day came in at one moment: the next page begins where the last one ended."""
        entries.collection().update_many(
            {"status": {"$in": ["pending", "quarantined"]}}, [{"$set": {"receivedAt": NOW}}]
        )
        waiting = entries.to_check(limit=1000)
        middle = waiting[len(waiting) // 2]

        (one,) = explained(seeded, lambda: entries.to_check(limit=5, before=(NOW, middle.id)))

        assert len(waiting) > 20
        assert one.keys <= 5 + 4
        assert one.documents <= 6
        assert not one.sorted_in_memory

    def test_to_check_go_on_without_skipping(self, seeded):
        entries.collection().update_many({"shopId": 999}, [{"$set": {"receivedAt": NOW}}])

        (one,) = explained(seeded, lambda: entries.to_check(limit=50))

        assert one.keys <= 51
        assert one.documents <= 50
        assert not one.sorted_in_memory

    def test_of_reported_prices_go_on_without_skipping(self, seeded):
        ids = [entry_id for _since, entry_id in reports.reported(limit=300)]

        found = explained(seeded, lambda: reports.reported(limit=50, before=(NOW, ids[-1])))

        assert len(ids) == 300
        assert all(one.given == 50 for one in found)
        assert all(one.keys <= one.given + 4 for one in found)
        assert all(one.documents <= one.given + 4 for one in found)
        assert not any(one.sorted_in_memory for one in found)

    def test_of_reported_prices_look_at_no_document_and_past_those_of_many_reports(self, seeded):
        """3,000 people report one price: the page after it does not read their reports."""
        reports.collection().update_many({"outcome": "open"}, {"$set": {"since": NOW, "entryId": "e1"}})
        reports.put(Report("e0", 1, 7, "price", "", NOW - timedelta(days=1), seq=1))

        found = explained(seeded, lambda: reports.reported(limit=50))

        assert [one.given for one in found] == [50, 1]
        assert all(one.documents == 0 for one in found)
        assert all(one.keys <= one.given + 2 for one in found)
        assert not any(one.sorted_in_memory for one in found)

    def test_of_a_pages_reports_look_at_these_prices_open_reports_only(self, seeded):
        ids = [f"e{number}" for number in range(50)]
        own = reports.collection().count_documents({"entryId": {"$in": ids}, "outcome": "open"})

        (one,) = explained(seeded, lambda: reports.open_of(ids))

        assert own > 50
        assert one.documents <= own
        assert one.keys <= own + 2 * len(ids)

    def test_are_all_explained_here(self):
        known = set(ASKED_OFTEN) | set(COVERED) | set(ASKED_RARELY) | BOUNDED_OTHERWISE
        there = {
            f"{module.__name__.rpartition('.')[2]}.{name}"
            for module in (amounts, boards, entries, filing, history, latest, reference, reports)
            for name, function in inspect.getmembers(module, inspect.isfunction)
            if function.__module__ == module.__name__
            and not name.startswith("_")
            and name != "collection"
            and name not in WRITES[module.__name__.rpartition(".")[2]]
        }

        assert there == known


class TestIndexes:
    def test_are_all_there(self, seeded):
        assert indexes.missing() == []

    def test_are_named_where_one_is_missing(self, seeded):
        mongo.database()["boards"].drop_index("rev_id")

        assert indexes.missing() == ["boards.rev_id"]
        assert indexes.ensure() == ["boards.rev_id"]
        assert indexes.ensure() == []
