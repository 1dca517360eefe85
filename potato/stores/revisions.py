"""The newest ``rev`` of each board, told through Redis, so that a kept page learns that it is out of date."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings

from potato.errors import Unavailable
from potato.stores import redis
from potato.stores.breaker import REDIS, answering

# Longer than any page is kept: a number that is missing means that Redis has lost it.
SECONDS = 300

# Only upward: whoever wrote an older board may come later. That one does not make a number last, so that the number of
# a board that is gone is forgotten, and pages without it are kept again.
_RAISE = """
for i, key in ipairs(KEYS) do
  -- MGET finds nothing in what is no string, where GET would fail. A number that outlives ours is not one of ours.
  local found, ttl = redis.call('MGET', key)[1], redis.call('TTL', key)
  local is_ours = found and #found < 19 and string.find(found, '^%d+$') and ttl >= 0 and ttl <= tonumber(ARGV[1])
  local known = is_ours and tonumber(found)
  if not known or known < tonumber(ARGV[i + 1]) then
    redis.call('SET', key, ARGV[i + 1], 'EX', ARGV[1])
  elseif known == tonumber(ARGV[i + 1]) then
    redis.call('EXPIRE', key, ARGV[1])
  end
end
"""


def tell(revs: Mapping[str, int]) -> None:
    """Say which boards have which ``rev`` now. Without Redis nothing happens: pages are then kept for a second."""
    if not revs:
        return
    try:
        with answering(REDIS):
            _client().eval(_RAISE, len(revs), *map(_key, revs), SECONDS, *revs.values())
    except Unavailable:
        pass


def newest(boards: list[str]) -> dict[str, int | None] | None:
    """The newest ``rev`` of each board; None for one that Redis does not know, None for all without Redis."""
    try:
        with answering(REDIS):
            return parse(boards, _client().mget(keys_of(boards)))
    except Unavailable:
        return None


def keys_of(boards: Sequence[str]) -> list[str]:
    """The keys to ask Redis for, for whoever asks for something else in the same call."""
    return [_key(board) for board in boards]


def parse(boards: Sequence[str], found: Sequence[bytes | None]) -> dict[str, int | None]:
    """What Redis has under ``keys_of(boards)``, as ``newest`` returns it."""
    # Whatever is no number of a board was not written here.
    return {
        board: int(rev) if rev is not None and rev.isdigit() and len(rev) < 19 else None
        for board, rev in zip(boards, found, strict=True)
    }


def _key(board: str) -> str:
    return f"{settings.POTATO_PREFIX}:rev:{board}"


def _client() -> Any:
    return redis.client(settings.REDIS_LIVE)
