"""The parts of a stored page that depend on its reader, and the page as a member gets it.

A template marks such a part by ``{% personal %}``. While a visitor's page is made, each part is rendered as the visitor
sees it and as a member does, with a placeholder for what is the member's own; both come here. The visitor's page has no
mark of it: the part is found by its own bytes.
"""

import re
import secrets
import struct
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from itertools import pairwise

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils.html import escape

from potato.stores import member_documents
from potato.stores.member_documents import MOST_UNREAD, MemberDocument
from potato.text.wording import BURMESE_DIGITS, wording

PARTS = "potato.personal_parts"
"""In the WSGI environment, from Django to the page cache: the parts of a page of which nothing else depends on its reader."""

Parts = list[tuple[str, str]]
"""Each part as the visitor sees it, and as a member with placeholders."""

Places = Sequence[tuple[int, int, Sequence[bytes]]]
"""Where each part begins and ends in a visitor's page, in order, and a member's: bytes, name of a value, bytes, ..."""

_parts: ContextVar[Parts | None] = ContextVar("parts", default=None)

_MARK = secrets.token_hex(16)
_SLOTS = re.compile(f"{_MARK}-([a-z]+(?:-[a-z]+(?:-[0-9]+)?)?)~".encode())
FORM_TOKEN = "token"
"""The slot of the token that a form needs to be taken."""


@dataclass(frozen=True, slots=True)
class AnyMember:
    """Takes the place of the member in a page that is filled for each: every text is a placeholder.

    A text may stand in HTML or in a quoted attribute, not in a script, and nothing may be chosen by it. What a slot is
    about, and how it is written, stands in its name.
    """

    is_authenticated: bool = True
    name: str = f"{_MARK}-name~"
    form_token: str = f"{_MARK}-{FORM_TOKEN}~"

    @property
    def unread(self) -> str:
        return f"{_MARK}-unread-{'myanmar' if wording().has_burmese_digits else 'latin'}~"

    def follow_or_not(self, kind: str, id: int) -> str:
        return f"{_MARK}-follow-{kind}-{id}~"


ANY_MEMBER = AnyMember()


class Reader:
    """A member in a page that Django makes for them: the same texts as ``AnyMember`` has places for."""

    is_authenticated = True

    def __init__(self, request: HttpRequest, *, id: int, name: str, session_digest: str) -> None:
        self._request = request
        self.id, self.name, self._session_digest = id, name, session_digest

    @property
    def form_token(self) -> str:
        return get_token(self._request)

    @property
    def unread(self) -> str:
        """How many notifications they have not read, in their numerals; empty for none."""
        document = self._document
        return unread_text(document.unread, is_burmese=wording().has_burmese_digits) if document else ""

    def follow_or_not(self, kind: str, id: int) -> str:
        """What a tap on the button to follow asks for: 0 to stop, 1 to follow, which does no harm to a follower."""
        return "0" if self._document and id in self._document.follows.get(kind, ()) else "1"

    @cached_property
    def _document(self) -> MemberDocument | None:
        return member_documents.current(self.id, digest=self._session_digest)


def values_of(document: MemberDocument, slots: Iterable[str], *, form_token: str = "") -> dict[str, bytes]:
    """What goes into the places of ``AnyMember``, by the names of the slots."""
    return {slot: _value(document, slot, form_token) for slot in slots}


def _value(document: MemberDocument, slot: str, form_token: str) -> bytes:
    match slot.split("-"):
        case ["name"]:
            return escape(document.name).encode()
        case ["token"]:
            return form_token.encode()
        case ["unread", numerals]:
            return unread_text(document.unread, is_burmese=numerals == "myanmar").encode()
        case ["follow", kind, id]:
            return b"0" if int(id) in document.follows.get(kind, ()) else b"1"
    raise ValueError(f"no slot is called {slot}")


def unread_text(number: int, *, is_burmese: bool) -> str:
    """How many are unread, as the menu says it: ``3``, ``99+``; empty for none, which hides the badge."""
    text = "" if not number else str(number) if number < MOST_UNREAD else f"{MOST_UNREAD - 1}+"
    return text.translate(BURMESE_DIGITS) if is_burmese else text


