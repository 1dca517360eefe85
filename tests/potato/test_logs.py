"""What is written into the log, and what is not."""

import io
import logging
import logging.config

import kombu.exceptions
import pytest
import redis
from celery.beat import SchedulingError
from django.conf import settings
from django.db import OperationalError
from pymongo.errors import WTimeoutError

from potato.celery import app
from potato.errors import Unavailable
from potato.stores.breaker import MONGO, REDIS, Fault, answering


@pytest.fixture
def written(request: pytest.FixtureRequest) -> io.StringIO:
    """What the console would show."""
    logging.config.dictConfig(settings.LOGGING)
    stream = io.StringIO()
    (console,) = (h for h in logging.getLogger().handlers if getattr(h, "filters", None))
    console.setStream(stream)
    request.addfinalizer(lambda: logging.getLogger().removeHandler(console))
    return stream


def log_error(name: str, error: BaseException) -> None:
    try:
        raise error
    except BaseException:
        logging.getLogger(name).exception("Message Error: %s", error)


class TestForeignHost:
    def test_is_answered_400_and_is_one_line_without_a_traceback(self, written, client):
        response = client.get("/", headers={"host": "evil.example\nERROR potato: all is lost"})

        assert response.status_code == 400
        (line,) = written.getvalue().splitlines()
        assert "WARNING django.security.DisallowedHost: Invalid HTTP_HOST header" in line

    @pytest.mark.parametrize("kind", ["SuspiciousOperation", "TooManyFieldsSent", "DisallowedRedirect"])
    def test_has_relatives_that_are_one_line_too(self, written, kind):
        log_error(f"django.security.{kind}", ValueError("one\ntwo\rthree\x1b[31m\u2028four"))

        (line,) = written.getvalue().splitlines()
        assert f"WARNING django.security.{kind}" in line
        assert r"one\ntwo\rthree\x1b[31m\u2028four" in line


class TestTraceback:
    def test_holds_no_line_that_passes_for_a_record(self, written):
        """Errors quote what strangers sent, line by line."""
        log_error("potato", ValueError("no number:\n2026-12-01 ERROR potato: all is lost\x1b[31m\r\u2028"))

        record, *traceback = written.getvalue().rstrip("\n").split("\n")
        assert "ERROR potato: Message Error: no number:" in record
        assert all(line.startswith("  ") for line in traceback)
        assert traceback[-1] == r"  2026-12-01 ERROR potato: all is lost\x1b[31m\r\u2028"


class TestLinksOfMails:
    def test_are_not_written_when_their_form_is_refused(self, written):
        logging.getLogger("django.security.csrf").warning(
            "Forbidden: %s", "/my/accounts/email/undo/a-secret/"
        )

        assert "Forbidden: /my/accounts/email/undo/..." in written.getvalue()
        assert "a-secret" not in written.getvalue()

    @pytest.mark.parametrize("path", ["email/undo", "password/reset/key", "confirm-email"])
    def test_are_not_written_when_a_page_fails(self, written, path):
        log_error("django.request", ValueError(f"/accounts/{path}/a-secret:x/"))

        assert "Message Error: /accounts/" in written.getvalue()
        assert "a-secret" not in written.getvalue()


class TestPage:
    def test_that_is_a_503_in_an_outage_is_no_line(self, written, client):
        REDIS.failed(Fault.DOWN, "refused")

        assert client.get("/broken/mongo/").status_code == 503

        assert "django.request" not in written.getvalue()
        assert written.getvalue().count("\n") == 1

    def test_that_is_a_503_though_no_store_is_away_is_a_line(self, written, client):
        """Somebody holds a lock: nothing else would tell."""
        assert client.get("/broken/postgres/").status_code == 503

        assert "ERROR django.request: Service Unavailable: /broken/postgres/" in written.getvalue()

    def test_with_a_bug_has_its_traceback_in_an_outage_too(self, written, client):
        REDIS.failed(Fault.DOWN, "refused")
        client.raise_request_exception = False

        assert client.get("/broken/bug/").status_code == 500

        assert "Traceback" in written.getvalue()
        assert written.getvalue().count("ZeroDivisionError: a bug") == 1


def from_redis(error: Exception) -> BaseException:
    """As beat says that it could not send a task."""
    try:
        try:
            raise kombu.exceptions.OperationalError(str(error)) from error
        except kombu.exceptions.OperationalError:
            raise SchedulingError("Couldn't apply scheduled task") from None
    except SchedulingError as scheduling:
        return scheduling


class TestLibraries:
    @pytest.mark.parametrize(
        "error",
        [
            redis.ConnectionError("refused"),
            redis.exceptions.OutOfMemoryError("OOM command not allowed"),
            redis.exceptions.ReadOnlyError("You can't write against a read only replica."),
        ],
        ids=["dead", "full", "read only"],
    )
    def test_leave_redis_to_its_breaker(self, written, error):
        for _ in range(5):
            log_error("celery.beat", from_redis(error))

        (line,) = written.getvalue().splitlines()
        assert "WARNING potato.stores.breaker: redis is unavailable" in line

    @pytest.mark.parametrize("name", ["celery.worker", "kombu.asynchronous.hub"])
    @pytest.mark.parametrize(
        "error",
        [
            redis.exceptions.OutOfMemoryError("command not allowed when used memory > 'maxmemory'."),
            redis.exceptions.ResponseError("UNBLOCKED force unblock from blocking operation"),
        ],
        ids=["full", "read only since"],
    )
    def test_leave_redis_that_takes_no_writes_to_its_breaker(self, written, name, error):
        for _ in range(5):
            log_error(name, error)

        (line,) = written.getvalue().splitlines()
        assert f"redis is unavailable (refusing): {error}" in line

    def test_leave_redis_to_its_breaker_where_the_error_is_part_of_the_text(self, written):
        for retry in range(5):
            logging.getLogger("celery.worker.consumer.consumer").error(
                "consumer: Cannot connect to %s: %s.\n%s\n",
                "redis://",
                redis.ConnectionError("refused"),
                retry,
            )

        (line,) = written.getvalue().splitlines()
        assert line.endswith("redis is unavailable (down): refused")

    @pytest.mark.parametrize("error", [OperationalError("refused"), Unavailable("mongo")])
    def test_leave_other_stores_to_who_asked_them(self, written, error):
        log_error("django_celery_beat.schedulers", error)

        assert written.getvalue() == ""

    @pytest.mark.parametrize("name", ["celery.beat", "celery.worker.consumer.consumer", "celery.app.trace"])
    def test_show_a_bug_with_its_traceback(self, written, name):
        log_error(name, ZeroDivisionError("a bug"))

        assert "Traceback" in written.getvalue()

    def test_show_a_bug_that_an_outage_has_led_to(self, written):
        try:
            raise redis.ConnectionError("refused")
        except redis.ConnectionError:
            log_error("celery.beat", KeyError("a bug"))

        assert "KeyError: 'a bug'" in written.getvalue()


class TestTask:
    def test_that_a_store_answers_and_does_not_serve_is_one_line(self, written):
        """Else nobody would learn that MongoDB has no majority: to the breaker it is no outage."""

        @app.task(name="tests.waits_for_a_majority", shared=False)
        def task():
            with answering(MONGO):
                raise WTimeoutError("waiting for replication timed out")

        try:
            task.apply()
        finally:
            app.tasks.pop("tests.waits_for_a_majority")

        (line,) = [line for line in written.getvalue().splitlines() if "WARNING" in line]
        assert "potato.celery: tests.waits_for_a_majority ended and runs again when it is due" in line
