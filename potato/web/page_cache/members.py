"""Members before the page cache: who asks, and the stored page as they get it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from types import SimpleNamespace
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.http.cookie import parse_cookie
from django.middleware.csrf import CSRF_SECRET_LENGTH, get_token
from django.urls import Resolver404, resolve
from django.utils.translation import get_language_from_path, override

from potato.pwa.service_worker import KEEP
from potato.stores import member_documents
from potato.stores.member_documents import MemberDocument, session_digest
from potato.stores.sessions import account_of
from potato.web.page_cache.pages import Page, accepts
from potato.web.page_cache.personal import FORM_TOKEN, MembersPage, values_of

DOCUMENT_IS_MISSING = "potato.member_document_is_missing"
"""In the WSGI environment, from the page cache to Django: store the document of the member who asks."""

# What a session holds of somebody who is signed in and nothing else: no message, no form that was not sent.
_ORDINARY = frozenset(
    {
        SESSION_KEY,
        BACKEND_SESSION_KEY,
        HASH_SESSION_KEY,
        "_session_expiry",
        "account_authentication_methods",
        "account_authentication_methods_user",
        "member_name",
        "member_role",
    }
)
_SESSION_KEY = re.compile("[a-z0-9]{32}")
_FORM_SECRET = re.compile(f"[a-zA-Z0-9]{{{CSRF_SECRET_LENGTH}}}")


MAX_ACCOUNTS = 10_000
_accounts: dict[str, int] = {}
"""The account of each session that this process has seen: whose document to read together with the session's copy. The copy
decides whose session it is."""


class Found(NamedTuple):
    """The document of who asks, and the newest ``rev`` of boards as ``revisions.newest`` has them."""

    document: MemberDocument
    revs: Mapping[str, int | None] | None


class Asked(NamedTuple):
    """A request with a session: its key, and the same request by a visitor."""

    session_key: str
    as_visitor: WSGIEnvironment


class Session(NamedTuple):
    """The account that is signed in, and what its document has to say of the session."""

    account_id: int
    digest: str


def read(environ: WSGIEnvironment) -> Asked | None:
    """The session that a request names; None if it names none, several, or none that can be."""
    others, keys = [], []
    for cookie in environ.get("HTTP_COOKIE", "").split(";"):
        name, _, value = cookie.strip().partition("=")
        if name == settings.SESSION_COOKIE_NAME:
            keys.append(value)
        else:
            others.append(cookie)
    if len(keys) != 1 or not _SESSION_KEY.fullmatch(keys[0]):
        return None
    # What a visitor's browser would take is compressed when one asks.
    return Asked(keys[0], {**environ, "HTTP_COOKIE": ";".join(others), "HTTP_ACCEPT_ENCODING": ""})


def may_be_filled(environ: WSGIEnvironment) -> bool:
    """Whether a page of which none is stored can be one for everybody: by its view, before anything is built in vain."""
    path = environ.get("PATH_INFO", "").encode("latin-1", "replace").decode(errors="replace")
    with override(get_language_from_path(path) or settings.LANGUAGE_CODE):
        try:
            view = resolve(path).func
        except Resolver404:
            return False
    return getattr(view, "session_copy_suffices", False)


def document_of(asked: Asked, boards: Sequence[str]) -> Found | None:
    """What is known of who asks, and the newest ``rev`` of boards; None without one, or if he is to be served by Django.

    One read of Redis if this process has seen the session before, else two.
    """
    seen = _accounts.get(asked.session_key)
    found = member_documents.read(seen, session_key=asked.session_key, boards=boards if seen else ())
    session = _session_of(found.session_copy)
    if session is None:
        return None
    if session.account_id != seen:
        _remember(asked.session_key, session.account_id)
        found = member_documents.read(session.account_id, boards=boards)
    if found.document is None or found.document.session_digest != session.digest:
        return None
    return Found(found.document, found.revs)


def _remember(session_key: str, account_id: int) -> None:
    if len(_accounts) >= MAX_ACCOUNTS:
        _accounts.clear()
    _accounts[session_key] = account_id


def _session_of(copy: dict[str, Any] | None) -> Session | None:
    """What the copy of a session says; None without one, or with more in it than who is signed in."""
    if copy is None or BACKEND_SESSION_KEY not in copy or not copy.keys() <= _ORDINARY:
        return None
    account_id, auth_hash = account_of(copy), copy.get(HASH_SESSION_KEY)
    if account_id is None or not isinstance(auth_hash, str):
        return None
    return Session(account_id, session_digest(auth_hash))


def form_secret(environ: WSGIEnvironment) -> str:
    """The secret in a reader's cookie that the tokens of forms are made from; empty without one that Django gives out."""
    secret = parse_cookie(environ.get("HTTP_COOKIE", "")).get(settings.CSRF_COOKIE_NAME, "")
    return secret if _FORM_SECRET.fullmatch(secret) else ""


def _form_token(secret: str) -> str:
    """A token of a form, masked by Django as in a page that it makes; empty without a secret."""
    if not secret:
        return ""
    reader: Any = SimpleNamespace(META={"CSRF_COOKIE": secret})
    return get_token(reader)


def serve(
    page: Page,
    members_page: MembersPage,
    document: MemberDocument,
    secret: str,
    environ: WSGIEnvironment,
    start_response: StartResponse,
) -> Iterable[bytes]:
    """Answer with a stored page, filled for a member.

    :param secret: the one in the reader's cookie that the tokens of forms are made from; maybe empty.
    """
    values = values_of(document, members_page.slots, form_token=_form_token(secret))
    # Each token is another one, and as good as those before while the secret is the same.
    own_values = sorted((values | {FORM_TOKEN: secret.encode()}).items())
    own = repr((page.tag, members_page.tag, document.id, own_values))
    tag = f'"{sha256(own.encode()).hexdigest()[:20]}"'
    # A device keeps visitors' pages alone.
    headers = [*((name, value) for name, value in page.headers if name != KEEP), ("ETag", tag)]
    if tag in environ.get("HTTP_IF_NONE_MATCH", ""):
        start_response("304 Not Modified", [pair for pair in headers if pair[0].lower() != "content-type"])
        return []
    compress = accepts(environ.get("HTTP_ACCEPT_ENCODING", ""), "gzip")
    body = members_page.body(values, compress=compress)
    if compress:
        headers.append(("Content-Encoding", "gzip"))
    headers.append(("Content-Length", str(len(body))))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]
