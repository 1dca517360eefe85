"""What was measured: samples, their percentiles, the table for the terminal and the JSON for a file."""

import math
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Samples:
    """How long each of several equal things took (seconds), and how long it all took."""

    took: Sequence[float]
    seconds: float
    failed: int = 0
    cpu_seconds: float | None = None
    """Of the processes that did it, if they were watched. Unlike times, it hardly depends on who else is busy here."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A line of the table; times in milliseconds.

    ``cpu`` is the CPU time of the processes that did it, for each. ``goal`` is what ``p95`` should stay under.
    """

    group: str
    name: str
    count: int
    per_second: float
    p50: float
    p95: float
    p99: float
    longest: float
    failed: int = 0
    cpu: float | None = None
    goal: float | None = None
    is_limit: bool = False
    note: str = ""

    @property
    def is_missed(self) -> bool:
        return self.failed > 0 or (self.goal is not None and self.p95 >= self.goal)


def figure(group: str, name: str, samples: Samples, **more: Any) -> Figure:
    """The figures of samples. ``more``: the other fields of :class:`Figure`."""
    took = sorted(samples.took)
    at = {share: 1000 * percentile(took, share) for share in (0.5, 0.95, 0.99)}
    return Figure(
        group=group,
        name=name,
        count=len(took),
        per_second=len(took) / samples.seconds if samples.seconds else 0.0,
        p50=at[0.5],
        p95=at[0.95],
        p99=at[0.99],
        longest=1000 * took[-1] if took else 0.0,
        failed=samples.failed,
        cpu=1000 * samples.cpu_seconds / len(took) if samples.cpu_seconds is not None and took else None,
        **more,
    )


def percentile(ordered: Sequence[float], share: float) -> float:
    """The smallest sample that at least this share of the samples do not exceed; 0 without samples."""
    if not ordered:
        return 0.0
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def load() -> str:
    """The machine's load average, over 1, 5 and 15 minutes."""
    return " ".join(f"{one:.2f}" for one in os.getloadavg())


@dataclass(slots=True)
class Report:
    """All figures of a run."""

    options: dict[str, Any]
    figures: list[Figure] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    loads: dict[str, str] = field(default_factory=dict)

    def add(self, *figures: Figure) -> None:
        for one in figures:
            self.figures.append(one)
            # The machine may be busy with something else: then this line says so.
            self.loads[one.group] = load()

    def table(self) -> str:
        lines = [
            f"{'':58}{'n':>8}{'per s':>10}{'p50 ms':>10}{'p95 ms':>10}{'p99 ms':>10}{'max ms':>10}{'CPU ms':>9}"
        ]
        group = ""
        for one in self.figures:
            if one.group != group:
                group = one.group
                lines += ["", f"{group}   (load {self.loads[group]})"]
            name = f"  limit: {one.name}" if one.is_limit else f"  {one.name}"
            times = "".join(f"{ms:>10.2f}" for ms in (one.p50, one.p95, one.p99, one.longest))
            cpu = f"{one.cpu:>9.2f}" if one.cpu is not None else " " * 9
            lines.append(
                f"{name:58}{one.count:>8,}{one.per_second:>10,.1f}{times}{cpu}{_remark(one)}".rstrip()
            )
        lines += ["", *(f"{name}: {value}" for name, value in self.facts.items())]
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "machine": {
                "cores": os.cpu_count(),
                "system": platform.platform(),
                "python": platform.python_version(),
            },
            "options": self.options,
            "loads": self.loads,
            "facts": self.facts,
            "figures": [{**asdict(one), "is_missed": one.is_missed} for one in self.figures],
        }


def _remark(one: Figure) -> str:
    remarks = [one.note] if one.note else []
    if one.failed:
        remarks.append(f"{one.failed} FAILED")
    if one.goal is not None:
        remarks.append(f"p95 goal {one.goal:.0f} ms{': MISSED' if one.p95 >= one.goal else ''}")
    return f"   {', '.join(remarks)}" if remarks else ""
