"""What people do to prices while the real MongoDB is dead or frozen, under a real web process."""

import json
import os
import subprocess
import sys
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings

from prices.coordination.ids import uuid7
from tests.faults.conftest import PROJECT, Answer, Browser, web_process

LIMIT = 3.0
TOKEN = "t" * 32


class Person(Browser):
    """Signed in, with a form's token."""

    def __init__(self, address: str, session: str) -> None:
        cookies = {settings.SESSION_COOKIE_NAME: session, settings.CSRF_COOKIE_NAME: TOKEN}
        super().__init__(address, cookies)

    def post(self, path: str, **fields: Any) -> Answer:
        return self.ask(path, urlencode({"csrfmiddlewaretoken": TOKEN, **fields}).encode())


@pytest.fixture
def site_env(potato_env):
    return {**potato_env, "DJANGO_SETTINGS_MODULE": "tests.faults.site_settings"}


def run(step: str, env: dict[str, str]) -> Any:
    done = subprocess.run(
        [sys.executable, "-m", "tests.faults.people_on_prices", step],
        cwd=PROJECT,
        env={**os.environ, **env},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


class TestActsWithoutMongodb:
    @pytest.mark.parametrize("fault", ["dead", "frozen"])
    def test_are_accepted_within_three_seconds_and_published_once_when_it_is_back(
        self, servers, site_env, fault
    ):
        begun = run("begin", site_env)
        prices, waiting = begun["prices"], str(uuid7())
        price = {"price": "2500", "quantity": "1", "unit": begun["unit"], "type": "RETAIL", "note": ""}
        corrected = {"submission_id": str(uuid7()), "seen": "same", **price}
        report = {"act_id": str(uuid7()), "reason": "unit"}
        with web_process(site_env) as address:
            author, other = (Person(address, begun[who]) for who in ("author", "other"))
            author.wait_for(f"/prices/{prices['confirm']}/")
            # What else this machine has to do.
            busy = max(author.ask("/prices/mine/").seconds for _ in range(5))

            with getattr(servers, fault)("mongo"):
                answers = [
                    author.post(
                        "/prices/submit/", submission_id=waiting, seen="now", **begun["form"], **price
                    ),
                    author.post(f"/prices/{prices['correct']}/correct/", **corrected),
                    author.post(f"/prices/{prices['correct']}/correct/", **corrected),
                    author.post(f"/prices/{prices['withdraw']}/withdraw/", act_id=str(uuid7())),
                    author.post(f"/prices/{prices['withdraw']}/withdraw/", act_id=str(uuid7())),
                    author.post(f"/prices/{waiting}/withdraw/", act_id=str(uuid7())),
                    other.post(f"/prices/{prices['confirm']}/confirm/"),
                    other.post(f"/prices/{prices['confirm']}/confirm/"),
                    other.post(f"/prices/{prices['report']}/report/", **report),
                    other.post(f"/prices/{prices['report']}/report/", **report),
                ]
                page = other.ask(f"/prices/{prices['confirm']}/")
                mine = author.ask("/prices/mine/")

        # Each leads on to a page, which comes from the ledger.
        assert [answer.text for answer in answers if answer.status != 200] == []
        assert max(answer.seconds for answer in [*answers, page, mine]) < LIMIT + busy
        assert page.status == mine.status == 200
        assert page.headers["x-potato-degraded"] == "mongo"
        assert "will be carried out soon" in page.text
        ended = run("end", site_env)
        assert ended["rows"][-6:] == [
            ["PRICE", "published"],
            ["CORRECT", "published"],
            ["WITHDRAW", "published"],
            ["WITHDRAW", "published"],
            ["CONFIRM", "published"],
            ["REPORT", "published"],
        ]
        assert {
            id: ended["entries"][id] for id in (*prices.values(), corrected["submission_id"], waiting)
        } == {
            prices["confirm"]: ["published", 1, 1],
            prices["correct"]: ["withdrawn", 1, 0],
            prices["withdraw"]: ["withdrawn", 1, 0],
            prices["report"]: ["published", 0, 0],
            corrected["submission_id"]: ["published", 0, 0],
            waiting: ["withdrawn", 1, 0],
        }
        assert ended["reports"].count(prices["report"]) == 1
        assert ended["differences"] == []
