"""A price is sent by somebody whose session has ended meanwhile."""

import pytest
from django.urls import reverse

from prices.coordination.ids import uuid7
from prices.models import LedgerRow
from tests.accounts.conftest import PASSWORD
from tests.prices.views.submit.conftest import html_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestAPriceSentAfterTheSessionHasEnded:
    def sign_in_again(self, client, user, form):
        """Send the form while signed out, then sign in where that leads. :return: where that leads"""
        user.emailaddress_set.create(email=user.email, verified=True, primary=True)
        client.logout()
        submit = reverse("submit")
        told = client.post(submit, form, headers={"referer": f"http://testserver{submit}?item=onions"})
        signed_in = client.post(told["Location"], {"login": user.email, "password": PASSWORD})
        return signed_in["Location"]

    def test_is_in_the_form_again_after_signing_in(self, client, contributor, form):
        form |= {"price": "၂၄၀၀", "note": "two sacks left", "seen": "today"}

        back = self.sign_in_again(client, contributor, form)
        page = html_of(client.get(back))

        assert "What you typed is here again" in page
        assert 'value="၂၄၀၀"' in page and "two sacks left" in page
        assert f'value="{form["submission_id"]}"' in page
        assert not LedgerRow.objects.filter(kind=LedgerRow.Kind.PRICE).exists()

        sent = client.post(reverse("submit"), form)

        assert sent["Location"] == reverse("submission", args=[form["submission_id"]])
        assert "two sacks left" not in html_of(client.get(back))

    def test_is_promised_on_the_page_to_sign_in_on(self, client, contributor, form):
        client.logout()
        referer = {"referer": f"http://testserver{reverse('submit')}"}

        kept = client.post(reverse("submit"), form, headers=referer)
        assert "What you typed is kept" in html_of(client.get(kept["Location"]))

        too_long = client.post(reverse("submit"), form | {"note": "a" * 20_000}, headers=referer)
        assert "What you typed is kept" not in html_of(client.get(too_long["Location"]))

    def test_is_not_promised_to_whoever_pressed_a_mere_button(self, client, contributor):
        client.logout()
        referer = {"referer": f"http://testserver{reverse('items')}"}

        answer = client.post(reverse("confirm", args=[uuid7()]), headers=referer)

        assert "What you typed is kept" not in html_of(client.get(answer["Location"]))

    def test_is_kept_neither_with_a_password_nor_without_end(self, client, contributor, form):
        client.logout()

        client.post(reverse("submit"), form | {"password": "secret"})
        assert "secret" not in str(dict(client.session))
        client.session.flush()
        client.post(reverse("submit"), form | {"note": "a" * 20_000})

        assert "unsent" not in client.session

    def test_waits_for_its_own_form(self, client, contributor, form):
        self.sign_in_again(client, contributor, form | {"note": "two sacks left"})

        assert "two sacks left" not in html_of(client.get(reverse("my_prices")))
        assert "two sacks left" in html_of(client.get(reverse("submit")))
