"""Clients that send requests, and measure: a browser's way for submissions, a bare loop for pages."""

import http.client
import selectors
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from bench.figures import Samples

HOST = "127.0.0.1"
PATIENCE_SECONDS = 15


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Browser:
    """One kept-alive connection."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE_SECONDS)

    def ask(
        self, method: str, path: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """
        :raises OSError: no answer.
        """
        try:
            self._connection.request(method, path, body, dict(headers or {}))
            response = self._connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            raise ConnectionError(str(error)) from error

    def close(self) -> None:
        self._connection.close()


def act_together(
    act: Callable[[int], None], *, clients: int, seconds: float, every: float | None = None
) -> Samples:
    """Have several clients do something for a while; what raises counts as failed.

    :param act: called with the client's number.
    :param every: each client begins so many seconds after it began before; None: at once.
    """
    took: list[list[float]] = [[] for _ in range(clients)]
    failed: list[Exception] = []
    barrier = threading.Barrier(clients + 1)

    def run(number: int) -> None:
        barrier.wait()
        begins = time.perf_counter()
        until = begins + seconds
        if every is not None:
            begins += every * number / clients
        while begins < until:
            if every is not None:
                time.sleep(max(0.0, begins - time.perf_counter()))
            started = time.perf_counter()
            try:
                act(number)
            except Exception as error:
                failed.append(error)
            else:
                took[number].append(time.perf_counter() - started)
            begins = begins + every if every is not None else time.perf_counter()

    threads = [threading.Thread(target=run, args=[number], daemon=True) for number in range(clients)]
    for thread in threads:
        thread.start()
    barrier.wait()
    started = time.perf_counter()
    for thread in threads:
        thread.join()
    if failed:
        print(f"  {len(failed)} failed; the first: {str(failed[0])[:300]}", flush=True)
    all_took = [one for some in took for one in some]
    return Samples(all_took, time.perf_counter() - started, len(failed))


def get(path: str, *, headers: Mapping[str, str] | None = None) -> bytes:
    """A GET request as :func:`drive` sends it."""
    lines = [f"GET {path} HTTP/1.1", f"Host: {HOST}", "Accept-Encoding: gzip, deflate, br"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def drive(port: int, requests: Sequence[bytes], *, connections: int, seconds: float) -> Samples:
    """Send requests one after the other on each of several connections, as fast as answers come.

    One thread with as little work for each answer as possible, for it shares the machine with the server.
    """
    selector = selectors.DefaultSelector()
    turn = 0
    took: list[float] = []
    failed = 0
    open_connections = [_Connection(port) for _ in range(connections)]
    try:
        started = now = time.perf_counter()
        for connection in open_connections:
            selector.register(connection.line, selectors.EVENT_READ, connection)
            connection.send(requests[turn % len(requests)], now=now)
            turn += 1
        until = started + seconds
        while now < until:
            for key, _ in selector.select(timeout=PATIENCE_SECONDS):
                connection = key.data
                status = connection.receive()
                if status is None:
                    continue
                now = time.perf_counter()
                if status == 200:
                    took.append(now - connection.sent_at)
                else:
                    failed += 1
                connection.send(requests[turn % len(requests)], now=now)
                turn += 1
            now = time.perf_counter()
        return Samples(took, now - started, failed)
    finally:
        selector.close()
        for connection in open_connections:
            with suppress(OSError):
                connection.line.close()


@dataclass(slots=True)
class _Connection:
    port: int
    line: socket.socket = field(init=False)
    sent_at: float = 0.0
    _head: bytes = b""
    _missing: int | None = None
    _status: int = 0

    def __post_init__(self) -> None:
        self.line = socket.create_connection((HOST, self.port), timeout=PATIENCE_SECONDS)
        self.line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, request: bytes, *, now: float) -> None:
        self._head, self._missing, self.sent_at = b"", None, now
        self.line.sendall(request)

    def receive(self) -> int | None:
        """The answer's status once all of it is here; None while it is not."""
        data = self.line.recv(262_144)
        if not data:
            raise ConnectionError("the server closed the connection")
        if self._missing is not None:
            self._missing -= len(data)
        else:
            self._head += data
            head, end, body = self._head.partition(b"\r\n\r\n")
            if not end:
                return None
            self._status = int(head[9:12])
            lowered = head.lower()
            at = lowered.find(b"\r\ncontent-length:")
            if at < 0:
                raise ValueError(f"an answer without a length: {head[:200]!r}")
            length = int(lowered[at + 17 :].split(b"\r\n", 1)[0])
            self._missing = length - len(body)
        return self._status if self._missing <= 0 else None
