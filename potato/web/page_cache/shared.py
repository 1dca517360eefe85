"""Pages in Redis, for all processes and hosts of one release, behind the memory of each process.

The value of a page's key is an envelope: a line with the revisions of its boards, an authentication code over the key and
everything else, the content. Whatever else is found there is no page: a value of another key or another installation, a
truncated one, another type. Without Redis nothing is found, nothing is stored, and everybody builds by themselves.

Pages lie in the same database of Redis as the revisions of boards: one command reads a page and what it is compared with.
"""

import glob
import hashlib
import hmac
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

import msgpack  # type: ignore[import-untyped]
from django.conf import settings

from potato.errors import Unavailable
from potato.stores import redis, revisions
from potato.stores.breaker import REDIS, answering
from potato.web.page_cache.key import Key
from potato.web.page_cache.pages import Page
from potato.web.page_cache.states import TTL

CLAIM_SECONDS = 1.0
"""After so long the claim of a process that died ends by itself; a build that takes longer is no longer waited for."""
CLOCK_SKEW_SECONDS = 1.0
"""By so much the clocks of two hosts may differ."""
MAX_BYTES = 1_000_000
"""Of a value in Redis: a larger one is neither written nor read."""
MAX_BOARDS_BYTES = 8000
"""Of the names of a page's boards: pages of more boards are not shared. A script of Redis handles no more keys at once."""
POLL_SECONDS = 0.01

# Raised when the form of the values changes.
_SALT = "potato.pages.2"
_MAC_BYTES = hashlib.sha256().digest_size
_ENCODING = "br"
"""What nearly every browser takes. The others' encodings are made from it, once in each process that is asked for them."""

# A claim that would outlive ours was not written here.
_CLAIM = """
local left = redis.call('PTTL', KEYS[1])
if left >= 0 and left <= tonumber(ARGV[2]) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
"""
_RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end"
# A page, unless one of its boards is newer or not known (then Redis may have missed a change). What has no line of boards is
# no page.
_GET = """
local value = redis.call('GETRANGE', KEYS[1], 0, ARGV[1])
local boards = string.match(string.sub(value, 1, tonumber(ARGV[2])), '^([^\\n]+)\\n')
if not boards then return false end
local keys, revs = {}, {}
for board, rev in string.gmatch(boards, '([^,=]+)=(%d+)') do
  keys[#keys + 1] = ARGV[3] .. board
  revs[#revs + 1] = tonumber(rev)
end
if #keys == 0 then return false end
for i, newest in ipairs(redis.call('MGET', unpack(keys))) do
  if not newest or #newest >= 19 or not string.find(newest, '^%d+$') or tonumber(newest) > revs[i] then
    return false
  end
end
return value
"""


@dataclass(frozen=True, slots=True)
class Stored:
    """A page as it is found in Redis."""

    name: str
    """Its key in Redis."""
    age: float
    """Seconds since it was made."""
    revs: dict[str, int]
    size: int
    """Bytes of the value."""


class SharedStore:
    """Finds and stores pages in Redis, and lets one process at a time claim the building of one.

    :param release: pages of another release are never found.
    :param clock: seconds since the epoch, which hosts have in common; pages have those of a process's own clock.
    """

    def __init__(self, *, release: str, clock: Callable[[], float] = time.time) -> None:
        self._release = release
        self._clock = clock

    def get(self, key: Key, *, now: float) -> Page | None:
        """The page of a key, if there is one and its boards are current; ``now`` is of the clock that it shall go by."""
        name = self.name(key)
        # One byte more than any page has, and no more, however many there are.
        value = _run(_GET, [name], [MAX_BYTES, MAX_BOARDS_BYTES, *revisions.keys_of([""])])
        found = _opened(name, value or b"")
        if found is None:
            return None
        age = self._clock() - found["made_at"]
        if not -CLOCK_SKEW_SECONDS <= age <= TTL:
            return None
        return Page(
            headers=[(name, value) for name, value in found["headers"]],
            bodies={_ENCODING: found["body"]},
            tag=found["tag"],
            revs=found["revs"],
            places=found["places"],
            ttl=TTL,
            made_at=now - max(age, 0.0),
            checked_at=now,
        )

    def put(self, key: Key, page: Page, *, now: float) -> None:
        """Store a page for all processes; not one that was made without Redis, which would say so to everybody."""
        age = now - page.made_at
        if page.ttl < TTL or age >= TTL:
            return
        name = self.name(key)
        value = _sealed(
            name,
            page.revs,
            {
                "made_at": self._clock() - age,
                "headers": page.headers,
                "body": page.body(_ENCODING),
                "tag": page.tag,
                "places": page.places,
            },
        )
        if len(value) <= MAX_BYTES and value.index(b"\n") < MAX_BOARDS_BYTES:
            _ask("set", name, value, px=int(1000 * (TTL - age)) + 1)

    @contextmanager
    def claim(self, key: Key) -> Iterator[bool]:
        """Become the builder of a page among all processes, until the end of the block; false if another one is.

        Without Redis everybody is.
        """
        name, token = self.name(key, "building"), secrets.token_bytes(16)
        is_mine = _run(_CLAIM, [name], [token, int(1000 * CLAIM_SECONDS)])
        try:
            yield is_mine != 0
        finally:
            if is_mine:
                _run(_RELEASE, [name], [token])

    def wait(self, key: Key, seconds: float) -> None:
        """Wait until no process builds a page any more, at most for so long."""
        name, end = self.name(key, "building"), time.monotonic() + seconds
        while _ask("exists", name) and time.monotonic() < end:
            time.sleep(POLL_SECONDS)

    def name(self, key: Key, kind: str = "pages") -> str:
        """The key in Redis. People can read the address; the digest holds everything that tells pages apart."""
        return f"{settings.POTATO_PREFIX}:{kind}:{self._release}:{_address(key)}"


