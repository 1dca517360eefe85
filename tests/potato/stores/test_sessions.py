from collections.abc import Iterator
from importlib import import_module

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.core.cache import caches
from django.db import OperationalError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.test import Client

from accounts.models import Role, Session, User
from potato.stores import sessions
from potato.stores.breaker import REDIS, Fault
from potato.stores.sessions import SessionStore
from tests.factories import make_user

pytestmark = pytest.mark.django_db
COOKIE = settings.SESSION_COOKIE_NAME


@pytest.fixture
def may(client: Client) -> Client:
    """A browser in which May, a contributor, is signed in."""
    client.force_login(make_user(display_name="May", role=Role.CONTRIBUTOR))
    return client


@pytest.fixture
def no_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(REDIS, "_pause", 3600)
    REDIS.failed(Fault.SLOW)


@pytest.fixture
def no_postgres() -> Iterator[None]:
    def refuse(execute, sql, params, many, context):
        raise OperationalError("no answer")

    with connection.execute_wrapper(refuse):
        yield


def key_of(browser: Client) -> str:
    return browser.cookies[COOKIE].value


class TestVisitors:
    def test_cost_no_query_and_get_no_cookie_on_a_price_page(self, client, django_assert_num_queries):
        with django_assert_num_queries(0):
            response = client.get("/")

        assert response.status_code == 200
        assert not response.cookies
        assert Session.objects.count() == 0

    def test_are_told_apart_from_members_by_caches(self, client):
        assert "Cookie" in client.get("/")["Vary"]

    def test_cost_no_query_when_their_cookie_is_rubbish(self, client, django_assert_num_queries):
        for rubbish in ("x", "a\\000b" * 8, "A" * 32, "../" * 20):
            client.cookies[COOKIE] = rubbish
            with django_assert_num_queries(0):
                assert client.get("/").status_code == 200


class TestMembers:
    def test_are_named_on_a_price_page_without_a_query_while_there_is_a_copy(
        self, may, django_assert_num_queries
    ):
        with django_assert_num_queries(0):
            response = may.get("/")

        assert b"[May]" in response.content

    def test_are_named_from_postgresql_when_there_is_no_copy_and_then_there_is_one(
        self, may, django_assert_num_queries
    ):
        caches["sessions"].clear()

        with django_assert_num_queries(1):
            assert b"[May]" in may.get("/").content

        with django_assert_num_queries(0):
            assert b"[May]" in may.get("/").content

    def test_are_named_anew_once_a_private_page_has_seen_the_change(self, may):
        User.objects.update(display_name="May Thu")
        may.get("/private/")

        assert b"[May Thu]" in may.get("/").content

    def test_are_signed_out_by_the_first_private_page_after_their_account_was_closed(self, may):
        User.objects.update(is_active=False)

        assert may.get("/private/").status_code == 403
        assert Session.objects.count() == 0
        assert b"[]" in may.get("/").content


class TestCopies:
    def test_live_five_minutes_at_most(self, may):
        assert 0 < caches["sessions"].ttl(f"session:{key_of(may)}") <= sessions.COPY_SECONDS <= 300

    def test_do_not_live_longer_for_being_read(self, may):
        caches["sessions"].expire(f"session:{key_of(may)}", 5)

        may.get("/")

        assert caches["sessions"].ttl(f"session:{key_of(may)}") <= 5

    def test_open_nothing_private_after_a_sign_out_that_redis_has_missed(self, may, client):
        key = key_of(may)
        # Signed out while Redis was away: PostgreSQL knows, the copy could not be deleted.
        Session.objects.filter(pk=key).delete()
        assert caches["sessions"].get(f"session:{key}")
        thief = Client()
        thief.cookies[COOKIE] = key

        assert thief.get("/private/").status_code == 403
        assert Session.objects.count() == 0

    def test_bring_no_session_back_to_life(self, may):
        store = SessionStore(key_of(may))
        store.trust_copy = True
        store["basket"] = [1]
        Session.objects.all().delete()

        with pytest.raises(UpdateError):
            store.save()

        assert Session.objects.count() == 0

    def test_go_with_the_session(self, may):
        key = key_of(may)

        may.logout()

        assert caches["sessions"].get(f"session:{key}") is None


