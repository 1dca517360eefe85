"""A Celery worker that does not take tasks any more ends by itself, so that it can be started again."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from celery import Celery

from tests.faults.conftest import PATIENCE_SECONDS, PROJECT, stop


@pytest.fixture
def celery(potato_env: dict[str, str]) -> Celery:
    """The queue of these servers, seen from outside."""
    app = Celery(broker=f"{potato_env['REDIS_URL']}/0", set_as_current=False)
    prefix = potato_env["POTATO_PREFIX"]
    app.conf.update(broker_transport_options={"global_keyprefix": f"{prefix}:"}, task_default_queue=prefix)
    return app


@pytest.fixture
def worker(potato_env: dict[str, str], celery: Celery) -> Iterator[subprocess.Popen[bytes]]:
    env = {**os.environ, **potato_env, "POTATO_PROCESS": "worker"}
    command = [sys.executable, "-m", "celery", "-A", "potato", "worker", "--concurrency", "1"]
    process = subprocess.Popen([*command, "--loglevel", "WARNING"], cwd=PROJECT, env=env)
    try:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not celery.control.ping(timeout=1):
            assert time.monotonic() < deadline, "the worker does not answer"
        yield process
    finally:
        stop(process)


class TestWorker:
    def test_ends_when_work_waits_and_it_takes_none(self, worker, celery):
        celery.send_task("accounts.clear_sessions")
        time.sleep(6)
        assert worker.poll() is None, "it hears well, and yet it has ended"

        # As celery #10302 leaves it: alive, answering, and consuming nothing.
        queue = celery.conf.task_default_queue
        assert celery.control.cancel_consumer(queue, reply=True, limit=1, timeout=PATIENCE_SECONDS)
        celery.send_task("accounts.clear_sessions")

        worker.wait(PATIENCE_SECONDS)
