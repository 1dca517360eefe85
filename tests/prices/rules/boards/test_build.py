from datetime import UTC, date, datetime, timedelta

from prices.rules.boards import build
from prices.rules.boards.format import to_ms
from prices.types import NATION, DayStat, HistoryMonth
from tests.prices.store.test_derived import make_latest

# 03:30 on 15 December in Yangon.
NOW = datetime(2025, 12, 14, 21, tzinfo=UTC)
TODAY = date(2025, 12, 15)
DAY = timedelta(days=1)


def make_days(*medians: tuple[int, int], item: int = 1, region: int = 1, n: int = 3) -> list[HistoryMonth]:
    """Months with the given (days before today, median)."""
    months: dict[str, list[DayStat]] = {}
    for back, median in sorted(medians, reverse=True):
        day = TODAY - back * DAY
        months.setdefault(f"{day:%Y-%m}", []).append(DayStat(day, n, median, median, median, n * median))
    return [
        HistoryMonth(item, region, "RETAIL", "kg", month, tuple(days))
        for month, days in sorted(months.items())
    ]


class TestItemRegion:
    def test_lists_shops_by_series_and_price(self):
        prices = [
            make_latest(shop_id=1, amount=300),
            make_latest(shop_id=2, amount=200),
            make_latest(shop_id=3, amount=100, type="WHOLESALE"),
            make_latest(shop_id=4, amount=900, base="l"),
            make_latest(shop_id=5, amount=200),
        ]

        board = build.item_region(item_id=1, region_id=1, latest=prices, months=[], now=NOW)

        assert [row["shop"] for row in board["rows"]] == [2, 5, 1, 4, 3]

    def test_holds_the_last_90_days_and_none_to_come(self):
        months = make_days((-1, 1), (0, 2), (89, 3), (90, 4))

        board = build.item_region(item_id=1, region_id=1, latest=[], months=months, now=NOW)

        assert [(day[0], day[3]) for day in board["days"]["RETAIL:kg"]] == [
            ("2025-09-17", 3),
            ("2025-12-15", 2),
        ]


class TestItemNation:
    def test_sums_up_regions_and_names_no_shop(self):
        prices = [
            make_latest(shop_id=1, region_id=1, amount=100, seen_at=NOW),
            make_latest(shop_id=2, region_id=1, amount=200, seen_at=NOW - 34 * DAY),
            make_latest(shop_id=3, region_id=2, amount=900, seen_at=NOW - 36 * DAY),
        ]

        board = build.item_nation(item_id=1, latest=prices, months=[], now=NOW)

        series = board["series"]["RETAIL:kg"]
        assert (series["nation"]["median"], series["nation"]["shops"]) == (150, 2)
        assert series["regions"]["1"] == series["nation"]
        assert series["regions"]["2"]["median"] is None
        assert series["regions"]["2"]["last"] == {"amount": 900, "seen": to_ms(NOW - 36 * DAY)}
        assert board["day"] == "2025-12-15"
        assert "shop'" not in str(board)

    def test_keeps_retail_and_wholesale_apart(self):
        prices = [
            make_latest(amount=100, seen_at=NOW),
            make_latest(amount=900, seen_at=NOW, type="WHOLESALE"),
        ]

        board = build.item_nation(item_id=1, latest=prices, months=[], now=NOW)

        assert {key: series["nation"]["median"] for key, series in board["series"].items()} == {
            "RETAIL:kg": 100,
            "WHOLESALE:kg": 900,
        }


class TestSpark:
    def test_has_24_months_the_newest_last(self):
        days = [
            day
            for month in make_days((0, 500), (1, 300), (365, 100), (23 * 31 + 40, 7))
            for day in month.days
        ]

        spark = build.spark(days, today=TODAY)

        assert len(spark) == 24
        assert (spark[-1], spark[-13]) == (400, 100)
        assert sum(value is not None for value in spark) == 2


