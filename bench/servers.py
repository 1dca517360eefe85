"""Potato's processes as ``bin/run`` starts them, and the server of the limits."""

import importlib.util
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from bench.clients import Browser

PROJECT = Path(__file__).resolve().parents[1]
PATIENCE_SECONDS = 60


def _bin_run() -> ModuleType:
    """What ``bin/run`` runs, which is a script beside it."""
    spec = importlib.util.spec_from_file_location("bin_run", PROJECT / "bin" / "lib" / "run.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


bin_run = _bin_run()


@dataclass(frozen=True, slots=True)
class Running:
    """Processes that run, by name, and the port of the web."""

    port: int
    processes: Mapping[str, Any]

    def cpu_seconds(self, name: str) -> float:
        """How much CPU time a process and its children have had."""
        return sum(_cpu_seconds_of_group(self.processes[name]._running.pid))

    def megabytes(self, name: str) -> float:
        """How much memory (resident, 1,000,000 bytes) a process itself takes."""
        status = Path(f"/proc/{self.processes[name]._running.pid}/status").read_text()
        kilobytes = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kilobytes) * 1024 / 1e6

    @contextmanager
    def watching(self, *names: str) -> Iterator[Callable[[], float]]:
        """The CPU time (seconds) that processes have together, from now on."""
        before = sum(self.cpu_seconds(name) for name in names)
        yield lambda: sum(self.cpu_seconds(name) for name in names) - before


@contextmanager
def potato() -> Iterator[Running]:
    """All of Potato's processes, each started again if it dies."""
    with _ports() as port, _running(port, bin_run.processes()) as running:
        _wait_for(port, "/healthz")
        yield running


@contextmanager
def limits(*, page_bytes: int) -> Iterator[Running]:
    """The server of ``bench/hello.py``, with as many processes and threads as Potato's."""
    os.environ["HELLO_BYTES"] = str(page_bytes)
    with _web("bench.hello:application", path="/bare") as running:
        yield running


@contextmanager
def another_web() -> Iterator[Running]:
    """Potato's web alone, beside the one that runs with all of Potato's processes."""
    with _web("potato.wsgi:application", path="/healthz") as running:
        yield running


@contextmanager
def without_memory() -> Iterator[Running]:
    """Potato's web alone, whose processes have none of the pages that they are asked for in their memory."""
    with _web("bench.without_memory:application", path="/healthz") as running:
        yield running


@contextmanager
def _web(application: str, *, path: str) -> Iterator[Running]:
    # Another application, and nothing else changes.
    web = next(one for one in bin_run.processes() if one.name == "web")
    command = web._command.removesuffix("potato.wsgi:application")
    assert command != web._command, "the Procfile starts the web otherwise by now"
    with _ports() as port, _running(port, [bin_run.Process("web", command + application)]) as running:
        _wait_for(port, path)
        yield running


@contextmanager
def _ports() -> Iterator[int]:
    """The port of the web that is started next; as ``bin/run`` sets it and what else the Procfile asks for."""
    port, reservation = bin_run.reserve_port(bin_run.FIRST_PORT)
    events_port, events_reservation = bin_run.reserve_port(port + 1)
    address = f"http://127.0.0.1:{events_port}"
    os.environ.update(HOST="127.0.0.1", PORT=str(port), EVENTS_PORT=str(events_port), EVENTS_URL=address)
    for name, value in bin_run.OPTIONS.items():
        os.environ.setdefault(name, value)
    with reservation, events_reservation:
        yield port


@contextmanager
def _running(port: int, processes: list) -> Iterator[Running]:
    for process in processes:
        process.start()
    try:
        yield Running(port, {process.name: process for process in processes})
    finally:
        for process in processes:
            process.stop()
        deadline = time.monotonic() + bin_run.PATIENCE_SECONDS
        for process in processes:
            process.wait_until(deadline)


def _wait_for(port: int, path: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        try:
            if Browser(port).ask("GET", path).status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    sys.exit(f"bin/bench: nothing answers at {path}")


def _cpu_seconds_of_group(group: int) -> Iterator[float]:
    """The CPU time of each process of a group; each of Potato's processes has one with its children."""
    ticks = os.sysconf("SC_CLK_TCK")
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name may hold anything, brackets and spaces too.
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[2]) == group:
            yield (int(fields[11]) + int(fields[12])) / ticks
