"""What keeps Potato's processes alive under ``bin/run``: a worker that has gone deaf ends itself, for one, and nobody else starts it again."""

import importlib.util
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

PROJECT = Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30


@pytest.fixture(scope="module")
def run() -> ModuleType:
    """The script behind ``bin/run``."""
    spec = importlib.util.spec_from_file_location("bin_run", PROJECT / "bin" / "lib" / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


class TestProcess:
    def test_is_started_again_whenever_it_ends(self, run, tmp_path, capfd):
        starts = tmp_path / "starts"
        program = f"open({str(starts)!r}, 'a').write('x'); import sys; sys.exit(3)"
        process = run.Process("beat", "-c", program)

        process.start()
        wait_until(lambda: starts.exists() and len(starts.read_text()) >= 2)
        process.stop()
        process.wait_until(time.monotonic() + PATIENCE_SECONDS)

        assert "beat | ended with status 3; starts again in 1 s" in capfd.readouterr().out

    def test_ends_with_what_it_has_started_when_it_is_asked_to(self, run, tmp_path):
        starts = tmp_path / "starts"
        program = f"import time; open({str(starts)!r}, 'a').write('x'); time.sleep(600)"
        process = run.Process("worker", "-c", program)

        process.start()
        wait_until(starts.exists)
        process.stop()
        process.wait_until(time.monotonic() + PATIENCE_SECONDS)

        assert starts.read_text() == "x"
        assert process._running.poll() is not None

    def test_yields_to_pages_where_it_works_in_the_background(self, run, tmp_path):
        niceness = {}
        for name in ("web", "relay", "worker"):
            told = tmp_path / name
            program = f"import os; open({str(told)!r}, 'w').write(str(os.nice(0)))"
            process = run.Process(name, "-c", program)
            process.start()
            wait_until(lambda told=told: told.exists() and told.read_text() != "")
            process.stop()
            process.wait_until(time.monotonic() + PATIENCE_SECONDS)
            niceness[name] = int(told.read_text())

        assert niceness["web"] == niceness["relay"] < niceness["worker"]
