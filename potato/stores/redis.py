"""How we reach Redis, which keeps only what may be lost.

Each alias of ``settings.CACHES`` has a database number of its own: django-redis shares its connection pools
by address, and the alias that connects first would set the time-outs of all.
"""

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Any

from django.core import signing
from django.core.cache.backends.base import BaseCache
from django_redis.cache import RedisCache
from django_redis.exceptions import ConnectionInterrupted
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.exceptions import (
    ConnectionError,
    OutOfMemoryError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TimeoutError,
)
from redis.retry import Retry

from potato.errors import Unavailable
from potato.stores.breaker import REDIS, Fault, answering

MAX_BYTES = 1_000_000
"""Of a value in a cache: a larger one is not read."""
CONNECT_SECONDS = 0.1
ANSWER_SECONDS = 0.25

_thread = threading.local()
_MISSING = object()


def client(url: str, *, seconds: float = ANSWER_SECONDS) -> "Redis":
    """This thread's client for an address (``settings.REDIS_LIVE`` and the like); texts in, bytes out.

    It waits ``seconds`` at most for an answer, once; redis-py's own defaults would wait for ever, ten times. Ask it, and ask
    for it, inside ``answering(REDIS)``.

    A pool for all threads costs as much as the rest of a call: it looks whether a connection is still open before each.
    So a connection that Redis has closed meanwhile is made anew, once, when it is next used.
    """
    # A process that was forked must not write into the connections of the one that it comes from.
    key = (os.getpid(), url, seconds)
    try:
        return _thread.clients[key]
    except (AttributeError, KeyError):
        pass
    found = _thread.__dict__.setdefault("clients", {})
    found[key] = connect(
        url, seconds=seconds, single_connection_client=True, retry=Retry(NoBackoff(), 1, (ConnectionError,))
    )
    return found[key]


def connect(url: str, *, seconds: float | None = ANSWER_SECONDS, **options: Any) -> "Redis":
    """A client of one's own; ``seconds`` None waits for ever (for who listens). ``options`` are those of ``Redis``."""
    options.setdefault("retry", Retry(NoBackoff(), 0))
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS if seconds == ANSWER_SECONDS else 2.0,
        socket_timeout=seconds,
        **options,
    )


# Of what is no string nothing is read.
_READ = """
local found = {}
for i, key in ipairs(KEYS) do
  local value = redis.pcall('GETRANGE', key, 0, ARGV[1])
  found[i] = type(value) == 'string' and value
end
return found
"""


def read(url: str, keys: Sequence[str], *, max_bytes: int) -> list[bytes]:
    """What stands under each key, empty if nothing does or it is no string. One call.

    :param max_bytes: of a larger value one byte more than these is read: it is none of ours.
    """
    # False becomes None.
    return [value or b"" for value in run(_READ, keys, [max_bytes], url=url)]


def run(script: str, keys: Sequence[str], args: Sequence[Any], *, url: str) -> Any:
    """What a script of Redis returns."""
    return _script(script)(keys=keys, args=args, client=client(url))


@cache
def _script(text: str) -> Script:
    # Only its digest is taken from here: each call names its client.
    return Script(Redis(), text)


def fault_of(error: BaseException) -> Fault | None:
    if isinstance(error, (ConnectionInterrupted, BrokerError)):
        error = error.__cause__ or error
    match error:
        case TimeoutError():
            return Fault.SLOW
        case ConnectionError() | ConnectionInterrupted() | BrokerError():
            return Fault.DOWN
        case ReadOnlyError() | OutOfMemoryError():
            return Fault.REFUSING
        case ResponseError() if "UNBLOCKED" in str(error):
            # To whoever waits for the next task when it becomes a replica, which takes no writes.
            return Fault.REFUSING
        case RedisError():
            # Wrong type, a script that runs for long: it lives, and this call got nothing from it.
            return Fault.BUSY
        case OSError():
            return Fault.DOWN
    return None


