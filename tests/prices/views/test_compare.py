import re

import pytest

from tests.factories import make_item
from tests.prices.reading import counted_reads, reads_without_postgresql, text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


@pytest.fixture
def market(two_goods):
    """Onions in a shop of Mandalay, too."""
    put(price(two_goods, two_goods.zay_cho, 700, days=2, item_id=two_goods.onions.pk))
    return two_goods


def shops(*places) -> str:
    return "/compare/?" + "&".join(f"place=shop-{place.pk}" for place in places)


def rows_of(response) -> dict[str, list[str]]:
    """The cells of each item's row: price, a star if it is the cheapest, a tilde if it is too old."""
    found = {}
    for row in re.findall(r'<tr>\s*<th scope="row">.*?</tr>', response.content.decode(), flags=re.DOTALL):
        cells = re.findall(r'<td class="n( flat)?">(<b class="mini">)?([^<]*)', row)
        name = re.search(r"<a [^>]*>([^<]*)", row)[1]
        found[name] = [price + "*" * bool(best) + "~" * bool(flat) for flat, best, price in cells]
    return found


class TestCompare:
    def test_asks_no_postgresql_and_mongodb_once(self, client, market):
        addresses = [
            shops(market.meegwet, market.zamyin, market.ywarma, market.zay_cho),
            "/compare/?place=yangon&place=mandalay",
            "/my/compare/?place=yangon/insein&place=mandalay/amarapura",
        ]
        for address in addresses:
            assert reads_without_postgresql(client, address) == 1, address

    def test_marks_the_cheapest_of_each_row_and_leaves_out_old_and_missing_prices(self, client, market):
        response = client.get(shops(market.meegwet, market.zamyin, market.thiri, market.ywarma))

        assert rows_of(response) == {
            "Rice": ["1,715*", "1,927", "1,198~", "1,840"],
            "Onions": ["1,000", "600*", "–~", "–~"],
        }
        assert "too old to count" in text_of(response)
        assert "Cheapest equally often: Meegwet, Zamyin, each 1 of 2 items." in text_of(response)

    def test_says_who_is_the_cheapest_most_often(self, client, market):
        text = text_of(client.get(shops(market.zamyin, market.zay_cho)))

        assert "Cheapest most often: Zamyin, 2 of 2 items." in text

    def test_marks_nobody_where_two_ask_the_same(self, client, market):
        put(price(market, market.ywarma, 1_715))

        assert rows_of(client.get(shops(market.meegwet, market.ywarma))) == {"Rice": ["1,715", "1,715"]}

    def test_compares_regions_and_townships_by_what_is_typical(self, client, market):
        for pair in ("place=yangon&place=mandalay", "place=yangon/insein&place=mandalay/amarapura"):
            assert rows_of(client.get(f"/compare/?{pair}")) == {
                "Rice": ["1,840*", "2,648"],
                "Onions": ["800", "700*"],
            }

    def test_leaves_out_what_has_only_old_prices_and_what_one_alone_has_and_says_so(self, client, market):
        salt, tea = {"item_id": market.salt.pk}, {"item_id": make_item(default_unit=market.kg).pk}
        put(
            price(market, market.meegwet, 300, days=500, **salt),
            price(market, market.zamyin, 200, days=700, **salt),
            price(market, market.meegwet, 9_000, **tea),
        )

        response = client.get(shops(market.meegwet, market.zamyin))

        assert set(rows_of(response)) == {"Rice", "Onions"}
        assert "1 more item has a price in one of them only." in text_of(response)
        assert "1 more item has only prices that are too old to count." in text_of(response)

    def test_shows_prices_by_the_unit_that_its_reader_prefers_unless_told(self, client, market):
        places = "/compare/?place=yangon&place=mandalay"
        by_the_viss = text_of(client.get(f"{places}&unit=viss"))
        client.cookies["prefs"] = "viss.."

        preferred, told = client.get(places), client.get(f"{places}&unit=kg")

        assert " a viss " in text_of(preferred) and " a viss " not in text_of(told)
        assert text_of(preferred) == by_the_viss
        assert 'href="/compare/?place=yangon&amp;place=mandalay&amp;unit=kg"' in preferred.content.decode()
        assert 'name="unit" value="kg"' in told.content.decode()

    def test_shows_prices_by_the_viss(self, client, market):
        response = client.get("/compare/?place=yangon&place=mandalay&unit=viss")

        assert rows_of(response)["Rice"] == ["3,005*", "4,324"]

    def test_keeps_wholesale_apart(self, client, market):
        response = client.get(shops(market.zamyin, market.meegwet) + "&type=wholesale")

        assert rows_of(response) == {}
        assert "These places share no item" in text_of(response)

    def test_says_what_it_left_out(self, client, market):
        five = [market.meegwet, market.zamyin, market.thiri, market.ywarma, market.zay_cho]

        text = text_of(
            client.get(shops(market.meegwet, market.meegwet) + "&place=yangon&place=nowhere&unit=stone")
        )
        many = text_of(client.get(shops(*five)))

        assert "Left out “Meegwet”: it is there already." in text
        assert "Left out “Yangon”: shops, townships and regions are compared among themselves." in text
        assert "Left out “nowhere”: there is no such place." in text
        assert "Left out “stone”: prices are compared a kg or a viss." in text
        assert "At most four places are compared: 1 more was left out." in many

    def test_finds_places_to_add_by_name(self, client, market):
        response = client.get(shops(market.meegwet) + "&find=zay")

        assert (
            f'href="/compare/?place=shop-{market.meegwet.pk}&amp;place=shop-{market.zay_cho.pk}"'
            in response.content.decode()
        )
        assert "Nothing is called “xyz”" in text_of(client.get("/compare/?find=xyz"))

    def test_can_be_begun_from_each_places_own_page(self, client, market):
        for path, place in [
            (f"/shops/{market.meegwet.pk}/", f"shop-{market.meegwet.pk}"),
            ("/regions/yangon/", "yangon"),
            ("/regions/yangon/insein/", "yangon/insein"),
        ]:
            assert f'href="/compare/?place={place}"' in client.get(path).content.decode()

    def test_stands_nonsense_and_reads_no_more_for_it(self, client, market):
        unknown = "&".join(f"place=shop-{number}" for number in range(900_000, 900_490))
        nonsense = (
            "",
            "shop-",
            "shop-0",
            "shop-99999999999999",
            "shop-၁၂",
            "/",
            "yangon/",
            "a/b/c",
            "a" * 5000,
        )
        client.get("/compare/")

        for query in (unknown, *("&".join([f"place={one}"] * 490) for one in nonsense)):
            with counted_reads() as reads:
                response = client.get(f"/compare/?{query}")
                n_reads = reads()

            assert response.status_code == 200
            assert n_reads <= 4
