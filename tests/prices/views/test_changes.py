"""The pages of what rose and fell, and of what moved abnormally."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from potato import clock
from potato.web import page_cache
from prices.derived import board_copies
from prices.store import boards as board_store
from prices.types import ALARMS, movers_key
from tests.factories import make_category, make_item, make_region
from tests.prices.reading import (
    MONGO_READS,
    main_of,
    mongo_is_away,
    reads_without_postgresql,
    text_of,
)
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def day(back: int) -> str:
    return (clock.today() - timedelta(days=back)).isoformat()


def mover(item: int, percent: float, *, series: str = "RETAIL:kg", **fields: Any) -> dict[str, Any]:
    past = {"day": day(30), "amount": 100_000, "n": 4, "percent": percent}
    return {
        "item": item,
        "series": series,
        "day": day(0),
        "now": round(100_000 * (1 + percent / 100)),
        "n": 5,
        "past": {"30": past, "365": past | {"percent": 300.0}},
    } | fields


def alarm(item: int, region: int, township: int | None = None, **fields: Any) -> dict[str, Any]:
    return {
        "item": item,
        "region": region,
        "township": township,
        "series": "RETAIL:kg",
        "span": 28,
        "day": day(1),
        "now": 310_000,
        "n": 5,
        "before": {"day": day(31), "amount": 120_000, "n": 4, "percent": 158.3},
        "times": 4.2,
        "moves": 20,
        "until": day(-3),
    } | fields


@pytest.fixture
def market(stalls) -> SimpleNamespace:
    """The stalls of the other pages, and boards on which rice rose in Yangon and fell in Mandalay."""
    stalls.fruit = make_category(slug="fruit", name_en="Fruit")
    stalls.mango = make_item(slug="mango", name_en="Mango", category=stalls.fruit, default_unit=stalls.viss)
    stalls.chin = make_region(slug="chin", name_en="Chin")
    put(price(stalls, stalls.ywarma, 900, item_id=stalls.mango.pk))
    movers = {
        stalls.yangon: [
            mover(stalls.rice.pk, 12.4),
            mover(stalls.mango.pk, 31.0),
            mover(stalls.rice.pk, -7.0, series="WHOLESALE:kg"),
        ],
        stalls.mandalay: [mover(stalls.rice.pk, -20.0), mover(stalls.mango.pk, 80.0, day=day(35))],
    }
    made: dict[str, dict[str, Any]] = {
        movers_key(region.pk): {"region": region.pk, "day": day(0), "rows": rows}
        for region, rows in movers.items()
    }
    made[ALARMS] = {
        "day": day(0),
        "made": {},
        "rows": [
            alarm(stalls.rice.pk, stalls.yangon.pk, stalls.insein.pk, times=9.0, span=7),
            alarm(stalls.mango.pk, stalls.yangon.pk, series="WHOLESALE:kg"),
            alarm(stalls.rice.pk, stalls.mandalay.pk, until=day(1)),
            alarm(999_999, stalls.mandalay.pk),
        ],
    }
    board_store.put_many(made, rev=2**40, made_at=clock.now())
    return stalls


class TestMovers:
    def test_show_what_rose_and_what_fell_with_price_day_and_count_now_and_before(self, client, market):
        response = client.get("/movers/")

        up, down = (
            text_of(SimpleNamespace(content=part.encode()))
            for part in main_of(response).split("<section")[1:]
        )
        assert "Dearer than a month ago" in up
        assert "Cheaper than a month ago" in down
        assert up.index("Mango") < up.index("Rice")
        assert "1,310 a kg +31 %" in up
        assert "Before 1,000" in up
        assert "4 prices" in up
        assert "5 prices" in up
        assert "Rice Mandalay" in down
        assert "−20 %" in down
        assert "at least 3 prices" in text_of(response)

    def test_are_those_of_the_region_category_period_and_kind_asked_for(self, client, market):
        def shown(query: str) -> set[str]:
            main = main_of(client.get(f"/movers/?{query}")).split('class="two"')[1]
            found = {name for name in ("Rice", "Mango") if name in main}
            return found | {place for place in ("Yangon", "Mandalay") if place in main}

        assert shown("region=mandalay") == {"Rice", "Mandalay"}
        assert shown("category=fruit") == {"Mango", "Yangon"}
        assert shown("type=wholesale") == {"Rice", "Yangon"}
        assert shown("period=7") == set()
        assert shown("period=365&region=yangon&category=cereals") == {"Rice", "Yangon"}
        assert shown("region=chin") == set()

    def test_leave_out_what_grew_old_since_the_board_was_made(self, client, market):
        assert "80 %" not in text_of(client.get("/movers/"))

    def test_ask_no_postgresql_and_mongodb_once(self, client, market):
        for path in ("/movers/", "/movers/?region=yangon&category=fruit&period=365&type=wholesale"):
            for address in (path, "/my" + path, "/movers/unusual/", "/my/movers/unusual/?region=yangon"):
                assert 1 <= reads_without_postgresql(client, address) <= MONGO_READS, address

    @pytest.mark.parametrize(
        "query",
        [
            "region=atlantis",
            "category=%E2%98%A0",
            "period=31",
            "period=-1",
            "period=" + "9" * 150,
            "type=both",
            "region=yangon&region=nowhere",
        ],
    )
    def test_say_what_of_the_address_made_no_sense(self, client, market, query):
        response = client.get(f"/movers/?{query}")

        assert response.status_code == 200
        assert "Left out" in text_of(response)

    def test_say_that_there_is_nothing_where_there_is_nothing(self, client, stalls):
        assert text_of(client.get("/movers/")).count("Nothing here that enough prices stand behind.") == 2

    def test_may_be_kept_whatever_was_chosen(self):
        assert {"region", "category", "type", "period"} <= page_cache.QUERY_KEYS


class TestUnusual:
    def test_lists_place_item_prices_counts_and_how_many_times_the_usual_move(self, client, market):
        text = text_of(client.get("/movers/unusual/"))

        assert "Rice Insein, Yangon Moved 9 times as much as it usually does in a week." in text
        assert "Mango Yangon · wholesale Moved 4.2 times as much as it usually does in a month." in text
        assert "Before 1,200" in text
        assert "3,100 a kg +158 %" in text
        assert "2 prices moved much more than they usually do" in text
        assert "at least 3 in a region, 2 in a township" in text

    def test_is_of_the_region_and_category_asked_for(self, client, market):
        assert "Mango" not in main_of(client.get("/movers/unusual/?category=cereals")).split("<table")[1]
        assert "<table" not in main_of(client.get("/movers/unusual/?region=mandalay"))
        assert "Left out" in text_of(client.get("/movers/unusual/?region=atlantis"))

    def test_leads_to_the_page_of_the_item_in_that_place(self, client, market):
        body = main_of(client.get("/movers/unusual/"))

        assert 'href="/items/rice/?region=yangon&amp;township=insein"' in body
        assert 'href="/items/mango/?region=yangon&amp;type=wholesale"' in body

    def test_says_so_when_nothing_is_unusual(self, client, stalls):
        assert "No price moved much more than usual" in text_of(client.get("/movers/unusual/"))


class TestHome:
    def test_shows_the_strongest_and_leads_to_all_of_them(self, client, market):
        response = client.get("/", headers={"referer": "http://testserver/"})

        text = text_of(response)
        assert "Rice in Insein, Yangon +158 % From 1,200 on" in text
        assert "Moved 9 times as much as it usually does in a week." in text
        assert 'href="/movers/unusual/"' in main_of(response)
        assert 'href="/movers/"' in main_of(response)

    def test_says_nothing_when_nothing_is_unusual(self, client, stalls):
        assert "Unusual" not in text_of(client.get("/", headers={"referer": "http://testserver/"}))


class TestWithoutMongodb:
    def test_the_same_is_shown_from_copies_with_the_time_that_they_are_of(self, client, market, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        for path, expected in (("/movers/", "+31 %"), ("/movers/unusual/", "Moved 9 times")):
            text = text_of(client.get(path))

            assert "Prices as of" in text
            assert expected in text
