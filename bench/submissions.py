"""A contributor sends a price: until it is acknowledged, and until a visitor sees it."""

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from uuid import uuid4

import psycopg
from django.db import connection
from django.urls import reverse

from bench.clients import Browser, act_together
from bench.figures import Report, Samples, figure
from bench.servers import Running
from bench.stage import Contributor

GROUP = "Submit a price"
ACKNOWLEDGED_GOAL_MS = 50
VISIBLE_GOAL_MS = 1000
EVERY_SECONDS = 0.5
LOOK_SECONDS = 0.1
NOT_SEEN_SECONDS = 15.0
LIMIT_SECONDS = 3.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
DRAIN_SECONDS = 60.0


def paced(web: Running, contributors: Sequence[Contributor], *, seconds: float, report: Report) -> None:
    """Each contributor sends a price every half second: first alone, then with a visitor on each one's item's page."""
    clients = f"{len(contributors)} clients, a price every {EVERY_SECONDS} s each"
    acknowledged, _ = _paced(web, contributors, watched=0, seconds=seconds)
    report.add(figure(GROUP, f"acknowledged, {clients}", acknowledged, goal=ACKNOWLEDGED_GOAL_MS))
    begun = _newest_seq()
    with (
        web.watching("web") as web_cpu,
        web.watching("relay") as relay_cpu,
        web.watching("worker") as worker_cpu,
    ):
        acknowledged, visible = _paced(web, contributors, watched=len(contributors), seconds=seconds)
        relayed = replace(_relayed(after=begun), cpu_seconds=relay_cpu())
        report.facts["CPU seconds of the web, paced, with visitors"] = round(web_cpu(), 1)
        report.facts["CPU seconds of the worker, paced, with visitors"] = round(worker_cpu(), 1)
    report.add(
        figure(
            GROUP,
            f"  the same, while a visitor looks at each one's item's page every {LOOK_SECONDS} s",
            acknowledged,
            goal=ACKNOWLEDGED_GOAL_MS,
        ),
        figure(GROUP, "  acknowledged to visible on the item's page", visible, goal=VISIBLE_GOAL_MS),
        figure(GROUP, "  accepted to published, as the ledger says", relayed),
    )


def on_every_process(
    web: Running, other: Running, contributors: Sequence[Contributor], *, seconds: float, report: Report
) -> None:
    """The same, while visitors of two servers look at the pages: until a price is on both."""
    _, visible = _paced(
        web, contributors, watched=len(contributors), seconds=seconds, looked_at=(web.port, other.port)
    )
    report.add(
        figure(
            GROUP,
            "acknowledged to visible on the page of each of two processes",
            visible,
            goal=VISIBLE_GOAL_MS,
        )
    )


def _paced(
    web: Running,
    contributors: Sequence[Contributor],
    *,
    watched: int,
    seconds: float,
    looked_at: Sequence[int] = (),
) -> tuple[Samples, Samples]:
    """Send for a while, warmed up. :return: until acknowledged, and until seen by those who watch.

    :param looked_at: the ports of the servers on which a price has to be seen; by default the one that it was sent to.
    """
    ports = looked_at or (web.port,)
    watchers = [_Watcher(ports, contributor.item_page) for contributor in contributors[:watched]]

    def told(number: int, id: str) -> None:
        if number < watched:
            watchers[number].expect(id)

    send = _Sender(web.port, contributors, told=told)
    act_together(send, clients=len(contributors), seconds=2, every=EVERY_SECONDS)
    _drain()
    for watcher in watchers:
        watcher.forget()
    acknowledged = act_together(send, clients=len(contributors), seconds=seconds, every=EVERY_SECONDS)
    waited = [watcher.stop() for watcher in watchers]
    visible = [one for some, _ in waited for one in some]
    _drain()
    return acknowledged, Samples(visible, acknowledged.seconds, sum(lost for _, lost in waited))


def closed_loop(web: Running, contributors: Sequence[Contributor], *, seconds: float, report: Report) -> None:
    """Each contributor sends the next price as soon as the one before is acknowledged."""
    begun = _newest_seq()
    send = _Sender(web.port, contributors)
    with web.watching("web") as cpu, web.watching("relay") as relay_cpu, web.watching("worker") as worker_cpu:
        acknowledged = act_together(send, clients=len(contributors), seconds=seconds)
        acknowledged = replace(acknowledged, cpu_seconds=cpu())
        waiting, drained = _drain()
        relayed = replace(_relayed(after=begun), cpu_seconds=relay_cpu())
        report.facts["CPU seconds of the worker, as fast as it goes"] = round(worker_cpu(), 1)
    report.add(
        figure(
            GROUP,
            f"acknowledged, {len(contributors)} clients, as fast as it goes",
            acknowledged,
            goal=ACKNOWLEDGED_GOAL_MS,
        ),
        figure(
            GROUP,
            "  accepted to published, as the ledger says",
            relayed,
            note=f"{waiting} waited at the end, for {drained:.1f} s",
        ),
    )


