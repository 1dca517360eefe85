"""Sessions: they live in PostgreSQL, with a copy in Redis that may be trusted for the name in the menu.

- A view that is marked with ``copy_suffices`` (the pages that show prices) reads the copy, and PostgreSQL only
  when there is none. Every other view reads PostgreSQL: a session that was ended while Redis was away, and
  whose copy could not be deleted, opens nothing private.
- A copy lives ``COPY_SECONDS`` at most, counted from when it was written to PostgreSQL or, on a marked view, read.
- Redis away: everything from PostgreSQL. PostgreSQL away, no copy: on a marked view a visitor whose cookie
  stays; on the others the error travels up and becomes a 503.
"""

import re
from collections.abc import Callable
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import SessionBase, UpdateError
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.core.cache import caches
from django.db import InterfaceError, OperationalError, transaction
from django.http import HttpRequest, HttpResponse

from potato.stores import degraded

COPY_SECONDS = 300
_KEY = re.compile("[a-z0-9]{32}")
_ACCOUNT_ID = re.compile("[0-9]{1,18}")
View = TypeVar("View", bound=Callable[..., HttpResponse])


def copy_suffices(view: View) -> View:
    """Mark a view that shows nothing private: it may trust the copy of the session."""
    view.session_copy_suffices = True  # type: ignore[attr-defined]
    return view


def copy_suffices_for(view: Callable[..., HttpResponse], request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD") and getattr(view, "session_copy_suffices", False)


def account_of(data: Any) -> int | None:
    """The id of the account that a session's data names; None for a visitor's, and for data that Django did not write."""
    id = data.get(SESSION_KEY) if isinstance(data, (dict, SessionBase)) else None
    return int(id) if isinstance(id, str) and _ACCOUNT_ID.fullmatch(id) else None


def copy_name(session_key: str) -> str:
    """The name in Redis of the copy of a session, in ``settings.REDIS_LIVE``."""
    return str(caches["sessions"].make_key(f"session:{session_key}"))


def opened_copy(session_key: str, raw: bytes) -> dict[str, Any] | None:
    """What stands under the name of the copy of a session; None if it is none."""
    cache: Any = caches["sessions"]
    copy = cache.opened(f"session:{session_key}", raw)
    return copy if isinstance(copy, dict) else None


def end_all(*, account_id: int) -> None:
    """End every session of an account, in every browser; their copies go when that is committed."""
    rows = SessionStore.get_model_class().objects.filter(account_id=account_id)
    keys = [f"session:{key}" for key in rows.values_list("session_key", flat=True)]
    rows.delete()
    # Before, a price page could copy again what is not yet deleted for others.
    transaction.on_commit(lambda: caches["sessions"].delete_many(keys))


class SessionStore(DatabaseStore):
    """``trust_copy`` is set by the middleware when it knows the view; until then nothing is trusted."""

    def __init__(self, session_key: str | None = None) -> None:
        # Whatever a stranger writes into the cookie reaches no database (PostgreSQL would refuse a NUL).
        super().__init__(session_key if session_key and _KEY.fullmatch(session_key) else None)
        self.trust_copy = False
        self.is_unknown = False

    @classmethod
    def get_model_class(cls) -> Any:
        return apps.get_model("accounts", "Session")

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        row: Any = super().create_model_instance(data)
        row.account_id = account_of(data)
        return row

    def load(self) -> dict[str, Any]:
        """
        :raises OperationalError: PostgreSQL does not answer, and the view may not trust a copy.
        """
        if self.trust_copy and (copy := self.kept_copy()) is not None:
            return copy
        try:
            data = super().load()
        except (OperationalError, InterfaceError):
            if not self.trust_copy:
                raise
            # A visitor, then; the key is kept, so the middleware keeps the cookie.
            self.is_unknown = True
            degraded.mark("postgres")
            return {}
        if self.trust_copy and self.session_key is not None:
            self._keep_copy(data)
        return data

    def kept_copy(self) -> dict[str, Any] | None:
        """What Redis has of this session, at most ``COPY_SECONDS`` old."""
        copy = caches["sessions"].get(f"session:{self.session_key}") if self.session_key else None
        return copy if isinstance(copy, dict) else None

    def save(self, must_create: bool = False) -> None:
        """
        :raises OperationalError: PostgreSQL does not answer, or did not when the session was to be read: then
            what is known of it must not overwrite it.
        """
        if self.is_unknown and not must_create:
            raise OperationalError("the session could not be read")
        try:
            super().save(must_create)
        except UpdateError as error:
            # Django takes every error of the database for "the session was deleted meanwhile".
            if isinstance(error.__context__, (OperationalError, InterfaceError)):
                raise error.__context__ from None
            raise
        self._keep_copy(self._get_session())  # type: ignore[attr-defined]

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        super().delete(session_key)
        if key:
            # Where Redis is away the copy stays: why private views never trust it.
            caches["sessions"].delete(f"session:{key}")

    def _keep_copy(self, data: dict[str, Any]) -> None:
        caches["sessions"].set(f"session:{self.session_key}", data, COPY_SECONDS)
