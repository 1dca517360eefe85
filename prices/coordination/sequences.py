"""The two PostgreSQL sequences that put things in order."""

from typing import Any

from django.db import connection, models
from django.db.models import Func, Value


class NextSeq(Func):
    """``nextval('<sequence>')`` as a column's default in the database."""

    function = "nextval"
    output_field = models.BigIntegerField()

    def __init__(self, sequence: Any) -> None:
        super().__init__(sequence if hasattr(sequence, "resolve_expression") else Value(sequence))


def next_rev() -> int:
    """A number for something derived, to be drawn before its inputs are read.

    Whoever draws later reads later, so the higher number may replace the lower one and never the reverse.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('prices_rev_seq')")
        return cursor.fetchone()[0]


def raise_rev_above(highest: int) -> None:
    """See that no number up to ``highest`` is drawn again (after a restore)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT setval('prices_rev_seq', greatest(nextval('prices_rev_seq'), %s))", [highest])
