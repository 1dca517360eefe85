from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.models import PriceRange
from catalog.selectors import ranges_of, units_for
from potato.errors import Refused
from prices.forms.echo import echo_of
from prices.ledger.payloads import Offer
from prices.models import LedgerRow
from prices.publishing.acts import entry_of
from prices.types import RETAIL
from tests.factories import make_item, make_shop, make_unit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

NOW = datetime(2025, 12, 15, 8, 0, tzinfo=UTC)
BY = {"id": 1, "name": "Daw Mya", "role": "CONTRIBUTOR"}


@pytest.fixture
def units():
    sizes = {"kg": 1, "viss": "1.63293", "tical": "0.0163293", "ton": 1000}
    return {code: make_unit(code=code, name_en=code, to_base=size) for code, size in sizes.items()}


@pytest.fixture
def onions(units):
    return make_item(name_en="Onions", name_my="ကြက်သွန်နီ", default_unit=units["viss"])


@pytest.fixture
def shop():
    return make_shop()


def set_range(item, ends):
    PriceRange.objects.filter(item=item).delete()
    if ends:
        PriceRange.objects.create(item=item, base="kg", low_kyat=ends[0], high_kyat=ends[1])


def echo(item, **typed):
    typed = {"price": "2,400", "quantity": "1", "unit": "viss"} | typed
    return echo_of(typed, item=item, priced=units_for(item_id=item.pk, region_id=None))


class TestEchoOf:
    @pytest.mark.parametrize("ends", [None, (300, 20_000)])
    def test_asks_about_an_unusual_quantity_whether_or_not_the_range_of_the_price_is_known(
        self, onions, ends
    ):
        set_range(onions, ends)

        shown = echo(onions, price="24,000,000", quantity="10,000")

        assert shown.question == "That is an unusually large quantity."
        assert shown.typed == "10,000 viss"
        assert (shown.usual, shown.fix) == ("", None)

    def test_says_what_is_usual_where_the_price_is_not(self, onions):
        set_range(onions, (300, 20_000))

        shown = echo(onions, price="2,000", quantity="1", unit="ton")

        assert shown.question == "It is far below what this usually costs."
        assert shown.usual == "Onions: usually from K 300 a kg to K 20,000 a kg."
        assert shown.typed == "2,000"

    def test_asks_nothing_about_an_item_without_a_range(self, onions):
        shown = echo(onions, price="24,000,000")

        assert (shown.question, shown.usual, shown.fix) == ("", "", None)

    def test_offers_the_unit_that_may_be_meant(self, onions):
        set_range(onions, (2_500, 4_000))

        shown = echo(onions, price="4,800", unit="kg")

        assert shown.question.endswith("Was it for a viss instead of a kg?")
        assert shown.fix == ("unit", "viss", "It was for a viss")

    @settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(
        price=st.decimals("0.01", 10**7, places=2),
        quantity=st.decimals("0.001", 30_000, places=3) | st.integers(1, 20).map(Decimal),
        unit=st.sampled_from(["kg", "viss", "tical", "ton"]),
        ends=st.none() | st.tuples(st.integers(1, 10_000), st.integers(10_001, 10**6)),
    )
    def test_asks_about_every_price_that_would_not_simply_be_published_and_about_no_other(
        self, units, onions, shop, price, quantity, unit, ends
    ):
        set_range(onions, ends)

        shown = echo(onions, price=str(price), quantity=str(quantity), unit=unit)

        offer = Offer(onions, shop, price, quantity, units[unit], RETAIL, NOW)
        try:
            payload = offer.payload(now=NOW) | {"by": BY}
        except Refused:
            assert shown is None
        else:
            row = LedgerRow(id=UUID(int=1), kind="PRICE", payload=payload, received_at=NOW, body_hash="")
            entry = entry_of(row, ranges_of([onions.pk]), now=NOW)
            assert bool(shown.question) == (entry.status != "published"), entry.judgement