@lru_cache(maxsize=1000)
def _address(key: Key) -> str:
    """A page's address and a digest of its key."""
    _, _, _, path, query, *_ = key
    # As WSGI has them: bytes, each as a character.
    address = quote(path, safe="/", encoding="latin-1", errors="replace")
    if query:
        address += "?" + quote(query, safe="/=&%+", encoding="latin-1", errors="replace")
    return f"{address}:{hashlib.sha256(repr(key).encode()).hexdigest()[:32]}"


def stored(path: str) -> Iterator[Stored]:
    """The pages in Redis at a path and below it, with any query, of every release.

    :raises Unavailable: Redis does not answer.
    """
    pattern = f"{glob.escape(settings.POTATO_PREFIX)}:pages:*:{glob.escape(path)}*"
    with answering(REDIS):
        # A scan may find a key twice.
        names = sorted(set(_client().scan_iter(match=pattern, count=1000, _type="string")))
    for raw in names:
        name = raw.decode(errors="replace")
        with answering(REDIS):
            value = _client().getrange(raw, 0, MAX_BYTES)
        if found := _opened(name, value):
            yield Stored(name, max(0.0, time.time() - found["made_at"]), found["revs"], len(value))


def _sealed(name: str, revs: Mapping[str, int], content: dict[str, Any]) -> bytes:
    boards, packed = (
        ",".join(f"{board}={rev}" for board, rev in revs.items()).encode(),
        msgpack.packb(content),
    )
    return boards + b"\n" + _mac(name, boards, packed) + packed


def _opened(name: str, value: bytes) -> dict[str, Any] | None:
    """The content of what stands under a key, with ``revs``; None if it was not sealed for this key."""
    boards, _, sealed = value[: MAX_BYTES + 1].partition(b"\n")
    mac, packed = sealed[:_MAC_BYTES], sealed[_MAC_BYTES:]
    if len(value) > MAX_BYTES or not hmac.compare_digest(mac, _mac(name, boards, packed)):
        return None
    content: dict[str, Any] = msgpack.unpackb(packed)
    content["revs"] = dict(_read_board(board) for board in boards.decode().split(","))
    return content


def _read_board(text: str) -> tuple[str, int]:
    board, _, rev = text.rpartition("=")
    return board, int(rev)


def _mac(name: str, boards: bytes, packed: bytes) -> bytes:
    # Neither a name nor boards have a line's end in them.
    return hmac.digest(_mac_key(settings.SECRET_KEY), b"\n".join((name.encode(), boards, packed)), "sha256")


@cache
def _mac_key(secret: str) -> bytes:
    return hashlib.sha256(f"{_SALT}{secret}".encode()).digest()


def _run(script: str, keys: list[str], args: list[Any]) -> Any:
    """What a script of Redis returns; None without Redis."""
    try:
        with answering(REDIS):
            return redis.run(script, keys, args, url=settings.REDIS_LIVE)
    except Unavailable:
        return None


def _ask(command: str, *args: Any, **options: Any) -> Any:
    """Redis's answer to a command; None if it has none."""
    try:
        with answering(REDIS):
            return getattr(_client(), command)(*args, **options)
    except Unavailable:
        return None


def _client() -> Any:
    return redis.client(settings.REDIS_LIVE)