class TestWithoutRedis:
    def test_members_stay_signed_in(self, may, no_redis):
        response = may.get("/private/")

        assert b"[May]" in response.content
        assert COOKIE not in response.cookies
        assert b"[May]" in may.get("/").content

    def test_a_session_that_is_ended_is_ended(self, may, no_redis):
        key = key_of(may)

        may.logout()

        thief = Client()
        thief.cookies[COOKIE] = key
        assert thief.get("/private/").status_code == 403

    def test_signing_in_works(self, client, no_redis):
        client.force_login(make_user(display_name="Ko"))

        assert b"[Ko]" in client.get("/private/").content


class TestWithoutPostgresql:
    def test_members_are_named_from_the_copy(self, may, no_postgres):
        assert b"[May]" in may.get("/").content

    def test_members_without_a_copy_are_visitors_and_keep_their_cookie(self, may, no_postgres, monkeypatch):
        caches["sessions"].clear()

        response = may.get("/")

        assert response.status_code == 200
        assert b"[]" in response.content
        assert COOKIE not in response.cookies
        assert "postgres" in response["X-Potato-Degraded"]

    def test_private_pages_are_503_and_keep_the_cookie(self, may, no_postgres):
        response = may.get("/private/")

        assert response.status_code == 503
        assert COOKIE not in response.cookies

    def test_what_could_not_be_read_is_not_written_over(self, may, no_postgres):
        caches["sessions"].clear()
        store = SessionStore(key_of(may))
        store.trust_copy = True
        store["basket"] = [1]

        with pytest.raises(OperationalError):
            store.save()

    def test_a_session_that_cannot_be_saved_is_503_and_not_an_ended_session(self, may, monkeypatch):
        store = SessionStore(key_of(may))
        store["basket"] = [1]

        def refuse(self, sql, params=None):
            raise OperationalError("no answer")

        monkeypatch.setattr(CursorWrapper, "execute", refuse)

        with pytest.raises(OperationalError):
            store.save()


@pytest.mark.django_db(transaction=True)
class TestEndingAllOfAnAccount:
    def test_takes_the_name_from_the_menu_of_every_browser(self, may):
        other, stranger = Client(), Client()
        account = User.objects.get(display_name="May")
        other.force_login(account)
        stranger.force_login(make_user(display_name="Aye"))
        for browser in (may, other, stranger):
            browser.get("/")

        sessions.end_all(account_id=account.pk)

        for browser in (may, other):
            assert SessionStore(key_of(browser)).kept_copy() is None
            assert "May" not in browser.get("/").content.decode()
        assert SessionStore(key_of(stranger)).kept_copy() is not None
        assert Session.objects.filter(account_id=account.pk).count() == 0
        assert Session.objects.count() == 1

    def test_ends_them_in_postgresql_while_redis_is_away(self, may, no_redis):
        sessions.end_all(account_id=User.objects.get().pk)

        assert may.get("/private/").status_code == 403

    def test_ends_nothing_when_what_asked_for_it_is_not_committed(self, may):
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            sessions.end_all(account_id=User.objects.get().pk)
            raise ZeroDivisionError

        assert SessionStore(key_of(may)).kept_copy() is not None
        assert may.get("/private/").status_code == 200


class TestMovingSessions:
    def test_from_the_table_of_an_older_release_leaves_people_signed_in(self, may):
        account = User.objects.get()
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE django_session AS SELECT * FROM accounts_session")
            cursor.execute("INSERT INTO django_session VALUES ('old', '', '2020-01-01', NULL)")
        Session.objects.all().delete()

        migration = import_module("accounts.migrations.0005_sessions_and_address_undo")
        with connection.schema_editor(atomic=False) as editor:
            migration.move_sessions(apps, editor)
            migration.move_sessions(apps, editor)

        assert Session.objects.get().account_id == account.pk
        assert may.get("/private/").status_code == 200

    @pytest.mark.parametrize(
        "data", [[1, 2], 5, {"_auth_user_id": "x"}, {"_auth_user_id": {}}, {"_auth_user_id": "9" * 30}]
    )
    def test_that_are_none_does_not_stop_an_upgrade(self, data):
        signed = signing.dumps(data, salt="django.contrib.sessions.SessionStore")
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE django_session AS SELECT * FROM accounts_session")
            cursor.execute("INSERT INTO django_session VALUES ('old', %s, '2199-01-01', NULL)", [signed])

        migration = import_module("accounts.migrations.0005_sessions_and_address_undo")
        with connection.schema_editor(atomic=False) as editor:
            migration.move_sessions(apps, editor)

        assert Session.objects.get().account_id is None
