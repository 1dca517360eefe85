"""What a full disk, a copy by somebody else, or a kill leaves in the folder of a database, with a real server."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.faults.conftest import PROJECT


def redis(command: str) -> str:
    """``bin/services`` for a Redis of this run's own."""
    name = f"faults-leftovers-{os.getpid()}"
    names = [] if command == "remove" else ["redis"]
    return subprocess.run(
        ["bin/services", "--for", name, command, *names],
        cwd=PROJECT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout


def process() -> psutil.Process:
    found = re.search(r"pid (\d+)", redis("status"))
    assert found
    return psutil.Process(int(found[1]))


@pytest.fixture
def folder() -> Iterator[Path]:
    """The folder of a server that has run and is stopped."""
    redis("up")
    try:
        folder = Path(process().cwd())
        redis("down")
        yield folder
    finally:
        redis("remove")


class TestLeftovers:
    def test_of_a_full_disk_that_left_no_number_of_a_port_are_replaced(self, folder):
        (folder.parent / "redis.port").write_text("")

        redis("up")

        assert process().is_running()

    @pytest.mark.skipif(os.getuid() != 0, reason="an ordinary user's servers run as himself")
    def test_that_belong_to_somebody_else_are_taken_over(self, folder):
        for path in (folder, *folder.iterdir()):
            shutil.chown(path, "root")

        redis("up")

        assert process().is_running()

    def test_that_name_the_process_of_another_program_harm_neither(self, folder):
        another = subprocess.Popen(["sleep", "600"])
        try:
            (folder / "pid").write_text(f"{another.pid}\n")

            redis("up")

            assert process().pid != another.pid
            assert another.poll() is None
        finally:
            another.kill()
            another.wait()
