"""What latest prices, boards, statistics and history must be, computed from all raw entries in plain Python.

Written from the design and from what ``prices/rules/boards/build.py`` says that a board holds. Shares no code with what it
judges: not the store, not refresh, rollups, boards, typical or the clock.
"""

from datetime import datetime
from typing import Any

from django.conf import settings
from pymongo import MongoClient

from tests.prices.oracle import figures, stored
from tests.prices.oracle.figures import Document
from tests.prices.oracle.right import Oracle


def differences(*, now: datetime | None = None, boards: bool = True) -> list[str]:
    """Everything that is derived and stored, beside what it must be; a line for each that differs.

    :param now: what readers take for now, if that is not the real time.
    :param boards: look at boards too; of tens of thousands of entries that takes minutes.
    """
    client: MongoClient = MongoClient(settings.MONGODB_URL, tz_aware=True)
    try:
        database = client.get_default_database()
        oracle = Oracle(list(database["price_entries"].find()), now=now)
        return [
            *_compare("latest", stored.latest(database), oracle.latest_rows()),
            *_compare("history", stored.history(database), oracle.history()),
            *_compare("statistics", stored.shop_statistics(), oracle.statistics(), nothing=(0, 0, 0, None)),
            *(_board_differences(list(database["boards"].find()), oracle) if boards else ()),
        ]
    finally:
        client.close()


def _board_differences(boards: list[Document], oracle: Oracle) -> list[str]:
    found = [
        f"board {key} is missing" for key in sorted(oracle.board_keys() - {row["_id"] for row in boards})
    ]
    for row in boards:
        made = figures.day(row["madeAt"])
        if "day" in row["data"] and row["data"]["day"] != made.isoformat():
            found.append(
                f"board {row['_id']} says that it is of {row['data']['day']}, but was made on {made}"
            )
        # Of alarms, the numbers of the boards that they were made after are no figure.
        data = {name: value for name, value in row["data"].items() if name != "made"}
        found += _compare(f"board {row['_id']}", data, oracle.board(row["_id"], today=made))
    return found


def _compare(what: str, stored: dict[Any, Any], right: dict[Any, Any], *, nothing: Any = None) -> list[str]:
    """The keys under which two dictionaries differ; one without a key has ``nothing`` there."""
    return [
        f"{what} {key}: stored {stored.get(key, nothing)!r}, right is {right.get(key, nothing)!r}"
        for key in sorted(stored.keys() | right.keys(), key=str)
        if stored.get(key, nothing) != right.get(key, nothing)
    ]