def limits(hello: Running, *, clients: int, report: Report) -> None:
    """What cannot be beaten: one commit of PostgreSQL, one view that does nothing."""
    with _commits(clients) as commit:
        for every, how in ((EVERY_SECONDS, f"one every {EVERY_SECONDS} s"), (None, "as fast as it goes")):
            samples = act_together(commit, clients=clients, seconds=LIMIT_SECONDS, every=every)
            report.add(figure(GROUP, f"bare commit of a row, {how}", samples, is_limit=True))
    browsers = [Browser(hello.port) for _ in range(clients)]

    def post(number: int) -> None:
        assert browsers[number].ask("POST", "/", body=f"x={'x' * 300}", headers=FORM).status == 302

    with hello.watching("web") as cpu:
        samples = act_together(post, clients=clients, seconds=LIMIT_SECONDS)
        samples = replace(samples, cpu_seconds=cpu())
    report.add(figure(GROUP, "a view that does nothing, as fast as it goes", samples, is_limit=True))


class _Sender:
    """Posts the form of a client's contributor and expects the way to the submission's page."""

    def __init__(
        self,
        port: int,
        contributors: Sequence[Contributor],
        *,
        told: Callable[[int, str], None] = lambda number, id: None,
    ) -> None:
        self._contributors, self._told = contributors, told
        self._browsers = [Browser(port) for _ in contributors]
        self._path = reverse("submit")

    def __call__(self, number: int) -> None:
        form, headers = self._contributors[number].next_form()
        answer = self._browsers[number].ask("POST", self._path, body=form.body, headers=headers)
        location = next((value for name, value in answer.headers.items() if name.lower() == "location"), "")
        if answer.status != 303 or form.submission_id not in location:
            raise AssertionError(f"{answer.status} {location} {answer.body[:200]!r}")
        self._told(number, form.submission_id)


class _Watcher:
    """A visitor who looks at an item's page, on each of some servers, until prices that were acknowledged are on it."""

    def __init__(self, ports: Sequence[int], page: str) -> None:
        self._browsers, self._page = [Browser(port) for port in ports], page
        self._expected: dict[str, float] = {}
        self._took: list[float] = []
        self._lost = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def expect(self, submission_id: str) -> None:
        """A price is acknowledged now."""
        with self._lock:
            self._expected[submission_id] = time.perf_counter()

    def forget(self) -> None:
        """Begin anew."""
        with self._lock:
            self._expected, self._took, self._lost = {}, [], 0

    def stop(self) -> tuple[list[float], int]:
        """Wait for what is expected still. :return: how long each took, and how many were not seen."""
        self._stopping.set()
        self._thread.join()
        return self._took, self._lost

    def _watch(self) -> None:
        while not self._stopping.is_set() or self._expected:
            with self._lock:
                expected = dict(self._expected)
            if expected:
                self._look(expected)
            time.sleep(LOOK_SECONDS)

    def _look(self, expected: dict[str, float]) -> None:
        pages = [browser.ask("GET", self._page).body for browser in self._browsers]
        now = time.perf_counter()
        with self._lock:
            for submission_id, since in expected.items():
                is_there = all(submission_id.encode() in page for page in pages)
                if is_there:
                    self._took.append(now - since)
                elif now - since > NOT_SEEN_SECONDS:
                    self._lost += 1
                else:
                    continue
                self._expected.pop(submission_id, None)


def _newest_seq() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(seq), 0) FROM prices_ledgerrow")
        return int(cursor.fetchone()[0])


def _drain() -> tuple[int, float]:
    """Wait until the relay has published everything. :return: how much waited, and how long it took (s)."""
    started, waited = time.perf_counter(), None
    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM prices_ledgerrow WHERE state = 'accepted'")
            waiting = int(cursor.fetchone()[0])
        waited = waiting if waited is None else waited
        if not waiting or time.perf_counter() - started > DRAIN_SECONDS:
            return waited, time.perf_counter() - started
        time.sleep(0.05)


def _relayed(*, after: int) -> Samples:
    """How long the rows after a number took from accepted to published, by PostgreSQL's and the relay's clock."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT extract(epoch FROM published_at - accepted_at), state FROM prices_ledgerrow
            WHERE seq > %s AND kind = 'PRICE'
            """,
            [after],
        )
        rows = cursor.fetchall()
        cursor.execute(
            """
            SELECT extract(epoch FROM greatest(max(published_at), max(accepted_at)) - min(accepted_at))
            FROM prices_ledgerrow WHERE seq > %s AND kind = 'PRICE'
            """,
            [after],
        )
        (seconds,) = cursor.fetchone()
    took = [float(one) for one, state in rows if state == "published"]
    return Samples(took, float(seconds or 0), len(rows) - len(took))


@contextmanager
def _commits(clients: int) -> Iterator[Callable[[int], None]]:
    """Something that commits one row of a ledger's size, on a connection of each client."""
    url = os.environ["DATABASE_URL"].replace("postgis://", "postgresql://", 1)
    connections = [psycopg.connect(url, autocommit=True) for _ in range(clients)]
    payload = json.dumps({"text": "x" * 500})
    connections[0].execute("CREATE TABLE bench_row (id uuid PRIMARY KEY, payload jsonb)")

    def commit(number: int) -> None:
        connections[number].execute("INSERT INTO bench_row VALUES (%s, %s)", [uuid4(), payload])

    try:
        yield commit
    finally:
        connections[0].execute("DROP TABLE bench_row")
        for one in connections:
            one.close()
