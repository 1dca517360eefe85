"""PostgreSQL reads and takes nothing: a standby taken for the primary, or set so while its disk is nearly full."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlencode

import psycopg

from tests.faults.conftest import Browser, Servers, web_process


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

    def test_is_not_taken_for_too_many_tries_where_people_sign_in(self, servers, potato_env):
        settings = {"DJANGO_SETTINGS_MODULE": "potato.settings", "DEBUG": "true"}
        with web_process({**potato_env, **settings}) as potato:
            visitor = Browser(potato)
            visitor.wait_for("/accounts/login/")
            # Django takes the cookie's own value for the form's.
            [token] = [value for name, value in visitor.cookies.items() if name.startswith("csrftoken")]
            form = urlencode(
                {"csrfmiddlewaretoken": token, "login": "su@example.com", "password": "not known"}
            ).encode()

            with read_only(servers):
                refused = visitor.wait_for("/accounts/login/", status=503, data=form)

            assert refused.headers["x-potato-degraded"] == "postgres"
            assert "su@example.com" in refused.text
            assert "Too many" not in refused.text
            visitor.wait_for("/accounts/login/", status=422, data=form)