REDIS.knows(fault_of)


class BreakingCache(RedisCache):
    """A cache that never raises and never waits longer than its time-outs: without Redis everything is a miss.

    Values (what JSON can say) are stored signed, together with their key and the time. Whatever else stands under a
    key is a miss: a value of another key, one that is older than the alias keeps any, anything that this code has not
    written.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("SOCKET_CONNECT_TIMEOUT", CONNECT_SECONDS)
        options.setdefault("SOCKET_TIMEOUT", ANSWER_SECONDS)
        options.setdefault("CONNECTION_POOL_KWARGS", {"retry": Retry(NoBackoff(), 0)})
        super().__init__(server, params)

    def get(self, key: str, default: Any = None, version: int | None = None, client: Any = None) -> Any:
        return self.get_many([key], version=version).get(key, default)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        """In one call; nothing without Redis."""
        return _ask(self.read_many, list(keys), version, otherwise={})

    def read_many(self, keys: Sequence[str], version: int | None = None) -> dict[str, Any]:
        """What is stored under keys. Of a value that is larger than any of ours no more is read than shows it.

        :raises Unavailable: Redis does not answer.
        """
        with answering(REDIS):
            found = self._read([self.make_key(key, version) for key in keys])
        return {
            key: value
            for key, raw in zip(keys, found, strict=False)
            if (value := self._opened(key, raw, version)) is not _MISSING
        }

    def set(self, key: str, value: Any, *args: Any, version: int | None = None, **kwargs: Any) -> bool:
        signed = self._signed(key, value, version)
        return _ask(super().set, key, signed, *args, version=version, otherwise=False, **kwargs)

    def add(self, key: str, value: Any, *args: Any, version: int | None = None, **kwargs: Any) -> bool:
        signed = self._signed(key, value, version)
        return _ask(super().add, key, signed, *args, version=version, otherwise=False, **kwargs)

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().has_key, *args, otherwise=False, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().touch, *args, otherwise=False, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().delete, *args, otherwise=False, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> int:
        return _ask(super().delete_many, *args, otherwise=0, **kwargs)

    def set_many(
        self, data: dict[str, Any], *args: Any, version: int | None = None, **kwargs: Any
    ) -> list[str]:
        """In one call. As Django's: the keys that could not be stored."""
        signed = {key: self._signed(key, value, version) for key, value in data.items()}
        return _ask(super().set_many, signed, *args, version=version, otherwise=list(data), **kwargs) or []

    # One after the other, by the methods above.
    incr = BaseCache.incr
    decr = BaseCache.decr

    def clear(self) -> bool:
        return _ask(super().clear, otherwise=False)

    def opened(self, key: str, raw: bytes) -> Any:
        """The value of which Redis has these bytes; None if they are none of this key's."""
        value = self._opened(key, raw, None)
        return None if value is _MISSING else value

    def _read(self, keys: list[str]) -> list[bytes]:
        return read(self._server, keys, max_bytes=MAX_BYTES) if keys else []

    def _opened(self, key: str, raw: bytes, version: int | None) -> Any:
        if not raw or len(raw) > MAX_BYTES:
            return _MISSING
        try:
            signed = self.client.decode(raw)
            if not isinstance(signed, str):
                return _MISSING
            return signing.loads(signed, salt=self._salt(key, version), max_age=self.default_timeout)
        except (signing.BadSignature, ValueError):
            # msgpack cannot read it, or it is signed for nobody here.
            return _MISSING

    def _signed(self, key: str, value: Any, version: int | None) -> str:
        return signing.dumps(value, salt=self._salt(key, version), compress=True)

    def _salt(self, key: str, version: int | None) -> str:
        return f"potato.cache:{self.make_key(key, version)}"


def _ask(method: Callable[..., Any], *args: Any, otherwise: Any, **kwargs: Any) -> Any:
    try:
        with answering(REDIS):
            return method(*args, **kwargs)
    except Unavailable:
        return otherwise
