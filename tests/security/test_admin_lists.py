"""The admin's lists and forms, asked for what nobody would type."""

import pytest
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from catalog.models import Item
from potato.admin import MOST_ROWS, MOST_WORDS
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_off_disk")]

USERS = "/admin/accounts/user/"


@pytest.fixture
def superuser(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


class TestAList:
    @pytest.mark.parametrize(
        "asked",
        [
            "role__range=x",
            "id__contained_by=-1",
            "email__trigram_similar=x",
            "date_joined__year=-3",
            "date_joined__year__range=9",
            "id__in=x",
        ],
    )
    def test_leaves_out_a_filter_that_no_database_understands(self, client, superuser, asked):
        answer = client.get(f"{USERS}?{asked}")

        assert (answer.status_code, answer.url) == (302, f"{USERS}?e=1")
        assert client.get(answer.url).status_code == 200

    def test_is_hardened_whoever_made_it(self, client, superuser):
        answer = client.get("/admin/mailer/dontsendentry/?id__contained_by=x")

        assert (answer.status_code, answer.url) == (302, "/admin/mailer/dontsendentry/?e=1")

    @pytest.mark.parametrize("ticked", ["x", "", "1.5", "\x00"])
    @pytest.mark.parametrize("action", ["delete_selected", "ban"])
    def test_refuses_an_action_on_rows_that_are_none(self, client, superuser, action, ticked):
        answer = client.post(USERS, {"action": action, "_selected_action": ["9" * 30, ticked]})

        assert answer.status_code == 400
        assert User.objects.filter(banned_at=None).count() == 1

    def test_looks_for_few_words(self, client, superuser):
        fields = len(admin.site.get_model_admin(User).search_fields)

        with CaptureQueriesContext(connection) as queries:
            answer = client.get(USERS, {"q": "a " * 300})

        assert answer.status_code == 200
        assert max(query["sql"].count("LIKE") for query in queries) == MOST_WORDS * fields


class TestAForm:
    def test_builds_no_more_rows_than_anybody_fills_in(self, superuser, rf):
        request = rf.get(reverse("admin:catalog_item_add"))
        request.user = superuser

        items = admin.site.get_model_admin(Item)
        formsets = [formset for formset, _inline in items.get_formsets_with_inlines(request)]
        formsets.append(items.get_changelist_formset(request))

        assert [formset.absolute_max for formset in formsets] == [MOST_ROWS] * 3
