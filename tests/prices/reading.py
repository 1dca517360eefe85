"""What a test reads of a page, and what the page cost the stores."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape

from django.db import connection
from django.test.utils import CaptureQueriesContext

from potato.errors import Unavailable
from potato.stores import mongo
from prices.store import boards as board_store
from prices.store import history

MONGO_READS = 4
HTMX = {"HX-Request": "true"}


def text_of(response) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<(script|style|title|desc)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split())


def ticket_of(response) -> str:
    found = re.search(r'<div class="ticket.*?</div>', response.content.decode(), flags=re.DOTALL)
    assert found, "no ticket"
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).replace("\xa0", " ").split())


@contextmanager
def counted_reads() -> Iterator[Callable[[], int]]:
    """Count what MongoDB was asked, by its own profiler."""
    database = mongo.database()
    database.command("profile", 0)
    database["system.profile"].drop()
    database.command("profile", 2)
    asked = {"ns": {"$not": re.compile("system.profile$")}, "op": {"$in": ["query", "getmore", "command"]}}
    try:
        yield lambda: database["system.profile"].count_documents(asked)
    finally:
        database.command("profile", 0)


def reads_without_postgresql(client, address: str, *, after: str = "") -> int:
    """How often MongoDB is asked for a page; PostgreSQL is not asked at all.

    :param after: the page asked for before, which brings names into memory; the same one where nothing is said.
    """
    client.get(after or address)

    with CaptureQueriesContext(connection) as queries, counted_reads() as reads:
        response = client.get(address)
        n_reads = reads()

    assert response.status_code == 200, address
    assert [query["sql"] for query in queries] == [], address
    return n_reads


def raise_unavailable(*args, **kwargs):
    raise Unavailable("mongo", "this test took it away")


def mongo_is_away(monkeypatch) -> None:
    monkeypatch.setattr(board_store, "get_many", raise_unavailable)
    monkeypatch.setattr(history, "months_of_regions", raise_unavailable)


def main_of(response) -> str:
    """The page's own part."""
    return response.content.decode().split('<main id="main">')[1]
