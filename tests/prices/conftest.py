"""A market for the tests of pages, which begin and end in English."""

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.contrib.gis.geos import Point
from django.utils import translation

from tests.factories import make_category, make_item, make_region, make_shop, make_township, make_unit
from tests.prices.stalls import price, put


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Tests begin and end in English, whatever language a page was asked in."""
    with translation.override("en"):
        yield


@pytest.fixture
def stalls() -> SimpleNamespace:
    """Rice in four shops of Yangon, one of them with an old price, and one shop of Mandalay; salt in none."""
    kg = make_unit(code="kg", name_en="kilogram", name_my="ကီလိုဂရမ်")
    viss = make_unit(code="viss", name_en="viss", name_my="ပိဿာ", to_base=Decimal("1.63293"))
    cereals = make_category(slug="cereals", name_en="Cereals", name_my="ကောက်နှံ")
    rice = make_item(
        slug="rice",
        name_en="Rice",
        name_my="ဆန်",
        aliases=["San"],
        category=cereals,
        default_unit=viss,
        usual_units=[kg],
    )
    salt = make_item(slug="salt", name_en="Salt", name_my="ဆား", category=cereals, default_unit=viss)
    yangon = make_region(slug="yangon", name_en="Yangon", name_my="ရန်ကုန်")
    mandalay = make_region(slug="mandalay", name_en="Mandalay", name_my="မန္တလေး")
    insein = make_township(region=yangon, slug="insein", name_en="Insein", name_my="အင်းစိန်")
    amarapura = make_township(region=mandalay, slug="amarapura", name_en="Amarapura")
    meegwet, ywarma, zamyin, thiri = (
        make_shop(shop_name=name, township=insein) for name in ("Meegwet", "YwarMa", "Zamyin", "Thiri")
    )
    zay_cho = make_shop(shop_name="Zay Cho", township=amarapura)
    found = SimpleNamespace(**locals())
    put(
        price(found, meegwet, 1_715, days=20),
        price(found, ywarma, 1_840, days=1),
        price(found, zamyin, 1_927, hours=3),
        price(found, thiri, 1_198, days=400),
        price(found, zay_cho, 2_648, days=2),
        *(price(found, ywarma, 1_500 + back, days=back) for back in range(40, 400, 30)),
    )
    return found


@pytest.fixture
def placed(stalls):
    """The stalls with positions: two side by side, one away from them, one nowhere; and Nay Pyi Taw without a price."""
    for shop, at in (
        (stalls.meegwet, (96.104, 16.894)),
        (stalls.ywarma, (96.115, 16.905)),
        (stalls.thiri, (96.2, 16.7)),
        (stalls.zay_cho, (96.08, 21.97)),
    ):
        shop.point = Point(*at)
        shop.save()
    for region, bounds in (
        (stalls.yangon, [95.7, 16.2, 96.9, 17.8]),
        (stalls.mandalay, [95, 20.2, 96.9, 23.7]),
    ):
        region.bounds = bounds
        region.save()
    make_region(slug="nay-pyi-taw", name_en="Nay Pyi Taw", name_my="နေပြည်တော်", point=Point(96.1, 19.9))
    put(price(stalls, stalls.zamyin, 1_927))
    return stalls
