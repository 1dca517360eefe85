"""The trial: many people at once on few shops and items, two relays, a worker, and kill -9 in between.

Afterwards nothing that was acknowledged is lost, nothing happened twice, and every figure is what an oracle computes
from the raw entries.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from celery import Celery
from django.conf import settings
from django.db import close_old_connections, connection

from potato.stores import mongo
from prices.models import BoardCopy, LedgerRow
from prices.store import boards, entries
from tests.faults.conftest import PROJECT, stop
from tests.faults.trial import ITEMS, LEAST_ACTS, PEOPLE, SECONDS, SHOPS, Kind, Person, Trial, make_trial
from tests.prices import oracle

SETTLE_SECONDS = 120
EXPECTED_REASONS = {
    "The price is no longer published.",
    "The price was withdrawn or removed meanwhile.",
    "changed meanwhile",
}


class Processes:
    """Relays and the worker, as they really run."""

    def __init__(self, env: dict[str, str]) -> None:
        self.env = env
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.kills = 0

    def start(self, name: str) -> None:
        role = name.split()[0]
        command = {
            "relay": [sys.executable, "manage.py", "relay"],
            "worker": [
                sys.executable,
                "-m",
                "celery",
                "-A",
                "potato",
                "worker",
                "--concurrency",
                "2",
                "-l",
                "WARNING",
            ],
            "rebuild": [sys.executable, "manage.py", "rebuild_history"],
        }[role]
        env = {**self.env, "POTATO_PROCESS": role if role != "rebuild" else "command", "LOG_LEVEL": "WARNING"}
        self.running[name] = subprocess.Popen(command, cwd=PROJECT, env=env)

    def kill(self, name: str) -> None:
        process = self.running.pop(name)
        assert process.poll() is None, f"{name} had ended by itself with {process.returncode}"
        process.send_signal(signal.SIGKILL)
        process.wait()
        self.kills += 1

    def stop(self) -> None:
        for process in self.running.values():
            stop(process)


@pytest.fixture
def processes(process_env: dict[str, str]) -> Iterator[Processes]:
    prefix = f"trial-{os.getpid()}"
    processes = Processes({**process_env, "POTATO_PREFIX": prefix, "SUBMISSIONS_PER_HOUR": "1000000"})
    try:
        yield processes
    finally:
        processes.stop()


@pytest.fixture
def queue(processes: Processes) -> Celery:
    """The worker's queue: this test asks for what beat would ask for."""
    app = Celery(broker=f"{settings.REDIS_URL}/0", set_as_current=False)
    prefix = processes.env["POTATO_PREFIX"]
    app.conf.update(broker_transport_options={"global_keyprefix": f"{prefix}:"}, task_default_queue=prefix)
    return app


@contextmanager
def beating(queue: Celery, seconds: float, tasks: list[str]) -> Iterator[None]:
    """Ask for tasks every so often, as beat does."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(seconds):
            for task in tasks:
                queue.send_task(task, expires=30)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def wait_until(true: Any, what: str, *, seconds: float) -> float:
    started = time.monotonic()
    while not true():
        assert time.monotonic() < started + seconds, f"{what}: not within {seconds} s"
        time.sleep(0.2)
        close_old_connections()
    return time.monotonic() - started


def is_drained() -> bool:
    return not LedgerRow.objects.filter(state=LedgerRow.State.ACCEPTED).exists()


def is_settled() -> bool:
    """Nothing is dirty, and what is made from items' boards is newer than they are."""
    revs = boards.revs()
    newest: dict[str, int] = defaultdict(int)
    for key, rev in revs.items():
        if key.startswith("item:"):
            region = key.split(":")[2]
            newest[region] = max(newest[region], rev)
    return (
        not entries.dirty(limit=1)
        and revs.get("home", 0) > max(newest.values())
        and all(revs.get(f"region:{region}", 0) > rev for region, rev in newest.items() if region != "nation")
    )


