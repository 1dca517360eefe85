"""Shops near somebody: distances, and the page."""

import random
import re

import pytest
from django.contrib.gis.geos import Point
from django.core.cache import caches
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from potato.text.wording import Wording
from prices.derived import board_copies
from prices.names import cache as names
from prices.pages.maps import near_me as pages
from prices.publishing import relay
from prices.rules.boards.format import to_ms
from prices.types import Name
from prices.views import near as views
from shops.models import Shop
from shops.selectors import shops_near
from tests.factories import make_item, make_shop, make_township, make_unit, make_user
from tests.prices.reading import counted_reads, mongo_is_away, text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

SULE = (96.159, 16.774)
NEAR = "/items/rice/near/"


class TestDistances:
    def test_of_postgis_and_of_memory_agree_within_a_hundredth(self):
        chance, township = random.Random(3), make_township()
        for _ in range(40):
            make_shop(township=township, point=Point(chance.uniform(93, 99), chance.uniform(11, 27)))
        relay.run_once(limit=1000)
        names.refresh()

        there = {
            one.shop_id: one.metres for one in shops_near(longitude=96.159, latitude=16.774, metres=700_000)
        }
        memory = pages.shops_around(SULE, metres=700_000 * 1.01)

        assert len(there) > 10
        for shop_id, metres in there.items():
            assert memory[shop_id] == pytest.approx(metres, rel=0.01)

    def test_leave_out_who_has_closed_and_who_is_nowhere(self):
        township = make_township()
        open_, closed, nowhere = (
            make_shop(township=township, point=Point(*SULE)),
            make_shop(township=township, point=Point(*SULE), status=Shop.Status.CLOSED),
            make_shop(township=township),
        )
        relay.run_once(limit=1000)
        names.refresh()

        there = shops_near(longitude=SULE[0], latitude=SULE[1], metres=1000)
        memory = pages.shops_around(SULE, metres=1000)

        assert [one.shop_id for one in there] == list(memory) == [open_.pk]
        assert {closed.pk, nowhere.pk} & memory.keys() == set()

    def test_are_asked_of_the_index(self):
        make_shop(point=Point(*SULE))
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        with CaptureQueriesContext(connection) as queries:
            shops_near(longitude=SULE[0], latitude=SULE[1], metres=5000)

        with connection.cursor() as cursor:
            cursor.execute("EXPLAIN " + queries[0]["sql"])
            plan = "\n".join(row[0] for row in cursor.fetchall())

        assert len(queries) == 1
        assert "Index Scan using shops_shop_point" in plan or "Bitmap Index Scan on shops_shop_point" in plan

    def test_are_said_as_roughly_as_they_are_known(self, settings):
        from potato import clock

        english, burmese = (Wording(language=code, now=clock.now()) for code in ("en", "my"))

        assert [pages.distance(metres, english) for metres in (20, 340, 1_249, 9_960, 1_234_000)] == [
            "under 0.1 km",
            "0.3 km",
            "1.2 km",
            "10 km",
            "1,234 km",
        ]
        assert "၂၃" in pages.distance(23_100, burmese)


