"""An item's page: stored by the page cache in memory and in Redis, for a visitor and for a member, and made anew."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.clients import Browser, drive, get
from bench.figures import Figure, Report, figure
from bench.servers import Running

GROUP = "Item page"
CONNECTIONS = 16
WARM_UP_SECONDS = 1.0
# A cookie that the page cache does not know: it leaves such requests to Django.
PAST_THE_CACHE = {"Cookie": "unknown=1"}


def measure(
    web: Running,
    without_memory: Running,
    hello: Running,
    pages: Sequence[str],
    *,
    signed_in: str,
    seconds: float,
    report: Report,
) -> None:
    """
    :param without_memory: as ``web``, with nothing in the memory of its processes.
    :param signed_in: the cookies of somebody with a session.
    """
    members_bytes = size(web.port, pages, cookie=signed_in)
    ways: list[tuple[str, Running, Mapping[str, str], int]] = [
        ("stored in memory", web, {}, CONNECTIONS),
        ("stored in memory", web, {}, 1),
        ("from Redis", without_memory, {}, CONNECTIONS),
        ("for a member, stored and filled", web, {"Cookie": signed_in}, CONNECTIONS),
        ("for a member, stored and filled", web, {"Cookie": signed_in}, 1),
        ("made for each request", web, PAST_THE_CACHE, CONNECTIONS),
        ("made for each request", web, PAST_THE_CACHE, 1),
    ]
    bare, bare_members, view = (
        _drive(name, hello, [get(path)], CONNECTIONS, seconds=seconds, is_limit=True)
        for name, path in (
            ("bare server", "/bare"),
            (f"bare server, a member's {members_bytes:,} bytes", f"/bare?{members_bytes}"),
            ("a view that does nothing", "/"),
        )
    )
    for name, server, headers, connections in ways:
        requests = [get(page, headers=headers) for page in pages]
        one = _drive(name, server, requests, connections, seconds=seconds)
        limit = bare_members if "Cookie" in headers and headers is not PAST_THE_CACHE else bare
        share = f"{one.per_second / limit.per_second:.3f} of the bare server" if limit.per_second else ""
        report.add(replace(one, note=share if connections == CONNECTIONS else ""))
    report.add(bare, bare_members, view)


def _drive(
    name: str,
    server: Running,
    requests: Sequence[bytes],
    connections: int,
    *,
    seconds: float,
    is_limit: bool = False,
) -> Figure:
    drive(server.port, requests, connections=connections, seconds=WARM_UP_SECONDS)
    with server.watching("web") as cpu:
        samples = drive(server.port, requests, connections=connections, seconds=seconds)
        samples = replace(samples, cpu_seconds=cpu())
    how = f"{connections} connections" if connections > 1 else "one connection"
    return figure(GROUP, f"{name}, {how}", samples, is_limit=is_limit)


def size(port: int, pages: Sequence[str], *, cookie: str = "") -> int:
    """How many bytes the pages are on average, as a browser gets them from the page cache."""
    browser = Browser(port)
    headers = {"Accept-Encoding": "gzip, deflate, br", **({"Cookie": cookie} if cookie else {})}
    for _ in range(8):
        # Every web process makes them once.
        sizes = [len(browser.ask("GET", page, headers=headers).body) for page in pages]
        browser.close()
    return sum(sizes) // len(sizes)
