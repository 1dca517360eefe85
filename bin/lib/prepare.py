"""python prepare.py STATE PART...: everything between empty databases and the first page, in one process.

PART is ``files`` (messages, static files), ``databases`` (tables, indexes, reference tables, boards) or
``demo`` (demo accounts, and demo data where there are no prices). STATE is a folder that remembers what need not
be done again. Every step may run again; on a warm machine all of them together take a few seconds.
"""

import fcntl
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import django
from django.conf import settings
from django.core.management import call_command

PROJECT = Path(__file__).resolve().parents[2]
DEMO_ENTRIES = 50_000

Step = tuple[str, Callable[[], object]]


def compile_messages() -> None:
    """Every .po has a .mo that is not older."""
    for source in PROJECT.glob("locale/*/LC_MESSAGES/*.po"):
        compiled = source.with_suffix(".mo")
        if not compiled.exists() or compiled.stat().st_mtime < source.stat().st_mtime:
            subprocess.run(["msgfmt", "--check-format", "-o", compiled, source], check=True)


def collect_static(state: Path) -> None:
    """Static files lie, compressed, where the web process serves them from. Only if one has changed."""
    seen = hashlib.sha256(f"{settings.STATIC_ROOT} {settings.STORAGES['staticfiles']}".encode())
    for path in [
        PROJECT / "requirements.txt",
        PROJECT / "potato" / "web" / "scripts.py",
        *sorted(PROJECT.glob("static/**/*")),
        *sorted(PROJECT.glob("*/static/**/*")),
    ]:
        seen.update(str(path).encode())
        if path.is_file():
            seen.update(path.read_bytes())
    digest = seen.hexdigest()
    with (state / "static-files").open("a+") as stamp:
        fcntl.flock(stamp, fcntl.LOCK_EX)  # bin/run and bin/test may be here at once
        stamp.seek(0)
        if settings.STATIC_ROOT.exists() and stamp.read() == digest:
            return
        call_command("collectstatic", interactive=False, verbosity=0)
        stamp.truncate(0)
        stamp.write(digest)


def seed_demo() -> None:
    """Demo data where there are no prices, and the end of a seeding that was interrupted."""
    from prices.models import ImportBatch
    from prices.store import entries

    unfinished = ImportBatch.objects.filter(source="DEMO").exclude(state=ImportBatch.State.REFRESHED)
    if unfinished.exists() or not entries.any_at_all():
        call_command("seed_demo", entries=DEMO_ENTRIES, interactive=False)


def create_demo_users(state: Path) -> None:
    """Demo accounts; what bin/run says about them at the end is kept in STATE."""
    with (state / "demo-accounts").open("w") as file:
        call_command("create_demo_users", stdout=file, interactive=False)


def command(name: str, **options: object) -> Step:
    return name, lambda: call_command(name, **options)


def steps(state: Path, parts: Sequence[str]) -> list[Step]:
    """What there is to do, in order."""
    plan: list[Step] = []
    if "files" in parts:
        plan += [
            ("compile messages", compile_messages),
            ("collect static files", lambda: collect_static(state)),
        ]
    if "databases" in parts:
        plan += [
            command("migrate", interactive=False, verbosity=0),
            command("createcachetable", verbosity=0),
            command("ensure_indexes"),
            command("set_schedule"),
            command("load_reference"),
        ]
    if "demo" in parts:
        plan += [("seed_demo", seed_demo), ("create_demo_users", lambda: create_demo_users(state))]
    if "databases" in parts:
        plan.append(command("prepare_boards"))
    return plan


def main(state: Path, parts: Sequence[str]) -> None:
    """Run every step in order; a failing one is named before its error travels up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "potato.settings")
    sys.path.insert(0, str(PROJECT))
    django.setup()
    for name, step in steps(state, parts):
        started = time.monotonic()
        try:
            step()
        except BaseException:
            print(f"\nPreparing Potato failed at the step: {name}\n", file=sys.stderr, flush=True)
            raise
        if (seconds := time.monotonic() - started) >= 1:
            print(f"{name}: {seconds:.0f} s", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
