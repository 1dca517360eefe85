import re
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import Role
from catalog.models import PriceRange, Unit
from potato import clock
from potato.errors import Unavailable
from prices import selectors
from prices.forms import SHORT_TEXT
from prices.ids import uuid7
from prices.models import Installation, LedgerRow
from prices.store import entries
from shops.models import Favourite, Shop
from tests.factories import (
    make_category,
    make_item,
    make_region,
    make_shop,
    make_township,
    make_unit,
    make_user,
)
from tests.prices.sending import good_price, publish, publish_price, sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

VISS = Decimal("1.63293")
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def in_english():
    """A page asked for below /my/ leaves its language behind."""
    translation.activate("en")
    yield
    translation.activate("en")


@pytest.fixture
def viss():
    return make_unit(code="viss", name_en="viss", name_my="ပိဿာ", to_base=VISS)


@pytest.fixture
def kg():
    return make_unit(code="kg", name_en="kilogram", to_base=1)


@pytest.fixture
def onions(viss, kg):
    item = make_item(name_en="Onions", name_my="ကြက်သွန်နီ", slug="onions", default_unit=viss, usual_units=[kg])
    PriceRange.objects.create(item=item, base="kg", low_kyat=100, high_kyat=5_000)
    return item


@pytest.fixture
def market():
    insein = make_township(name_en="Insein", region=make_region(name_en="Yangon"))
    return make_shop(shop_name="YwarMa market", shop_name_my="ရွာမဈေး", township=insein, kind=Shop.Kind.MARKET)


@pytest.fixture
def contributor(client):
    user = make_user(role=Role.CONTRIBUTOR, display_name="Daw Mya")
    client.force_login(user)
    return user


@pytest.fixture
def form(onions, market):
    return good_price(item=onions, shop=market)


def send(client, form, expect, **changes):
    response = client.post(reverse("submit"), {**form, **changes})
    assert response.status_code == expect, response.content.decode()
    return response


def text_of(response):
    return unescape(response.content.decode())


def value_of(text, name):
    """What a field holds: the value of an input or radio, the chosen option, the text of a textarea."""
    if area := re.search(rf'<textarea name="{name}"[^>]*>\n(.*?)</textarea>', text, re.DOTALL):
        return area[1]
    if select := re.search(rf'<select name="{name}".*?</select>', text, re.DOTALL):
        chosen = re.search(r'<option value="([^"]*)" selected', select[0])
        return chosen[1] if chosen else ""
    inputs = re.findall(rf'<input [^>]*name="{name}"[^>]*>', text)
    if 'type="radio"' in inputs[0]:
        inputs = [one for one in inputs if "checked" in one]
        if not inputs:
            return ""
    found = re.search(r'value="([^"]*)"', inputs[0])
    return found[1] if found else ""


class TestWhoMaySend:
    def test_a_visitor_signs_in_first_and_comes_back(self, client, form):
        page = client.get(reverse("submit"), {"item": "onions"})
        posted = client.post(reverse("submit"), form)

        assert page.status_code == posted.status_code == 302
        assert page["Location"] == f"{reverse('account_login')}?next=/prices/submit/%3Fitem%3Donions"
        assert not sent().exists()

    def test_a_reader_gets_a_page_that_says_how_to_become_a_contributor(self, client, form):
        client.force_login(make_user(role=Role.USER))

        for response in (client.get(reverse("submit")), client.post(reverse("submit"), form)):
            assert response.status_code == 403
            assert reverse("become_contributor") in text_of(response)
        assert not sent().exists()

    def test_somebody_banned_sends_nothing(self, client, form):
        user = make_user(role=Role.CONTRIBUTOR)
        client.force_login(user)
        type(user).objects.filter(pk=user.pk).update(banned_at=timezone.now())

        response = client.post(reverse("submit"), form)

        assert response.status_code == 403
        assert not sent().exists()

    @pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.RETAILER, Role.ADMIN])
    def test_contributors_shop_owners_and_staff_do(self, client, form, role):
        client.force_login(make_user(role=role))

        send(client, form, 303)

        assert sent().count() == 1


