"""The real pages while PostgreSQL is dead, from a process that knew it and from one that never did."""

import os
import subprocess
import sys
from collections import Counter
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from tests.faults.conftest import PROJECT, Browser, Servers, web_process
from tests.prices.offered import Offers, is_public, kind_of

ADDRESSES_OF_A_KIND = 4
LANGUAGES = ("", "/my")


@pytest.fixture(scope="module")
def demo_env(servers: Servers) -> dict[str, str]:
    """The environment of a process with demo prices, in databases of their own on these servers."""
    env = {**servers.env(), "POTATO_PREFIX": f"{servers.name}-pages"}
    for variable in ("DATABASE_URL", "MONGODB_URL"):
        env[variable] = urlunsplit(urlsplit(env[variable])._replace(path="/pages"))
    url = urlsplit(env["DATABASE_URL"])._replace(scheme="postgresql", path="/postgres")
    with psycopg.connect(urlunsplit(url), autocommit=True) as connection:
        connection.execute("CREATE DATABASE pages")
    # The relay writes the names of things.
    commands = (
        "migrate",
        "ensure_indexes",
        "load_reference",
        "seed_demo --entries 300 --days 30",
        "relay --once",
    )
    for command in commands:
        subprocess.run(
            [sys.executable, "manage.py", *command.split(), "--verbosity", "0"],
            cwd=PROJECT,
            check=True,
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
        )
    return env


def offered_addresses(browser: Browser) -> list[str]:
    """What a visitor gets to while everything works, some of each kind, in both languages."""
    seen: dict[str, None] = {}
    waiting, counts = [f"{language}/" for language in LANGUAGES], Counter[tuple[bool, str]]()
    while waiting:
        path = waiting.pop(0)
        if path in seen or not is_public(path):
            continue
        kind = path.startswith("/my/"), kind_of(path)
        counts[kind] += 1
        if counts[kind] > ADDRESSES_OF_A_KIND:
            continue
        seen[path] = None
        # A browser of its own for each: what one page remembers would change the next.
        answer = Browser(browser.address).ask(path)
        assert answer.status == 200, path
        if answer.headers["content-type"].startswith("text/html"):
            waiting += Offers(answer.text, at=browser.address + path).found
    return list(seen)


def unanswered(address: str, paths: list[str]) -> list[str]:
    answers = {path: Browser(address).ask(path) for path in paths}
    return [f"{path}: {answer.status}" for path, answer in answers.items() if answer.status != 200]


class TestDeadPostgresql:
    def test_leaves_every_public_page_in_processes_old_and_new(self, servers, demo_env):
        with web_process(demo_env) as address:
            browser = Browser(address)
            browser.wait_for("/")
            paths = offered_addresses(browser)
            assert {"shops", "shop", "item", "region", "township", "near"} <= {
                kind_of(path) for path in paths
            }
            # The list of shops, the second time by filters of its own.
            shops = [path for path in paths if kind_of(path) == "shops"]
            assert len(shops) > len(LANGUAGES)
            with servers.dead("postgres"):
                assert unanswered(address, paths) == []
                with web_process(demo_env) as fresh:
                    Browser(fresh).wait_for("/")
                    assert unanswered(fresh, paths) == []
                    for path in shops:
                        answer = Browser(fresh).ask(path)
                        assert answer.headers["x-potato-degraded"] == "postgres"
                        assert "no-cache" in answer.headers["cache-control"]
