"""What Redis has of a member for the stored pages."""

import time
from dataclasses import replace
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as bounded
from redis import Redis

from accounts.models import Role, User
from potato.stores import member_documents, redis, revisions
from potato.stores.breaker import POSTGRES, REDIS, Fault
from potato.stores.member_documents import MemberDocument, session_digest
from tests.factories import make_user
from tests.potato.stores.foreign import OTHER_TYPES, VALUES

pytestmark = pytest.mark.django_db


@pytest.fixture
def may() -> User:
    user = make_user(display_name="May", role=Role.CONTRIBUTOR)
    member_documents.renew(user.pk)
    return user


def live() -> "Redis":
    return redis.client(settings.REDIS_LIVE)


def document_of(user: User) -> MemberDocument | None:
    return member_documents.read(user.pk)[0]


def key_of(user: User) -> str:
    return member_documents._key(user.pk)


class TestDocuments:
    def test_say_the_name_and_role_for_five_minutes_at_most(self, may):
        document = document_of(may)

        assert document and (document.id, document.name, document.role) == (may.pk, "May", "CONTRIBUTOR")
        assert document.session_digest == session_digest(may.get_session_auth_hash())
        assert 0 < live().ttl(key_of(may)) <= 300

    def test_are_read_together_with_the_newest_boards(self, may):
        revisions.tell({"tests:members": 3})

        found = member_documents.read(may.pk, boards=["tests:members", "tests:none"])

        assert found.document == document_of(may)
        assert found.revs == {"tests:members": 3, "tests:none": None}

    def test_are_not_written_over_by_what_was_read_earlier(self, may):
        earlier = member_documents._from_postgresql(may.pk)
        User.objects.filter(pk=may.pk).update(display_name="Thu")
        member_documents.renew(may.pk)

        member_documents._store(earlier)

        assert document_of(may).name == "Thu"

    def test_of_a_deleted_account_are_not_written_over_at_all(self, may):
        late, id = member_documents._from_postgresql(may.pk), may.pk
        may.delete()
        member_documents.renew(id)

        member_documents._store(replace(late, rev=late.rev + 10**12))

        document = member_documents.read(id)[0]
        assert document and (document.name, document.session_digest) == ("", "")

    def test_let_nobody_in_who_is_banned(self, may):
        User.objects.filter(pk=may.pk).update(banned_at="2026-01-01T00:00Z")
        member_documents.renew(may.pk)

        assert document_of(may).session_digest == ""

    def test_older_than_five_minutes_are_not_read_though_redis_still_has_them(self, may, monkeypatch):
        live().persist(key_of(may))
        later = time.time() + 301
        monkeypatch.setattr("django.core.signing.time.time", lambda: later)

        assert document_of(may) is None

    @pytest.mark.parametrize("store", [REDIS, POSTGRES])
    def test_are_renewed_only_with_both_stores(self, may, store, monkeypatch, django_assert_num_queries):
        monkeypatch.setattr(store, "_pause", 3600)
        store.failed(Fault.SLOW)

        with django_assert_num_queries(0):
            member_documents.renew(may.pk)


