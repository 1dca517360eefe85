"""python run.py STATE: what bin/run does once everything is installed.

Databases, preparation, the processes of the Procfile; each that dies is started again, a database too. Ctrl-C, SIGTERM
or SIGHUP ends everything, the databases too unless `bin/services up` started them. STATE is this checkout's folder of data.
"""

import errno
import fcntl
import itertools
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import IO

import environ

PROJECT = Path(__file__).resolve().parents[2]
DATABASES = {"postgres": "DATABASE_URL", "mongo": "MONGODB_URL", "redis": "REDIS_URL"}
# The name that people open and that cookies belong to. The servers listen on 127.0.0.1 alone.
HOST = "localhost"
FIRST_PORT = 8000
# What a Procfile's "NAME: COMMAND" lines look like to those who run them. "release" is a step before, not a process.
PROCFILE_LINE = re.compile(r"^(?!release:)([\w-]+): *(.+)$", re.MULTILINE)
LONGEST_PAUSE_SECONDS = 30
# A process that has lived this long was not broken from the start: its next death costs a short pause again.
STEADY_SECONDS = 60
PATIENCE_SECONDS = 10
PROGRAMS = Path(sys.executable).parent
# setpriv: should this program be killed, what it started gets SIGTERM rather than live on without it.
UNTIL_WE_DIE = ("setpriv", "--pdeathsig", "TERM", "--")
# Pages and acknowledgements come first where the processors are few: what works in the background yields to them.
NICENESS = {"worker": 12, "beat": 12, "events": 5}
# Those that hold a file for each open page get as many as the system allows.
MANY_FILES = {"events"}
# How the Procfile's processes run on one person's machine, unless its environment says otherwise: few, soon ended, and
# quiet beside each other in one terminal.
OPTIONS = {
    "WEB_WORKERS": str(min(os.cpu_count() or 1, 4)),
    "GRANIAN_WORKERS_KILL_TIMEOUT": "5",
    # Granian warns of more threads than processors. Most of these wait for slow senders (potato/web/request_bodies.py).
    "GRANIAN_LOG_LEVEL": "error",
    "EVENTS_STOP_SECONDS": "2",
    "UVICORN_LOG_LEVEL": "warning",
    "TASKS_LOG_LEVEL": "WARNING",
    "CELERY_QUIET": "true",
    # Root is warned of tasks that are pickles; ours are JSON.
    "PYTHONWARNINGS": "ignore:You're running the worker",
}

asked_to_stop = False


def ask_to_stop(*_: object) -> None:
    global asked_to_stop
    asked_to_stop = True


