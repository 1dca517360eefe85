"""One form sent again with another price."""

import re
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.store import entries
from tests.factories import (
    make_item,
    make_user,
)
from tests.prices.sending import publish, sent
from tests.prices.views.submit.conftest import html_of, send

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestTheSameFormWithAnotherPrice:
    def test_asks_which_one_is_right_and_stores_nothing(self, client, contributor, form):
        send(client, form, 303)

        text = html_of(send(client, form, 409, price="2,500"))

        assert "Which price is right?" in text
        assert "K 2,400 a viss" in text and "K 2,500 a viss" in text
        assert reverse("submission", args=[form["submission_id"]]) in text
        assert sent().count() == 1

    @pytest.mark.parametrize("is_published", [False, True])
    def test_becomes_a_correction_when_the_new_one_is_right(self, client, contributor, form, is_published):
        send(client, form, 303)
        if is_published:
            publish()
        question = html_of(send(client, form, 409, price="2,500", note="looked again"))
        answer = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', question))
        answer.pop("csrfmiddlewaretoken", None)
        action = re.search(r'<form method="post" action="([^"]+/correct/)"', question)[1]

        first = client.post(action, answer)
        twice = client.post(action, answer)
        publish()

        assert first.status_code == twice.status_code == 303
        assert first["Location"] == twice["Location"]
        assert [row.kind for row in sent()] == ["PRICE", "CORRECT"]
        assert all(row.state == "published" for row in sent())
        assert entries.get(form["submission_id"]).status == "withdrawn"
        new = entries.get(answer["submission_id"])
        assert (new.status, new.price, new.note) == ("published", Decimal(2500), "looked again")
        assert new.seen_at == entries.get(form["submission_id"]).seen_at

    def test_can_be_changed_twice(self, client, contributor, form):
        send(client, form, 303)
        ids = [form["submission_id"]]
        for price in ("2,500", "2,600"):
            question = html_of(
                client.post(
                    reverse("correct", args=[ids[0]]) if ids[1:] else reverse("submit"),
                    {**form, "price": price, "seen": "same" if ids[1:] else "now", "submission_id": ids[-1]},
                )
            )
            answer = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', question))
            action = re.search(r'<form method="post" action="([^"]+/correct/)"', question)[1]
            assert client.post(action, answer).status_code == 303
            ids.append(answer["submission_id"])

        publish()

        assert [entries.get(id).status for id in ids] == ["withdrawn", "withdrawn", "published"]

    def test_offers_to_send_another_items_price_as_one_of_its_own(self, client, contributor, form, viss):
        garlic = make_item(name_en="Garlic", default_unit=viss)
        send(client, form, 303)

        question = html_of(send(client, form, 409, item=garlic.pk, price="9,000"))
        answer = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', question))
        send(client, answer, 303)
        publish()

        assert "Another price?" in question and "Garlic" in question
        assert [(row.kind, row.item_id) for row in sent()] == [
            ("PRICE", int(form["item"])),
            ("PRICE", garlic.pk),
        ]
        assert {entries.get(str(row.pk)).status for row in sent()} == {"published"}

    def test_of_another_person_is_refused(self, client, contributor, form):
        send(client, form, 303)
        client.force_login(make_user(role=Role.CONTRIBUTOR))

        text = html_of(send(client, form, 422))

        assert "sent from another account" in text
        assert sent().count() == 1

        fresh = re.search(r'name="submission_id" value="([^"]+)"', text)[1]
        send(client, form, 303, submission_id=fresh)
        assert sent().count() == 2
