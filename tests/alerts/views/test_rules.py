"""A person's rules, from the item's page to their end."""

import re
from html import unescape

import pytest
from django.urls import reverse

from accounts.following import set_following
from accounts.models import Role
from alerts.models import AlertRule
from tests.alerts.views.conftest import make_rule
from tests.factories import make_unit, make_user
from tests.prices.reading import text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]
HTMX = {"HX-Request": "true"}
NEW = "/alerts/rules/new/"


def link_on(client, path="/items/rice/?region=yangon&unit=kg") -> str:
    """Where "Tell me below this price" leads to on a page."""
    found = re.search(r'href="([^"]*/alerts/rules/new/[^"]*)"', client.get(path).content.decode())
    assert found
    return unescape(found[1])


def fields_of(response) -> dict[str, str]:
    """The form of a page as a browser would send it."""
    form = response.context["form"]
    return {"item": response.context["item"].slug} | {
        name: str(value) for name in form.fields if (value := form[name].value()) is not None
    }


class TestANewRule:
    def test_takes_two_taps_from_the_items_page(self, client, reader, stalls):
        response = client.get(link_on(client))
        assert response.status_code == 200
        fields = fields_of(response)
        assert (fields["kind"], fields["amount"], fields["unit"]) == ("BELOW", "1,840", "kg")

        done = client.post(NEW, fields)

        assert (done.status_code, done.url) == (303, "/alerts/rules/")
        rule = AlertRule.objects.get()
        assert (rule.user, rule.item, rule.region, rule.kind, rule.amount) == (
            reader, stalls.rice, stalls.yangon, "BELOW", 184_000,
        )  # fmt: skip
        assert (rule.unit.code, rule.base, rule.type, rule.cooldown_hours) == ("kg", "kg", "RETAIL", 24)
        assert "K 1,840 a kg or less, in Yangon" in text_of(client.get("/alerts/rules/"))

    def test_is_in_the_readers_unit_and_digits(self, client, reader, stalls):
        response = client.get("/my" + link_on(client, "/items/rice/?region=yangon&unit=viss"))
        fields = fields_of(response)
        assert (fields["amount"], fields["unit"]) == ("၃,၀၀၅", "viss")

        client.post("/my" + NEW, fields | {"amount": "၃၂၆၅.၈၆"})

        assert AlertRule.objects.get().amount == 200_000
        assert "၃,၂၆၆" in text_of(client.get("/my/alerts/rules/"))

    @pytest.mark.parametrize(
        ("query", "place"),
        [
            ("region=yangon&township=insein", "township"),
            ("shop={shop}", "shop"),
            ("region=atlantis", None),
            ("shop=999999", None),
            ("shop=x&township=insein", None),
        ],
    )
    def test_is_of_the_place_it_was_asked_for(self, client, reader, stalls, query, place):
        fields = fields_of(client.get(f"{NEW}?item=rice&{query.format(shop=stalls.ywarma.pk)}"))

        client.post(NEW, fields | {"kind": "ANY"})

        rule = AlertRule.objects.get()
        wanted = {"township": stalls.insein, "shop": stalls.ywarma}
        found = {"region": rule.region, "township": rule.township, "shop": rule.shop}
        assert found == dict.fromkeys(found) | ({place: wanted[place]} if place else {})

    def test_may_be_of_a_shop_that_its_reader_follows(self, client, reader, stalls):
        set_following("shop", stalls.ywarma.pk, by=reader, on=True)
        response = client.get(link_on(client))
        code = f"shop-{stalls.ywarma.pk}"
        assert (code, "YwarMa") in response.context["form"].fields["place"].choices

        client.post(NEW, fields_of(response) | {"place": code})

        assert AlertRule.objects.get().shop == stalls.ywarma
        assert "at YwarMa" in text_of(client.get("/alerts/rules/"))

    def test_begins_with_the_newest_typical_price_where_none_is_given(self, client, reader, stalls):
        for amount in ("", "&amount=x", "&amount=0", f"&amount={'9' * 40}"):
            response = client.get(f"{NEW}?item=rice&region=yangon&unit=kg{amount}")
            assert fields_of(response)["amount"] == "1,927"
        assert fields_of(client.get(f"{NEW}?item=salt"))["amount"] == ""

    def test_says_what_it_would_have_done_before_it_is_saved(self, client, reader, stalls):
        fields = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))

        for headers, path in (({}, "<html"), (HTMX, "Would")):
            response = client.post(NEW, fields | {"amount": "1,560", "look": "1"}, headers=headers)
            assert response.status_code == 200 and path in response.content.decode()
            assert "Would have notified you once in the last 90 days." in text_of(response)

        assert not AlertRule.objects.exists()
        assert ("<html" in response.content.decode()) is False

    def test_suggests_a_limit_that_was_reached_and_takes_it_with_one_tap(self, client, reader, stalls):
        fields = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))
        text = text_of(client.post(NEW, fields | {"amount": "900", "look": "1"}))
        assert "No price was like that. K 1,540 a kg came up on one day of ten. Use 1,540" in text

        response = client.post(NEW, fields | {"amount": "900", "use": "1,540"})

        assert fields_of(response)["amount"] == "1,540"
        assert "came up on one day of ten" not in text_of(response)
        assert not AlertRule.objects.exists()

    def test_says_so_where_there_is_nothing_to_go_by(self, client, reader, stalls):
        fields = fields_of(client.get(f"{NEW}?item=salt"))

        text = text_of(client.post(NEW, fields | {"amount": "900", "look": "1"}))

        assert "There was no price here in the last 90 days." in text

    def test_without_an_item_asks_for_one(self, client, reader, stalls):
        assert client.get(NEW).status_code == 200
        for method in (client.get, client.post):
            response = method(NEW, {"item": "gold"})
            assert response.status_code == 404
            assert "There is no item “gold”." in text_of(response)

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"amount": ""}, "Price in kyat: Write a number"),
            ({"amount": "-5"}, "without a minus sign"),
            ({"amount": "0"}, "Zero is not a price"),
            ({"amount": "9" * 13}, "This number is too large"),
            ({"amount": "abc"}, "Write only a number here"),
            ({"kind": "CHANGE", "percent": ""}, "Percent: Write a number"),
            ({"kind": "CHANGE", "percent": "501"}, "At most 500."),
            ({"kind": "CHANGE", "percent": "2.5"}, "Write a whole number"),
            ({"kind": "SILENCE", "days": "366"}, "At most 365."),
            ({"kind": "NONE"}, "Select a valid choice"),
            ({"unit": "ell"}, "Select a valid choice"),
            ({"type": "retail"}, "Select a valid choice"),
            ({"place": "shop-999999"}, "Select a valid choice"),
            ({"place": "region-x"}, "Select a valid choice"),
            ({"cooldown": "2"}, "Select a valid choice"),
        ],
    )
    def test_is_not_stored_with_what_cannot_be_and_keeps_the_form(self, client, reader, stalls, change, said):
        fields = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))

        response = client.post(NEW, fields | {"cooldown": "72"} | change)

        assert response.status_code == 422
        assert said in text_of(response)
        assert fields_of(response)["cooldown"] == change.get("cooldown", "72")
        assert not AlertRule.objects.exists()

    def test_is_not_stored_with_a_limit_below_the_smallest_price(self, client, reader, stalls):
        stalls.rice.usual_units.add(make_unit(code="bag", to_base=50))
        put(price(stalls, stalls.meegwet, 1_715))
        fields = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))

        response = client.post(NEW, fields | {"amount": "0.01", "unit": "bag"})

        assert response.status_code == 422
        assert "No price is that low or that high" in text_of(response)

    def test_beyond_the_most_is_refused(self, client, reader, stalls, settings):
        settings.MOST_ALERT_RULES = 1
        make_rule(user=reader, stalls=stalls)
        make_rule(user=make_user(), stalls=stalls)
        fields = fields_of(client.get(f"{NEW}?item=rice"))

        response = client.post(NEW, fields | {"kind": "ANY"})

        assert response.status_code == 422
        assert "You have 1 rules, which is the most." in text_of(response)
        assert reader.alert_rules.count() == 1

    @pytest.mark.parametrize(
        ("kind", "fields", "text"),
        [
            ("ABOVE", {"amount": "2,000"}, "K 2,000 a kg or more, in Yangon"),
            ("CHANGE", {"percent": "၇"}, "a change of 7 % or more, in Yangon"),
            ("LOW", {}, "lowest typical price in 30 days, in Yangon"),
            ("HIGH", {}, "highest typical price in 30 days, in Yangon"),
            ("ANY", {}, "any new price, in Yangon"),
            ("SILENCE", {"days": "10"}, "a price again after 10 days without one, in Yangon"),
        ],
    )
    def test_may_be_of_every_kind(self, client, reader, stalls, kind, fields, text):
        form = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))

        assert client.post(NEW, form | {"kind": kind} | fields).status_code == 303

        assert text in text_of(client.get("/alerts/rules/"))

    def test_of_a_change_starts_from_the_price_of_now(self, client, reader, stalls):
        form = fields_of(client.get(f"{NEW}?item=rice&region=yangon&unit=kg"))

        client.post(NEW, form | {"kind": "CHANGE"})

        assert AlertRule.objects.get().baseline == 192_700


