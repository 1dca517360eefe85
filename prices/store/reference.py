"""Names and points, so that prices show without PostgreSQL. Written by the relay, in order of ``rev``."""

from collections.abc import Sequence

from pymongo.collection import Collection

from potato.stores import mongo
from potato.stores.breaker import MONGO, answering
from prices.store import documents
from prices.store.derived import put_newer
from prices.types import Name

INSTALLATION = "installation"


def collection() -> Collection:
    return mongo.database()[documents.REFERENCE]


def put_many(names: Sequence[Name], *, rev: int) -> bool:
    """Write names. The caller holds the reference lock, so that readers see every ``rev`` in order."""
    return put_newer(
        collection(), {f"{name.kind}:{name.id}": documents.from_name(name) for name in names}, rev=rev
    )


def remove_many(targets: Sequence[str], *, rev: int) -> bool:
    """Forget things that are gone ("shop:12"), leaving a mark that every process reads."""
    return put_newer(collection(), {target: {"kind": "gone"} for target in targets}, rev=rev)


def put_mode(mode: str, *, rev: int) -> bool:
    """Whose prices this installation shows."""
    return put_newer(collection(), {INSTALLATION: {"kind": INSTALLATION, "mode": mode}}, rev=rev)


def get(kind: str, id: int) -> Name | None:
    with answering(MONGO):
        found = collection().find_one({"_id": f"{kind}:{id}", "kind": kind})
    return documents.to_name(found) if found else None


def changed_since(rev: int) -> tuple[list[Name], list[str], str | None, int]:
    """What was written after ``rev``: names, what is gone, the mode if it changed, and the highest ``rev``."""
    names, gone, mode, highest = [], [], None, rev
    with answering(MONGO):
        for row in collection().find({"rev": {"$gt": rev}}).sort("rev", 1):
            highest = max(highest, int(row["rev"]))
            if row["kind"] == INSTALLATION:
                mode = row["mode"]
            elif row["kind"] == "gone":
                gone.append(row["_id"])
            else:
                names.append(documents.to_name(row))
    return names, gone, mode, highest
