"""The inbox and the list of what one follows."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from accounts.following import set_following
from accounts.models import Role
from alerts.models import Notification
from potato.stores import member_documents
from tests.alerts.views.conftest import make_notification
from tests.factories import make_user
from tests.prices.reading import text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]
HTMX = {"HX-Request": "true"}


def inbox(client, query="", prefix="") -> str:
    response = client.get(f"{prefix}/alerts/{query}")
    assert response.status_code == 200
    return text_of(response)


class TestTheInbox:
    def test_says_which_price_met_which_rule(self, client, reader, stalls):
        make_notification(user=reader, stalls=stalls)

        text = inbox(client)

        assert "Today" in text
        assert "Rice at YwarMa (unread) Your rule: K 1,800 a kg or less, in Yangon." in text
        assert "1,750 a kg ·" in text

    @pytest.mark.parametrize(
        ("kind", "why"), [("SHOP", "A shop you follow."), ("ITEM", "An item you follow.")]
    )
    def test_says_what_a_followed_price_was_before(self, client, reader, stalls, kind, why):
        make_notification(user=reader, stalls=stalls, kind=kind, facts={"before": 160_000})

        text = inbox(client)

        assert f"{why} Was K 2,613 a viss +9.4 %" in text
        assert "2,858 a viss ·" in text

    def test_compares_the_typical_price_where_the_rule_does(self, client, reader, stalls):
        facts = {"kind": "CHANGE", "percent": 5, "unit": stalls.kg.pk, "typical": 150_000, "before": 200_000}
        make_notification(user=reader, stalls=stalls, facts=facts)

        text = inbox(client)

        assert "a change of 5 % or more, in Myanmar. Was K 2,000 a kg −25.0 %" in text

    def test_groups_by_day_and_sums_up_the_rest(self, client, reader, stalls):
        yesterday = datetime.now(UTC) - timedelta(days=1)
        make_notification(user=reader, stalls=stalls, created_at=yesterday - timedelta(days=5))
        make_notification(
            user=reader, stalls=stalls, created_at=yesterday, kind="SUMMARY", entry_id=None, count=14,
            item_id=None, shop_id=None, facts={"shops": [1, 2, 3]},
        )  # fmt: skip
        make_notification(user=reader, stalls=stalls)

        text = inbox(client)

        assert text.index("Today") < text.index("Yesterday") < text.rindex("Rice at YwarMa")
        assert "14 more new prices, from 3 shops" in text

    @pytest.mark.parametrize(
        ("status", "said"),
        [
            ("removed", "This price was removed."),
            ("withdrawn", "This price was taken back."),
            ("corrected", "This price was corrected."),
            ("quarantined", "This price is being checked."),
            ("else", "This price does not count any more."),
        ],
    )
    def test_says_what_became_of_a_price(self, client, reader, stalls, status, said):
        make_notification(user=reader, stalls=stalls, entry_status=status, is_late=True)

        text = inbox(client)

        assert said in text
        assert "This came late" in text

    def test_shows_the_reader_prices_in_their_unit_and_numerals(self, client, reader, stalls):
        make_notification(user=reader, stalls=stalls, facts={"kind": "ANY"})
        assert "2,858 a viss" in inbox(client)

        text = inbox(client, prefix="/my")

        assert "၂,၈၅၈" in text and "YwarMa" in text and "ယနေ့" in text

    def test_shows_what_is_asked_for_alone(self, client, reader, stalls):
        make_notification(user=reader, stalls=stalls, read_at=datetime.now(UTC), facts={"kind": "LOW"})
        make_notification(user=reader, stalls=stalls, facts={"kind": "HIGH"})
        make_notification(user=reader, stalls=stalls, kind="SUMMARY", entry_id=None, count=2)

        texts = {show: inbox(client, f"?show={show}") for show in ("", "unread", "prices", "summaries", "x")}

        found = {
            show: [word in text for word in ("lowest", "highest", "2 more")] for show, text in texts.items()
        }
        assert found == {
            "": [True, True, True],
            "unread": [False, True, True],
            "prices": [True, True, False],
            "summaries": [False, False, True],
            "x": [True, True, True],
        }
        assert "Alerts cannot be filtered like this" in texts["x"]

    def test_goes_back_page_by_page(self, client, reader, stalls):
        made = [make_notification(user=reader, stalls=stalls) for _ in range(65)]
        seen, query = [], ""
        for _page in range(3):
            response = client.get(f"/alerts/{query}")
            content = response.content.decode()
            seen += [one.pk for one in reversed(made) if f'/alerts/{one.pk}/"' in content]
            if response.context["older"]:
                query = f"?before={response.context['older']}"

        assert seen == [one.pk for one in reversed(made)]
        assert "There are none here." in inbox(client, "?before=1")
        for nonsense in ("x", "-1", "9" * 30, "၅"):
            assert "here are the newest" in inbox(client, f"?before={nonsense}")

    def test_says_what_to_do_when_it_is_empty(self, client, reader):
        assert "Nothing yet Follow a shop or an item" in inbox(client)

    def test_costs_the_same_however_much_is_in_it(
        self, client, reader, stalls, django_assert_max_num_queries
    ):
        for _ in range(30):
            make_notification(user=reader, stalls=stalls)

        with django_assert_max_num_queries(12):
            inbox(client)


class TestReading:
    def test_one_line_leads_to_its_price_and_marks_it_alone(
        self, client, reader, stalls, django_capture_on_commit_callbacks
    ):
        first, second = (make_notification(user=reader, stalls=stalls) for _ in range(2))

        client.head(f"/alerts/{first.pk}/")
        assert not Notification.objects.exclude(read_at=None).exists()
        with django_capture_on_commit_callbacks(execute=True):
            response = client.get(f"/my/alerts/{first.pk}/")

        assert response.url == f"/my/prices/{first.entry_id}/"
        assert [one.pk for one in Notification.objects.filter(read_at=None)] == [second.pk]
        document = member_documents.read(reader.pk)[0]
        assert document and document.unread == 1

    def test_a_summary_leads_to_what_is_followed(self, client, reader, stalls):
        one = make_notification(user=reader, stalls=stalls, kind="SUMMARY", entry_id=None)

        assert client.get(f"/alerts/{one.pk}/").url == reverse("following")

    @pytest.mark.parametrize("headers", [{}, HTMX])
    def test_all_marks_what_was_on_the_page_and_nothing_that_came_since(
        self, client, reader, stalls, headers
    ):
        shown = make_notification(user=reader, stalls=stalls)
        later = make_notification(user=reader, stalls=stalls)

        response = client.post("/alerts/read/", {"until": shown.pk}, headers=headers)

        assert response.status_code == (200 if headers else 303)
        assert [one.pk for one in Notification.objects.filter(read_at=None)] == [later.pk]
        if headers:
            assert "<html" not in response.content.decode() and 'id="inbox"' in response.content.decode()

    @pytest.mark.parametrize("until", ["", "x", "-1", "9" * 40, "\x00"])
    def test_up_to_nonsense_marks_nothing(self, client, reader, stalls, until):
        make_notification(user=reader, stalls=stalls)

        assert client.post("/alerts/read/", {"until": until}).status_code in (303, 400)

        assert Notification.objects.filter(read_at=None).count() == 1

    def test_is_nobody_elses(self, client, reader, stalls):
        one = make_notification(user=make_user(), stalls=stalls)

        for id in (one.pk, "9" * 30):
            assert client.get(f"/alerts/{id}/").url == "/alerts/"
        client.post("/alerts/read/", {"until": one.pk})

        assert Notification.objects.filter(read_at=None).count() == 1
        assert "Rice" not in inbox(client)


class TestWhatIsFollowed:
    def test_is_listed_with_a_button_to_stop(self, client, reader, stalls):
        set_following("item", stalls.rice.pk, by=reader, on=True)
        set_following("shop", stalls.ywarma.pk, by=reader, on=True)
        set_following("item", stalls.salt.pk, by=make_user(), on=True)

        response = client.get("/alerts/following/")

        text = text_of(response)
        assert "Items Rice" in text and "Shops YwarMa" in text and "Salt" not in text
        assert response.content.decode().count('name="on" value="0"') == 2

    def test_says_so_where_it_is_nothing(self, client, reader):
        assert "You follow nothing yet" in text_of(client.get("/alerts/following/"))

    def test_comes_back_with_one_more_tap(self, client, reader, stalls):
        set_following("item", stalls.rice.pk, by=reader, on=True)
        url = reverse("favourite_item", args=["rice"])

        stopped = client.post(url, {"on": "0", "back": "following"}, headers=HTMX).content.decode()
        assert "Undo</button>" in stopped and 'name="on" value="1"' in stopped
        assert not reader.favourite_items.exists()
        client.post(url, {"on": "1", "back": "following"})

        assert reader.favourite_items.get().item == stalls.rice


class TestRights:
    PAGES = ("", "following/", "rules/", "rules/new/", "settings/")

    @pytest.mark.parametrize("role", Role.values)
    def test_are_those_of_every_role(self, client, role):
        client.force_login(make_user(role=role))

        assert [client.get(f"/alerts/{page}").status_code for page in self.PAGES] == [200] * len(self.PAGES)

    def test_are_no_visitors(self, client):
        for page in self.PAGES:
            response = client.get(f"/alerts/{page}")
            assert response.status_code == 302 and response.url.startswith(reverse("account_login"))
        assert client.post("/alerts/read/", {"until": "1"}).status_code == 302
