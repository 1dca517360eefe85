"""What may not be sent, in every field."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from catalog.models import Unit
from potato import clock
from prices.forms.fields import SHORT_TEXT
from shops.models import Shop
from tests.factories import (
    make_unit,
)
from tests.prices.reading import HTMX
from tests.prices.sending import sent
from tests.prices.views.submit.conftest import html_of, send, value_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


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
        text = html_of(send(client, dict.fromkeys(form, "\x00"), 422))

        assert "11 things to put right" in text or "10 things to put right" in text
        assert not sent().exists()

    def test_is_not_told_apart_by_htmx(self, client, contributor, form):
        response = client.post(reverse("submit"), {**form, "price": "24oo"}, headers=HTMX)

        assert response.status_code == 422
        assert html_of(response).lstrip().startswith("<form")

    def test_an_item_switched_off_cannot_be_priced(self, client, contributor, form, onions):
        onions.is_active = False
        onions.save()

        assert "not in the list any more" in html_of(send(client, form, 422))

    @pytest.mark.parametrize("status", [Shop.Status.CLOSED, Shop.Status.PAUSED])
    def test_a_closed_shop_has_no_prices(self, client, contributor, form, market, status):
        market.status = status
        market.save()

        assert "This shop is closed or not known" in html_of(send(client, form, 422))

    def test_a_unit_switched_off_is_not_used(self, client, contributor, form, viss):
        Unit.objects.filter(pk=viss.pk).update(is_active=False)

        assert "This unit is not in use" in html_of(send(client, form, 422))

    @pytest.mark.parametrize(
        "kind",
        [{"kind": "volume", "base": "l", "to_base": 1}, {"kind": "container", "base": "", "to_base": None}],
    )
    def test_a_unit_of_another_dimension_needs_a_factor_of_the_item(self, client, contributor, form, kind):
        make_unit(code="other", **kind)

        text = html_of(send(client, form, 422, unit="other"))

        assert re.search(r'id="id_unit_error">[^<]*not sold by that unit', text)
        assert not sent().exists()

    def test_a_price_that_comes_to_less_than_half_a_pya_is_refused_at_the_price(
        self, client, contributor, form
    ):
        text = html_of(send(client, form, 422, price="0.01", quantity="999,999"))

        assert re.search(r'id="id_price_error">[^<]*too large or too small', text)

    def test_a_time_to_come_is_refused(self, client, contributor, form):
        tomorrow = clock.today() + timedelta(days=1)

        assert "still to come" in html_of(
            send(client, form, 422, seen="earlier", seen_on=tomorrow.isoformat())
        )
