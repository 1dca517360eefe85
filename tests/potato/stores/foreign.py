"""What may stand in Redis that Potato has not written there."""

import json
import pickle
from collections.abc import Callable, Mapping
from typing import Any

import msgpack
from hypothesis import strategies as st
from redis import Redis

_plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False),
    st.text(max_size=20),
    st.binary(max_size=20),
)
SHAPES = st.recursive(
    _plain,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
JSON_SHAPES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)


def _as_json(value: object) -> bytes:
    return json.dumps(value).encode()


# Of earlier versions: a text that was packed and compressed, whole and cut off.
_LZ4 = bytes.fromhex(
    "04224d1868402e000000000000003e22000000fd09c42c7b225f617574685f757365725f6964223a202231227d160050202231227d00000000"
)


NUMBERS = st.integers().map(lambda number: str(number).encode()) | st.floats().map(
    lambda number: repr(number).encode()
)
VALUES = st.one_of(
    NUMBERS,
    st.binary(max_size=200),
    SHAPES.map(msgpack.packb),
    SHAPES.map(pickle.dumps),
    JSON_SHAPES.map(_as_json),
    JSON_SHAPES.map(lambda value: msgpack.packb(_as_json(value))),
    st.sampled_from(
        [
            b"",
            _LZ4,
            _LZ4[:20],
            b"x" * 2_000_000,
            msgpack.packb("y" * 2_000_000),
            b"[" * 100_000,
            b"\x91" * 100_000,
            b"9" * 5000,
        ]
    ),
)
"""The bytes of a string: numbers, noise, and values of every wrong shape in the encodings that are in use."""

OTHER_TYPES: Mapping[str, Callable[["Redis", str], Any]] = {
    "list": lambda redis, key: redis.rpush(key, b"1", b"2"),
    "hash": lambda redis, key: redis.hset(key, b"1", b"2"),
    "set": lambda redis, key: redis.sadd(key, b"1"),
    "sorted set": lambda redis, key: redis.zadd(key, {b"1": 1}),
    "stream": lambda redis, key: redis.xadd(key, {b"1": b"2"}),
}
"""Writes what is no string at all; by its name."""
