"""Fragments: parts of price pages that are the same for everybody, cached in Redis by what they are made of (ADR 32).

A view names the boards that each part is made of, and its template encloses the part in ``{% fragment "history" %}``::

    parts = {"history": {"item:7:3": 41}}
    with fragments.page("items/rice-emata/yangon", parts=parts, facts=[day, address], begun_at=begun_at) as cached:
        return render(request, "prices/item.html", {**context, "fragments": cached})

All fragments of a page are read by one call before it is rendered; what was not there is rendered, and written by one
call afterwards. What a fragment shows is made ``lazily``, so that a fragment that is there costs nothing else. It sees
nobody: neither the request nor who sent it.
"""

import hashlib
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from django.core.cache import caches
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from potato import preferences, release
from potato.stores import degraded
from potato.stores.breaker import REDIS, answering
from potato.text import wording

ALIAS = "template_fragments"
HIDDEN = ("request", "user", "perms", "messages", "csrf_token")
"""What a template knows of its reader: none of it stands in a fragment's context."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stored:
    """A fragment as it is found in Redis."""

    name: str
    """Its key in Redis."""
    age: float
    """Seconds since it was made."""
    revs: dict[str, int]
    """The boards that it is made of, each with its revision."""
    language: str
    size: int
    """Bytes of HTML."""


_errors: ContextVar[list[Exception] | None] = ContextVar("errors", default=None)
"""What was raised while values of the page were made."""


def lazily(make: Callable[[], T]) -> Callable[[], T]:
    """A value of a template's context that is made when the template first asks for it, once.

    ``{% if a or b %}`` takes an error in ``a`` for false. Where the value is made for a page with fragments, :func:`page`
    raises it again at its end.
    """

    @cache
    def value() -> T:
        try:
            return make()
        except Exception as error:
            errors = _errors.get()
            if errors is not None:
                errors.append(error)
            raise

    return value


class Fragments:
    """The fragments of one page."""

    def __init__(
        self,
        subject: str,
        parts: Mapping[str, Mapping[str, int]],
        facts: Sequence[object],
        *,
        begun_at: float,
        is_cached: bool,
    ) -> None:
        self._revs = parts
        self._begun_at = begun_at
        # A page without a store says so, and is made as it is.
        self._is_cached = is_cached and not degraded.stores()
        self._made: dict[str, str] = {}
        language = get_language()
        common = (language, str(preferences.current()), *facts)
        self._keys = {
            part: f"{subject}:{part}:{language}:{release.name()}:{_digest(revs, common)}"
            for part, revs in parts.items()
        }
        self._found = _cache().get_many(self._keys.values()) if self._is_cached else {}

    def get(self, part: str) -> SafeString | None:
        """The HTML of a part; None if it is to be rendered.

        :raises KeyError: the view has not named this part.
        """
        found = self._found.get(self._keys[part])
        if found is None or time.time() >= found["until"]:
            return None
        return mark_safe(found["html"])

    def add(self, part: str, html: str) -> None:
        """Take what was rendered."""
        self._made[part] = html

    def store(self) -> None:
        """Write what was rendered; not what was made without a store, nor what reads otherwise in a moment."""
        now = time.time()
        until = self._begun_at + min(wording.unchanged_for().total_seconds(), _cache().default_timeout)
        if not self._made or not self._is_cached or degraded.stores() or until < now + 1:
            return
        _cache().set_many(
            {
                self._keys[part]: {
                    "html": html,
                    "made_at": now,
                    "until": until,
                    "revs": dict(self._revs[part]),
                }
                for part, html in self._made.items()
            },
            math.ceil(until - now),
        )


@contextmanager
def page(
    subject: str,
    *,
    parts: Mapping[str, Mapping[str, int]],
    facts: Sequence[object],
    begun_at: float,
    is_cached: bool = True,
) -> Iterator[Fragments]:
    """The time in which one page is rendered; its fragments.

    :param subject: what the page is about, as people look for it in Redis: ``items/rice-emata/yangon``.
    :param parts: the boards that each fragment is made of, each with its ``rev`` (0: there is none yet).
    :param facts: all else that the fragments are made of and that is not said by language, preferences and release.
    :param begun_at: when the page was begun, before anything it shows was read; seconds since 1970. Ages count from then.
    :param is_cached: else each part is rendered.
    :raises Exception: what was raised while a value of the page was made; nothing is stored then.
    """
    fragments = Fragments(subject, parts, facts, begun_at=begun_at, is_cached=is_cached)
    errors: list[Exception] = []
    token = _errors.set(errors)
    try:
        yield fragments
    finally:
        _errors.reset(token)
    if errors:
        raise errors[0]
    fragments.store()


def stored(subject: str) -> Iterator[Stored]:
    """The fragments in Redis about a subject and what lies below it, of every release.

    :raises Unavailable: Redis does not answer.
    """
    store = _cache()
    prefix = len(store.make_key(""))
    names: set[str] = set()
    for pattern in (f"{subject}:*", f"{subject}/*"):
        with answering(REDIS):
            keys = store.client.get_client(write=False).scan_iter(
                match=store.client.make_pattern(pattern), count=1000
            )
            names.update(key.decode(errors="replace")[prefix:] for key in keys)
    for name, value in sorted(store.read_many(list(names)).items()):
        yield Stored(
            store.make_key(name),
            max(0.0, time.time() - value["made_at"]),
            value["revs"],
            language=name.split(":")[2],
            size=len(value["html"].encode()),
        )


def _cache() -> Any:
    return caches[ALIAS]


def _digest(revs: Mapping[str, int], common: Sequence[object]) -> str:
    return hashlib.sha256(repr((sorted(revs.items()), common)).encode()).hexdigest()[:32]
