"""What rows of the ledger hold, read back."""

from decimal import Decimal

import pytest

from prices.ledger.payloads import price_of
from prices.types import GivenPrice

WHOLE = {
    "item": 3,
    "shop": 7,
    "shop_name": "YwarMa market",
    "price": "4800",
    "quantity": "2",
    "unit": "viss",
    "amount": 146_975,
    "base": "kg",
}


class TestPriceOf:
    def test_is_the_price_with_its_item_and_shop(self):
        assert price_of(WHOLE) == GivenPrice(
            Decimal(4800), Decimal(2), "viss", 146_975, "kg", item_id=3, shop_id=7, shop_name="YwarMa market"
        )

    @pytest.mark.parametrize("payload", [{}, {"by": {"id": 1}}, {"reason": "price", "text": ""}])
    def test_is_none_where_there_is_no_price(self, payload):
        assert price_of(payload) is None

    @pytest.mark.parametrize("missing", ["item", "shop", "shop_name"])
    def test_does_without_what_only_names_it(self, missing):
        payload = {name: value for name, value in WHOLE.items() if name != missing}

        found = price_of(payload)

        assert found is not None and found.price == Decimal(4800)