class TestForeignValues:
    @pytest.fixture(autouse=True)
    def nobody_gives_redis_up(self, settings: Any) -> None:
        # A busy machine makes a late answer, which is a miss too, and not the one that is meant here.
        settings.REDIS_LIVE += "?socket_timeout=20&socket_connect_timeout=20"

    def assert_heals(self, may: User) -> None:
        assert document_of(may) is None
        member_documents.renew(may.pk)
        assert document_of(may).name == "May"
        assert 0 < live().ttl(key_of(may)) <= 300
        assert REDIS.state == "closed"

    @bounded(
        max_examples=100,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    @given(value=VALUES)
    def test_are_misses(self, may, value):
        live().set(key_of(may), value, ex=60)

        self.assert_heals(may)

    @pytest.mark.parametrize("write", OTHER_TYPES.values(), ids=OTHER_TYPES)
    def test_of_another_type_are_replaced_and_hide_no_board(self, may, write):
        revisions.tell({"tests:members": 3})
        live().delete(key_of(may))
        write(live(), key_of(may))

        assert member_documents.read(may.pk, boards=["tests:members"]) == (None, None, {"tests:members": 3})
        self.assert_heals(may)

    @pytest.mark.parametrize("seconds", [None, 3_000])
    def test_that_would_outlive_ours_are_replaced(self, may, seconds):
        live().set(key_of(may), f"{10**15 * 8}:x", ex=seconds)

        self.assert_heals(may)

    def test_of_a_hundred_megabytes_are_not_read(self, may):
        live().setrange(key_of(may), 100_000_000, b"1")

        started = time.monotonic()
        assert document_of(may) is None
        assert time.monotonic() - started < 1

        self.assert_heals(may)

    def test_of_another_member_are_misses(self, may):
        ko = make_user(display_name="Ko")
        member_documents.renew(ko.pk)
        live().copy(key_of(ko), key_of(may), replace=True)

        self.assert_heals(may)

    def test_cut_off_are_misses(self, may):
        whole = live().get(key_of(may))
        for length in range(0, len(whole), 7):
            live().set(key_of(may), whole[:length], ex=60)
            assert document_of(may) is None


class TestForget:
    def test_has_documents_read_anew(self, may):
        other = make_user()
        member_documents.renew(other.pk)

        member_documents.forget([may.pk, may.pk, 10**9])

        assert document_of(may) is None
        assert document_of(other) is not None
        member_documents.renew(may.pk)
        assert document_of(may).name == "May"

    def test_keeps_out_what_was_read_before_and_is_stored_after(self, may):
        earlier = member_documents._from_postgresql(may.pk)

        member_documents.forget([may.pk])
        member_documents._store(earlier)

        assert document_of(may) is None
        assert 0 < live().ttl(key_of(may)) <= 300

    def test_of_ten_thousand_takes_a_moment(self, may):
        started = time.monotonic()

        member_documents.forget([may.pk, *range(10**9, 10**9 + 10_000)])

        assert time.monotonic() - started < 2
        assert document_of(may) is None
        live().delete(*(f"{settings.POTATO_PREFIX}:member:{id}" for id in range(10**9, 10**9 + 10_000)))

    @pytest.mark.parametrize("store", [REDIS, POSTGRES])
    def test_does_without_a_store(self, may, store, monkeypatch):
        monkeypatch.setattr(store, "_pause", 3600)
        store.failed(Fault.SLOW)

        member_documents.forget([may.pk])


class TestCurrent:
    def test_comes_from_redis_and_else_from_postgresql(self, may, django_assert_num_queries):
        digest = session_digest(may.get_session_auth_hash())
        with django_assert_num_queries(0):
            assert member_documents.current(may.pk, digest=digest) == document_of(may)
        member_documents.forget([may.pk])

        assert member_documents.current(may.pk, digest=digest).name == "May"

        assert document_of(may).name == "May"

    def test_is_nobodys_whose_session_is_another_one(self, may):
        assert member_documents.current(may.pk, digest="of another database") is None

    def test_is_unknown_without_both_stores(self, may, monkeypatch):
        digest = session_digest(may.get_session_auth_hash())
        for store in (REDIS, POSTGRES):
            monkeypatch.setattr(store, "_pause", 3600)
            store.failed(Fault.SLOW)

        assert member_documents.current(may.pk, digest=digest) is None


class TestLimits:
    def test_leave_room_for_all_that_somebody_may_follow(self, may):
        ids = [9_000_000_000 + 7_919 * number for number in range(settings.MOST_FOLLOWS)]
        document = replace(
            member_documents._from_postgresql(may.pk), follows={"item": ids}, name="\u1019" * 60, unread=100
        )

        member_documents._store(document)

        assert document_of(may) == document
        assert live().strlen(key_of(may)) < member_documents.MAX_BYTES / 2
