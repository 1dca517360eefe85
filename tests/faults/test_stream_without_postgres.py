# ruff: noqa: F811  the fixture is another file's
"""A thousand pages of people who are signed in, while PostgreSQL is started again."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.alerts.live.conftest import listen  # noqa: F401  a fixture
from tests.faults.conftest import (
    PATIENCE_SECONDS,
    PROJECT,
    Servers,
    connect,
    end_sessions,
    free_port,
    running,
)

PEOPLE, STREAMS = 250, 1000
MAKE_PEOPLE = f"""
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from accounts.models import User
from potato.stores.sessions import SessionStore
for number in range({PEOPLE}):
    user = User.objects.create(email=f"stream{{number}}@example.com", password="!")
    for _ in range({STREAMS // PEOPLE}):
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.create()
        print(session.session_key)
"""


@pytest.fixture
def events(potato_env: dict[str, str]) -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", "--port", str(port), "--no-access-log"]
    command += ["--timeout-graceful-shutdown", "1", "tests.alerts.live.quick:application"]
    with running(command, env={**potato_env, "POTATO_PROCESS": "events"}, port=port) as address:
        yield address


@pytest.fixture
def sessions(servers: Servers, potato_env: dict[str, str]) -> Iterator[list[str]]:
    """The sessions of people, four each."""
    made = subprocess.run(
        [sys.executable, "manage.py", "shell", "--verbosity", "0", "--no-imports", "-c", MAKE_PEOPLE],
        cwd=PROJECT,
        env=potato_env,
        check=True,
        capture_output=True,
        text=True,
    )
    yield made.stdout.split()
    with connect(servers) as operator:
        operator.execute("DELETE FROM alerts_notification")
        operator.execute("DELETE FROM accounts_user WHERE email LIKE 'stream%'")


def write_notifications(servers: Servers) -> None:
    """One for each person, announced by nobody."""
    with connect(servers) as operator:
        operator.execute(
            "INSERT INTO alerts_notification (user_id, kind, day, is_late, entry_id, type, base, amount, entry_status,"
            " facts, count) SELECT id, 'SHOP', current_date, false, gen_random_uuid(), 'RETAIL', 'kg', 240000, '', '{}', 1"
            " FROM accounts_user WHERE email LIKE 'stream%'"
        )


class TestStreamsOfMembers:
    @pytest.mark.timeout(300)
    def test_stay_while_postgresql_is_started_again_and_are_sent_what_they_missed(
        self, listen, servers, potato_env, events, sessions
    ):
        pages = [listen(events, "item=12", Cookie=f"sessionid={key}").ready() for key in sessions]
        assert {page.event()[0] for page in pages} == {"unread"}

        with servers.dead("postgres"):
            # Prices need no PostgreSQL.
            redis = Redis.from_url(f"{potato_env['REDIS_URL']}/3")
            redis.publish(f"{potato_env['POTATO_PREFIX']}:published", json.dumps({"item": 12}))
            assert {page.event()[0] for page in pages} == {"price"}
            late = listen(events, "item=13", Cookie=f"sessionid={sessions[0]}").ready()
        write_notifications(servers)

        assert all(page.alert() for page in pages[1:])
        assert late.event()[0] == "unread"

    @pytest.mark.timeout(300)
    def test_go_on_when_all_connections_to_it_are_cut(self, listen, servers, potato_env, events, sessions):
        page = listen(events, "", Cookie=f"sessionid={sessions[0]}").ready()
        page.event()

        end_sessions(servers)
        write_notifications(servers)

        assert page.alert()["unread"] == 1

    @pytest.mark.timeout(300)
    def test_go_on_when_it_was_silent(self, listen, servers, potato_env, events, sessions):
        page = listen(events, "item=12", Cookie=f"sessionid={sessions[0]}").ready()
        page.event()
        redis = Redis.from_url(f"{potato_env['REDIS_URL']}/3")

        with servers.frozen("postgres"):
            started = time.monotonic()
            redis.publish(f"{potato_env['POTATO_PREFIX']}:notified", json.dumps({"first": 1, "last": 2}))
            redis.publish(f"{potato_env['POTATO_PREFIX']}:published", json.dumps({"item": 12}))
            assert page.event()[0] == "price"
            # A thread waits for PostgreSQL, nobody else does.
            assert time.monotonic() - started < PATIENCE_SECONDS / 20
        write_notifications(servers)

        assert page.alert()["unread"] == 1
