"""One document per member in Redis: what a stored page shows of its reader. It grants no right (ADR 30).

A document's revision is the time (microseconds) at which PostgreSQL was asked for what it says: whoever read earlier
and writes later does not write over what is newer. What is not of the account itself (what it follows, how much is
unread) the apps register.
"""

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core import signing
from django.db import InterfaceError, OperationalError, connection, models, transaction

from potato.errors import Unavailable
from potato.stores import redis, revisions, sessions
from potato.stores.breaker import POSTGRES, REDIS, answering

SECONDS = 300
MAX_BYTES = 16_000
"""Of a document as it is stored; nobody reads more of what else may stand there. 500 ids of ten digits take 9,000."""
MOST_UNREAD = 100
"""Nobody counts further."""
BATCH = 1_000
_DELETED_REV = 9 * 10**15
"""Of the document of an account that is gone: newer than any time. Redis compares numbers as doubles."""

# What would outlive our documents, or is no string, is none of them.
_RAISE = """
local ttl, known = redis.call('TTL', KEYS[1]), nil
if ttl >= 0 and ttl <= tonumber(ARGV[3]) and redis.call('TYPE', KEYS[1]).ok == 'string' then
  known = tonumber(string.match(redis.call('GETRANGE', KEYS[1], 0, 20), '^(%d+):'))
end
if not known or known <= tonumber(ARGV[1]) then
  redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
end
"""


_SET_ALL = "for _, key in ipairs(KEYS) do redis.call('SET', key, ARGV[1], 'EX', ARGV[2]) end"


@dataclass(frozen=True, slots=True)
class MemberDocument:
    """What pages may show of a member to himself."""

    id: int
    rev: int
    session_digest: str
    """Of what Django stores in each session of the account (``session_digest``); empty if nobody is let in by it."""
    name: str
    role: str
    follows: Mapping[str, Sequence[int]]
    """Ids of what the member follows, by kind (``"shop"``, ``"item"``)."""
    unread: int
    """Notifications, ``MOST_UNREAD`` at most."""


_follows: dict[str, Callable[[int], Sequence[int]]] = {}
_unread: list[Callable[[int], int]] = []


def follows_from(kind: str, ids_of: Callable[[int], Sequence[int]]) -> None:
    """Say who knows the ids of a kind that an account follows."""
    _follows[kind] = ids_of


def unread_from(count: Callable[[int], int]) -> None:
    """Say who knows how many notifications an account has not read."""
    _unread[:] = [count]


def session_digest(auth_hash: str) -> str:
    """What ties a session to a document, of the hash that Django stores in a session.

    An account's id may belong to somebody else: Redis may remember a database that is gone. And a changed password ends
    sessions.
    """
    return hashlib.sha256(auth_hash.encode()).hexdigest()[:20]


class Read(NamedTuple):
    """What one call of Redis found."""

    document: MemberDocument | None
    session_copy: dict[str, Any] | None
    revs: Mapping[str, int | None] | None
    """The newest ``rev`` of boards, as ``revisions.newest`` has them."""


def read(account_id: int | None, *, session_key: str = "", boards: Sequence[str] = ()) -> Read:
    """The document of a member, and what else his page asks Redis for. One call.

    :param account_id: None: no document is asked for.
    :param session_key: of the session whose copy is asked for, too.
    """
    names = [_key(account_id)] if account_id is not None else []
    names += [sessions.copy_name(session_key)] if session_key else []
    try:
        with answering(REDIS):
            found = redis.read(settings.REDIS_LIVE, [*names, *revisions.keys_of(boards)], max_bytes=MAX_BYTES)
    except Unavailable:
        return Read(None, None, None)
    revs = revisions.parse(boards, found[len(names) :])
    document = copy = None
    if account_id is not None:
        document = _from_stored(_key(account_id), found[0])
        if document is not None and document.id != account_id:
            document = None
    if session_key:
        copy = sessions.opened_copy(session_key, found[len(names) - 1])
    return Read(document, copy, revs)


def current(account_id: int, *, digest: str) -> MemberDocument | None:
    """The document of a member whose session has this digest, from Redis or else from PostgreSQL, which then is stored.

    None where neither can tell.
    """
    document = read(account_id).document
    if document is not None and document.session_digest == digest:
        return document
    if not POSTGRES.is_closed:
        return None
    try:
        document = _from_postgresql(account_id)
        if REDIS.is_closed:
            _store(document)
    except Unavailable:
        pass
    except (OperationalError, InterfaceError):
        return None
    return document if document is not None and document.session_digest == digest else None


def forget(account_ids: Iterable[int]) -> None:
    """Have the documents of some accounts read anew when next needed: for a change, just committed, to many at once.

    One call of Redis for each thousand accounts. Whoever reads PostgreSQL before the change and stores afterwards must not
    bring back what it was: so a document is not deleted, but replaced by none of this moment.
    """
    ids = sorted(set(account_ids))
    if not ids or not REDIS.is_closed:
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            none = f"{_microseconds(cursor.fetchone()[0])}:"
        for start in range(0, len(ids), BATCH):
            with answering(REDIS):
                keys = [_key(account_id) for account_id in ids[start : start + BATCH]]
                redis.run(_SET_ALL, keys, [none, SECONDS], url=settings.REDIS_LIVE)
    except (OperationalError, InterfaceError, Unavailable):
        # A document that is there lives for minutes.
        pass


def renew(account_id: int) -> None:
    """Read an account from PostgreSQL and store its document. Without one of the stores nothing happens."""
    if not (REDIS.is_closed and POSTGRES.is_closed):
        return
    try:
        _store(_from_postgresql(account_id))
    except (OperationalError, InterfaceError, Unavailable):
        # The page is then made as without a document.
        pass


def renew_on_commit(account_id: int) -> None:
    """Store the document of an account anew once what the transaction changes of it is to be seen."""
    transaction.on_commit(lambda: renew(account_id), robust=True)


def _from_postgresql(account_id: int) -> MemberDocument:
    # Of the statement, not of its end: a change that it does not see is newer.
    asked_at = models.Func(function="statement_timestamp", output_field=models.DateTimeField())
    user: Any = get_user_model()._default_manager.filter(pk=account_id).annotate(asked_at=asked_at).first()
    if user is None:
        return MemberDocument(
            account_id, _DELETED_REV, session_digest="", name="", role="", follows={}, unread=0
        )
    return MemberDocument(
        account_id,
        _microseconds(user.asked_at),
        session_digest=session_digest(user.get_session_auth_hash()) if user.may_sign_in else "",
        name=str(user.display_name),
        role=str(user.role),
        # Read later than the account: what changes from here on stores a newer document.
        follows={kind: ids_of(account_id) for kind, ids_of in _follows.items()},
        unread=sum(min(count(account_id), MOST_UNREAD) for count in _unread),
    )


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)


def _store(document: MemberDocument) -> None:
    key = _key(document.id)
    value = f"{document.rev}:{signing.dumps(asdict(document), salt=key, compress=True)}"
    with answering(REDIS):
        redis.client(settings.REDIS_LIVE).eval(_RAISE, 1, key, document.rev, value, SECONDS)


def _from_stored(key: str, stored: bytes) -> MemberDocument | None:
    try:
        _rev, _, signed = stored.decode().partition(":")
        return MemberDocument(**signing.loads(signed, salt=key, max_age=SECONDS))
    except (signing.BadSignature, ValueError, TypeError):
        # Empty, cut off, another key's, another release's, or never ours.
        return None


def _key(account_id: int) -> str:
    return f"{settings.POTATO_PREFIX}:member:{account_id}"
