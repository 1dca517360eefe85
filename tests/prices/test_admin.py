import re
from html import unescape

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from accounts.models import Role
from catalog.models import PriceRange
from prices.ids import uuid7
from prices.models import ImportBatch, Installation, LedgerRow
from prices.store import entries, reports
from tests.factories import make_item, make_shop, make_unit, make_user
from tests.prices.sending import publish, publish_price, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def admin(client):
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


@pytest.fixture
def moderator():
    user = make_user(role=Role.ADMIN)
    user.groups.add(Group.objects.get(name="Moderators"))
    return user


@pytest.fixture
def author():
    return make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya", email="mya@example.com")


@pytest.fixture
def onions():
    item = make_item(name_en="Onions", default_unit=make_unit(code="kg", name_en="kilogram"))
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def odd(client, author, onions):
    """Three quarantined prices."""
    shop = make_shop(shop_name="YwarMa market")
    client.force_login(author)
    return [
        publish_price(client, item=onions, shop=shop, price=price) for price in ("24000", "25000", "26000")
    ]


def check_page(client, expect=200, **query):
    response = client.get(reverse("admin:prices_to_check"), query)
    assert response.status_code == expect
    return unescape(response.content.decode())


def form_of(text):
    """The hidden id of the page's form, and its boxes by entry."""
    boxes = re.findall(r'name="entry" value="([^"]+)"', text)
    return re.search(r'name="act_id" value="([^"]+)"', text)[1], {box.partition(":")[0]: box for box in boxes}


def decide(client, *, act_id, entry, action, reason=""):
    fields = {"act_id": act_id, "entry": entry, "action": action, "reason": reason}
    return client.post(reverse("admin:prices_to_check"), fields)


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

    def test_parks_what_another_moderator_decided_meanwhile(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))
        late_id, _boxes = form_of(check_page(client))
        box = boxes[odd[0]]

        decide(client, act_id=act_id, entry=[box], action="published")
        decide(client, act_id=late_id, entry=[box], action="removed", reason="no")
        publish()

        assert entries.get(odd[0]).status == "published"
        assert [row.state for row in sent()][-2:] == ["published", "parked"]

    def test_needs_a_reason_to_remove(self, client, odd, moderator):
        client.force_login(moderator)
        act_id, boxes = form_of(check_page(client))

        response = decide(client, act_id=act_id, entry=[boxes[odd[0]]], action="removed")

        assert response.status_code == 422
        text = response.content.decode()
        assert "Say why" in text
        assert f'value="{boxes[odd[0]]}" id="pick-{odd[0]}" checked' in text

    @pytest.mark.parametrize(
        "fields",
        [
            {"entry": []},
            {"entry": ["abc"]},
            {"entry": ["\x00"]},
            {"entry": ["01a202d5-3ec3-77d7-adbf-a35422e79b32:removed"]},
            {"action": "withdrawn"},
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

    def test_shows_reported_prices_with_what_is_said_of_them(self, client, author, onions, moderator):
        client.force_login(author)
        id = publish_price(client, item=onions, shop=make_shop(), price="2400")
        client.force_login(make_user())
        client.post(
            reverse("report", args=[id]), {"act_id": str(uuid7()), "reason": "unit", "text": "per viss!"}
        )
        publish()
        client.force_login(moderator)

        text = check_page(client)
        act_id, boxes = form_of(text)
        decide(client, act_id=act_id, entry=[boxes[id]], action="published")
        publish()

        assert "Reported" in text and "The unit or the quantity is wrong: per viss!" in text
        assert entries.get(id).status == "published"
        assert reports.open() == []

    def test_goes_on_with_those_that_came_in_at_the_same_moment(self, client, odd, moderator, monkeypatch):
        monkeypatch.setattr("prices.admin.CHECK_PAGE", 2)
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


class TestTheLedger:
    def test_is_read_searched_and_filtered_but_never_changed(self, client, odd, admin):
        address = reverse("admin:prices_ledgerrow_changelist")

        whole = client.get(address).content.decode()
        by_author = client.get(address, {"q": "mya@example.com"}).content.decode()
        by_id = client.get(address, {"q": odd[0]}).content.decode()
        none = client.get(address, {"q": "\x01%_nobody"}).content.decode()
        filtered = client.get(address, {"kind__exact": "PRICE", "state__exact": "published"}).content.decode()

        assert "K 24,000 a kg, YwarMa market" in whole and reverse("admin:prices_to_check") in whole
        assert by_author.count("YwarMa market") == 3 and by_id.count("YwarMa market") == 1
        assert "YwarMa market" not in none
        assert filtered.count("YwarMa market") == 3
        assert reverse("admin:prices_ledgerrow_add") not in whole and "delete_selected" not in whole

    def test_tells_a_moderators_acts_from_the_authors(self, client, author, odd, onions, moderator):
        taken, removed, wrong = odd
        client.post(reverse("withdraw", args=[taken]), {"act_id": str(uuid7()), "reason": "wrong shop"})
        client.force_login(moderator)
        client.post(reverse("withdraw", args=[removed]), {"act_id": str(uuid7()), "reason": "made up"})
        form = {"submission_id": str(uuid7()), "price": "2400", "quantity": "1", "unit": "kg"}
        form |= {"type": "RETAIL", "seen": "same", "reason": "one zero too many"}
        client.post(reverse("correct", args=[wrong]), form)

        text = unescape(client.get(reverse("admin:prices_ledgerrow_changelist")).content.decode())

        assert re.findall(r'class="field-what">([^<]*)<', text)[:3] == [
            "K 2,400 a kg, YwarMa market: Corrected by a moderator: one zero too many",
            "Removed by a moderator: made up",
            "wrong shop",
        ]

    def test_shows_a_row_readably_and_read_only(self, client, odd, admin):
        address = reverse("admin:prices_ledgerrow_change", args=[odd[0]])

        text = unescape(client.get(address).content.decode())

        assert '"shop_name": "YwarMa market"' in text and reverse("entry", args=[odd[0]]) in text
        assert 'name="_save"' not in text
        assert client.post(address, {"state": "parked"}).status_code == 403
        assert LedgerRow.objects.get(pk=odd[0]).state == "published"
        assert client.get(reverse("admin:prices_ledgerrow_add")).status_code == 403


class TestImportsAndMode:
    def test_can_be_looked_at(self, client, admin):
        batch = ImportBatch.objects.create(
            source="WFP", file_name="wfp.csv", file_hash="0" * 64, counts={"new": 12, "refused": 1}
        )
        Installation.objects.update_or_create(pk=1, defaults={"mode": "real"})

        imports = client.get(reverse("admin:prices_importbatch_changelist")).content.decode()
        one = client.get(reverse("admin:prices_importbatch_change", args=[batch.pk])).content.decode()
        mode = client.get(reverse("admin:prices_installation_changelist")).content.decode()

        assert "new: 12, refused: 1" in imports and "new: 12" in one
        assert "real prices" in mode
