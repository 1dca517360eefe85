"""An item's page for a visitor: kept by the page cache, and made anew for each request."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bench.clients import Browser, drive, get
from bench.figures import Report, figure
from bench.servers import Running

GROUP = "Item page"
CONNECTIONS = 16
WARM_UP_SECONDS = 1.0
# A cookie that the page cache does not know: it leaves such requests to Django.
PAST_THE_CACHE = {"Cookie": "unknown=1"}


def measure(
    web: Running, hello: Running, pages: Sequence[str], *, signed_in: str, seconds: float, report: Report
) -> None:
    """
    :param signed_in: the cookies of somebody with a session.
    """
    ways: list[tuple[str, Mapping[str, str], int]] = [
        ("kept by the page cache", {}, CONNECTIONS),
        ("kept by the page cache", {}, 1),
        ("made for each request", PAST_THE_CACHE, CONNECTIONS),
        ("made for each request", PAST_THE_CACHE, 1),
        ("for somebody signed in", {"Cookie": signed_in}, CONNECTIONS),
    ]

    def drive_one(
        name: str, server: Running, requests: Sequence[bytes], connections: int, *, is_limit: bool = False
    ) -> None:
        drive(server.port, requests, connections=connections, seconds=WARM_UP_SECONDS)
        with server.watching("web") as cpu:
            samples = drive(server.port, requests, connections=connections, seconds=seconds)
            samples = replace(samples, cpu_seconds=cpu())
        how = f"{connections} connections" if connections > 1 else "one connection"
        report.add(figure(GROUP, f"{name}, {how}", samples, is_limit=is_limit))

    for name, headers, connections in ways:
        drive_one(name, web, [get(page, headers=headers) for page in pages], connections)
    for name, path in (("bare server", "/bare"), ("a view that does nothing", "/")):
        drive_one(name, hello, [get(path)], CONNECTIONS, is_limit=True)


def size(port: int, pages: Sequence[str]) -> int:
    """How many bytes the pages are on average, as a browser gets them from the page cache."""
    browser = Browser(port)
    for _ in range(8):
        # Every web process makes them once.
        sizes = [len(browser.ask("GET", page, headers={"Accept-Encoding": "br"}).body) for page in pages]
        browser.close()
    return sum(sizes) // len(sizes)
