"""``manage.py relay`` while a store answers and serves nothing, as MongoDB without a majority does."""

import logging
import os
import signal

import pytest
from django.core.management import call_command
from django.db import OperationalError
from psycopg import errors
from pymongo.errors import WTimeoutError

from potato.stores.breaker import MONGO, POSTGRES, answering
from prices.management.commands import relay as command
from prices.publishing import relay

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("mongo_store")]


def without_majority() -> None:
    with answering(MONGO):
        raise WTimeoutError("waiting for replication timed out")


def locked_out() -> None:
    raise OperationalError("canceling statement due to lock timeout") from errors.LockNotAvailable()


@pytest.fixture
def run(monkeypatch):
    """Run the relay, whose first three rounds end in a fault; then it is asked to end."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}

    def run(fault) -> None:
        rounds = 0

        def round_of(**_):
            nonlocal rounds
            rounds += 1
            if rounds <= 3:
                fault()
            os.kill(os.getpid(), signal.SIGTERM)
            return []

        monkeypatch.setattr(relay, "run_once", round_of)
        monkeypatch.setattr(command, "SHORTEST_PAUSE", 0.001)
        call_command("relay")

    yield run
    for number, handler in kept.items():
        signal.signal(number, handler)
    MONGO.reset()
    POSTGRES.reset()


@pytest.mark.parametrize(
    ("fault", "reason"),
    [(without_majority, "waiting for replication timed out"), (locked_out, "lock timeout")],
)
def test_says_once_why_nothing_goes_on(run, caplog, fault, reason):
    with caplog.at_level(logging.WARNING):
        run(fault)

    (line,) = [record.getMessage() for record in caplog.records if record.name == "prices.publishing.relay"]
    assert reason in line
