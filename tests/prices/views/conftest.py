from datetime import timedelta

import pytest

from potato import calendar, clock
from tests.factories import make_item
from tests.prices.stalls import price, put


@pytest.fixture(autouse=True)
def midday(monkeypatch):
    """It is about noon in Yangon: "3 h ago" is today, whenever the tests run."""
    real = clock.now
    ahead = calendar.start_of_day(calendar.yangon_day(real())) + timedelta(hours=12) - real()
    monkeypatch.setattr(clock, "now", lambda: real() + ahead)


@pytest.fixture
def two_goods(stalls):
    """Rice as in ``stalls``; onions in two shops of Yangon, in one of them by wholesale, too."""
    stalls.onions = make_item(
        slug="onions",
        name_en="Onions",
        category=stalls.cereals,
        default_unit=stalls.viss,
        usual_units=[stalls.kg],
    )
    onions = {"item_id": stalls.onions.pk}
    put(
        price(stalls, stalls.meegwet, 1_000, days=2, **onions),
        price(stalls, stalls.zamyin, 600, days=2, **onions),
        price(stalls, stalls.zamyin, 50, days=1, type="WHOLESALE", **onions),
    )
    return stalls