def add(*, for_visitor: str, for_member: str) -> None:
    """Say that a part of the page being made depends on who reads it."""
    parts = _parts.get()
    if parts is not None:
        parts.append((for_visitor, for_member))


@contextmanager
def page() -> Iterator[Parts]:
    """The time in which one page is made; the parts of it that depend on who reads it."""
    parts: Parts = []
    token = _parts.set(parts)
    try:
        yield parts
    finally:
        _parts.reset(token)


# A gzip header without a name or time, written by nobody in particular.
_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
_LONGEST_BLOCK = 65_535


@dataclass(slots=True)
class MembersPage:
    """A page as members get it: what is the same for all of them, and between it the names of values.

    Sent with gzip, whose parts can be compressed apart (RFC 1951: blocks, of which those that begin after a full flush
    refer to nothing before them). So what is the same is compressed once, and a request costs a checksum. To compress all
    of 60 kB for each request takes as long as all the rest of it, 1 ms by brotli at level 1 and 1.4 ms by zlib at level 1.
    """

    fixed: list[bytes]
    """One more than ``slots``."""
    slots: list[str]
    tag: bytes
    _compressed: list[bytes] = field(default_factory=list)

    def body(self, values: Mapping[str, bytes], *, compress: bool) -> bytes:
        """The page with a member's values, compressed with gzip or not at all."""
        own = [values[slot] for slot in self.slots]
        between = [part for pair in zip(self.fixed, own, strict=False) for part in pair]
        plain = [*between, self.fixed[-1]]
        if not compress:
            return b"".join(plain)
        # Threads that meet here compute the same.
        self._compressed = self._compressed or _compressed(self.fixed)
        blocks = [part for pair in zip(self._compressed, map(_as_blocks, own), strict=False) for part in pair]
        checksum = length = 0
        for part in plain:
            checksum, length = zlib.crc32(part, checksum), length + len(part)
        end = struct.pack("<II", checksum, length & 0xFFFFFFFF)
        return b"".join([_GZIP_HEADER, *blocks, self._compressed[-1], end])


def places_of(body: bytes, parts: Parts) -> Places | None:
    """Where the parts of a visitor's page stand; None if that is in doubt."""
    places = []
    for for_visitor, for_member in parts:
        visible = for_visitor.encode()
        if not visible or body.count(visible) != 1:
            return None
        start = body.index(visible)
        places.append((start, start + len(visible), _SLOTS.split(for_member.encode())))
    places.sort()
    if any(end > start for (_, end, _), (start, _, _) in pairwise(places)):
        return None
    return places


def page_for_members(body: bytes, places: Places) -> MembersPage:
    """A visitor's page as members get it."""
    page, done = b"", 0
    fixed, slots = [], []
    for start, end, (first, *rest) in places:
        page += body[done:start] + first
        for name, following in zip(rest[::2], rest[1::2], strict=True):
            fixed.append(page)
            slots.append(name.decode())
            page = following
        done = end
    fixed.append(page + body[done:])
    return MembersPage(fixed, slots, sha256(b"\0".join(fixed)).digest())


def _compressed(fixed: list[bytes]) -> list[bytes]:
    done = []
    for number, part in enumerate(fixed, 1):
        # Level 9 takes 10 ms instead of 4, for one percent.
        compressor = zlib.compressobj(6, wbits=-zlib.MAX_WBITS)
        how = zlib.Z_FINISH if number == len(fixed) else zlib.Z_FULL_FLUSH
        done.append(compressor.compress(part) + compressor.flush(how))
    return done


def _as_blocks(value: bytes) -> bytes:
    """A value as blocks of deflate that are not compressed, none of them the last."""
    parts = [value[start : start + _LONGEST_BLOCK] for start in range(0, len(value), _LONGEST_BLOCK)]
    return b"".join(struct.pack("<BHH", 0, len(part), len(part) ^ 0xFFFF) + part for part in parts)
