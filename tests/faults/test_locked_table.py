"""Somebody holds a table that pages need, under a real web process."""

import threading
import time

import psycopg

from potato.stores.postgres import LOCK_SECONDS
from tests.faults.conftest import Answer, Browser, crowd
from tests.faults.test_frozen_stores import LIMIT


class TestLockedTable:
    def test_costs_who_needs_it_half_a_second_and_others_little(self, servers, web, busy):
        browser = Browser(web)
        assert browser.ask("/person/").status == 200
        refused: list[Answer] = []

        def ask() -> None:
            refused.append(Browser(web).ask("/person/"))

        with psycopg.connect(servers.env()["DATABASE_URL"].replace("postgis:", "postgresql:")) as holder:
            holder.execute("LOCK TABLE accounts_user")
            ask()
            many = [threading.Thread(target=ask) for _ in range(12)]
            for one in many:
                one.start()
            time.sleep(0.1)
            pages = crowd(web, "/prices/", seconds=1)
            for one in many:
                one.join()

        assert {answer.status for answer in refused} == {503}
        assert refused[0].seconds < LOCK_SECONDS + 0.4 + busy
        assert max(answer.seconds for answer in refused) < LIMIT + busy
        assert {answer.status for answer in pages} == {200}
        assert max(answer.seconds for answer in pages) < LIMIT + busy
        assert browser.ask("/person/").status == 200
