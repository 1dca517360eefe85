"""What the stores hold, in the oracle's words."""

from datetime import date, datetime
from typing import Any

from django.db import connection

from tests.prices.oracle import figures
from tests.prices.oracle.figures import Document


def latest(database: Any) -> dict[str, Document]:
    return {
        row["_id"]: {
            "shop": row["shopId"],
            "item": row["itemId"],
            "region": row["region_id"],
            "township": row["township_id"],
            "entry": row["entryId"],
            "price": str(row["price"]),
            "quantity": str(row["quantity"]),
            "amount": int(row["amount"]),
            "seen": figures.ms(row["seenAt"]),
            "received": figures.ms(row["receivedAt"]),
            **{
                name: row[name]
                for name in ("type", "base", "unit", "by", "source", "confirmations", "demo", "verdict")
            },
        }
        for row in database["latest_prices"].find({"present": True})
    }


def history(database: Any) -> dict[str, list[list[Any]]]:
    columns = ("n", "min", "median", "max", "sum")
    found = {}
    for row in database["price_history"].find():
        year, month = map(int, row["month"].split("-"))
        days = row["days"]
        found[row["_id"]] = [
            [date(year, month, day), *(int(days[column][number]) for column in columns)]
            for number, day in enumerate(days["day"])
        ]
    return {key: days for key, days in found.items() if days}


def shop_statistics() -> dict[int, tuple[int, int, int, datetime | None]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT shop_id, entries, items, contributors, last_seen_at FROM shops_shopstatistics")
        return {
            shop: (entries, items, people, last) for shop, entries, items, people, last in cursor.fetchall()
        }
