"""What becomes of a good price, and its sender's way to follow it."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.models import Installation, LedgerRow
from prices.store import entries
from tests.factories import (
    make_moderator,
    make_user,
)
from tests.prices.away import DEAD, SILENT, without_mongodb
from tests.prices.reading import HTMX
from tests.prices.sending import publish, sent
from tests.prices.views.submit.conftest import html_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestAGoodPrice:
    def test_is_acknowledged_when_the_ledger_has_it_and_then_published(
        self, client, contributor, form, onions, market
    ):
        response = send(client, form, 303, price="၂၄၀၀", note="two sacks left")

        address = response["Location"]
        assert address == reverse("submission", args=[form["submission_id"]])
        waiting = html_of(client.get(address))
        assert "Accepted" in waiting and "K 2,400 a viss" in waiting and "K 1,470 a kg" in waiting
        assert 'hx-trigger="load delay:500ms, ' in waiting and 'http-equiv="refresh"' in waiting

        publish()

        done = html_of(client.get(address))
        assert "Published" in done and "K 1,470 a kg" in done
        assert reverse("item", args=["onions"]) in done
        assert 'hx-trigger="load' not in done and "http-equiv" not in done
        entry = entries.get(form["submission_id"])
        assert (entry.price, entry.amount, entry.base, entry.note) == (
            Decimal(2400),
            146975,
            "kg",
            "two sacks left",
        )
        assert entry.submitter.name == "Daw Mya"

    def test_says_what_one_of_several_costs(self, client, contributor, form):
        response = send(client, form, 303, price="4,800", quantity="၂")

        text = html_of(client.get(response["Location"]))
        assert "K 4,800 for 2 viss" in text and "K 2,400 a viss" in text and "K 1,470 a kg" in text

    def test_keeps_a_note_in_unicode_that_was_typed_in_zawgyi(self, client, contributor, form):
        send(client, form, 303, note="ၾကက္သြန္နီ ေစ်းႀကီး")
        publish()

        assert entries.get(form["submission_id"]).note == "ကြက်သွန်နီ ဈေးကြီး"

    def test_is_one_price_when_the_form_is_sent_twice(self, client, contributor, form):
        first = send(client, form, 303)
        again = send(client, form, 303)
        publish()
        late = send(client, form, 303)

        assert first["Location"] == again["Location"] == late["Location"]
        assert sent().count() == 1

    def test_is_the_same_price_when_only_its_spelling_differs(self, client, contributor, form):
        send(client, form, 303, price="2,400")
        send(client, form, 303, price="၂၄၀၀.၀")

        assert sent().count() == 1

    def test_sends_a_reader_with_htmx_on_as_well(self, client, contributor, form):
        response = client.post(reverse("submit"), form, headers=HTMX)

        assert response.status_code == 204
        assert response["HX-Redirect"] == reverse("submission", args=[form["submission_id"]])

    def test_is_told_to_be_demo_in_the_ledger(self, client, contributor, form):
        Installation.objects.update_or_create(pk=1, defaults={"mode": Installation.Mode.DEMO})

        send(client, form, 303)

        assert sent().get().is_demo

    def test_far_from_what_is_usual_is_never_blocked_but_waits_with_its_reason(
        self, client, contributor, form
    ):
        response = send(client, form, 303, price="24,000")
        publish()

        text = html_of(client.get(response["Location"]))

        assert "Waits for a check" in text
        assert "far above what this usually costs" in text and "One zero too many?" in text
        assert reverse("correct", args=[form["submission_id"]]) in text


class TestFollowingASubmission:
    def test_is_for_its_author_and_moderators(self, client, contributor, form):
        address = send(client, form, 303)["Location"]

        client.force_login(make_user(role=Role.CONTRIBUTOR))
        assert client.get(address).status_code == 404
        client.force_login(make_user(role=Role.ADMIN))
        assert client.get(address).status_code == 404
        client.force_login(make_moderator())
        assert client.get(address).status_code == 200
        client.logout()
        assert client.get(address).status_code == 302

    @pytest.mark.parametrize(
        "id",
        [
            "01a202d5-3ec3-77d7-adbf-a35422e79b32",
            "abc",
            "1",
            "01A202D5-3EC3-77D7-ADBF-A35422E79B3Z",
            "%00",
            "9" * 400,
        ],
    )
    def test_of_an_unknown_or_malformed_id_is_not_found(self, client, contributor, id):
        assert client.get(f"/prices/submissions/{id}/").status_code == 404

    def test_looks_less_often_with_time_and_then_stops(self, client, contributor, form):
        address = send(client, form, 303)["Location"]

        triggers = [
            re.findall(
                r'hx-trigger="load delay:(\w+), ',
                client.get(address, {"looks": looks}, headers=HTMX).content.decode(),
            )
            for looks in (0, 9, 12, 30, 45, "abc", "9" * 400)
        ]

        assert triggers == [["500ms"], ["500ms"], ["1s"], ["4s"], [], ["500ms"], ["500ms"]]
        part = client.get(address, {"looks": 45}, headers=HTMX).content.decode()
        assert "Look again" in part and "<html" not in part

    def test_says_why_it_was_not_published(self, client, contributor, form):
        address = send(client, form, 303)["Location"]
        sent().update(state=LedgerRow.State.PARKED, reason="The demo has ended.")

        text = html_of(client.get(address))

        assert "Not published" in text and "Please send it again" in text

    @pytest.mark.parametrize("how", [DEAD, SILENT])
    @pytest.mark.parametrize("payload", ["kept", "thrown away"])
    def test_says_that_it_is_published_while_mongodb_is_away(self, client, contributor, form, how, payload):
        address = send(client, form, 303)["Location"]
        publish()
        if payload == "thrown away":
            sent().update(payload={})

        with without_mongodb(how):
            response = client.get(address)

        assert response.status_code == 200
        assert "Published" in html_of(response)
