"""The signed-in person as the menu knows them: from the session, without asking for the user in PostgreSQL.

Who may do what is never decided by this, only what a page offers: private views load ``request.user``.
"""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.signals import user_logged_in
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django_htmx.middleware import HtmxDetails

from potato.stores import degraded
from potato.stores.member_documents import session_digest
from potato.stores.sessions import account_of

_NAME, _ROLE = "member_name", "member_role"


@dataclass(frozen=True, slots=True)
class Member:
    """``request.member``. ``name`` as chosen, maybe empty; ``role`` is one of ``accounts.models.Role``, empty for a visitor."""

    id: int | None = None
    name: str = ""
    role: str = ""
    session_digest: str = field(default="", compare=False, repr=False)
    """Ties the session to the member's document in Redis (``potato/stores/member_documents.py``)."""

    @property
    def is_authenticated(self) -> bool:
        return self.id is not None


VISITOR = Member()


class PageRequest(HttpRequest):
    """What views get, as the middleware leaves it."""

    member: Member
    htmx: HtmxDetails


def read(request: HttpRequest) -> Member:
    """Who is signed in; a visitor when nobody is, or when neither PostgreSQL nor a copy can tell.

    A page for which this was asked is made for its reader alone.
    """
    request.member_was_read = True  # type: ignore[attr-defined]
    return shown_to(request)


def shown_to(request: HttpRequest) -> Member:
    """The same, for those parts of a page that the page cache fills for each member (``{% personal %}``)."""
    session = request.session
    if session.session_key is None:
        return VISITOR
    try:
        data: Any = session if session.get(SESSION_KEY) else {}
    except (OperationalError, InterfaceError):
        degraded.mark("postgres")
        data = session.kept_copy() or {}  # type: ignore[attr-defined]
    id = account_of(data)
    if id is None or BACKEND_SESSION_KEY not in data:
        return VISITOR
    digest = session_digest(str(data.get(HASH_SESSION_KEY, "")))
    return Member(id=id, name=data.get(_NAME, ""), role=data.get(_ROLE, ""), session_digest=digest)


def remember(*, request: HttpRequest, user: Any) -> None:
    """Keep the name and role of who is signed in in their session; written only if they changed."""
    name, role = str(user.display_name), str(user.role)
    if (request.session.get(_NAME), request.session.get(_ROLE)) != (name, role):
        request.session[_NAME], request.session[_ROLE] = name, role


def remember_seen(request: HttpRequest) -> None:
    """Where a view has loaded the user from PostgreSQL, let the session know what it found."""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):
        user = getattr(request, "_cached_user", None)
    # Else the request has just signed somebody in or out: request.user says whom.
    if user is None:
        return
    if user.is_authenticated:
        if request.session.get(SESSION_KEY) == str(user.pk):
            remember(request=request, user=user)
    elif SESSION_KEY in request.session:
        # Closed, banned or deleted since: the session names nobody any more.
        request.session.flush()


def _at_login(sender: object, request: HttpRequest, user: Any, **_: object) -> None:
    remember(request=request, user=user)


user_logged_in.connect(_at_login, dispatch_uid="potato.member")
