"""How we reach MongoDB: one client for each process, time-outs, and what counts as its fault."""

import os
import threading
from typing import Any

from django.conf import settings
from pymongo import MongoClient
from pymongo.database import Database
from pymongo.errors import (
    AutoReconnect,
    ConnectionFailure,
    ExecutionTimeout,
    InvalidOperation,
    NetworkTimeout,
    NotPrimaryError,
    OperationFailure,
    PyMongoError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)
from pymongo.read_preferences import ReadPreference

from potato.stores.breaker import MONGO, Fault

Document = dict[str, Any]

# A page waits this long at most for a call, retries included; a silent mongod would hold it for over 20 s otherwise.
PAGE = {"timeoutMS": 800, "connectTimeoutMS": 500, "serverSelectionTimeoutMS": 500, "waitQueueTimeoutMS": 500}
# Relays, workers and commands sort and group whole histories, and outlive an election.
PATIENT = {"timeoutMS": 60_000, "connectTimeoutMS": 2_000, "serverSelectionTimeoutMS": 5_000}
# Its disk is full, or somebody has blocked writes for a while: no document is to blame.
TAKES_NOTHING = {14031, 371}
# It does not let us in (any more).
LETS_NOBODY_IN = {13, 18}

_client: MongoClient[Document] | None = None
_lock = threading.Lock()


def client() -> MongoClient[Document]:
    """The process's client, made when it is first asked for (after a fork: again)."""
    global _client
    if _client is None:
        with _lock:
            if _client is None:
                _client = connect()
    return _client


def connect(**options: Any) -> MongoClient[Document]:
    """A client of its own, with the time-outs of this process's role; ``options`` go to PyMongo."""
    waits = PAGE if settings.POTATO_PROCESS in ("web", "events") else PATIENT
    return MongoClient(
        settings.MONGODB_URL,
        **{
            **waits,
            "w": "majority",
            "journal": True,
            "readConcernLevel": "majority",
            "tz_aware": True,
            "connect": False,
            "appname": f"{settings.POTATO_PREFIX}-{settings.POTATO_PROCESS}",
            **options,
        },
    )


def database() -> Database[Document]:
    """The database that MONGODB_URL names.

    Writes wait for a majority and its journal, reads see what a majority holds, times are aware and UTC. Pages read
    from a secondary while there is no primary; a process whose results are written reads from the primary alone.
    """
    for_pages = settings.POTATO_PROCESS in ("web", "events")
    preference = ReadPreference.PRIMARY_PREFERRED if for_pages else ReadPreference.PRIMARY
    return client().get_default_database(read_preference=preference)


def fault_of(error: BaseException) -> Fault | None:
    match error:
        case WaitQueueTimeoutError():
            return Fault.BUSY
        case NetworkTimeout() | ServerSelectionTimeoutError():
            return Fault.SLOW
        case NotPrimaryError() | AutoReconnect() | ConnectionFailure():
            return Fault.DOWN
        case ExecutionTimeout() | WTimeoutError():
            return Fault.BUSY
        case InvalidOperation() if "closed" in str(error):
            return Fault.DOWN
        case PyMongoError() if error.timeout:
            return Fault.SLOW
        case OperationFailure() if TAKES_NOTHING & _codes(error):
            return Fault.REFUSING
        case OperationFailure() if LETS_NOBODY_IN & _codes(error):
            return Fault.DOWN
    return None


def _codes(error: OperationFailure) -> set[int | None]:
    """What went wrong; of several writes at once, with each."""
    writes = (error.details or {}).get("writeErrors", [])
    return {error.code, *(write["code"] for write in writes)}


def _forget() -> None:
    # PyMongo's client does not survive a fork: its locks and threads belong to the parent.
    global _client, _lock
    _client, _lock = None, threading.Lock()


os.register_at_fork(after_in_child=_forget)
MONGO.knows(fault_of)