class TestTheForm:
    def test_begins_with_the_item_and_shop_of_a_link(self, client, contributor, onions, market):
        text = text_of(client.get(reverse("submit"), {"item": "onions", "shop": market.pk}))

        assert value_of(text, "item") == str(onions.pk)
        assert value_of(text, "shop") == str(market.pk)
        assert value_of(text, "unit") == "viss"
        assert value_of(text, "quantity") == "1"

    def test_remembers_the_last_shop(self, client, contributor, form, market):
        make_shop()
        send(client, form, 303)

        assert value_of(text_of(client.get(reverse("submit"))), "shop") == str(market.pk)

    def test_does_not_begin_with_a_last_shop_that_closed(self, client, contributor, form, market):
        send(client, form, 303)
        market.status = Shop.Status.CLOSED
        market.save()

        assert value_of(text_of(client.get(reverse("submit"))), "shop") == ""

    @pytest.mark.parametrize(
        "query",
        [{"item": "nothing"}, {"item": "9" * 400}, {"shop": "abc"}, {"shop": "9" * 18}, {"shop": "0"}],
    )
    def test_says_when_a_link_made_no_sense(self, client, contributor, onions, query):
        response = client.get(reverse("submit"), query)

        assert response.status_code == 200
        assert "of this link is" in text_of(response)

    def test_groups_items_by_category_and_says_their_other_name(self, client, contributor, onions):
        make_item(name_en="Gone", is_active=False)

        text = text_of(client.get(reverse("submit")))

        assert f'<optgroup label="{onions.category.name_en}">' in text
        assert "Onions ကြက်သွန်နီ" in text
        assert "Gone" not in text

    def test_offers_ones_own_shops_first_and_the_home_regions(self, client, contributor, market):
        near, far = (
            make_shop(shop_name="Near", region=market.region, township=market.township),
            make_shop(shop_name="Far"),
        )
        make_shop(
            shop_name="Tired", region=market.region, township=market.township, status=Shop.Status.PAUSED
        )
        Favourite.objects.create(user=contributor, shop=far)
        contributor.home_region = market.region
        contributor.save()

        text = text_of(client.get(reverse("submit")))

        assert (
            text.index('label="Your shops"')
            < text.index("Far,")
            < text.index('label="Yangon"')
            < text.index("Near, Insein")
        )
        assert near.shop_name in text and "Tired" not in text

    @pytest.mark.parametrize(
        "words",
        [
            "ywarma",
            "ရွာမ",
            "ရွာ\u200bမစျေး",
            "insein market",
            "Yangon, ywar",
            "insein",
            "ywar ma",
            "ရြာမေစ်း",
            "stall ၈",
        ],
    )
    def test_finds_a_shop_without_a_script_and_keeps_what_was_typed(
        self, client, contributor, form, market, words
    ):
        make_shop(shop_name="Elsewhere")
        market.shop_name += " (stall 8)"
        market.save()
        publish()

        response = send(client, {**form, "shop": "", "note": "so far"}, 200, shop_q=words, find="1")

        text = text_of(response)
        assert value_of(text, "shop") == str(market.pk)
        assert value_of(text, "price") == "2,400" and value_of(text, "note") == "so far"
        assert value_of(text, "submission_id") == form["submission_id"]
        assert "1 shop found" in text
        assert not sent().exists()

    def test_offers_shops_that_are_called_nearly_so_but_chooses_none(self, client, contributor, form, market):
        publish()

        text = text_of(send(client, form, 200, shop="", shop_q="ywamra market", find="1"))

        assert (
            "No shop is called “ywamra market”. The list above has those that are called nearly so." in text
        )
        assert f'<option value="{market.pk}">YwarMa market, Insein' in text
        assert value_of(text, "shop") == ""

    def test_says_how_it_read_zawgyi(self, client, contributor, form, market):
        publish()

        assert "Read as: ရွာမဈေး" in text_of(send(client, form, 200, shop="", shop_q="ရြာမေစ်း", find="1"))

    def test_searches_when_the_key_for_it_was_pressed_instead_of_the_button(
        self, client, contributor, form, market
    ):
        publish()
        response = send(client, {**form, "shop": ""}, 200, shop_q="ywarma")

        assert value_of(text_of(response), "shop") == str(market.pk)

    def test_says_when_no_shop_has_that_name(self, client, contributor, form):
        assert "No shop is called “\x00%_'x”" in text_of(
            send(client, form, 200, shop="", shop_q="\x00%_'x", find="1")
        )

    def test_says_that_it_is_a_demo(self, client, contributor):
        assert "This is a demo." not in text_of(client.get(reverse("submit")))
        Installation.objects.update_or_create(pk=1, defaults={"mode": Installation.Mode.DEMO})

        assert "This is a demo." in text_of(client.get(reverse("submit")))

    def test_asks_as_little_of_postgresql_with_many_items_and_shops_as_with_few(
        self, client, contributor, onions, market, form
    ):
        send(client, form, 303)
        ask = {"item": "onions", "shop": market.pk}
        client.get(reverse("submit"), ask)
        with CaptureQueriesContext(connection) as few:
            client.get(reverse("submit"), ask)
        for _ in range(12):
            make_item(category=make_category(), default_unit=onions.default_unit)
            make_shop(region=market.region)

        with CaptureQueriesContext(connection) as many:
            client.get(reverse("submit"), ask)

        assert len(many) == len(few)
        assert len(few) <= 15, [query["sql"][:120] for query in few]

    def test_is_in_burmese_below_my(self, client, contributor, onions, market):
        text = text_of(client.get(f"/my{reverse('submit')}", {"item": "onions", "shop": market.pk}))

        assert 'action="/my/prices/submit/"' in text
        assert "ကြက်သွန်နီ Onions" in text and "ရွာမဈေး" in text


