"""A question before a command does what nobody should do by a slip."""

import sys

from django.core.management.base import CommandError


def agree(question: str) -> None:
    """Ask whoever sits at the terminal. Who has a script run the command has decided before.

    :raises CommandError: the answer was not yes.
    """
    if sys.stdin.isatty() and input(f"{question} [y/N] ").strip().lower() not in ("y", "yes"):
        raise CommandError("Nothing was done.")