class TestMovers:
    def rows(self, months: list[HistoryMonth]) -> list[dict]:
        return build.movers(region_id=1, months=months, now=NOW)["rows"]

    def test_hold_the_price_now_and_a_week_a_month_and_a_year_before_with_days_and_counts(self):
        months = make_days((0, 110), (7, 100), (31, 80), (366, 220))

        (row,) = self.rows(months)

        assert {name: row[name] for name in ("item", "series", "day", "now", "n")} == {
            "item": 1,
            "series": "RETAIL:kg",
            "day": "2025-12-15",
            "now": 110,
            "n": 3,
        }
        assert row["past"] == {
            "7": {"day": "2025-12-08", "amount": 100, "n": 3, "percent": 10.0},
            "30": {"day": "2025-11-14", "amount": 80, "n": 3, "percent": 37.5},
            "365": {"day": "2024-12-14", "amount": 220, "n": 3, "percent": -50.0},
        }

    def test_take_the_middle_of_a_week(self):
        (row,) = self.rows(make_days((0, 900), (1, 100), (6, 110), (30, 100), (33, 50), (36, 80), n=1))

        assert (row["now"], row["n"]) == (110, 3)
        assert row["past"]["30"] == {"day": "2025-11-15", "amount": 80, "n": 3, "percent": 37.5}

    def test_leave_out_what_is_old_what_is_thin_and_what_has_no_past(self):
        months = [
            *make_days((35, 110), (66, 100), item=2),
            *make_days((0, 110), (30, 100), item=3, n=2),
            *make_days((0, 110), (20, 100), item=4),
        ]

        assert self.rows(months) == []

    def test_are_put_in_order_by_what_changed_most_without_what_stayed(self):
        def board(region: int, *months: HistoryMonth) -> dict:
            return build.movers(region_id=region, months=months, now=NOW)

        found = build.strongest_movers(
            [
                board(1, *make_days((0, 110), (30, 100), item=1), *make_days((0, 100), (30, 100), item=4)),
                board(2, *make_days((0, 50), (30, 100), item=2), *make_days((0, 120), (30, 100), item=3)),
            ],
            period="30",
        )

        assert [(one["region"], one["item"], one["before"]["percent"]) for one in found] == [
            (2, 2, -50.0),
            (2, 3, 20.0),
            (1, 1, 10.0),
        ]
        assert build.strongest_movers([board(1, *make_days((0, 110), (30, 100)))], period="7") == []


class TestAlarms:
    def test_keep_the_strongest_and_say_after_which_boards_they_were_made(self):
        rows = [
            {"times": float(n), "item": n, "region": 1, "township": None, "series": "RETAIL:kg"}
            for n in range(400)
        ]

        board = build.alarms(rows=rows, made={2: 20, 1: 10}, now=NOW)

        assert len(board["rows"]) == 300
        assert board["rows"][0]["item"] == 399
        assert board["day"] == "2025-12-15"
        assert board["made"] == {"1": 10, "2": 20}


class TestHome:
    def test_holds_five_movers_either_way_and_the_newest_prices(self):
        months = [
            month for item in range(1, 21) for month in make_days((0, 100 + item - 10), (30, 100), item=item)
        ]
        movers = build.movers(region_id=1, months=months, now=NOW)
        prices = [
            make_latest(shop_id=number, received_at=NOW - number * DAY, seen_at=NOW, entry_id=str(number))
            for number in range(30)
        ]

        board = build.home(
            latest=prices,
            newest=build.in_order(prices),
            months=make_days((0, 100), region=NATION),
            movers=[movers],
            now=NOW,
        )

        assert [one["item"] for one in board["movers"]["up"]] == [20, 19, 18, 17, 16]
        assert [one["item"] for one in board["movers"]["down"]] == [1, 2, 3, 4, 5]
        assert [row["shop"] for row in board["latest"]] == list(range(20))
        assert [(one["region"], one["items"]) for one in board["regions"]] == [(1, 1)]
        assert [one["item"] for one in board["items"]] == [1]


class TestSellers:
    def test_are_the_shops_with_most_items_of_the_window(self):
        prices = [
            make_latest(shop_id=1, item_id=1, seen_at=NOW),
            make_latest(shop_id=2, item_id=1, seen_at=NOW - DAY),
            make_latest(shop_id=2, item_id=2, seen_at=NOW - 2 * DAY),
            make_latest(shop_id=3, item_id=1, seen_at=NOW - 90 * DAY),
        ]

        found = build.sellers(prices, now=NOW)

        assert [(one["shop"], one["items"]) for one in found] == [(2, 2), (1, 1), (3, 0)]
        assert found[0]["newest"] == to_ms(NOW - DAY)