def say(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except OSError:
        pass  # the terminal is gone, and with it whoever would read this


class Process:
    """One of Potato's processes, started again whenever it dies, its lines printed under its name.

    ``command`` is a line of the Procfile, for the shell.
    """

    def __init__(self, name: str, command: str) -> None:
        self.name = name
        self._command = command
        self._stopping = threading.Event()
        self._running: subprocess.Popen[str] | None = None
        # The thread lives as long as the process: its end would count as ours for setpriv.
        self._thread = threading.Thread(target=self._keep_alive, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Ask it to end."""
        self._stopping.set()
        if self._running and self._running.poll() is None:
            self._running.terminate()

    def wait_until(self, deadline: float) -> None:
        """Return when it has ended: by itself before the deadline (monotonic seconds), or killed."""
        self._thread.join(max(0.0, deadline - time.monotonic()))
        if self._thread.is_alive() and self._running:
            self._running.kill()
            self._thread.join()

    def _keep_alive(self) -> None:
        pause = 1
        while not self._stopping.is_set():
            started = time.monotonic()
            status = self._run_once()
            if self._stopping.is_set():
                return
            if time.monotonic() - started > STEADY_SECONDS:
                pause = 1
            say(f"{self.name:>6} | ended with status {status}; starts again in {pause} s")
            self._stopping.wait(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _run_once(self) -> int:
        files = "ulimit -S -n $(ulimit -H -n); " if self.name in MANY_FILES else ""
        process = self._running = subprocess.Popen(
            # "exec env": the process itself and not a shell around it gets the signals, though variables begin the line.
            [
                "nice",
                "-n",
                str(NICENESS.get(self.name, 0)),
                *UNTIL_WE_DIE,
                "sh",
                "-c",
                f"{files}exec env {self._command}",
            ],
            cwd=PROJECT,
            env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        if self._stopping.is_set():
            process.terminate()
        assert process.stdout is not None
        printing = threading.Thread(target=self._print, args=[process.stdout], daemon=True)
        printing.start()
        status = process.wait()
        try:
            # Children that outlived it hold its port and its output.
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        printing.join()
        process.stdout.close()
        return status

    def _print(self, lines: IO[str]) -> None:
        for line in lines:
            say(f"{self.name:>6} | {line.rstrip()}")


class Databases:
    """This checkout's own databases: those for which the environment names no other."""

    def __init__(self, state: Path, *, set_name: str = "main") -> None:
        self.own = [name for name, variable in DATABASES.items() if not os.environ.get(variable)]
        self._set_name = set_name
        self._folder = state / set_name
        # Tells databases that a bin/run started from those that `bin/services up` did; it outlives a kill.
        self._ours = self._folder / "started-by-run"
        self._pause = 1
        self._try_again_at = 0.0

    def start(self) -> bool:
        """Start them and put their addresses into the environment; false if one does not start."""
        if self.own:
            running = "runs on" in self._services("status").stdout
            if not running or self._ours.exists():
                self._ours.parent.mkdir(exist_ok=True)
                self._ours.touch()
            if self._services("up", *self.own).returncode:
                return False
        for name, address in self._addresses().items():
            os.environ.setdefault(name, address)
        return True

    def stop(self) -> None:
        if self._ours.exists():
            self._services("down", *self.own)
            self._ours.unlink()

    def bring_back(self) -> bool:
        """Start again those that have ended by themselves; `bin/services down` is obeyed.

        :return: false if one had to take another address: the processes would look for it at its old one for ever.
        """
        ended = [name for name in self.own if self._has_ended(name)]
        if not ended or time.monotonic() < self._try_again_at:
            return True
        names = " and ".join(ended)
        say(f"{names} ended without having been asked to; starting again")
        if self._services("up", *ended).returncode:
            say(f"{names} did not start; the next try is in {self._pause} s")
            self._try_again_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE_SECONDS)
            return True
        say(f"{names} started again")
        self._pause = 1
        addresses = self._addresses()
        return all(os.environ[DATABASES[name]] == addresses[DATABASES[name]] for name in ended)

    def _has_ended(self, name: str) -> bool:
        try:
            pid = (self._folder / f"{name}.runs").read_text().strip()
        except FileNotFoundError:
            return False  # stopped, or never started by us
        try:
            # Empty while a process that ended waits for its parent to notice.
            return bool(pid) and not Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return True

    def _addresses(self) -> dict[str, str]:
        lines = self._services("env", *(self.own or ["none"])).stdout.splitlines()
        return dict(line.split("=", 1) for line in lines)

    def _services(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        # In a session of its own, for Ctrl-C must not interrupt it half way.
        return subprocess.run(
            ["bin/services", "--for", self._set_name, *arguments],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def only_once(state: Path) -> IO[str]:
    """Hold this while running: a second bin/run of a checkout would stop the first one's databases."""
    lock = (state / "run.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        sys.exit(f"bin/run: Potato runs from this checkout already, {lock.read() or 'or is about to'}")
    lock.truncate(0)
    return lock


def prepare(state: Path, *, demo: bool) -> bool:
    """Run prepare.py; false if it failed or was interrupted."""
    parts = ["files", "databases", *(["demo"] if demo else [])]
    command = [*UNTIL_WE_DIE, sys.executable, "bin/lib/prepare.py", str(state), *parts]
    preparation = subprocess.Popen(command, cwd=PROJECT, start_new_session=True)
    while preparation.poll() is None:
        if asked_to_stop:
            preparation.terminate()
            preparation.wait()
        time.sleep(0.05)
    return preparation.returncode == 0


def is_free(port: int) -> bool:
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family) as attempt:
                attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                attempt.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
    return True


def reserve_port(first: int) -> tuple[int, socket.socket]:
    """A free port from `first` on, reserved among the bin/runs of this machine while the socket is open."""
    for port in itertools.count(first):
        # A name without a file, gone with us. The server itself binds the port only seconds later.
        reservation = socket.socket(socket.AF_UNIX)
        try:
            reservation.bind(f"\0potato-port-{port}")
        except OSError:
            continue
        if is_free(port):
            return port, reservation
        reservation.close()
    raise AssertionError("itertools.count does not end")


def processes() -> list[Process]:
    return [Process(*line) for line in PROCFILE_LINE.findall((PROJECT / "Procfile").read_text())]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def announce(address: str, state: Path, *, demo: bool) -> None:
    say(f"\nPotato is ready: {address}")
    if demo:
        say(f"\nDemo accounts (e-mail, password, role):\n{(state / 'demo-accounts').read_text().rstrip()}")
    say("\nReal prices: bin/manage import_wfp FILE...  (World Food Programme, CSV, gzipped or not)")
    say("Ctrl-C stops everything.\n")


def main(state: Path) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, ask_to_stop)
    lock = only_once(state)
    environ.Env.read_env(PROJECT / ".env")
    os.environ.setdefault("DEBUG", "true")
    # bin/manage lives in the day of the processes that it works beside.
    as_of = state / "as-of"
    as_of.write_text(os.environ.get("POTATO_AS_OF", ""))
    databases = Databases(state)
    demo = len(databases.own) == len(DATABASES)
    running: list[Process] = []
    try:
        if not databases.start() or asked_to_stop or not prepare(state, demo=demo):
            return 0 if asked_to_stop else 1

        web_port, _web = reserve_port(FIRST_PORT)
        events_port, _events = reserve_port(web_port + 1)
        address = f"http://{HOST}:{web_port}/"
        os.environ.update(HOST="127.0.0.1", PORT=str(web_port), EVENTS_PORT=str(events_port))
        os.environ["POTATO_PORT"] = str(web_port)
        for name, value in {**OPTIONS, "EVENTS_URL": f"http://{HOST}:{events_port}"}.items():
            os.environ.setdefault(name, value)
        lock.write(f"at {address}")
        lock.flush()
        running = processes()
        for process in running:
            process.start()
        while not asked_to_stop and not answers(f"{address}healthz"):
            time.sleep(0.1)
        if not asked_to_stop:
            announce(address, state, demo=demo)
        while not asked_to_stop:
            time.sleep(0.2)
            if not databases.bring_back():
                say("A database had to take another port. Start bin/run again.")
                return 1
        return 0
    finally:
        say("Stopping ...")
        for process in running:
            process.stop()
        deadline = time.monotonic() + PATIENCE_SECONDS
        for process in running:
            process.wait_until(deadline)
        databases.stop()
        as_of.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
