"""PostgreSQL reads and takes nothing: a standby taken for the primary, or set so while its disk is nearly full."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from tests.faults.conftest import Browser, Servers


@contextmanager
def read_only(servers: Servers) -> Iterator[None]:
    address = servers.env()["DATABASE_URL"].replace("postgis:", "postgresql:")
    with psycopg.connect(address, autocommit=True) as operator:
        operator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        operator.execute("SELECT pg_reload_conf()")
        try:
            yield
        finally:
            operator.execute("ALTER SYSTEM RESET default_transaction_read_only")
            operator.execute("SELECT pg_reload_conf()")


class TestReadOnlyPostgresql:
    def test_is_away_for_who_writes_and_there_for_who_reads(self, servers, web):
        member, newcomer = Browser(web), Browser(web)
        member.ask("/enter/")

        with read_only(servers):
            refused = newcomer.wait_for("/enter/", status=503)
            price, private = member.ask("/prices/"), member.ask("/private/")

        assert refused.headers["x-potato-degraded"] == "postgres"
        assert "prices [May]" in price.text
        assert "private [May]" in private.text
        assert newcomer.wait_for("/enter/").text == "in"
