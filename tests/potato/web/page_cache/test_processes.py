"""Several processes that share pages through Redis."""

import os
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from potato.stores import redis, revisions
from potato.stores.breaker import REDIS
from potato.web import page_cache
from potato.web.page_cache import shared, wsgi
from tests.potato.web.page_cache.conftest import Answer, Django, Processes

PROJECT = Path(__file__).resolve().parents[4]
PATIENCE_SECONDS = 60


def wait_for(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


class TestTwoProcesses:
    def test_make_a_page_once(self, processes, django):
        answers = [Answer(app, accept_encoding="br") for app in processes.all]

        assert django.made == 1
        assert answers[0].body == answers[1].body
        assert answers[0].headers == answers[1].headers

    def test_make_a_page_again_once_for_a_newer_board(self, processes, django, clock):
        for app in processes.all:
            Answer(app)
        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += 1

        assert all(b"<p>2</p>" in Answer(app).body for app in processes.all)
        assert django.made == 2

    def test_ask_redis_for_no_page_that_is_fresh_in_their_memory(self, processes, monkeypatch):
        for app in processes.all:
            Answer(app)

        def asked(*_: object) -> None:
            raise AssertionError

        monkeypatch.setattr(redis, "client", asked)
        for app in processes.all:
            assert Answer(app).status == "200 OK"

    def test_serve_a_page_no_longer_than_a_minute_whoever_made_it(self, processes, django, clock):
        first, second = processes.all
        Answer(first)
        clock.now += 40
        Answer(second)
        assert django.made == 1

        clock.now += 21
        Answer(second)

        assert django.made == 2

    def test_of_two_releases_share_nothing(self, django, clock):
        for _ in range(2):
            Answer(Processes(django, clock=clock).all[0])

        assert django.made == 2

    def test_each_make_what_may_not_be_stored(self, processes, django):
        django.headers = [("Set-Cookie", "a=b")]

        for app in processes.all:
            assert Answer(app).status == "200 OK"

        assert django.made == 2

    def test_make_pages_as_ever_without_redis(self, processes, django, no_redis):
        for _ in range(2):
            for app in processes.all:
                assert Answer(app).status == "200 OK"

        assert django.made == 2

    def test_share_a_page_that_somebody_with_a_token_asked_for_first(self, processes, django):
        first, second = processes.all

        Answer(first, cookie="csrftoken=abc")
        Answer(second)

        assert django.made == 1
        assert "abc" not in django.asked[0]["HTTP_COOKIE"]


class TestWhileAnotherProcessBuilds:
    @pytest.fixture
    def slow(self, processes: Processes, django: Django) -> Iterator[Callable[[], None]]:
        """Has the first process build, and wait inside Django until the test is over or lets it go on."""
        inside, self.go_on = threading.Event(), threading.Event()
        self.builder = threading.Thread(target=Answer, args=(processes.all[0],))

        def begin() -> None:
            def wait() -> None:
                django.before = lambda: None
                inside.set()
                self.go_on.wait(PATIENCE_SECONDS)

            django.before = wait
            self.builder.start()
            assert inside.wait(PATIENCE_SECONDS)

        yield begin
        self.go_on.set()
        if self.builder.is_alive():
            self.builder.join(PATIENCE_SECONDS)

    @pytest.fixture(autouse=True)
    def long_claims(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(shared, "CLAIM_SECONDS", PATIENCE_SECONDS)

    def test_the_stale_page_is_served(self, processes, django, clock, slow):
        for app in processes.all:
            Answer(app)
        django.rev = 2
        revisions.tell({django.board: 2})
        clock.now += 1
        slow()

        other = Answer(processes.all[1])

        assert b"<p>1</p>" in other.body
        self.go_on.set()
        self.builder.join(PATIENCE_SECONDS)
        assert b"<p>2</p>" in Answer(processes.all[1]).body
        assert django.made == 2

    def test_a_page_too_old_for_anybody_is_built_anew(self, processes, django, clock, slow, monkeypatch):
        monkeypatch.setattr(wsgi, "WAIT_SECONDS", 0.05)
        for app in processes.all:
            Answer(app)
        clock.now += 62
        django.rev = 2
        slow()

        assert b"<p>2</p>" in Answer(processes.all[1]).body
        assert django.made == 3

    def test_a_new_page_is_waited_for(self, processes, django, slow, monkeypatch):
        monkeypatch.setattr(wsgi, "WAIT_SECONDS", PATIENCE_SECONDS)
        slow()
        answers: list[Answer] = []
        other = threading.Thread(target=lambda: answers.append(Answer(processes.all[1])))
        other.start()
        other.join(0.1)
        assert not answers

        self.go_on.set()
        other.join(PATIENCE_SECONDS)

        assert answers[0].status == "200 OK"
        assert django.made == 1

    def test_nobody_waits_long_for_a_new_page(self, processes, django, slow, monkeypatch):
        monkeypatch.setattr(wsgi, "WAIT_SECONDS", 0.05)
        slow()

        assert Answer(processes.all[1]).status == "200 OK"
        assert self.builder.is_alive()
        assert django.made == 2

    def test_the_next_process_builds_what_the_first_failed_to(self, processes, django):
        def fail() -> None:
            raise RuntimeError

        django.before = fail
        with pytest.raises(RuntimeError):
            Answer(processes.all[0])
        django.before = lambda: None

        assert Answer(processes.all[1]).status == "200 OK"
        assert django.made == 2


# A process that builds one page, of revision 2, and waits inside Django where it is asked to.
_BUILDER = """
import sys, time
import django
django.setup()
from potato.web.page_cache import PageCache, SharedStore
from tests.potato.web.page_cache.conftest import Answer, Django
_, release, board, waits = sys.argv
site = Django(board)
site.rev = 2
def before():
    print("inside", flush=True)
    if waits == "waits":
        time.sleep(600)
site.before = before
print(Answer(PageCache(site, shared=SharedStore(release=release))).status, flush=True)
"""


class TestRealProcesses:
    @pytest.fixture
    def start(self, process_env: dict[str, str], django: Django) -> Iterator[Callable[..., subprocess.Popen]]:
        self.release = uuid.uuid4().hex
        started: list[subprocess.Popen] = []

        def start(waits: str) -> subprocess.Popen:
            command = [sys.executable, "-c", _BUILDER, self.release, django.board, waits]
            env = {**process_env, "PYTHONPATH": str(PROJECT)}
            process = subprocess.Popen(command, env=env, cwd=PROJECT, stdout=subprocess.PIPE, text=True)
            started.append(process)
            assert process.stdout.readline() == "inside\n"
            return process

        yield start
        for process in started:
            process.kill()
            process.wait()
            process.stdout.close()

    def own(self, django: Django) -> page_cache.PageCache:
        return page_cache.PageCache(django, shared=page_cache.SharedStore(release=self.release))

    def test_leave_their_pages_to_those_that_start_later(self, start, django):
        made = start("ends")
        assert made.stdout.read() == "200 OK\n"
        assert made.wait(PATIENCE_SECONDS) == 0

        answer = Answer(self.own(django))

        assert b"<p>2</p>" in answer.body
        assert django.made == 0

    def test_build_a_page_whose_builder_was_killed(self, start, django):
        app = self.own(django)
        Answer(app)
        revisions.tell({django.board: 2})
        builder = start("waits")
        django.rev = 2
        os.kill(builder.pid, 9)
        builder.wait()

        wait_for(lambda: b"<p>2</p>" in Answer(app).body)

        assert django.made == 2
        assert REDIS.state == "closed"
