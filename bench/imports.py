"""WFP's real files into an empty installation, and the same again."""

import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from bench.figures import Report, Samples, figure
from bench.servers import PROJECT

GROUP = "Import of real prices"
FIRST_GOAL_MS, AGAIN_GOAL_MS = 60_000, 20_000
# Where the real files lie beside a checkout that has them.
REAL_FILES = PROJECT.parent / "shared" / "data" / "prices"


def real_files() -> list[Path]:
    """The real files that are known to lie here."""
    return sorted(path for path in REAL_FILES.glob("wfp*.csv*") if path.is_file())


def measure(files: Sequence[Path], *, report: Report) -> None:
    """Run the command as anybody would, start of the program included."""
    report.facts["files"] = [str(path) for path in files]
    for name, goal in (("first run", FIRST_GOAL_MS), ("the same files again", AGAIN_GOAL_MS)):
        command = [sys.executable, str(PROJECT / "manage.py"), "import_wfp", "--refused", "/dev/null"]
        before = _cpu_seconds()
        started = time.perf_counter()
        told = subprocess.run([*command, *map(str, files)], check=True, stdout=subprocess.PIPE, text=True)
        took = time.perf_counter() - started
        report.add(figure(GROUP, name, Samples([took], took, cpu_seconds=_cpu_seconds() - before), goal=goal))
        report.facts[name] = told.stdout.splitlines()[:2]


def _cpu_seconds() -> float:
    """Of the programs that this one has run, without the databases."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
