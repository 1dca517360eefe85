"""Bans, roles, and the users that imports submit as."""

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts import services
from accounts.models import Role, User
from potato.errors import Refused
from potato.stores import member_documents
from tests.factories import make_user

pytestmark = pytest.mark.django_db


class TestUser:
    def test_keeps_its_address_in_small_letters(self):
        assert User.objects.create(email="Su@Example.COM").email == "su@example.com"

    def test_is_one_for_each_address(self):
        make_user(email="su@example.com")

        with pytest.raises(IntegrityError), transaction.atomic():
            make_user(email="SU@example.com")

    def test_cannot_get_capitals_past_the_code(self):
        user = make_user(email="su@example.com")

        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.filter(pk=user.pk).update(email="SU@example.com")

    def test_is_staff_exactly_while_it_is_admin(self):
        user = make_user(role=Role.ADMIN)
        assert user.is_staff

        user.role = Role.USER
        user.save(update_fields=["role"])

        user.refresh_from_db()
        assert not user.is_staff

    def test_hides_address_and_legal_name(self):
        user = make_user(email="su@example.com", full_name="Su Su Lwin", display_name="")

        assert "su@" not in str(user)
        assert "Lwin" not in str(user)


class TestBan:
    def test_and_unban_say_whether_they_changed_anything(self):
        user = make_user()

        assert services.ban(user=user, now=timezone.now())
        assert not services.ban(user=user, now=timezone.now())
        assert not user.may_sign_in
        assert services.unban(user=user)
        assert not services.unban(user=user)
        assert user.may_sign_in

    def test_spares_staff(self):
        with pytest.raises(Refused):
            services.ban(user=make_user(role=Role.ADMIN), now=timezone.now())


class TestMakeRetailer:
    def test_raises_readers_and_contributors_but_leaves_staff(self):
        assert services.make_retailer(user=make_user())
        assert services.make_retailer(user=make_user(role=Role.CONTRIBUTOR))
        assert not services.make_retailer(user=make_user(role=Role.RETAILER))
        with pytest.raises(Refused):
            services.make_retailer(user=make_user(role=Role.ADMIN))


class TestSystemUser:
    def test_is_the_same_each_time(self):
        user = services.system_user("WFP")

        assert services.system_user("WFP") == user
        assert user.public_name == "World Food Programme"
        assert user.role == Role.CONTRIBUTOR
        assert not user.is_active
        assert not user.has_usable_password()


class TestModerators:
    def test_have_their_permissions_after_migrations(self):
        group = Group.objects.get(name=services.MODERATORS)
        codenames = set(group.permissions.values_list("codename", flat=True))

        assert {"ban_user", "view_user", "change_shop", "view_ledgerrow"} <= codenames
        assert not {"change_user", "delete_user", "add_user"} & codenames

    def test_keep_what_else_they_were_given(self):
        group = Group.objects.get(name=services.MODERATORS)
        group.permissions.clear()

        services.grant_moderators()

        assert group.permissions.count() == sum(map(len, services.MODERATORS_MAY.values()))


class TestCreateSuperuser:
    def test_makes_an_administrator_who_can_sign_in(self, client, monkeypatch):
        monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", "correct horse battery")

        call_command("createsuperuser", interactive=False, email="Boss@example.com")

        user = User.objects.get(email="boss@example.com")
        assert (user.role, user.is_staff, user.is_superuser) == (Role.ADMIN, True, True)
        answer = client.post(
            "/accounts/login/",
            {"login": "boss@example.com", "password": "correct horse battery", "next": "/admin/"},
        )
        assert answer.url == "/admin/"
        assert client.get("/admin/").status_code == 200


class TestMembersDocuments:
    @pytest.mark.parametrize(
        ("act", "role", "is_let_in"),
        [
            (lambda user: services.become_contributor(user=user, now=timezone.now()), Role.CONTRIBUTOR, True),
            (lambda user: services.make_retailer(user=user), Role.RETAILER, True),
            (lambda user: services.ban(user=user, now=timezone.now()), Role.USER, False),
            (
                lambda user: services.ban(user=user, now=timezone.now()) and services.unban(user=user),
                Role.USER,
                True,
            ),
        ],
        ids=["contributor", "retailer", "banned", "unbanned"],
    )
    def test_say_what_became_of_an_account_once_that_is_committed(
        self, act, role, is_let_in, django_capture_on_commit_callbacks
    ):
        user = make_user()
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        member_documents.renew(user.pk)

        with django_capture_on_commit_callbacks(execute=True):
            assert act(user)

        document = member_documents.read(user.pk)[0]
        assert document and (document.role, bool(document.session_digest)) == (role, is_let_in)

    def test_are_left_alone_when_somebody_signs_in(self, django_capture_on_commit_callbacks):
        user = make_user()

        with django_capture_on_commit_callbacks() as callbacks:
            user.last_login = timezone.now()
            user.save(update_fields=["last_login"])

        assert callbacks == []