class TestAGoodPrice:
    def test_is_acknowledged_when_the_ledger_has_it_and_then_published(
        self, client, contributor, form, onions, market
    ):
        response = send(client, form, 303, price="၂၄၀၀", note="two sacks left")

        address = response["Location"]
        assert address == reverse("submission", args=[form["submission_id"]])
        waiting = text_of(client.get(address))
        assert "Accepted" in waiting and "K 2,400 a viss" in waiting and "K 1,470 a kg" in waiting
        assert 'hx-trigger="load delay:500ms"' in waiting and 'http-equiv="refresh"' in waiting

        publish()

        done = text_of(client.get(address))
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

        text = text_of(client.get(response["Location"]))
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

        text = text_of(client.get(response["Location"]))

        assert "Waits for a check" in text
        assert "far above what this usually costs" in text and "One zero too many?" in text
        assert reverse("correct", args=[form["submission_id"]]) in text


NASTY = {
    "empty": "",
    "letters": "abc",
    "not a number": "NaN",
    "too large": "1e309",
    "negative": "-5",
    "zero": "0",
    "400 digits": "9" * 400,
    "NUL": "24\x0000",
    "1 MB": "x" * 1_000_000,
}
REFUSES_ALL = [
    "item",
    "shop",
    "price",
    "quantity",
    "unit",
    "type",
    "seen",
    "seen_on",
    "seen_time",
    "submission_id",
]
CASES = [(field, what) for field in REFUSES_ALL for what in NASTY] + [("note", "NUL"), ("note", "1 MB")]
CASES.remove(("seen_time", "empty"))


class TestBadInput:
    @pytest.mark.parametrize(("field", "what"), CASES, ids=[f"{field}: {what}" for field, what in CASES])
    def test_is_an_error_at_its_field_and_nothing_is_stored_or_lost(
        self, client, contributor, form, field, what
    ):
        nasty = NASTY[what]
        form |= {"note": "kept", "seen": "earlier", "seen_on": "2025-12-01", "seen_time": "09:30"}

        text = send(client, form, 422, **{field: nasty}).content.decode()

        assert not sent().exists()
        assert "Not sent yet" in text
        if field != "submission_id":
            assert re.search(rf'<p class="err" id="id_{field}_error">[^<]{{10,}}</p>', text)
            assert text.count('aria-invalid="true"') in ((2, 3) if field in ("type", "seen") else (1,))
        for name in form:
            if name not in (field, "submission_id"):
                assert unescape(value_of(text, name)) == form[name], name
        if field in ("price", "quantity", "seen_on", "seen_time"):
            assert unescape(value_of(text, field)) == nasty[:SHORT_TEXT]
        if field == "note":
            assert nasty in unescape(text)

    @pytest.mark.parametrize("field", REFUSES_ALL)
    def test_that_is_missing_is_an_error_as_well(self, client, contributor, form, field):
        form |= {"seen": "earlier", "seen_on": "2025-12-01"}
        if field != "seen_time":
            del form[field]
            send(client, form, 422)

            assert not sent().exists()

    def test_in_every_field_at_once_says_so_at_every_field(self, client, contributor, form):
        text = text_of(send(client, dict.fromkeys(form, "\x00"), 422))

        assert "11 things to put right" in text or "10 things to put right" in text
        assert not sent().exists()

    def test_is_not_told_apart_by_htmx(self, client, contributor, form):
        response = client.post(reverse("submit"), {**form, "price": "24oo"}, headers=HTMX)

        assert response.status_code == 422
        assert text_of(response).lstrip().startswith("<form")

    def test_an_item_switched_off_cannot_be_priced(self, client, contributor, form, onions):
        onions.is_active = False
        onions.save()

        assert "not in the list any more" in text_of(send(client, form, 422))

    @pytest.mark.parametrize("status", [Shop.Status.CLOSED, Shop.Status.PAUSED])
    def test_a_closed_shop_has_no_prices(self, client, contributor, form, market, status):
        market.status = status
        market.save()

        assert "This shop is closed or not known" in text_of(send(client, form, 422))

    def test_a_unit_switched_off_is_not_used(self, client, contributor, form, viss):
        Unit.objects.filter(pk=viss.pk).update(is_active=False)

        assert "This unit is not in use" in text_of(send(client, form, 422))

    @pytest.mark.parametrize(
        "kind",
        [{"kind": "volume", "base": "l", "to_base": 1}, {"kind": "container", "base": "", "to_base": None}],
    )
    def test_a_unit_of_another_dimension_needs_a_factor_of_the_item(self, client, contributor, form, kind):
        make_unit(code="other", **kind)

        text = text_of(send(client, form, 422, unit="other"))

        assert re.search(r'id="id_unit_error">[^<]*not sold by that unit', text)
        assert not sent().exists()

    def test_a_price_that_comes_to_less_than_half_a_pya_is_refused_at_the_price(
        self, client, contributor, form
    ):
        text = text_of(send(client, form, 422, price="0.01", quantity="999,999"))

        assert re.search(r'id="id_price_error">[^<]*too large or too small', text)

    def test_a_time_to_come_is_refused(self, client, contributor, form):
        tomorrow = clock.today() + timedelta(days=1)

        assert "still to come" in text_of(
            send(client, form, 422, seen="earlier", seen_on=tomorrow.isoformat())
        )


