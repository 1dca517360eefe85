"""Whose sessions streams come with: asked of PostgreSQL, many at once."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.models import Session, User
from potato.stores.sessions import SessionStore, account_of

AT_ONCE = 500


def accounts(keys: Iterable[str]) -> dict[str, int]:
    """The account that each session signs in; sessions that sign in nobody are missing.

    As Django does it for a request: the session has not expired, its account may sign in, and the account's password is
    still the one that the session was begun with.
    """
    every = list(set(keys))
    found: dict[str, int] = {}
    for start in range(0, len(every), AT_ONCE):
        found |= _some(every[start : start + AT_ONCE])
    return found


def open_ones(keys: Iterable[str]) -> set[str]:
    """Those of some sessions that have not ended. Cheaper: for those that were looked at before."""
    rows = Session.objects.filter(session_key__in=set(keys), expire_date__gt=timezone.now())
    return set(rows.values_list("session_key", flat=True))


def _some(keys: list[str]) -> dict[str, int]:
    rows = Session.objects.filter(session_key__in=keys, expire_date__gt=timezone.now())
    store = SessionStore()
    claims: dict[str, tuple[int, str]] = {}
    for key, data in rows.values_list("session_key", "session_data"):
        values = store.decode(data)
        id = account_of(values)
        if id is not None and values.get(BACKEND_SESSION_KEY) in settings.AUTHENTICATION_BACKENDS:
            claims[key] = id, str(values.get(HASH_SESSION_KEY, ""))
    users = User.objects.in_bulk({id for id, _ in claims.values()})
    return {key: id for key, (id, digest) in claims.items() if _is_signed_in(users.get(id), digest)}


def _is_signed_in(user: User | None, digest: str) -> bool:
    if user is None or not user.may_sign_in:
        return False
    own = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    return any(constant_time_compare(digest, one) for one in own)