def check_ledger(trial: Trial) -> Counter:
    """Nothing acknowledged is lost, nothing happened twice. :return: rows by kind and state."""
    rows = {str(row.pk): row for row in LedgerRow.objects.exclude(kind=Kind.REFERENCE)}
    assert rows.keys() == trial.acknowledged.keys()
    assert {row.kind for row in rows.values()} == {
        kind for kind in Kind if kind not in (Kind.REFERENCE, Kind.REPORT)
    }
    reasons = {row.reason for row in rows.values() if row.state == "parked"}
    assert reasons <= EXPECTED_REASONS

    stored = {document["_id"]: document for document in mongo.database()["price_entries"].find()}
    said = {
        id for id, row in rows.items() if row.kind in (Kind.PRICE, Kind.CORRECT) and row.state == "published"
    }
    assert stored.keys() == said
    changes: Counter = Counter()
    for id, document in stored.items():
        assert document["unitPrice"]["amount"] == rows[id].payload["amount"]
        assert document["rev"] == len(document["changes"])
        status, seen, people = "published", document["timestamp"], set()
        for change in document["changes"]:
            changes[change["id"], id] += 1
            status = change["status"] or status
            if change["kind"] == Kind.CONFIRM:
                seen = max(seen, change["at"])
                people.add(change["by"])
        assert document["status"] == status
        assert document["lastSeenAt"] == seen
        assert document["confirmations"] == len(people - {document["submittedBy"]["id"]})
    expected = {
        (id, row.target) for id, row in rows.items() if row.kind != Kind.PRICE and row.state == "published"
    }
    assert set(changes) == expected
    assert set(changes.values()) <= {1}
    return Counter(f"{row.kind} {row.state}" for row in rows.values())


def waits() -> tuple[float, float]:
    """From acknowledged to published, in seconds: the middle, and the 95th of a hundred."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP"
            " (ORDER BY extract(epoch FROM published_at - accepted_at)::float)"
            " FROM prices_ledgerrow WHERE kind <> 'REFERENCE' AND state = 'published'"
        )
        middle, most = cursor.fetchone()[0]
        return middle, most


def disturb(processes: Processes, *, people: list[Person], queue: Celery) -> None:
    """Let people act while relays are killed and started again, and history is rebuilt."""
    for person in people:
        person.start()
    tasks = ["prices.copy_boards", "prices.rebuild_recent_days", "prices.sweep"]
    with beating(queue, SECONDS / 6, tasks):
        time.sleep(SECONDS * 0.3)
        processes.kill("relay one")
        time.sleep(SECONDS * 0.1)
        processes.start("relay one")
        processes.start("rebuild")
        time.sleep(SECONDS * 0.3)
        processes.kill("relay two")
        processes.start("relay two")
        for person in people:
            person.join(2 * SECONDS + 60)
    assert not any(person.is_alive() for person in people)


@pytest.mark.timeout(2 * SECONDS + 6 * SETTLE_SECONDS + 60)
@pytest.mark.django_db(transaction=True)
class TestTrial:
    def test_ends_with_every_figure_as_the_oracle_says(self, mongo_store, processes, queue, settings, capsys):
        settings.SUBMISSIONS_PER_HOUR = 1_000_000
        for name in ("relay one", "relay two", "worker"):
            processes.start(name)
        wait_until(lambda: queue.control.ping(timeout=1), "a worker", seconds=SETTLE_SECONDS)
        trial = make_trial()
        wait_until(is_drained, "names published by a relay", seconds=SETTLE_SECONDS)
        trial.until = time.monotonic() + SECONDS
        started = time.monotonic()

        disturb(processes, people=[Person(trial, number) for number in range(PEOPLE)], queue=queue)
        assert trial.errors == []
        took = time.monotonic() - started
        assert processes.running["rebuild"].wait(SETTLE_SECONDS) == 0
        # A relay that was killed held an item until its lease ended.
        drained = wait_until(is_drained, "an empty ledger", seconds=SETTLE_SECONDS)
        with beating(queue, 2, ["prices.roll_up_dirty_days", "prices.renew_boards", "prices.renew_alarms"]):
            settled = wait_until(is_settled, "settled boards", seconds=SETTLE_SECONDS)
        with beating(queue, 2, ["prices.copy_boards"]):
            wait_until(lambda: copied() == boards.revs(), "copies", seconds=SETTLE_SECONDS)

        outcomes = check_ledger(trial)
        different = oracle.differences()
        middle, most = waits()
        with capsys.disabled():
            print(
                f"\ntrial: {len(trial.acknowledged)} acts acknowledged in {took:.0f} s by {PEOPLE} people on {ITEMS} items"
                f" in {SHOPS} shops, {trial.repeated} sent twice at once, {sum(trial.refused.values())} refused;"
                f" {processes.kills} relays killed; published after {middle:.2f} s (p95 {most:.2f} s);"
                f" drained {drained:.1f} s and settled {settled:.1f} s after the last;"
                f" {', '.join(f'{count} {outcome}' for outcome, count in sorted(outcomes.items()))};"
                f" {len(different)} figures differ from the oracle's"
            )
        assert different == []
        assert len(trial.acknowledged) >= LEAST_ACTS
        assert all(process.poll() is None for name, process in processes.running.items() if name != "rebuild")


def copied() -> dict[str, int]:
    return dict(BoardCopy.objects.values_list("key", "rev"))
