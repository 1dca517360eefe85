"""What people do to prices while the real MongoDB is dead or frozen, under a real web process."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import Any, Self
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


@dataclass(frozen=True)
class Sent:
    """The fields of three forms: a new price, a correction and a report."""

    new: dict[str, str]
    correction: dict[str, str]
    report: dict[str, str]

    @classmethod
    def of(cls, begun: dict[str, Any]) -> Self:
        price = {"price": "2500", "quantity": "1", "unit": begun["unit"], "type": "RETAIL", "note": ""}
        return cls(
            new={"submission_id": str(uuid7()), "seen": "now", **begun["form"], **price},
            correction={"submission_id": str(uuid7()), "seen": "same", **price},
            report={"act_id": str(uuid7()), "reason": "unit"},
        )


def act(author: Person, other: Person, prices: dict[str, str], sent: Sent) -> list[Answer]:
    """Do everything that people do to prices, most of it twice."""
    return [
        author.post("/prices/submit/", **sent.new),
        author.post(f"/prices/{prices['correct']}/correct/", **sent.correction),
        author.post(f"/prices/{prices['correct']}/correct/", **sent.correction),
        author.post(f"/prices/{prices['withdraw']}/withdraw/", act_id=str(uuid7())),
        author.post(f"/prices/{prices['withdraw']}/withdraw/", act_id=str(uuid7())),
        author.post(f"/prices/{sent.new['submission_id']}/withdraw/", act_id=str(uuid7())),
        other.post(f"/prices/{prices['confirm']}/confirm/"),
        other.post(f"/prices/{prices['confirm']}/confirm/"),
        other.post(f"/prices/{prices['report']}/report/", **sent.report),
        other.post(f"/prices/{prices['report']}/report/", **sent.report),
    ]


class TestActsWithoutMongodb:
    @pytest.mark.parametrize("fault", ["dead", "frozen"])
    def test_are_accepted_within_three_seconds_and_published_once_when_it_is_back(
        self, servers, site_env, fault
    ):
        begun = run("begin", site_env)
        prices, sent = begun["prices"], Sent.of(begun)
        with web_process(site_env) as address:
            author, other = (Person(address, begun[who]) for who in ("author", "other"))
            author.wait_for(f"/prices/{prices['confirm']}/")
            # What else this machine has to do.
            busy = max(author.ask("/prices/mine/").seconds for _ in range(5))

            with getattr(servers, fault)("mongo"):
                answers = act(author, other, prices, sent)
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
        waiting, corrected = sent.new["submission_id"], sent.correction["submission_id"]
        assert {id: ended["entries"][id] for id in (*prices.values(), corrected, waiting)} == {
            prices["confirm"]: ["published", 1, 1],
            prices["correct"]: ["withdrawn", 1, 0],
            prices["withdraw"]: ["withdrawn", 1, 0],
            prices["report"]: ["published", 0, 0],
            corrected: ["published", 0, 0],
            waiting: ["withdrawn", 1, 0],
        }
        assert ended["reports"].count(prices["report"]) == 1
        assert ended["differences"] == []