class TestTheLink:
    def test_is_the_same_for_everybody_and_not_where_there_is_no_price(self, client, stalls):
        assert "amount=184000" in link_on(client)
        assert "/alerts/rules/new/" not in client.get("/items/salt/").content.decode()

    def test_leads_a_visitor_to_sign_in_and_on_to_the_form(self, client, stalls):
        response = client.get(link_on(client))

        assert response.status_code == 302
        assert "next=/alerts/rules/new/%3Fitem%3Drice" in response.url


class TestOnesRules:
    def act(self, client, rule, act: str):
        return client.post(reverse("alert_rule_act", args=[rule.pk]), {"act": act})

    def test_are_changed(self, client, reader, stalls):
        rule = make_rule(user=reader, stalls=stalls, is_armed=False)
        url = reverse("alert_rule", args=[rule.pk])
        fields = fields_of(client.get(url))
        assert fields["amount"] == "1,800" and fields["place"] == f"region-{stalls.yangon.pk}"

        assert client.post(url, fields | {"amount": "1,700", "place": "nation"}).status_code == 303

        rule.refresh_from_db()
        assert (rule.amount, rule.region, rule.is_armed, rule.user) == (170_000, None, True, reader)

    def test_are_paused_and_resumed(self, client, reader, stalls):
        rule = make_rule(user=reader, stalls=stalls)
        for act, is_paused in (("pause", True), ("pause", True), ("resume", False)):
            assert self.act(client, rule, act).status_code == 303
            rule.refresh_from_db()
            assert rule.is_paused is is_paused

    def test_are_duplicated_and_the_second_one_waits(self, client, reader, stalls):
        rule = make_rule(user=reader, stalls=stalls)

        self.act(client, rule, "duplicate")

        first, second = AlertRule.objects.order_by("pk")
        assert (first.pk, first.is_paused, second.is_paused) == (rule.pk, False, True)
        assert (second.amount, second.region) == (rule.amount, rule.region)

    def test_are_deleted_and_come_back(self, client, reader, stalls):
        rule = make_rule(user=reader, stalls=stalls, cooldown_hours=5)
        response = self.act(client, rule, "delete")
        assert not AlertRule.objects.exists()
        stored = response.context["undo"]

        assert client.post(reverse("alert_rule_restore"), {"rule": stored}).status_code == 303

        back = AlertRule.objects.get()
        assert (back.user, back.item, back.region, back.amount, back.cooldown_hours) == (
            reader, stalls.rice, stalls.yangon, 180_000, 5,
        )  # fmt: skip

    def test_come_back_for_nobody_else_and_not_by_what_others_write(self, client, reader, stalls):
        stored = self.act(client, make_rule(user=reader, stalls=stalls), "delete").context["undo"]
        client.force_login(make_user())

        assert client.post(reverse("alert_rule_restore"), {"rule": stored}).status_code == 404
        for nonsense in ("", "x", stored[:-1], "\x00"):
            assert client.post(reverse("alert_rule_restore"), {"rule": nonsense}).status_code in (400, 422)

        assert not AlertRule.objects.exists()

    @pytest.mark.parametrize("limit", [("duplicate", 1), ("restore", 0)])
    def test_are_never_more_than_the_most(self, client, reader, stalls, settings, limit):
        act, settings.MOST_ALERT_RULES = limit
        rule = make_rule(user=reader, stalls=stalls)
        if act == "restore":
            stored = self.act(client, rule, "delete").context["undo"]
            response = client.post(reverse("alert_rule_restore"), {"rule": stored})
        else:
            response = self.act(client, rule, act)

        assert response.status_code == 422
        assert "which is the most" in text_of(response)
        assert AlertRule.objects.count() == settings.MOST_ALERT_RULES

    def test_are_nobody_elses(self, client, reader, stalls):
        rule = make_rule(user=make_user(role=Role.USER), stalls=stalls)
        url = reverse("alert_rule", args=[rule.pk])

        assert client.get(url).status_code == 404
        assert client.post(url, {"kind": "ANY"}).status_code == 404
        for act in ("pause", "delete", "duplicate"):
            assert self.act(client, rule, act).status_code == 404
        assert client.get(f"/alerts/rules/{'9' * 30}/").status_code == 404
        assert AlertRule.objects.filter(is_paused=False).get() == rule
        assert "You have no rules yet" in text_of(client.get("/alerts/rules/"))

    @pytest.mark.parametrize("act", ["", "burn", "\x00"])
    def test_take_nothing_else(self, client, reader, stalls, act):
        rule = make_rule(user=reader, stalls=stalls)

        assert self.act(client, rule, act).status_code in (400, 422)


class TestSettings:
    URL = "/alerts/settings/"

    def test_are_the_defaults_until_they_are_changed(self, client, reader):
        response = client.get(self.URL)
        fields = {"daily_cap": "၃", "quiet_from": "21", "quiet_until": "6"}
        assert response.context["form"]["daily_cap"].value() == "10"
        assert 'value="၁၀"' in client.get(f"/my{self.URL}").content.decode()

        assert client.post(self.URL, fields).status_code == 303

        chosen = reader.alert_settings
        assert (chosen.daily_cap, chosen.has_quiet_hours, chosen.quiet_from, chosen.quiet_until) == (
            3,
            False,
            21,
            6,
        )

    @pytest.mark.parametrize(
        "fields",
        [
            {"daily_cap": "0"},
            {"daily_cap": "101"},
            {"daily_cap": ""},
            {"quiet_from": "24"},
            {"quiet_until": "x"},
        ],
    )
    def test_refuse_what_cannot_be(self, client, reader, fields):
        sent = {"daily_cap": "10", "quiet_from": "20", "quiet_until": "7"} | fields

        assert client.post(self.URL, sent).status_code == 422

        assert not hasattr(reader, "alert_settings")