class TestThePage:
    def test_asks_for_nothing_until_it_is_sent(self, client, placed):
        body = client.get(NEAR + "?region=yangon&township=insein").content.decode()

        assert "is not kept" not in body
        assert f'<option value="{placed.insein.pk}" selected>' in body
        assert "data-ask hidden" in body

    def test_offers_the_units_in_which_there_are_prices(self, client, placed):
        litre = make_unit(code="l", name_en="litre", kind="volume", base="l")
        oil = make_item(slug="oil", default_unit=placed.viss, usual_units=[litre], category=placed.cereals)
        put(
            price(placed, placed.ywarma, 8_000, item_id=oil.pk, base="l"),
        )

        def offered(path: str) -> list[str]:
            units = client.get(path).content.decode().split('name="unit"')[1].split("</select>")[0]
            return re.findall(r'<option value="([a-z]+)"', units)

        assert offered("/items/oil/near/") == offered("/items/oil/near/?unit=viss") == ["l"]
        assert offered("/items/salt/near/") == ["kg", "viss"]
        assert client.post("/items/oil/near/", sent(latitude="16.8", longitude="96.1")).status_code == 422

    def test_takes_the_radius_of_an_address_and_says_which_makes_no_sense(self, client, placed):
        asked, nonsense = (client.get(f"{NEAR}?radius={km}") for km in ("20", "1e9"))

        assert '<option value="20" selected>' in asked.content.decode()
        assert '<option value="5" selected>' in nonsense.content.decode()
        assert "Left out “1e9”: there is no such distance to choose." in text_of(nonsense)

    def test_lists_shops_around_a_position_with_their_distance(self, client, placed):
        response = send(client, latitude="16.894", longitude="96.104", radius="2")

        assert response.status_code == 200
        assert rows_of(response) == ["Meegwet cheapest", "YwarMa"]
        assert "under 0.1 km" in text_of(response)

    def test_sorts_by_price_distance_or_age_and_keeps_old_prices_last(self, client, placed):
        def found(sort: str) -> list[str]:
            return rows_of(send(client, latitude="16.905", longitude="96.115", radius="50", sort=sort))

        assert found("price") == ["Meegwet cheapest", "YwarMa", "Thiri"]
        assert found("distance") == found("newest") == ["YwarMa", "Meegwet cheapest", "Thiri"]

    def test_takes_the_middle_of_a_township_for_who_shares_no_position(self, client, placed):
        placed.insein.point = Point(96.104, 16.894)
        placed.insein.save()
        relay.run_once(limit=100)
        names.refresh()

        response = send(client, township=str(placed.insein.pk), latitude="20", longitude="95")

        assert "Measured from the middle of Insein." in text_of(response)
        assert rows_of(response) == ["Meegwet cheapest", "YwarMa"]

    def test_says_which_is_the_nearest_where_there_is_none(self, client, placed):
        response = send(client, latitude="16.0", longitude="94.0")

        text = text_of(response)
        assert "Nothing within 5 km" in text
        assert re.search(r"about 2\d\d km away, in Insein: Meegwet K 1,715 a kg", text)

    def test_says_so_when_a_position_is_not_in_myanmar(self, client, placed):
        text = text_of(send(client, latitude="51.5", longitude="-0.12"))

        assert "This position is not in Myanmar." in text
        assert "The nearest shop with a price is about 8," in text

    def test_says_so_when_there_is_no_price_at_all(self, client, placed):
        text = text_of(client.post("/items/salt/near/", sent(latitude="16.8", longitude="96.1")))

        assert "No shop on the map has a price of this kind yet." in text

    def test_reads_mongodb_little_and_postgresql_once(self, client, placed):
        with CaptureQueriesContext(connection) as queries, counted_reads() as reads:
            send(client, latitude="16.894", longitude="96.104")
            near, asked = reads(), [query["sql"] for query in queries]
        with counted_reads() as reads:
            send(client, latitude="16.0", longitude="94.0")
            far = reads()

        assert len(asked) == 1 and "ST_DWithin" in asked[0]
        assert (near, far) == (2, 2)

    def test_is_never_kept_by_anybody(self, client, placed):
        response = send(client, latitude="16.894", longitude="96.104")

        assert "no-store" in response["Cache-Control"]
        assert {"X-Potato-Boards", "X-Potato-Keep"} & set(response.headers) == set()

    def test_measures_by_what_it_remembers_without_postgresql(self, client, placed, monkeypatch):
        def gone(**_):
            raise OperationalError("gone")

        monkeypatch.setattr(views, "shops_near", gone)

        response = send(client, latitude="16.894", longitude="96.104", radius="2")

        assert rows_of(response) == ["Meegwet cheapest", "YwarMa"]
        assert response["X-Potato-Degraded"] == "postgres"

    @pytest.mark.parametrize("has_copy", [True, False])
    def test_answers_a_member_without_postgresql_too(self, client, placed, has_copy):
        client.force_login(make_user(display_name="May"))
        if not has_copy:
            caches["sessions"].clear()

        with connection.execute_wrapper(refuse):
            response = send(client, latitude="16.894", longitude="96.104", radius="2")

        assert response.status_code == 200
        assert rows_of(response) == ["Meegwet cheapest", "YwarMa"]
        assert response["X-Potato-Degraded"] == "postgres"

    def test_shows_copies_and_says_so_without_mongodb(self, client, placed, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        response = send(client, latitude="16.894", longitude="96.104", radius="2")

        assert rows_of(response) == ["Meegwet cheapest", "YwarMa"]
        assert "Prices as of" in text_of(response)

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("radius", "1e9"),
            ("radius", ""),
            ("radius", "၅"),
            ("latitude", "NaN"),
            ("latitude", "1e309"),
            ("latitude", "၁၆.၈"),
            ("latitude", "91"),
            ("longitude", "9" * 10_000),
            ("longitude", ""),
            ("sort", "luck"),
            ("type", "STOLEN"),
            ("unit", "ell"),
            ("township", "0"),
            ("township", "-1"),
        ],
    )
    def test_says_at_the_field_what_makes_no_sense_and_keeps_the_form(self, client, placed, field, value):
        response = send(client, **{"latitude": "16.894", "longitude": "96.104", "radius": "2", field: value})

        body = response.content.decode()
        assert response.status_code == 422
        assert "Not sent yet" in body
        assert 'value="16.894"' in body or 'value="96.104"' in body
        assert '<option value="2" selected>' in body or field == "radius"
        assert "<h2" not in body.split('<main id="main">')[1]

    def test_rounds_what_a_browser_says(self, client, placed):
        response = send(client, latitude="16.8941234567", longitude="96.1044999999", radius="2")

        assert 'data-here="16.894,96.104"' in response.content.decode()


class TestNearest:
    def test_prefers_a_price_that_counts(self, monkeypatch):
        from potato import clock

        now = clock.now()
        points = {1: [96.1, 16.8], 2: [97.0, 20.0], 3: None}
        monkeypatch.setattr(
            names, "get", lambda kind, id: Name(kind, id, f"Shop {id}", "", str(id), {"point": points[id]})
        )
        rows = [
            {"shop": 1, "seen": 0},
            {"shop": 2, "seen": to_ms(now)},
            {"shop": 3, "seen": to_ms(now)},
        ]

        found = pages.nearest(rows, SULE, words=Wording("en", now))

        assert found is not None and found[0]["shop"] == 2


def refuse(execute, sql, params, many, context):
    raise OperationalError("gone")


def sent(**fields: str) -> dict[str, str]:
    return {"radius": "5", "sort": "price", "type": "RETAIL", "unit": "kg", "township": "", **fields}


def send(client, **fields: str):
    return client.post(NEAR, sent(**fields))


def rows_of(response) -> list[str]:
    found = re.findall(
        r"<tr[^>]*data-at.*?<th[^>]*>(.*?)(?:<small>|</th>)", response.content.decode(), flags=re.DOTALL
    )
    return [" ".join(re.sub(r"<[^>]+>", " ", head).split()) for head in found]
