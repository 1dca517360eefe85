"""Forms about the account while PostgreSQL reads and takes no writes."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection, transaction

from potato.errors import Unavailable
from tests.accounts.conftest import PASSWORD, make_member, sign_in

pytestmark = pytest.mark.django_db

NEW = "a new battery for horses"
FOR_EVERYBODY = {
    "login/": {"login": "su@example.com", "password": PASSWORD},
    "signup/": {"email": "new@example.com", "password1": PASSWORD, "password2": PASSWORD},
    "password/reset/": {"email": "su@example.com"},
}
FOR_MEMBERS = {
    "reauthenticate/": {"password": PASSWORD},
    "email/": {"email": "another@example.com", "action_add": ""},
    "password/change/": {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW},
}


@contextmanager
def read_only() -> Iterator[None]:
    """Until the block ends, PostgreSQL refuses every write of this connection."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        yield


def assert_unavailable(answer) -> None:
    assert answer.status_code == 503
    assert answer["X-Potato-Degraded"] == "postgres"
    assert "Too many" not in answer.content.decode()


class TestReadOnlyPostgresql:
    @pytest.mark.parametrize("page", FOR_EVERYBODY)
    def test_answers_503_and_never_too_many_tries(self, client, page):
        make_member(email="su@example.com")

        with read_only():
            answer = client.post(f"/accounts/{page}", FOR_EVERYBODY[page])

        assert_unavailable(answer)

    @pytest.mark.parametrize("page", FOR_MEMBERS)
    def test_answers_members_alike(self, client, page):
        client.force_login(make_member(email="su@example.com"))

        with read_only():
            answer = client.post(f"/accounts/{page}", FOR_MEMBERS[page])

        assert_unavailable(answer)

    def test_says_so_where_a_confirmation_would_be_sent_again(self, client):
        user = make_member()
        user.emailaddress_set.create(email="second@example.com")
        client.force_login(user)

        with read_only():
            answer = client.post("/accounts/email/", {"email": "second@example.com", "action_send": ""})

        assert_unavailable(answer)

    def test_is_an_error_for_the_worker_that_paces_itself(self):
        with read_only(), pytest.raises(Unavailable):
            cache.add("accounts.mail_retried", True)

    def test_counts_again_afterwards(self, client):
        user = make_member()
        with read_only():
            assert_unavailable(sign_in(client, user))

        assert sign_in(client, user).url == "/accounts/profile/"


class TestDefaultCache:
    def test_keeps_what_somebody_else_added_first(self):
        assert cache.add("key", 1)
        assert not cache.add("key", 2)
        assert cache.get("key") == 1

    def test_cannot_touch_what_is_not_there(self):
        assert not cache.touch("nothing")

    def test_says_when_a_statement_failed_for_another_reason(self):
        def refuse(execute, sql, params, many, context):
            if sql.startswith("INSERT"):
                sql = "SELECT 1/0"
                params = None
            return execute(sql, params, many, context)

        with connection.execute_wrapper(refuse), pytest.raises(Unavailable):
            cache.set("key", 1)

        assert cache.get("key") is None
