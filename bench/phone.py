"""An item's page on a phone: what its visits weigh, and how soon it is there on a slow network.

In headless Chromium, against the web server with production's settings. Weights are what goes over the wire from the
server, headers and the service worker's own requests included.
"""

import os
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from bench.clients import HOST
from bench.figures import Report

VISITS = 5
CHROMIUM = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update")
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "device_scale_factor": 3,
    "is_mobile": True,
    "has_touch": True,
    "locale": "en-GB",
}
SLOW_3G = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
# As Lighthouse does for a phone of the middle.
CPU_SLOWER = 4
# Long enough for the service worker to have fetched what it keeps.
SETTLE_SECONDS = 1.5

# Goals: kilobytes (1,000 bytes), seconds.
MOST_FIRST, MOST_SCRIPT, MOST_REPEAT, MOST_LCP, MOST_SHIFT = 60, 20, 15, 3.0, 0.05
LOOKED_AT = """() => new Promise(told => {
  let shift = 0, largest = 0;
  new PerformanceObserver(list => list.getEntries().forEach(one => { if (!one.hadRecentInput) shift += one.value }))
    .observe({type: 'layout-shift', buffered: true});
  new PerformanceObserver(list => list.getEntries().forEach(one => { largest = one.startTime }))
    .observe({type: 'largest-contentful-paint', buffered: true});
  setTimeout(() => told([largest / 1000, shift]), 500);
})"""


@dataclass(slots=True)
class Visit:
    """Kilobytes and seconds of one visit; ``lcp`` and ``shift`` only where they were looked at."""

    total: float = 0.0
    script: float = 0.0
    requests: int = 0
    lcp: float = 0.0
    shift: float = 0.0


def listen() -> socket.socket:
    """Where phones will find the server: open streams must know the address that pages come from when they start."""
    listening = socket.create_server((HOST, 0))
    os.environ["CSRF_TRUSTED_ORIGINS"] = f"http://{HOST}:{listening.getsockname()[1]}"
    return listening


def measure(port: int, path: str, *, at: socket.socket, report: Report) -> None:
    """Visit an item's page as newcomers and again, then on a slow network; the middle of five each."""
    # Not above: the server's figures need no browser.
    from playwright.sync_api import sync_playwright

    first, again, slow = [], [], []
    with sync_playwright() as playwright, wire(port, at) as counted:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        url = f"http://{HOST}:{counted.port}{path}"
        for _ in range(VISITS):
            context = chromium.new_context(**PHONE)
            page = context.new_page()
            first.append(visit(page, url, counted))
            again.append(visit(page, url, counted))
            context.close()
            context = chromium.new_context(**PHONE)
            slow.append(visit(context.new_page(), url, counted, is_slow=True))
            context.close()
        chromium.close()

    report.facts["page"] = path
    report.facts["first visit"] = _weight(first, most=MOST_FIRST, most_script=MOST_SCRIPT)
    report.facts["repeat visit"] = _weight(again, most=MOST_REPEAT)
    lcp, shift = median(one.lcp for one in slow), median(one.shift for one in slow)
    report.facts["largest paint, 400 kbit/s, 400 ms"] = f"{lcp:.2f} s{_goal(lcp, MOST_LCP, 's')}"
    report.facts["layout shift"] = f"{shift:.3f}{_goal(shift, MOST_SHIFT, '')}"


def visit(page: Any, url: str, counted: "Wire", *, is_slow: bool = False) -> Visit:
    """Open a page and wait until nothing more comes."""
    seen = Visit()
    kinds: dict[str, str] = {}
    developer = page.context.new_cdp_session(page)
    developer.send("Network.enable")
    developer.on(
        "Network.requestWillBeSent", lambda event: kinds.update({event["requestId"]: event.get("type", "")})
    )

    def finished(event: dict[str, Any]) -> None:
        seen.requests += 1
        if kinds.get(event["requestId"]) == "Script":
            seen.script += event["encodedDataLength"] / 1000

    developer.on("Network.loadingFinished", finished)
    if is_slow:
        developer.send("Network.emulateNetworkConditions", SLOW_3G)
        developer.send("Emulation.setCPUThrottlingRate", {"rate": CPU_SLOWER})
    before = counted.total
    page.goto(url, wait_until="load")
    if is_slow:
        seen.lcp, seen.shift = page.evaluate(LOOKED_AT)
    page.wait_for_timeout(SETTLE_SECONDS * 1000)
    developer.detach()
    seen.total = (counted.total - before) / 1000
    return seen


@dataclass(slots=True)
class Wire:
    """Stands between browsers and the server, passes everything on, and counts what the server sends (bytes)."""

    port: int
    total: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, sent: int) -> None:
        with self._lock:
            self.total += sent


@contextmanager
def wire(server_port: int, listening: socket.socket) -> Iterator[Wire]:
    counted = Wire(listening.getsockname()[1])

    def accept() -> None:
        while True:
            try:
                browser, _ = listening.accept()
            except OSError:
                return
            server = socket.create_connection((HOST, server_port))
            for source, target, add in ((browser, server, None), (server, browser, counted.add)):
                threading.Thread(target=_pass_on, args=(source, target, add), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield counted
    finally:
        listening.close()


def _pass_on(source: socket.socket, target: socket.socket, add: Any) -> None:
    try:
        while data := source.recv(65_536):
            if add is not None:
                add(len(data))
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        for one in (source, target):
            one.close()


def _weight(visits: list[Visit], *, most: float, most_script: float | None = None) -> str:
    total, script = median(one.total for one in visits), median(one.script for one in visits)
    of_it = f"{script:.1f} kB" + (_goal(script, most_script, "kB") if most_script else "")
    requests = median(one.requests for one in visits)
    return (
        f"{total:.1f} kB{_goal(total, most, 'kB')}; JavaScript {of_it}; {requests:.0f} requests of the page"
    )


def _goal(value: float, most: float, unit: str) -> str:
    return f" (at most {most} {unit}{': MISSED' if value > most else ''})".replace(" )", ")")


def warm_up(port: int, path: str) -> None:
    """Have every web process make the page once."""
    from bench.clients import Browser

    for _ in range(8):
        browser = Browser(port)
        if browser.ask("GET", path).status != 200:
            sys.exit(f"bin/bench: {path} does not answer")
        browser.close()
        time.sleep(0.05)
