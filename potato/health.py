"""Whether this process lives, and whether it can serve."""

import json
import logging
import threading
import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection, connections
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache

from potato.errors import Unavailable
from potato.stores import mongo, redis
from potato.stores.breaker import MONGO, POSTGRES, REDIS, Breaker, answering

ASK_AGAIN_SECONDS = 1.0
logger = logging.getLogger(__name__)


@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers. Whoever restarts it asks this: a database that is away is no reason to restart."""
    return HttpResponse("ok\n", content_type="text/plain")


@never_cache
def readyz(request: HttpRequest) -> HttpResponse:
    """One line of JSON for each store: its state and how long it took to say so.

    503 only when neither MongoDB nor PostgreSQL answers: either of them alone still serves every price page
    (boards, or their copies), and Redis is never needed. Whoever balances loads asks this.
    """
    answers = [_ask(POSTGRES, _postgres), _ask(MONGO, _mongo), _ask(REDIS, _redis)]
    up = {answer["store"] for answer in answers if answer["state"] == "up"}
    status = 200 if up & {"postgres", "mongo"} else 503
    body = "".join(json.dumps(answer) + "\n" for answer in answers)
    return HttpResponse(body, status=status, content_type="application/x-ndjson")


def keep_asking() -> None:
    """Start the thread that asks stores again which have not been heard of lately. Once for each web process.

    Visitors' price pages never ask PostgreSQL, and Redis only about pages that were kept: where nobody signs in, a page
    would go on saying that a store is away, and would not be kept, long after the store is back.
    """

    def watch() -> None:
        while True:
            time.sleep(ASK_AGAIN_SECONDS)
            try:
                ask_again()
            except Exception:
                logger.exception("stores could not be asked again")
            finally:
                connections.close_all()

    threading.Thread(target=watch, name="asking", daemon=True).start()


def ask_again() -> None:
    """Ask each store whose breaker is not closed, or whose outage is not logged as over, if it may be asked by now."""
    for store, question in ((POSTGRES, _postgres), (MONGO, _mongo), (REDIS, _redis)):
        if store.awaits_success:
            _ask(store, question)


def _ask(store: Breaker, question: Callable[[], object]) -> dict[str, object]:
    started = time.perf_counter()
    try:
        with answering(store):
            question()
        state = "up"
    except Unavailable:
        state = "away"
    milliseconds = round((time.perf_counter() - started) * 1000, 1)
    return {"store": store.name, "state": state, "ms": milliseconds, "breaker": store.state}


def _postgres() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _mongo() -> None:
    mongo.client().admin.command("ping")


def _redis() -> None:
    redis.client(settings.REDIS_LIVE).ping()
