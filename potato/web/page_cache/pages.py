"""A page as the page cache stores it: headers, and the body in each encoding."""

import gzip
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

import brotli  # type: ignore[import-untyped]

from potato.stores.breaker import REDIS
from potato.stores.degraded import HEADER as DEGRADED
from potato.web.page_cache.personal import MembersPage, Parts, Places, page_for_members, places_of
from potato.web.page_cache.states import TTL, TTL_WITHOUT_REDIS, Lifetime

Headers = list[tuple[str, str]]

# By the names of HTTP, what is smaller first.
COMPRESS: dict[str, Callable[[bytes], bytes]] = {
    "br": lambda body: brotli.compress(body, quality=5, mode=brotli.MODE_TEXT),
    "gzip": lambda body: gzip.compress(body, 6, mtime=0),
}

_OWN_HEADERS = ("content-length", "etag", "cache-control", "vary", "content-encoding")


@dataclass(slots=True, kw_only=True)
class Page(Lifetime):
    """A page as it was made, and how long it lives."""

    headers: Headers
    """Without those that depend on the encoding."""
    bodies: dict[str, bytes]
    """By encoding; compressed when somebody first asks for it so. At least one is there: as it was made, or ``br``."""
    tag: str
    revs: dict[str, int]
    places: Places | None = None
    """What is filled in for members; None if more of the page depends on its reader."""
    _for_members: MembersPage | None = None

    def body(self, encoding: str) -> bytes:
        """The body in one of ``COMPRESS``, or as it was made (``""``)."""
        if encoding not in self.bodies:
            self.bodies[encoding] = (
                COMPRESS[encoding](self.body("")) if encoding else brotli.decompress(self.bodies["br"])
            )
        return self.bodies[encoding]

    def for_members(self) -> MembersPage | None:
        """The page as members get it; None if it cannot be filled."""
        if self._for_members is None and self.places is not None:
            self._for_members = page_for_members(self.body(""), self.places)
        return self._for_members


def page_from(
    status: str, headers: Headers, body: bytes, *, boards: str, made_at: float, parts: Parts | None = None
) -> Page | None:
    """The page to store of Django's answer; None if it must not be stored.

    :param boards: the value of the header ``BOARDS``, ``key=rev,key=rev``.
    :param parts: what of it depends on its reader; None if that is not known.
    :param made_at: when its making began, seconds of the cache's clock.
    """
    by_name = {name.lower(): value for name, value in headers}
    if not status.startswith("200") or not by_name.get("content-type", "").startswith("text/html"):
        return None
    if "set-cookie" in by_name or by_name.get(DEGRADED.lower(), REDIS.name) != REDIS.name:
        return None
    stored = [(name, value) for name, value in headers if name.lower() not in _OWN_HEADERS]
    stored += [
        # Browsers ask each time, and learn by the ETag that nothing has changed.
        ("Cache-Control", "private, no-cache"),
        ("Vary", f"{by_name.get('vary', 'Cookie')}, Accept-Encoding"),
    ]
    return Page(
        headers=stored,
        bodies={"": body},
        tag=hashlib.sha256(body).hexdigest()[:20],
        revs={name: int(rev) for name, _, rev in (pair.rpartition("=") for pair in boards.split(","))},
        places=None if parts is None else places_of(body, parts),
        ttl=TTL_WITHOUT_REDIS if DEGRADED.lower() in by_name else TTL,
        made_at=made_at,
        checked_at=made_at,
    )


def accepts(accepted: str, encoding: str) -> bool:
    """Whether a client takes an encoding, by its header ``Accept-Encoding``."""
    for offer in accepted.split(","):
        name, _, weight = offer.partition(";")
        if name.strip().lower() == encoding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0")
    return False
