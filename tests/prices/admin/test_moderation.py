"""The page on which moderators decide."""

import re

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.store import entries
from tests.factories import make_user
from tests.prices.admin.conftest import check_page, decide, form_of
from tests.prices.sending import publish, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestPricesToCheck:
    def test_shows_what_waits_in_its_context(self, client, odd, moderator):
        client.force_login(moderator)

        text = check_page(client)

        for piece in (
            "Onions",
            "YwarMa market",
            "K 24,000 a kg",
            "K 100 a kg to K 5,000 a kg",
            "far above",
            "Daw Mya",
        ):
            assert piece in text
        assert set(form_of(text)[1]) == set(odd)

    def test_publishes_and_removes_many_at_once_and_once_only(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        one, two, three = odd

        for _ in range(2):
            assert (
                decide(client, act_id=act_id, entry=[boxes[one], boxes[two]], action="published").status_code
                == 302
            )
        act_id, boxes = form_of(check_page(client))
        decide(client, act_id=act_id, entry=[boxes[three]], action="removed", reason="one zero too many")
        publish()

        assert [row.kind for row in sent()] == ["PRICE"] * 3 + ["MODERATE"] * 3
        assert [entries.get(id).status for id in odd] == ["published", "published", "removed"]
        assert entries.get(three).changes[-1].reason == "one zero too many"
        assert "Nothing waits" in check_page(client)

    def test_needs_a_reason_to_remove(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        response = decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="removed")

        assert response.status_code == 422
        text = response.content.decode()
        # Far below the list: the word above it leads there.
        assert '<a href="#id_reason">Say why' in text
        assert text.index("Say why", text.index('class="queue"')) < text.index('name="action"')
        assert f'value="{boxes[odd[0]]}" id="pick-{odd[0]}" checked' in text

    @pytest.mark.parametrize(
        "fields",
        [
            {"entry": []},
            {"entry": ["abc"]},
            {"entry": ["\x00"]},
            {"entry": ["01a202d5-3ec3-77d7-adbf-a35422e79b32:removed"]},
            {"action": "withdrawn"},
            {"action": ""},
            {"act_id": "abc"},
            {"reason": "x" * 201},
        ],
    )
    def test_with_a_damaged_form_does_nothing(self, client, odd, moderator, fields):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        response = decide(
            client, **{"act_id": act_id, "entry": list(boxes.values()), "action": "published", **fields}
        )

        assert response.status_code == 422
        assert sent().filter(kind="MODERATE").count() == 0

    def test_goes_on_with_those_that_came_in_at_the_same_moment(self, client, odd, moderator, monkeypatch):
        monkeypatch.setattr("prices.admin.queue.PAGE", 2)
        moment = entries.get(odd[0]).received_at
        entries.collection().update_many({}, {"$set": {"receivedAt": moment}})
        client.force_login(moderator)

        first = check_page(client)
        older = re.search(r'href="(\?before=[^"]+)"', first)[1]
        second = client.get(reverse("admin:prices_to_check") + older).content.decode()

        boxes = [*form_of(first)[1], *form_of(second)[1]]
        assert sorted(boxes) == sorted(odd)

    @pytest.mark.parametrize("before", ["abc", "9" * 400, "-1", "1.x", "1.", ".", f"{'9' * 14}.x"])
    def test_ignores_a_page_that_makes_no_sense(self, client, odd, moderator, before):
        client.force_login(moderator)

        assert len(form_of(check_page(client, before=before))[1]) == 3

    def test_is_for_moderators_alone(self, client, odd, author):
        assert client.get(reverse("admin:prices_to_check")).status_code == 302
        client.force_login(make_user(role=Role.ADMIN))
        check_page(client, 403)
