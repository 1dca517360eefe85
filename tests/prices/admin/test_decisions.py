"""What a moderator sees of what they decided."""

from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from potato import clock
from prices import services
from prices.coordination.ids import uuid7
from prices.models import STORE_UNAVAILABLE, LedgerRow
from prices.store import entries
from tests.factories import make_entry, make_shop, make_user
from tests.prices.admin.conftest import check_page, decide, form_of
from tests.prices.reading import raise_unavailable
from tests.prices.sending import correct_price, publish, publish_price, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def second():
    user = make_user(role=Role.ADMIN, display_name="Ko Aung")
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


def moderate(entry_id, *, by, status, reason="because"):
    """Another moderator's decision, accepted."""
    entry = entries.get(entry_id)
    services.moderate(
        by=by, act_id=uuid7(), entry=entry, status=status, seen_status=entry.status, reason=reason, now=clock.now()
    )  # fmt: skip


def told(client, response):
    """The page after a decision."""
    assert response.status_code == 302
    return unescape(client.get(response.url).content.decode())


def decided_list(client):
    """The list of what was just decided, as the page asks for it again."""
    response = client.get(reverse("admin:prices_decided"), headers={"HX-Request": "true"})
    assert response.status_code == 200
    return unescape(response.content.decode())


def moderations():
    return sent().filter(kind="MODERATE")


