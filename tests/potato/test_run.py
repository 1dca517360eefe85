"""Which processes ``bin/run`` and containers start, and what keeps them alive: a worker that has gone deaf ends itself, for
one, and nobody else starts it again."""

import importlib.util
import json
import re
import shlex
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
import yaml

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


def python(program: str) -> str:
    """The program as a line of the Procfile."""
    return f"POTATO_PROCESS=test python -c {shlex.quote(program)}"


def wait_until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def words(command: str, **environment: str) -> list[str]:
    """The words of a command once the shell has put in its variables."""
    printed = subprocess.run(
        ["sh", "-c", f"printf '%s\\n' {command}"], env=environment, check=True, capture_output=True, text=True
    )
    return printed.stdout.splitlines()


class TestProcfile:
    """The one list of processes. What cannot read it repeats it."""

    COMMANDS = dict(re.findall(r"^(\w+): (.+)$", (PROJECT / "Procfile").read_text(), flags=re.MULTILINE))
    NAMES = ("web", "events", "relay", "worker", "beat")

    def test_has_every_process_and_a_step_before_them(self):
        assert set(self.COMMANDS) == {*self.NAMES, "release"}

    @pytest.mark.parametrize("name", NAMES)
    def test_says_which_process_it_is(self, name):
        assert words(self.COMMANDS[name])[0] == f"POTATO_PROCESS={name}"

    def test_is_what_bin_run_starts(self, run):
        started = {process.name: process._command for process in run.processes()}

        assert started == {name: self.COMMANDS[name] for name in self.NAMES}

    def test_takes_addresses_and_numbers_from_the_environment(self, run):
        environment = {**run.OPTIONS, "HOST": "127.0.0.1", "PORT": "8010", "EVENTS_PORT": "8011"}

        web, events = (words(self.COMMANDS[name], **environment) for name in ("web", "events"))

        assert web[web.index("--host") :][:4] == [*events[events.index("--host") :][:2], "--port", "8010"]
        assert events[events.index("--port") + 1] == "8011"
        assert web[web.index("--workers") + 1] == run.OPTIONS["WEB_WORKERS"]

    @pytest.mark.parametrize("name", NAMES)
    def test_is_what_each_container_starts(self, name):
        services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]

        assert words(services[name]["command"]) == ["env", *words(self.COMMANDS[name])]

    def test_prepares_as_the_first_container_does(self):
        services = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())["services"]

        assert services["prepare"]["command"] == self.COMMANDS["release"]

    def test_has_the_web_process_that_the_image_starts_by_itself(self):
        [command] = re.findall(r"^CMD (.+)$", (PROJECT / "Dockerfile").read_text(), flags=re.MULTILINE)

        assert json.loads(command) == words(self.COMMANDS["web"])[1:]


class TestProcess:
    def test_is_started_again_whenever_it_ends(self, run, tmp_path, capfd):
        starts = tmp_path / "starts"
        program = f"open({str(starts)!r}, 'a').write('x'); import sys; sys.exit(3)"
        process = run.Process("beat", python(program))

        process.start()
        wait_until(lambda: starts.exists() and len(starts.read_text()) >= 2)
        process.stop()
        process.wait_until(time.monotonic() + PATIENCE_SECONDS)

        assert "beat | ended with status 3; starts again in 1 s" in capfd.readouterr().out

    def test_ends_with_what_it_has_started_when_it_is_asked_to(self, run, tmp_path):
        starts = tmp_path / "starts"
        program = f"import time; open({str(starts)!r}, 'a').write('x'); time.sleep(600)"
        process = run.Process("worker", python(program))

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
            process = run.Process(name, python(program))
            process.start()
            wait_until(lambda told=told: told.exists() and told.read_text() != "")
            process.stop()
            process.wait_until(time.monotonic() + PATIENCE_SECONDS)
            niceness[name] = int(told.read_text())

        assert niceness["web"] == niceness["relay"] < niceness["worker"]
