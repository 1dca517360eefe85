"""What people may change about themselves."""

import pytest
from django.utils import timezone

from accounts.forms import ProfileForm
from accounts.models import Role, User
from tests.accounts.conftest import give_password, make_member
from tests.accounts.test_signing_up import NASTY
from tests.factories import make_region

pytestmark = pytest.mark.django_db

FORM = {"display_name": "Ko Aung", "full_name": "Aung Kyaw", "home_region": "", "language": "en"}


class TestProfile:
    def test_stores_what_was_changed(self, client):
        region = make_region()
        user = make_member()
        client.force_login(user)

        answer = client.post("/accounts/profile/", {**FORM, "home_region": region.pk})

        assert answer.url == "/accounts/profile/"
        user.refresh_from_db()
        assert (user.display_name, user.full_name, user.home_region) == ("Ko Aung", "Aung Kyaw", region)

    def test_goes_on_in_the_language_that_was_chosen(self, client):
        client.force_login(make_member())

        answer = client.post("/accounts/profile/", {**FORM, "language": "my"})

        assert answer.url == "/my/accounts/profile/"
        assert client.get(answer.url).status_code == 200

    def test_composes_letters_and_takes_spaces_away(self, client):
        user = make_member()
        client.force_login(user)

        client.post("/accounts/profile/", {**FORM, "display_name": "  Jose\u0301   Aung "})

        user.refresh_from_db()
        assert user.display_name == "José Aung"

    @pytest.mark.parametrize("name", ["မသူဇာ", "ဒေါ်ခင်မျိုး", "စိုင်းခမ်း‌လိတ်", "Nang Mya ၂", "O’Brien-Smith"])
    def test_takes_names_in_any_script(self, client, name):
        user = make_member()
        client.force_login(user)

        client.post("/accounts/profile/", {**FORM, "display_name": name})

        user.refresh_from_db()
        assert user.display_name == name

    @pytest.mark.parametrize("field", list(FORM))
    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answers_at_the_field_or_takes_it_as_text(self, client, field, nasty):
        client.force_login(make_member())

        answer = client.post("/accounts/profile/", {**FORM, field: NASTY[nasty]})

        assert answer.status_code in (302, 422)
        if answer.status_code == 422:
            assert list(answer.context["form"].errors) == [field]
            assert 'aria-invalid="true"' in answer.content.decode()

    @pytest.mark.parametrize("field", ["display_name", "full_name"])
    @pytest.mark.parametrize("nasty", ["NUL", "a megabyte", "a megabyte of Burmese", "turned around"])
    def test_refuses_what_cannot_be_a_name(self, client, field, nasty):
        client.force_login(make_member())

        assert client.post("/accounts/profile/", {**FORM, field: NASTY[nasty]}).status_code == 422

    def test_gives_no_megabyte_back(self, client):
        client.force_login(make_member())

        answer = client.post("/accounts/profile/", {**FORM, "language": "x" * 1_000_000})

        assert answer.status_code == 422
        assert "Choose one from the list." in answer.content.decode()
        assert len(answer.content) < 100_000

    def test_keeps_a_refused_name_out_of_the_menu(self, client):
        client.force_login(make_member(display_name="Before"))

        page = client.post("/accounts/profile/", {**FORM, "display_name": "x" * 61}).content.decode()

        assert "Others see you as Before" in page

    def test_cannot_change_role_or_ban(self, client):
        user = make_member()
        client.force_login(user)

        client.post(
            "/accounts/profile/", {**FORM, "role": "ADMIN", "is_superuser": "on", "email": "x@example.com"}
        )

        user.refresh_from_db()
        assert (user.role, user.is_staff, user.is_superuser) == (Role.USER, False, False)
        assert user.email != "x@example.com"

    def test_does_not_undo_what_staff_did_meanwhile(self):
        user = make_member()
        form = ProfileForm(FORM, instance=User.objects.get(pk=user.pk))
        assert form.is_valid()
        User.objects.filter(pk=user.pk).update(role=Role.RETAILER, banned_at=timezone.now())

        form.save()

        user.refresh_from_db()
        assert (user.display_name, user.role) == ("Ko Aung", Role.RETAILER)
        assert user.banned_at is not None

    def test_asks_little_of_postgresql(self, client, django_assert_max_num_queries):
        for _ in range(15):
            make_region()
        client.force_login(make_member())
        # What the menu shows of the member is in Redis from the first page on.
        client.get("/accounts/profile/")

        # The session, the person, the regions.
        with django_assert_max_num_queries(3):
            client.get("/accounts/profile/")


class TestEmailAddresses:
    def test_are_added_confirmed_and_made_the_first(self, client, sent_mails):
        user = make_member(email="old@example.com")
        client.force_login(user)
        give_password(client)

        client.post("/accounts/email/", {"email": "NEW@example.com", "action_add": ""})

        assert ["new@example.com"] in [mail.to for mail in sent_mails()]
        address = user.emailaddress_set.get(email="new@example.com")
        address.verified = True
        address.save()
        client.post("/accounts/email/", {"email": "new@example.com", "action_primary": ""})
        user.refresh_from_db()
        assert user.email == "new@example.com"
        assert ["old@example.com"] in [mail.to for mail in sent_mails()], "the old address hears of it"

    def test_of_a_stray_account_cannot_be_taken_over_but_answer_politely(self, client):
        make_member(email="stray@example.com").emailaddress_set.update(verified=False)
        user = make_member(email="su@example.com")
        user.emailaddress_set.create(email="stray@example.com", verified=True)
        client.force_login(user)
        give_password(client)

        answer = client.post(
            "/accounts/email/", {"email": "stray@example.com", "action_primary": ""}, follow=True
        )

        assert "Another account uses this address" in answer.content.decode()
        assert user.emailaddress_set.get(primary=True).email == "su@example.com"

    @pytest.mark.parametrize("action", ["action_add", "action_send", "action_remove", "action_primary"])
    @pytest.mark.parametrize("nasty", NASTY, ids=str)
    def test_answer_nasty_input(self, client, action, nasty):
        client.force_login(make_member())

        answer = client.post("/accounts/email/", {"email": NASTY[nasty], action: ""})

        assert answer.status_code == (422 if action == "action_add" else 302)
