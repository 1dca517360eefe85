"""Bars that say on a terminal how far a command got, how fast it is and how long it will still take."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from tqdm import tqdm

from prices.importers.loading import Tick

# What a log keeps of a bar is one line each time that it is drawn.
SECONDS_BETWEEN_LINES_OF_A_LOG = 10.0


@contextmanager
def on_stderr(what: str, total: int) -> Iterator[Tick]:
    """A bar of so many steps; nothing where there is nothing to do."""
    seconds = 0.1 if sys.stderr.isatty() else SECONDS_BETWEEN_LINES_OF_A_LOG
    with tqdm(
        total=total, desc=what, disable=total == 0, mininterval=seconds, unit_scale=total > 1000
    ) as bar:
        yield bar.update