class TestADecision:
    def test_waits_for_the_relay_and_is_then_done(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        text = told(
            client, decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="removed", reason="no zero")
        )

        assert "Onions, K 24,000 a kg, YwarMa market" in text and "Remove (no zero)" in text
        assert "waiting: 1" in text and "It is done in a moment." in text
        # The list asks for itself again, until nothing in it waits; without a script there is a link.
        assert f'hx-get="{reverse("admin:prices_decided")}"' in text and "Load the list again" in text
        # Each answer asks for the next one: without an answer, as after signing out, it stops.
        assert 'hx-trigger="load delay:2s' in text
        publish()
        text = decided_list(client)
        assert "done: 1" in text and "waiting" not in text and "hx-get" not in text

    def test_says_that_it_waits_for_the_store_of_prices(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="published")
        moderations().update(reason=STORE_UNAVAILABLE)

        assert "It waits until the store of prices answers again." in decided_list(client)

    def test_that_was_sent_twice_is_made_once(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        form = {"act_id": act_id, "entry": [boxes[odd[0]]], "action": "published"}

        for when in (lambda: None, publish, lambda: None):
            text = told(client, decide(client, **form))
            assert "Not changed" not in text
            when()

        assert [row.state for row in moderations()] == ["published"]
        assert "done: 1" in decided_list(client)

    def test_that_is_sent_again_with_another_reason_says_that_the_first_stays(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        form = {"act_id": act_id, "entry": [boxes[odd[0]]], "action": "removed"}
        decide(client, **form, reason="one")

        text = told(client, decide(client, **form, reason="two"))

        assert "with another reason. That one stays." in text
        assert [row.payload["reason"] for row in moderations()] == ["one"]

    def test_that_is_turned_around_before_it_is_published_is_refused_in_words(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="published")

        text = told(
            client, decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="removed", reason="no")
        )

        assert "Not changed: Onions, K 24,000 a kg, YwarMa market. Published meanwhile by yourself." in text
        assert moderations().count() == 1

    def test_leaves_the_list_after_some_minutes_and_is_nobody_elses(self, client, odd, moderator, second):
        moderate(odd[0], by=second, status="published")
        moderate(odd[1], by=moderator, status="published")
        LedgerRow.objects.filter(author=moderator).update(accepted_at=timezone.now() - timedelta(minutes=11))
        client.force_login(moderator)

        assert "Just decided" not in check_page(client)
        assert "<li" not in decided_list(client)

    def test_about_an_imported_price_names_it(self, client, onions, moderator):
        entry = make_entry(
            id=str(uuid7()), status="pending", source="WFP", item_id=onions.pk, shop_name="Zay"
        )
        entries.add(entry)
        publish()
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        assert "Onions, K 2,400 a kg, Zay" in told(
            client, decide(client, act_id=act_id, entry=[boxes[entry.id]], action="published")
        )


class TestThePriceOfADecision:
    """It was decided about, or is gone, when the second moderator presses the button."""

    def late(self, client, moderator, entry_id, meanwhile, *, relayed):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        meanwhile()
        if relayed:
            publish()
        return told(
            client, decide(client, act_id=act_id, entry=[boxes[entry_id]], action="removed", reason="no")
        )

    @pytest.mark.parametrize("relayed", [False, True])
    @pytest.mark.parametrize(
        ("status", "words"), [("published", "Published meanwhile by Ko Aung."), ("removed", "Removed meanwhile by Ko Aung.")]
    )  # fmt: skip
    def test_that_another_moderator_decided_is_told_at_once(
        self, client, odd, moderator, second, status, words, relayed
    ):
        text = self.late(
            client, moderator, odd[0], lambda: moderate(odd[0], by=second, status=status), relayed=relayed
        )

        assert f"Not changed: Onions, K 24,000 a kg, YwarMa market. {words}" in text
        assert [row.author for row in moderations()] == [second]

    @pytest.mark.parametrize("relayed", [False, True])
    def test_that_its_author_took_back_is_told_at_once(self, client, odd, author, moderator, relayed):
        def withdraw():
            services.withdraw_price(by=author, act_id=uuid7(), entry=entries.get(odd[0]), now=clock.now())

        assert "Taken back meanwhile by Daw Mya." in self.late(
            client, moderator, odd[0], withdraw, relayed=relayed
        )
        assert not moderations().exists()

    @pytest.mark.parametrize("relayed", [False, True])
    def test_that_its_author_corrected_is_told_at_once(self, client, odd, author, onions, moderator, relayed):
        def correct():
            correct_price(
                by=author, submission_id=uuid7(), entry=entries.get(odd[0]), price=Decimal(2400),
                quantity=Decimal(1), unit=onions.default_unit, type="RETAIL", now=clock.now()
            )  # fmt: skip

        assert "Corrected meanwhile by Daw Mya." in self.late(
            client, moderator, odd[0], correct, relayed=relayed
        )
        assert not moderations().exists()

    def test_that_changed_in_a_way_unknown_says_what_it_is_now(self, client, odd, moderator):
        def change():
            entries.collection().update_one({"_id": odd[0]}, {"$set": {"status": "pending"}})

        text = self.late(client, moderator, odd[0], change, relayed=False)

        assert "It was changed meanwhile, and is now: Pending." in text

    def test_that_does_not_exist_any_more_is_told(self, client, odd, moderator):
        text = self.late(
            client, moderator, odd[0], lambda: entries.collection().delete_one({"_id": odd[0]}), relayed=False
        )

        assert "This price does not exist any more." in text

    def test_that_another_moderator_decided_at_the_same_moment_is_told_when_the_relay_knows(
        self, client, odd, moderator, second
    ):
        """Both acts are accepted, because neither could see the other."""
        client.force_login(moderator)
        moderate(odd[0], by=second, status="published")
        moderate(odd[0], by=moderator, status="removed")
        assert "waiting: 1" in decided_list(client)

        publish()

        text = decided_list(client)
        assert "not done: 1" in text and "Published meanwhile by Ko Aung." in text and "hx-get" not in text
        assert entries.get(odd[0]).status == "published"

    def test_that_ones_own_is_for_another_moderator(self, client, onions, moderator):
        client.force_login(moderator)
        own = publish_price(client, item=onions, shop=make_shop(), price="24000")
        act_id, _boxes = form_of(check_page(client))

        text = told(client, decide(client, act_id=act_id, entry=[f"{own}:quarantined"], action="published"))

        assert "It is your own price: another moderator decides." in text
        assert not moderations().exists()


class TestADecisionAboutManyPrices:
    def test_says_of_each_what_came_of_it(self, client, author, onions, moderator, second):
        client.force_login(author)
        prices = [
            publish_price(client, item=onions, shop=make_shop(), price=price)
            for price in ("24000", "25000", "26000", "27000", "28000")
        ]
        done, removed, waiting, withdrawn, raced = prices
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        moderate(removed, by=second, status="removed")
        publish()
        moderate(waiting, by=second, status="published")
        services.withdraw_price(by=author, act_id=uuid7(), entry=entries.get(withdrawn), now=clock.now())

        text = told(client, decide(client, act_id=act_id, entry=list(boxes.values()), action="published"))

        assert text.count("Not changed: ") == 3
        for words in (
            "25,000",
            "Removed meanwhile by Ko Aung.",
            "26,000",
            "27,000",
            "Taken back meanwhile by Daw Mya.",
        ):
            assert words in text
        assert {row.target for row in moderations() if row.author == moderator} == {done, raced}
        publish()
        assert "done: 2" in decided_list(client)
        assert [entries.get(id).status for id in prices] == [
            "published", "removed", "published", "withdrawn", "published",
        ]  # fmt: skip

    def test_while_the_store_of_prices_is_away_keeps_what_was_ticked(
        self, client, odd, moderator, monkeypatch
    ):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="removed", reason="so")
        form = {"act_id": act_id, "entry": list(boxes.values()), "action": "removed", "reason": "so"}
        with monkeypatch.context() as away:
            away.setattr(entries, "get_many", raise_unavailable)
            away.setattr(entries, "to_check", raise_unavailable)

            response = decide(client, **form)

            assert response.status_code == 503
            text = unescape(response.content.decode())
            assert "The prices below are not decided yet." in text
            # What was accepted before is listed as such, the rest stays ticked under the same id.
            assert "waiting: 1" in text and "Onions, K 24,000 a kg" in text
            assert form_of(text) == (act_id, {id: boxes[id] for id in odd[1:]})
            assert text.count(" checked") == 2 and "Onions, K 25,000 a kg, YwarMa market" in text
            assert 'value="so"' in text
        told(client, decide(client, **form))
        assert moderations().count() == 3

    def test_is_listed_while_the_store_of_prices_is_away(self, client, odd, moderator, monkeypatch):
        moderate(odd[0], by=moderator, status="published")
        client.force_login(moderator)
        monkeypatch.setattr(entries, "get_many", raise_unavailable)
        monkeypatch.setattr(entries, "to_check", raise_unavailable)

        text = check_page(client, 503)

        assert "waiting: 1" in text and "does not answer just now" in text


class TestTheListOfWhatWasJustDecided:
    def test_changes_nothing_on_the_page_of_somebody_signed_out(self, client, odd, moderator):
        for user in (None, make_user(role=Role.ADMIN), make_user(role=Role.CONTRIBUTOR)):
            client.logout()
            if user:
                client.force_login(user)
            response = client.get(reverse("admin:prices_decided"), headers={"HX-Request": "true"})

            assert (response.status_code, response.content) == (204, b"")

    def test_is_a_part_of_the_page_and_none_by_itself(self, client, moderator):
        client.force_login(moderator)

        assert client.get(reverse("admin:prices_decided")).url == reverse("admin:prices_to_check")

    def test_costs_as_many_questions_however_long_it_is(
        self, client, odd, moderator, second, django_assert_max_num_queries
    ):
        for entry_id in odd:
            moderate(entry_id, by=second, status="published")
            moderate(entry_id, by=moderator, status="removed")
        publish()
        client.force_login(moderator)

        with django_assert_max_num_queries(9):
            decided_list(client)