class TestTheSameFormWithAnotherPrice:
    def test_asks_which_one_is_right_and_stores_nothing(self, client, contributor, form):
        send(client, form, 303)

        text = text_of(send(client, form, 409, price="2,500"))

        assert "Which price is right?" in text
        assert "K 2,400 a viss" in text and "K 2,500 a viss" in text
        assert reverse("submission", args=[form["submission_id"]]) in text
        assert sent().count() == 1

    @pytest.mark.parametrize("is_published", [False, True])
    def test_becomes_a_correction_when_the_new_one_is_right(self, client, contributor, form, is_published):
        send(client, form, 303)
        if is_published:
            publish()
        question = text_of(send(client, form, 409, price="2,500", note="looked again"))
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
            question = text_of(
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

        question = text_of(send(client, form, 409, item=garlic.pk, price="9,000"))
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

        text = text_of(send(client, form, 422))

        assert "belongs to another account" in text
        assert sent().count() == 1


class TestFollowingASubmission:
    def test_is_for_its_author_and_staff(self, client, contributor, form):
        address = send(client, form, 303)["Location"]

        client.force_login(make_user(role=Role.CONTRIBUTOR))
        assert client.get(address).status_code == 404
        client.force_login(make_user(role=Role.ADMIN))
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
                r'hx-trigger="load delay:(\w+)"',
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

        text = text_of(client.get(address))

        assert "Not published" in text and "Please send it again" in text

    def test_says_that_it_is_published_while_mongodb_is_away(self, client, contributor, form, monkeypatch):
        address = send(client, form, 303)["Location"]
        publish()

        def away(_id):
            raise Unavailable("mongo")

        monkeypatch.setattr(selectors, "entry", away)

        response = client.get(address)

        assert response.status_code == 200
        assert "Published" in text_of(response)


class TestTheEcho:
    def ask(self, client, onions, **changes):
        query = {"item": onions.pk, "price": "2,400", "quantity": "1", "unit": "viss", **changes}
        response = client.get(reverse("submit_echo"), query)
        assert response.status_code == 200
        return text_of(response)

    def test_says_what_a_price_comes_to_per_base_unit(self, client, contributor, onions):
        text = self.ask(client, onions)

        assert '= K 2,400 a viss = <b class="n">K 1,470 a kg</b>' in text
        assert 'role="alert"' not in text

    def test_asks_about_a_zero_and_offers_the_price_that_may_be_meant(self, client, contributor, onions):
        text = self.ask(client, onions, price="၂၄၀၀၀")

        assert "One zero too many?" in text
        assert '<button class="btn quiet" name="price" value="2400">Make it 2,400</button>' in text
        assert "24,000 is right" in text

    @pytest.mark.parametrize(
        "changes",
        [{"price": v} for v in ("", "abc", "-1", "9" * 400)]
        + [
            {"quantity": "0"},
            {"unit": "\x00x"},
            {"unit": "gone"},
            {"item": ""},
            {"item": "9" * 30},
            {"shop": "x" * 5000},
        ],
    )
    def test_is_silent_while_there_is_no_price(self, client, contributor, onions, changes):
        if "shop" in changes:
            assert "K 1,470" in self.ask(client, onions, **changes)
        elif changes.get("unit") == "\x00x":
            assert client.get(reverse("submit_echo"), changes).status_code in (200, 404)
        else:
            assert "ticket" not in self.ask(client, onions, **changes)

    def test_is_shown_with_the_form_when_it_comes_back(self, client, contributor, form):
        text = text_of(send(client, form, 422, seen="nonsense", price="24,000"))

        assert "One zero too many?" in text

    def test_changes_the_price_by_its_button_without_a_script(self, client, contributor, form):
        # The button stands behind the field of the same name, and the last one counts.
        body = (
            "&".join(f"{name}={value}" for name, value in {**form, "price": "24000"}.items()) + "&price=2400"
        )

        response = client.post(reverse("submit"), body, content_type="application/x-www-form-urlencoded")

        assert response.status_code == 303
        assert sent().get().payload["price"] == "2400"


class TestTheListsOfTheForm:
    def test_units_are_those_of_the_item_its_usual_ones_first(self, client, contributor, onions):
        make_unit(code="ton", name_en="ton", to_base=1000)
        make_unit(code="litre", kind="volume", base="l")

        response = client.get(reverse("submit_units"), {"item": onions.pk})

        text = text_of(response)
        assert value_of(text, "unit") == "viss"
        assert (
            text.index("viss")
            < text.index("kilogram")
            < text.index('label="Other units"')
            < text.index(">ton<")
        )
        assert "litre" not in text
        assert response["HX-Trigger-After-Swap"] == "units-changed"

    def test_shops_are_found_while_typing(self, client, contributor, market):
        publish()

        text = text_of(client.get(reverse("submit_shops"), {"shop_q": "ywar"}))

        assert value_of(text, "shop") == str(market.pk)
        assert "<form" not in text

    def test_shops_say_when_there_are_more_than_fit(self, client, contributor, market):
        for number in range(42):
            make_shop(shop_name=f"Stall {number:02}", region=market.region, township=market.township)
        publish()

        text = text_of(client.get(reverse("submit_shops"), {"shop_q": "stall"}))

        assert "More than 40 shops" in text
        assert text.count("Stall ") == 40


class TestMyPrices:
    def test_says_how_it_stands_with_each(self, client, contributor, onions, market):
        fine = publish_price(client, item=onions, shop=market)
        far = publish_price(client, item=onions, shop=market, price="9,999,999")
        back = publish_price(client, item=onions, shop=market, price="2,410")
        client.post(reverse("withdraw", args=[back]), {"act_id": str(uuid7()), "reason": ""})
        publish()
        send(client, good_price(item=onions, shop=market, price="2,420"), 303)

        text = text_of(client.get(reverse("my_prices")))

        for piece in ("far above", "K 2,400 a viss"):
            assert piece in text
        states = re.findall(r'<span class="tag[^>]*>([^<]+)<', text)
        assert states == ["On its way", "Taken back", "Waits for a check", "Published"]
        assert all(reverse("submission", args=[id]) in text for id in (fine, far, back))

    def test_shows_nobody_elses(self, client, contributor, form):
        send(client, form, 303)
        client.force_login(make_user(role=Role.CONTRIBUTOR))

        assert "You have not sent a price yet" in text_of(client.get(reverse("my_prices")))

    def test_goes_on_page_by_page_without_losing_one(self, client, contributor, form):
        now = clock.now()
        for number in range(35):
            send(client, form, 303, submission_id=str(uuid7()), price=str(1000 + number))
        for number, row in enumerate(sent()):
            LedgerRow.objects.filter(pk=row.pk).update(received_at=now - timedelta(minutes=number))

        seen, address = [], reverse("my_prices")
        while address:
            text = text_of(client.get(address))
            seen += re.findall(r"K (1,\d{3}) a viss", text)
            older = re.search(r'rel="next" href="([^"]+)"', text)
            address = reverse("my_prices") + older[1] if older else None

        assert len(seen) == len(set(seen)) == 35

    @pytest.mark.parametrize("before", ["abc", "-1", "9" * 400, "1e5", "9" * 19])
    def test_ignores_a_page_that_does_not_exist_and_says_so(self, client, contributor, before):
        response = client.get(reverse("my_prices"), {"before": before})

        assert response.status_code == 200
        assert "This page does not exist" in text_of(response)
