"""The page on which moderators decide."""

import re
from contextlib import nullcontext

import pytest
from django.urls import reverse

from accounts.models import Role
from prices.coordination.ids import uuid7
from prices.store import entries
from tests import old_pages
from tests.factories import make_user
from tests.prices.admin.conftest import check_page, decide, form_of
from tests.prices.away import DEAD, SILENT, without_mongodb
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

    def test_tells_staff_without_the_right_that_it_is_missing_and_not_to_become_contributors(self, client):
        client.force_login(make_user(role=Role.ADMIN))

        answer = client.get(reverse("admin:prices_to_check"))

        text = answer.content.decode()
        assert answer.status_code == 403
        assert "needs a permission that your account does not have" in text
        assert "shopper" not in text and reverse("become_contributor") not in text


class TestADecisionSentFromAnOldPage:
    def send(self, browser, ids, status="quarantined"):
        fields = {
            "act_id": str(uuid7()),
            "entry": [f"{id}:{status}" for id in ids],
            "action": "removed",
            "reason": "one zero too many",
        }
        answer = old_pages.post(browser, reverse("admin:prices_to_check"), fields)
        assert answer.status_code == 403
        return answer

    @pytest.fixture
    def browser(self, moderator):
        client = old_pages.browser()
        old_pages.sign_in(client, moderator)
        return client

    @pytest.mark.parametrize("how", [None, DEAD, SILENT])
    def test_names_the_prices_and_is_stored_by_one_tap(self, browser, odd, how):
        with without_mongodb(how) if how else nullcontext():
            answer = self.send(browser, odd[:2])

        text = old_pages.text_of(answer)
        assert "Onions, K 24,000 a kg, YwarMa market" in text
        assert "Onions, K 25,000 a kg, YwarMa market" in text
        assert "26,000" not in text
        assert "2 prices" in text and "Remove" in text
        assert old_pages.send_again(browser, answer).status_code == 302
        assert [row.target for row in sent().filter(kind="MODERATE")] == odd[:2]

    def test_names_nothing_of_a_damaged_box(self, browser, odd):
        assert "What it is about" not in old_pages.text_of(self.send(browser, odd, status="x"))

    @pytest.mark.parametrize("role", [None, Role.CONTRIBUTOR, Role.ADMIN])
    def test_names_nothing_to_who_may_not_moderate(self, browser, odd, role):
        old_pages.sign_out(browser)
        if role:
            old_pages.sign_in(browser, make_user(role=role))

        text = old_pages.text_of(self.send(browser, odd))

        assert "Onions" not in text and "24,000" not in text
