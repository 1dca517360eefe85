"""How we reach Redis, which keeps only what may be lost.

Each alias of ``settings.CACHES`` has a database number of its own: django-redis shares its connection pools
by address, and the alias that connects first would set the time-outs of all.
"""

import threading
from collections.abc import Callable
from typing import Any

from django_redis.cache import RedisCache
from django_redis.exceptions import CompressorError, ConnectionInterrupted
from kombu.exceptions import OperationalError as BrokerError
from redis import Redis
from redis.backoff import NoBackoff
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

CONNECT_SECONDS = 0.1
ANSWER_SECONDS = 0.25
# What django-redis raises where another version of the code has written a value (msgpack's errors are ValueErrors).
UNREADABLE = (CompressorError, ValueError)

_clients: dict[tuple[str, float], "Redis"] = {}
_lock = threading.Lock()


def client(url: str, *, seconds: float = ANSWER_SECONDS) -> "Redis":
    """The process's client for an address (``settings.REDIS_LIVE`` and the like); texts in, bytes out.

    It waits ``seconds`` at most for an answer and never tries again by itself; redis-py's own defaults would
    wait for ever, ten times. Ask it inside ``answering(REDIS)``.
    """
    key = (url, seconds)
    if key not in _clients:
        with _lock:
            _clients.setdefault(key, connect(url, seconds=seconds))
    return _clients[key]


def connect(url: str, *, seconds: float | None = ANSWER_SECONDS) -> "Redis":
    """A client of one's own; ``seconds`` None waits for ever (for who listens)."""
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_SECONDS if seconds == ANSWER_SECONDS else 2.0,
        socket_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )


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

    A value that cannot be read (written by another version) is a miss too.
    """

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        options = params.setdefault("OPTIONS", {})
        options.setdefault("SOCKET_CONNECT_TIMEOUT", CONNECT_SECONDS)
        options.setdefault("SOCKET_TIMEOUT", ANSWER_SECONDS)
        options.setdefault("CONNECTION_POOL_KWARGS", {"retry": Retry(NoBackoff(), 0)})
        super().__init__(server, params)

    def get(self, key: str, default: Any = None, version: int | None = None, client: Any = None) -> Any:
        try:
            return _ask(super().get, key, default, version, client, otherwise=default)
        except UNREADABLE:
            return default

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        try:
            return _ask(super().get_many, *args, otherwise={}, **kwargs)
        except UNREADABLE:
            return {}

    def has_key(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().has_key, *args, otherwise=False, **kwargs)

    def set(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().set, *args, otherwise=False, **kwargs)

    def add(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().add, *args, otherwise=False, **kwargs)

    def touch(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().touch, *args, otherwise=False, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> bool:
        return _ask(super().delete, *args, otherwise=False, **kwargs)

    def delete_many(self, *args: Any, **kwargs: Any) -> int:
        return _ask(super().delete_many, *args, otherwise=0, **kwargs)

    def set_many(self, data: dict[str, Any], *args: Any, **kwargs: Any) -> list[str]:
        """As Django's: the keys that could not be stored."""
        return _ask(super().set_many, data, *args, otherwise=list(data), **kwargs) or []

    def incr(self, key: str, *args: Any, **kwargs: Any) -> int:
        """
        :raises ValueError: there is no such key, or no Redis.
        """
        value = _ask(super().incr, key, *args, otherwise=None, **kwargs)
        if value is None:
            raise ValueError(f"Key {key!r} not found")
        return value

    def decr(self, key: str, *args: Any, **kwargs: Any) -> int:
        """
        :raises ValueError: there is no such key, or no Redis.
        """
        value = _ask(super().decr, key, *args, otherwise=None, **kwargs)
        if value is None:
            raise ValueError(f"Key {key!r} not found")
        return value

    def clear(self) -> bool:
        return _ask(super().clear, otherwise=False)


def _ask(method: Callable[..., Any], *args: Any, otherwise: Any, **kwargs: Any) -> Any:
    try:
        with answering(REDIS):
            return method(*args, **kwargs)
    except Unavailable:
        return otherwise
