"""Forms of the admin without a valid token: given back to staff alone, with the names of what they are about."""

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from catalog.models import Category
from prices.coordination.ids import uuid7
from tests import old_pages
from tests.factories import make_user
from tests.old_pages import OURS, kept_in, post, send_again, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestAFormOfTheAdmin:
    @pytest.fixture
    def tin(self):
        return make_user(is_superuser=True, display_name="U Tin")

    @pytest.fixture
    def staff(self, tin):
        client = old_pages.browser()
        old_pages.sign_in(client, tin)
        return client

    @pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR])
    def test_is_kept_when_its_author_is_not_signed_in_any_more(self, staff, tin, role):
        address = reverse("admin:catalog_category_add")
        old_pages.sign_out(staff)
        if role:
            old_pages.sign_in(staff, make_user(role=role, display_name="Ko Aung"))
        fields = {"slug": "roots", "name_en": "Roots", "name_my": "အမြစ်", "position": "3"}
        fields["password"] = "mangosteen"
        token = old_pages.token_of(staff.get(reverse("preferences")))

        told = staff.post(address, fields | {"csrfmiddlewaretoken": token}, headers=OURS)

        seen = " ".join(text_of(told).split())
        assert told.status_code == 403
        assert "Roots" in seen and "mangosteen" not in told.content.decode()
        assert ("Ko Aung" in seen) == bool(role)
        assert "sign in with a staff account" in seen
        if role:
            old_pages.sign_out(staff)
        old_pages.sign_in(staff, tin)
        again = send_again(staff, told)
        assert "It will be sent from this account" in text_of(again)
        assert send_again(staff, again).status_code == 302
        assert Category.objects.filter(slug="roots").exists()

    def test_asks_for_signing_in_where_nothing_was_sent(self):
        assert old_pages.browser().get("/admin/catalog/category/add/").status_code == 302

    def test_keeps_every_price_that_a_moderator_picked(self, staff):
        picked = [f"{uuid7()}:quarantined" for _ in range(50)]
        fields = {"act_id": str(uuid7()), "entry": picked, "action": "removed", "reason": "made up"}

        told = post(staff, reverse("admin:prices_to_check"), fields)

        seen = text_of(told)
        assert "50 prices" in seen and "Remove" in seen and "made up" in seen
        assert [value for name, value in kept_in(told) if name == "entry"] == picked
        assert send_again(staff, told).status_code == 302

    def test_names_the_row_that_it_deletes(self, staff):
        roots = Category.objects.create(slug="roots", name_en="Roots", name_my="အမြစ်")

        told = post(staff, reverse("admin:catalog_category_delete", args=[roots.pk]), {"post": "yes"})

        assert "<b>Roots</b>" in told.content.decode()
        assert send_again(staff, told).status_code == 302
        assert not Category.objects.filter(pk=roots.pk).exists()

    def test_names_no_row_to_somebody_who_is_not_staff_any_more(self, staff, tin):
        roots = Category.objects.create(slug="roots", name_en="Roots", name_my="အမြစ်")
        address = reverse("admin:catalog_category_delete", args=[roots.pk])
        old_pages.sign_out(staff)
        aung = make_user(role=Role.CONTRIBUTOR)
        aung.user_permissions.add(Permission.objects.get(codename="view_category"))
        old_pages.sign_in(staff, aung)

        told = post(staff, address, {"post": "yes"})

        assert told.status_code == 403
        assert "Roots" not in told.content.decode()

    def test_names_the_rows_that_are_ticked_in_a_list(self, staff):
        may, aung = make_user(display_name="Daw May"), make_user(display_name="Ko Aung")
        fields = {"action": "ban", "_selected_action": [str(may.pk), str(aung.pk)]}

        told = post(staff, reverse("admin:accounts_user_changelist"), fields)

        for user in (may, aung):
            assert f"<b>{user}</b>" in told.content.decode()

    @pytest.mark.parametrize(
        ("address", "fields"),
        [
            ("/admin/catalog/category/4000000/delete/", {"post": "yes"}),
            ("/admin/catalog/category/roots/delete/", {"post": "yes"}),
            ("/admin/catalog/category/", {"action": "delete_selected", "_selected_action": ["x", "\x00"]}),
            ("/admin/catalog/category/", {"action": "delete_selected", "select_across": "1"}),
            ("/admin/prices/ledgerrow/", {"action": "x", "_selected_action": ["x", "\x00"]}),
        ],
    )
    def test_on_rows_that_cannot_be_named_names_nothing(self, staff, address, fields):
        told = post(staff, address, fields)

        assert told.status_code == 403
        assert "What it is about" not in text_of(told)

    @pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR])
    def test_names_no_row_to_who_may_not_see_it(self, staff, role):
        may = make_user(display_name="Daw May", email="may@example.com")
        old_pages.sign_out(staff)
        if role:
            old_pages.sign_in(staff, make_user(role=role))

        told = post(staff, reverse("admin:accounts_user_delete", args=[may.pk]), {"post": "yes"})

        assert told.status_code == 403
        assert "May" not in text_of(told) and "may@" not in text_of(told)

    def test_names_the_fields_of_its_rows(self, staff):
        told = post(
            staff,
            reverse("admin:catalog_category_add"),
            {"slug": "roots", "name_en": "Roots", "_save": "Save"},
        )

        seen = " ".join(text_of(told).split())
        assert "Roots" in seen and "roots" in seen
        assert "_save" not in seen
        assert "U Tin" in seen

    def test_is_not_lost_when_nobody_is_signed_in(self, staff):
        user = make_user(is_superuser=True)
        old_pages.sign_out(staff)
        told = post(staff, reverse("admin:catalog_category_add"), {"slug": "roots", "name_en": "Roots"})

        assert "sign in with a staff account" in text_of(told)
        old_pages.sign_in(staff, user)
        again = post(staff, reverse("admin:catalog_category_add"), dict(kept_in(told)))
        assert send_again(staff, again).status_code == 200

    def test_never_gives_a_password_back(self, staff):
        user = make_user(banned_at=timezone.now())
        address = reverse("admin:auth_user_password_change", args=[user.pk])

        told = post(
            staff, address, {"password1": "mangosteen", "password2": "mangosteen", "usable_password": "true"}
        )

        assert "mangosteen" not in told.content.decode()
        assert f'href="{address}"' in told.content.decode()
