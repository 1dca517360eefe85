"""Names and points, so that prices show without PostgreSQL. Written by the relay, in order of ``rev``."""

from collections.abc import Sequence

from pymongo.collection import Collection

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import put_newer
from prices.types import Name

INSTALLATION, HEAD = "installation", "head"


def collection() -> Collection:
    return mongo.database()[documents.REFERENCE]


def put_many(names: Sequence[Name], *, gone: Sequence[str] = (), rev: int) -> bool:
    """Write names, and forget things that are gone ("shop:12"), leaving a mark that every process reads.

    The caller holds the reference lock, so that readers hear of every ``rev`` in order.
    """
    rows: dict[str, documents.Document] = {
        f"{name.kind}:{name.id}": documents.from_name(name) for name in names
    }
    return _put(rows | {target: {"kind": "gone"} for target in gone}, rev=rev)


def put_mode(mode: str, *, rev: int) -> bool:
    """Whose prices this installation shows. The caller holds the reference lock."""
    return _put({INSTALLATION: {"kind": INSTALLATION, "mode": mode}}, rev=rev)


def get(kind: str, id: int) -> Name | None:
    with answering(MONGO):
        found = collection().find_one({"_id": f"{kind}:{id}", "kind": kind})
    return documents.to_name(found) if found else None


def changed_since(rev: int) -> tuple[list[Name], list[str], str | None, int]:
    """What was written after ``rev``: names, what is gone, the mode if it changed, and the highest ``rev``."""
    names, gone, mode = [], [], None
    with answering(MONGO):
        head = collection().find_one({"_id": HEAD})
        highest = int(head["rev"]) if head else rev
        if highest <= rev:
            return [], [], None, rev
        for row in collection().find({"rev": {"$gt": rev, "$lte": highest}}).sort("rev", 1):
            if row["kind"] == INSTALLATION:
                mode = row["mode"]
            elif row["kind"] == "gone":
                gone.append(row["_id"])
            elif row["kind"] != HEAD:
                names.append(documents.to_name(row))
    return names, gone, mode, highest


def _put(rows: dict[str, documents.Document], *, rev: int) -> bool:
    # The head comes last: who reads up to it finds everything that was written under its number, never half of it.
    written = put_newer(collection(), rows, rev=rev)
    put_newer(collection(), {HEAD: {"kind": HEAD}}, rev=rev)
    return written
