"""People in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.utils import timezone

from accounts import services
from accounts.models import Role, User
from tests.accounts.conftest import give_password, make_member
from tests.factories import make_user

pytestmark = pytest.mark.django_db

LIST = "/admin/accounts/user/"


@pytest.fixture
def boss(client):
    user = make_member(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def moderator(client):
    user = make_member(role=Role.ADMIN)
    user.groups.add(Group.objects.get(name=services.MODERATORS))
    client.force_login(user)
    return user


def act(client, action: str, *users: User):
    return client.post(LIST, {"action": action, "_selected_action": [user.pk for user in users]}, follow=True)


class TestUserAdmin:
    def test_is_entered_by_the_same_way_as_everything_else(self, client):
        answer = client.get("/admin/", follow=True)

        assert answer.redirect_chain[-1][0] == "/accounts/login/?next=%2Fadmin%2F"

    @pytest.mark.parametrize("role", [Role.USER, Role.CONTRIBUTOR, Role.RETAILER])
    def test_is_closed_to_other_roles(self, client, role):
        client.force_login(make_user(role=role))

        assert client.get("/admin/", follow=True).status_code == 403

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "?q=su",
            "?role__exact=CONTRIBUTOR",
            "?banned=yes",
            "?banned=no",
            "?verified=yes",
            "?verified=no",
        ],
    )
    def test_lists_finds_and_filters(self, client, boss, query):
        make_member(email="su@example.com", role=Role.CONTRIBUTOR)

        assert client.get(LIST + query).status_code == 200

    def test_filters_say_the_truth(self, client, boss):
        banned = make_user(email="banned@example.com", banned_at=timezone.now())

        assert list(client.get(LIST + "?banned=yes").context["cl"].queryset) == [banned]
        assert list(client.get(LIST + "?verified=yes").context["cl"].queryset) == [boss]

    def test_lists_many_with_few_queries(self, client, boss, django_assert_max_num_queries):
        for _ in range(40):
            make_user()

        with django_assert_max_num_queries(14):
            client.get(LIST)

    def test_shows_no_hash_of_a_password(self, client, boss):
        user = make_user()

        page = client.get(f"{LIST}{user.pk}/change/").content.decode()

        assert user.email in page
        assert "md5" not in page
        assert user.password.split("$")[-1][:6] not in page

    def test_lets_nobody_but_superusers_set_a_password(self, client, moderator):
        moderator.user_permissions.add(Permission.objects.get(codename="change_user"))
        user = make_user(role=Role.CONTRIBUTOR)
        form = {"usable_password": "true", "password1": "battery staple", "password2": "battery staple"}

        answers = [client.get(f"{LIST}{user.pk}/password/"), client.post(f"{LIST}{user.pk}/password/", form)]

        assert [answer.status_code for answer in answers] == [403, 403]
        user.refresh_from_db()
        assert user.check_password("correct horse battery")

    def test_lets_superusers_set_a_password(self, client, boss):
        user = make_user()
        form = {"usable_password": "true", "password1": "battery staple", "password2": "battery staple"}
        give_password(client)

        answer = client.post(f"{LIST}{user.pk}/password/", form)

        assert answer.status_code == 302, answer.content.decode()
        user.refresh_from_db()
        assert user.check_password("battery staple")

    def test_keeps_role_and_staff_in_step(self, client, boss):
        user = make_user()
        form = {"display_name": "Su", "language": "en", "is_active": "on", "home_region": "", "full_name": ""}

        client.post(f"{LIST}{user.pk}/change/", {**form, "role": "ADMIN"})
        user.refresh_from_db()
        assert user.is_staff

        client.post(f"{LIST}{user.pk}/change/", {**form, "role": "RETAILER"})
        user.refresh_from_db()
        assert (user.role, user.is_staff) == (Role.RETAILER, False)

    def test_makes_new_people(self, client, boss):
        form = {
            "email": "New@Example.com",
            "display_name": "New",
            "role": "RETAILER",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        }

        answer = client.post(f"{LIST}add/", form)

        assert answer.status_code == 302, answer.context and answer.context["errors"]
        assert User.objects.get(email="new@example.com").role == Role.RETAILER

    def test_makes_people_who_get_mail_in_the_sites_language(self, client, boss, settings):
        settings.POTATO_LANGUAGE = "my"
        form = {"email": "new@example.com", "role": "USER", "usable_password": "false"}

        client.post(f"{LIST}add/", form)
        User.objects.create_superuser("other@example.com", "correct horse battery")

        assert User.objects.get(email="new@example.com").language == "my"
        assert User.objects.get(email="other@example.com").language == "my"

    def test_refuses_a_second_account_of_an_address_at_the_field(self, client, boss):
        make_user(email="su@example.com")
        form = {
            "email": "SU@example.com",
            "role": "USER",
            "usable_password": "true",
            "password1": "correct horse battery",
            "password2": "correct horse battery",
        }

        answer = client.post(f"{LIST}add/", form)

        assert answer.status_code == 200
        assert "has an account already" in answer.content.decode()

    def test_bans_lets_in_again_and_makes_shop_owners(self, client, boss):
        user = make_user()

        act(client, "ban", user)
        user.refresh_from_db()
        assert user.banned_at is not None
        act(client, "unban", user)
        user.refresh_from_db()
        assert user.banned_at is None
        act(client, "make_retailer", user)
        user.refresh_from_db()
        assert user.role == Role.RETAILER

        assert LogEntry.objects.filter(object_id=str(user.pk), user=boss).count() == 3

    def test_does_not_ban_staff(self, client, boss):
        page = act(client, "ban", boss).content.decode()

        boss.refresh_from_db()
        assert boss.banned_at is None
        assert "Staff cannot be banned" in page


class TestModerator:
    def test_sees_and_bans(self, client, moderator):
        user = make_user()

        assert client.get(LIST).status_code == 200
        act(client, "ban", user)

        user.refresh_from_db()
        assert user.banned_at is not None

    def test_changes_nobody(self, client, moderator):
        user = make_user()

        answer = client.post(f"{LIST}{user.pk}/change/", {"role": "ADMIN"})
        act(client, "make_retailer", user)

        assert answer.status_code == 403
        user.refresh_from_db()
        assert user.role == Role.USER

    def test_who_may_change_people_makes_no_staff_and_does_not_touch_them(self, client, moderator):
        from django.contrib.auth.models import Permission

        moderator.user_permissions.add(
            *Permission.objects.filter(codename__in=["change_user", "delete_user"])
        )
        user, boss = make_user(), make_user(is_superuser=True)
        form = {"display_name": "Su", "language": "en", "is_active": "on", "home_region": "", "full_name": ""}

        client.post(f"{LIST}{user.pk}/change/", {**form, "role": "ADMIN", "groups": ["1"]})
        answers = [
            client.post(f"{LIST}{boss.pk}/{page}/", {}).status_code
            for page in ("change", "password", "delete")
        ]

        user.refresh_from_db()
        assert (user.role, user.groups.count()) == (Role.USER, 0)
        assert answers == [403, 403, 403]
