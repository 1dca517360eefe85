import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from html import unescape
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts.models import Role
from potato import clock
from potato.errors import Unavailable
from potato.stores import mongo
from prices import copies, names, refresh, relay
from prices.models import BoardCopy
from prices.store import boards as board_store
from prices.store import entries, history
from tests.factories import (
    make_category,
    make_entry,
    make_item,
    make_region,
    make_shop,
    make_township,
    make_unit,
    make_user,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

MONGO_READS = 4
HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    translation.activate("en")
    yield
    translation.activate("en")


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


def price(stalls, shop, kyat: int, *, days: int = 0, hours: int = 0, **fields):
    fields.setdefault("item_id", stalls.rice.pk)
    seen_at = clock.now() - timedelta(days=days, hours=hours)
    return make_entry(shop=shop, price=Decimal(kyat), amount=kyat * 100, seen_at=seen_at, **fields)


def put(*prices) -> None:
    """Store prices, and make every board and name that follows from them."""
    relay.run_once(limit=1000)
    names.refresh()
    entries.add_many(prices)
    shop_ids = set()
    for item_id in {one.item_id for one in prices}:
        shop_ids |= refresh.rebuild(item_id)
    refresh.rebuild_shops(shop_ids)
    refresh.renew_places(all_of_them=True)


def text_of(response) -> str:
    """What a reader sees, on one line."""
    body = re.sub(r"<(script|style|title|desc)\b.*?</\1>", "", response.content.decode(), flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).replace("\xa0", " ").split())


def ticket_of(response) -> str:
    found = re.search(r'<div class="ticket.*?</div>', response.content.decode(), flags=re.DOTALL)
    assert found, "no ticket"
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0])).replace("\xa0", " ").split())


@contextmanager
def counted_reads() -> Iterator[Callable[[], int]]:
    """Count what MongoDB was asked, by its own profiler."""
    database = mongo.database()
    database.command("profile", 0)
    database["system.profile"].drop()
    database.command("profile", 2)
    asked = {"ns": {"$not": re.compile("system.profile$")}, "op": {"$in": ["query", "getmore", "command"]}}
    try:
        yield lambda: database["system.profile"].count_documents(asked)
    finally:
        database.command("profile", 0)


VISITED = [
    "/",
    "/items/",
    "/items/rice/",
    "/items/rice/?region=yangon",
    "/items/rice/?region=yangon&township=insein",
    "/items/rice/?region=yangon&since=2020-01-01",
]
VISITED += ["/categories/cereals/", "/regions/yangon/", "/regions/yangon/insein/", "/search/?q=rice"]
VISITED += ["/movers/", "/movers/?region=yangon&period=365", "/movers/unusual/"]
VISITED += ["/items/rice/history.csv?region=yangon", "/items/rice/history.json"]


class TestEveryPricePage:
    def test_asks_no_postgresql_and_mongodb_four_times_at_most_when_nobody_is_signed_in(self, client, stalls):
        for path in [*VISITED, f"/shops/{stalls.ywarma.pk}/"]:
            for address in (path, "/my" + path):
                client.get(address)

                with CaptureQueriesContext(connection) as queries, counted_reads() as reads:
                    response = client.get(address)
                    n_reads = reads()

                assert response.status_code == 200, address
                assert [query["sql"] for query in queries] == [], address
                assert 1 <= n_reads <= MONGO_READS, address

    def test_has_no_script_or_style_inside_that_the_policy_would_refuse(self, client, stalls):
        for path in VISITED:
            body = client.get(path).content.decode()

            assert not re.search(r"<script(?![^>]*\bsrc=|[^>]*ld\+json)|<style|\sstyle=|\son[a-z]+=", body), (
                path
            )

    def test_names_itself_and_its_translation_for_search_engines(self, client, stalls):
        for path in ("/items/rice/", "/items/rice/?region=yangon", "/regions/yangon/", "/"):
            body = client.get(path).content.decode()

            assert f'<link rel="canonical" href="http://testserver{path}"' in body
            assert f'hreflang="my" href="http://testserver/my{path}"' in body
            assert f'hreflang="en" href="http://testserver{path}"' in body

    def test_leads_to_the_same_page_in_the_other_language(self, client, stalls):
        for path in (path for path in VISITED if "history" not in path):
            there = client.get(path).content.decode()
            back = client.get("/my" + path).content.decode()

            escaped = path.replace("&", "&amp;")
            assert f'<a href="/my{escaped}" lang="my"' in there
            assert f'<a href="{escaped}" lang="en"' in back

    def test_leads_nowhere_that_is_not_there(self, client, stalls):
        seen, waiting = set(), ["/", "/items/rice/?region=yangon", f"/shops/{stalls.ywarma.pk}/"]
        private = ("/accounts/", "/prices/")
        while waiting:
            path = waiting.pop()
            seen.add(path)
            response = client.get(path, headers={"referer": "http://testserver/"})
            assert response.status_code == 200, path
            if "text/html" not in response["Content-Type"] or len(seen) > 60:
                continue
            links = re.findall(r'href="(/[^"#]*)', response.content.decode())
            found = {unescape(link) for link in links if not link.startswith(("/static/", "/my/"))}
            waiting += sorted(link for link in found - seen - set(waiting) if not link.startswith(private))

    def test_says_as_of_when_the_prices_are_postgresqls_copies(self, client, stalls, monkeypatch):
        for key, board in board_store.get_many(["home", f"item:{stalls.rice.pk}:nation"]).items():
            BoardCopy.objects.create(key=key, rev=board.rev, data=board.data, copied_at=clock.now())
        mongo_is_away(monkeypatch)

        home, item = client.get("/"), client.get("/items/rice/")

        for response in (home, item):
            assert response.status_code == 200
            assert re.search(r"Prices as of \d\d:\d\d\.", text_of(response))
            assert "mongo" in response["X-Potato-Degraded"]
        assert "1,927" in text_of(home) or "1,8" in text_of(home)
        assert "Longer history is away" in text_of(item)

    def test_does_not_claim_that_there_are_no_prices_when_they_are_only_away(
        self, client, stalls, monkeypatch
    ):
        mongo_is_away(monkeypatch)

        for path in ("/", "/items/rice/", "/regions/yangon/", f"/shops/{stalls.ywarma.pk}/"):
            text = text_of(client.get(path))

            assert "away for a moment" in text, path
            assert not re.search("No prices? (in|here|yet)|Nobody has sent", text), path

    def test_says_that_demo_prices_are_not_real(self, client, stalls, monkeypatch):
        for mode, expected in (("demo", True), ("real", False), ("empty", False)):
            monkeypatch.setattr(names, "mode", lambda mode=mode: mode)

            for path in ("/", "/items/rice/", "/accounts/login/"):
                assert ("These are demo prices, not real ones." in text_of(client.get(path))) is expected

    def test_answers_503_when_neither_store_has_the_board(self, client, stalls, monkeypatch):
        mongo_is_away(monkeypatch)
        monkeypatch.setattr("prices.selectors._copies", raise_unavailable)

        assert client.get("/").status_code == 503


def raise_unavailable(*args, **kwargs):
    raise Unavailable("mongo", "this test took it away")


def mongo_is_away(monkeypatch) -> None:
    monkeypatch.setattr(board_store, "get_many", raise_unavailable)
    monkeypatch.setattr(history, "months_of_regions", raise_unavailable)


def main_of(response) -> str:
    """The page's own part."""
    return response.content.decode().split('<main id="main">')[1]


class TestKinds:
    """Grain has no price of its own; of its kinds emata has prices, paw-san an old one, and nga-sein none."""

    @pytest.fixture
    def kinds(self, stalls):
        found = stalls
        found.grain, found.emata, found.paw_san, found.nga_sein = (
            make_item(slug=slug, name_en=name, category=stalls.cereals, default_unit=stalls.viss, **fields)
            for slug, name, fields in (
                ("grain", "Grain", {"position": 9}),
                ("emata", "Grain (Emata)", {"position": 10}),
                ("paw-san", "Grain (Paw San)", {"position": 11}),
                ("nga-sein", "Grain (Nga Sein)", {"position": 12}),
            )
        )
        for kind in (found.emata, found.paw_san, found.nga_sein):
            kind.variety_of = found.grain
            kind.save()
        put(
            price(found, found.meegwet, 2_000, hours=5, item_id=found.emata.pk),
            price(found, found.ywarma, 2_100, days=1, item_id=found.emata.pk),
            price(found, found.zay_cho, 3_000, days=2, item_id=found.emata.pk),
            price(found, found.zay_cho, 1_600, days=40, item_id=found.emata.pk),
            price(found, found.zay_cho, 4_000, days=60, item_id=found.paw_san.pk),
        )
        return found

    def test_of_an_item_without_prices_of_its_own_stand_first(self, client, kinds):
        response = client.get("/items/grain/")

        text, body = text_of(response), main_of(response)
        assert "No price yet" not in text and "Nobody has sent" not in text
        assert "Prices of Grain are noted by kind." in text
        assert re.search(r"Grain \(Emata\) 3 shops · 5 h .{0,30}2,100", text)
        assert re.search(r"Grain \(Paw San\) too old to count · \d+ \w+ \d+ .{0,30}4,000", text)
        assert "No prices yet: Grain (Nga Sein)" in text
        assert body.index("/items/emata/") < body.index("/items/paw-san/") < body.index("/items/nga-sein/")

    def test_show_by_how_much_they_changed(self, client, kinds):
        # The newest day's middle, 2,000, beside that of 40 days ago, 1,600.
        assert "+25.0 %" in text_of(client.get("/items/grain/"))

    def test_of_a_region_have_its_prices(self, client, kinds):
        text = text_of(client.get("/items/grain/?region=mandalay"))

        assert re.search(r"Grain \(Emata\) 1 shop · 2 days .{0,30}3,000", text)
        assert "2,100" not in text
        assert 'href="/items/emata/?region=mandalay"' in main_of(client.get("/items/grain/?region=mandalay"))

    def test_of_a_region_without_any_price_leave_the_way_back(self, client, kinds):
        make_region(slug="chin", name_en="Chin")
        put()

        response = client.get("/items/grain/?region=chin")

        assert response.status_code == 200
        assert "No price yet" in text_of(response)
        assert 'name="region"' in main_of(response)

    def test_are_in_the_unit_that_was_asked_for(self, client, kinds):
        # 2,100 a kg.
        assert "3,429" in text_of(client.get("/items/grain/?unit=viss"))

    def test_stand_on_the_page_of_each_of_them(self, client, kinds):
        response = client.get("/items/emata/")

        text, body = text_of(response), main_of(response)
        assert ticket_of(response).startswith("Typical in Myanmar, retail K 2,100 a kg")
        assert re.search(r"Grain \(Paw San\) too old to count · .{0,40}4,000", text)
        assert "All kinds: Grain" in text
        assert 'href="/items/grain/"' in body

    def test_of_which_only_wholesale_prices_are_known_show_those(self, client, kinds):
        entries.collection().delete_many({"itemId": {"$in": [kinds.emata.pk, kinds.paw_san.pk]}})
        put(price(kinds, kinds.zay_cho, 1_900, item_id=kinds.nga_sein.pk, type="WHOLESALE"))
        for kind in (kinds.emata, kinds.paw_san):
            refresh.rebuild(kind.pk)

        text = text_of(client.get("/items/grain/"))

        assert "1,900" in text

    def test_are_read_with_all_other_boards_at_once(self, client, kinds):
        for path in ("/items/grain/", "/items/emata/?region=yangon", "/my/items/paw-san/"):
            client.get(path)

            with CaptureQueriesContext(connection) as queries, counted_reads() as reads:
                assert client.get(path).status_code == 200
                assert 1 <= reads() <= 2, path
            assert [query["sql"] for query in queries] == [], path

    def test_come_from_postgresqls_copies_without_mongodb(self, client, kinds, monkeypatch):
        copies.copy_changed()
        mongo_is_away(monkeypatch)

        text = text_of(client.get("/items/grain/"))

        assert "2,100" in text
        assert "Prices as of" in text

    def test_are_found_before_what_has_no_price(self, client, kinds):
        for number in range(30):
            make_item(slug=f"grain-{number}", name_en=f"Grain {number}", category=kinds.cereals, position=1)
        put()

        body = main_of(client.get("/search/?q=grain"))
        text = text_of(client.get("/search/?q=grain"))

        assert 0 < body.index('href="/items/emata/"') < body.index('href="/items/grain/"')
        assert body.index('href="/items/paw-san/"') < body.index('href="/items/grain-1/"')
        assert "Prices by kind: Grain No retail price yet: Grain 0" in text

    def test_make_no_list_say_that_their_item_has_no_price(self, client, kinds):
        for path in ("/items/", "/categories/cereals/"):
            text = text_of(client.get(path))

            assert "Prices by kind: Grain" in text, path
            assert re.search(r"No prices yet: .*Grain \(Nga Sein\)", text), path
            assert not re.search(r"No prices yet: [^.]*Grain ,", text), path


class TestItemPage:
    def test_shows_the_typical_price_of_the_whole_country_first(self, client, stalls):
        response = client.get("/items/rice/")

        # The middle of 1,715; 1,840; 1,927; 2,648.
        assert ticket_of(response) == "Typical in Myanmar, retail K 1,884 a kg = K 3,076 a viss"
        assert "4 prices from 4 shops, the newest 3 h ago" in text_of(response) or "just now" in text_of(
            response
        )

    def test_shows_the_typical_price_of_the_region_asked_for(self, client, stalls):
        response = client.get("/items/rice/?region=yangon")

        assert ticket_of(response) == "Typical in Yangon, retail K 1,840 a kg = K 3,005 a viss"
        assert "Cheapest: Meegwet · 1,715 Dearest: Zamyin · 1,927" in text_of(response)

    def test_lets_the_region_speak_for_a_township_with_few_shops(self, client, stalls):
        north = make_township(region=stalls.yangon, slug="north", name_en="North")
        put(price(stalls, make_shop(shop_name="Lonely", township=north), 1_500))

        response = client.get("/items/rice/?region=yangon&township=north")

        assert "Typical in Yangon" in ticket_of(response)
        assert "Fewer than 3 shops of North have a price of the last 35 days, so Yangon speaks." in text_of(
            response
        )

    def test_lets_the_country_speak_for_a_region_with_few_shops(self, client, stalls):
        response = client.get("/items/rice/?region=mandalay")

        assert "Typical in Myanmar" in ticket_of(response)
        assert "so all of Myanmar speaks" in text_of(response)

    def test_lists_shops_cheapest_first_and_old_prices_last(self, client, stalls):
        response = client.get("/items/rice/?region=yangon")

        shops = re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', response.content.decode())
        assert shops == ["Meegwet", "YwarMa", "Zamyin", "Thiri"]
        assert "too old to count" in text_of(response)

    @pytest.mark.parametrize(
        ("sort", "expected"),
        [
            ("dearest", ["Zamyin", "YwarMa", "Meegwet", "Thiri"]),
            ("newest", ["Zamyin", "YwarMa", "Meegwet", "Thiri"]),
            ("name", ["Meegwet", "YwarMa", "Zamyin", "Thiri"]),
        ],
    )
    def test_sorts_as_asked(self, client, stalls, sort, expected):
        body = client.get(f"/items/rice/?region=yangon&sort={sort}").content.decode()

        assert re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', body) == expected

    def test_hides_prices_older_than_asked_and_says_how_many(self, client, stalls):
        response = client.get("/items/rice/?region=yangon&max_age=7")

        # The chart offers to draw it all the same.
        assert "Thiri" not in text_of(response).split("Price by")[0]
        assert "2 older prices are hidden." in text_of(response)

    def test_shows_prices_in_the_unit_asked_for(self, client, stalls):
        response = client.get("/items/rice/?region=yangon&unit=viss")

        assert ticket_of(response) == "Typical in Yangon, retail K 3,005 a viss = K 1,840 a kg"
        assert "2,800" in text_of(response)

    def test_keeps_retail_and_wholesale_apart(self, client, stalls):
        put(price(stalls, stalls.ywarma, 1_000, type="WHOLESALE"))

        retail = client.get("/items/rice/?region=yangon")
        wholesale = client.get("/items/rice/?region=yangon&type=wholesale")

        assert "1,840" in ticket_of(retail)
        assert ticket_of(wholesale).startswith("Typical in Myanmar, wholesale K 1,000 a kg")
        assert "1,715" not in text_of(wholesale)

    def test_shows_wholesale_at_once_where_there_is_nothing_else(self, client, stalls):
        put(price(stalls, stalls.ywarma, 1_000, item_id=stalls.salt.pk, type="WHOLESALE"))

        assert "wholesale" in ticket_of(client.get("/items/salt/"))

    def test_says_that_nobody_has_sent_a_price_yet(self, client, stalls):
        response = client.get("/items/salt/")

        assert "No price yet" in ticket_of(response)
        assert "Nobody has sent a price for Myanmar yet (retail, kyat a kg)." in text_of(response)

    def test_leads_to_the_unit_that_has_prices_where_the_one_asked_for_has_none(self, client, stalls):
        make_unit(code="l", name_en="litre", kind="volume", base="l")
        oil = make_item(slug="oil", base="l", default_unit=stalls.viss, category=stalls.cereals)
        put(price(stalls, stalls.ywarma, 8_000, item_id=oil.pk, base="l"))

        response = client.get("/items/oil/?unit=viss")

        assert "No price yet" in ticket_of(response)
        assert 'href="/items/oil/"' in response.content.decode()
        assert "Retail, Kyat a litre" in text_of(response)

    def test_says_that_one_price_is_only_a_hint(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, item_id=stalls.salt.pk))

        response = client.get("/items/salt/")

        assert "K 500 a kg" in ticket_of(response)
        assert "Fewer than 3 shops: take it as a hint." in text_of(response)
        assert "1 price from 1 shop" in text_of(response)

    def test_shows_the_last_known_price_as_old_where_nothing_else_is(self, client, stalls):
        put(price(stalls, stalls.ywarma, 500, days=90, item_id=stalls.salt.pk))

        response = client.get("/items/salt/?region=yangon")

        assert ticket_of(response).startswith("Last known in Yangon, retail K 500 a kg")
        assert "too old to count as today’s price" in text_of(response)
        assert 'class="ticket none"' in response.content.decode()

    def test_lists_regions_instead_of_shops_for_the_whole_country(self, client, stalls):
        body = client.get("/items/rice/").content.decode()

        assert "/shops/" not in body.split('id="where"')[1].split("</table>")[0]
        assert re.findall(r'class="top"><a href="[^"]*region=(\w+)', body) == ["yangon", "mandalay"]

    def test_sorts_and_hides_regions_as_asked_too(self, client, stalls):
        dearest = client.get("/items/rice/?sort=dearest").content.decode()
        hidden = client.get("/items/rice/?max_age=1")

        assert re.findall(r'class="top"><a href="[^"]*region=(\w+)', dearest) == ["mandalay", "yangon"]
        assert "1 older price is hidden." in text_of(hidden)

    def test_answers_htmx_with_the_part_alone(self, client, stalls):
        part = client.get("/items/rice/?region=yangon", headers=HTMX)
        page = client.get("/items/rice/?region=yangon")

        assert part.content.decode().strip().startswith('<div id="item-prices"')
        assert "<html" not in part.content.decode()
        assert '<div id="item-prices"' in page.content.decode()
        assert "HX-Request" in part["Vary"] and "HX-Request" in page["Vary"]

    def test_shows_burmese_names_numerals_and_units_below_my(self, client, stalls):
        response = client.get("/my/items/rice/?region=yangon")

        assert '<html lang="my"' in response.content.decode()
        assert "၁,၈၄၀ ကျပ် / ကီလို" in ticket_of(response)
        assert "= ၃,၀၀၅ ကျပ် / ပိဿာ" in ticket_of(response)
        assert not re.search(r"[0-9],[0-9]{3}", text_of(response))

    def test_links_every_price_to_the_page_of_its_entry(self, client, stalls):
        entry = entries.newest(
            item_id=stalls.rice.pk, shop_id=stalls.ywarma.pk, type="RETAIL", base="kg", until=clock.now()
        )

        assert f'href="/prices/{entry.id}/"' in client.get("/items/rice/?region=yangon").content.decode()

    def test_turns_pages_where_there_are_more_shops_than_fit(self, client, stalls, monkeypatch):
        monkeypatch.setattr("prices.pages.item.ROWS_PER_PAGE", 2)

        first = client.get("/items/rice/?region=yangon").content.decode()
        second = client.get("/items/rice/?region=yangon&page=2").content.decode()

        assert "page=2" in first
        rows = [
            re.findall(r'class="top"><a href="[^"]*/shops/\d+/">([^<]+)</a>', body)
            for body in (first, second)
        ]
        assert rows == [["Meegwet", "YwarMa"], ["Zamyin", "Thiri"]]


class TestHistoryFiles:
    def test_hold_what_the_page_shows(self, client, stalls):
        query = "?region=yangon&period=all"
        page = client.get(f"/items/rice/{query}").content.decode()
        table = page.split('id="history"')[1].split("<details>")[1].split("</details>")[0]
        shown = [
            int(number.replace(",", ""))
            for number in re.findall(r'</th>\s*<td class="n">([0-9,]+)</td>', table)
        ]

        rows = json.loads(client.get(f"/items/rice/history.json{query}").content)["history"]
        lines = client.get(f"/items/rice/history.csv{query}").content.decode().split("\r\n")

        assert [round(float(row["middle"])) for row in reversed(rows)] == shown
        assert lines[0] == "from,to,low,middle,high,prices,unit,item,region,township,type,shop"
        assert [line.split(",")[3] for line in lines[1:-1]] == [row["middle"] for row in rows]
        assert lines[1].endswith(",kg,rice,yangon,,retail,")

    def test_are_in_the_unit_shown(self, client, stalls):
        kg = json.loads(client.get("/items/rice/history.json?region=yangon").content)
        viss = json.loads(client.get("/items/rice/history.json?region=yangon&unit=viss").content)

        assert viss["unit"] == "viss"
        assert float(viss["history"][-1]["middle"]) == pytest.approx(
            float(kg["history"][-1]["middle"]) * 1.63293, abs=0.01
        )

    def test_are_refused_rather_than_shortened_while_the_history_is_away(self, client, stalls, monkeypatch):
        mongo_is_away(monkeypatch)

        for path in ("/items/rice/history.csv", "/items/rice/history.json"):
            assert client.get(path).status_code == 503, path

    def test_of_an_unknown_item_are_404(self, client, stalls):
        assert client.get("/items/gold/history.csv").status_code == 404


NASTY = [
    ("region=atlantis", "atlantis"),
    ("region=yangon&township=amarapura", "amarapura"),
    ("township=insein", "insein"),
    ("type=foo", "foo"),
    ("unit=furlong", "furlong"),
    ("max_age=-1", "-1"),
    ("max_age=0", "“0”"),
    ("max_age=nan", "nan"),
    ("max_age=1e9", "1e9"),
    ("page=1000000000", "1000000000"),
    ("page=-3", "-3"),
    ("sort=random()", "random()"),
    ("period=forever", "forever"),
    ("region=yangon&region=mandalay", "“region” was given 2 times"),
    ("since=yesterday", "yesterday"),
    ("since=2025-02-30", "2025-02-30"),
    ("since=9999-12-31", "9999-12-31"),
    ("since=0001-01-01", "0001-01-01"),
    ("since=" + quote("၂၀၂၅-၀၁-၀၁"), "၂၀၂၅"),
    ("max_age=" + "9" * 5_000, "999"),
    ("region=" + "x" * 10_000, "xxx"),
    ("region=" + quote("<script>alert(1)</script>"), "<script>"),
    ("region=" + quote("'; DROP TABLE shops; --"), "DROP TABLE"),
    ("type=%F0%9F%8D%9A", "🍚"),
    ("unit=%E2%80%AE%0D%0Abc", "bc"),
]


class TestNastyFilters:
    def test_are_ignored_and_named(self, client, stalls):
        for query, named in NASTY:
            for headers in ({}, HTMX):
                response = client.get(f"/items/rice/?{query}", headers=headers)

                assert response.status_code == 200, query[:80]
                note = re.search(r'<div class="note".*?</div>', response.content.decode(), flags=re.DOTALL)
                assert note and named in unescape(note[0]), query[:80]
                assert "<script>alert" not in response.content.decode()

    def test_that_say_nothing_are_no_news(self, client, stalls):
        for query in ("", "region=&township=&type=&unit=&max_age=&sort=&period=&page=", "utm=x"):
            assert 'class="note"' not in client.get(f"/items/rice/?{query}").content.decode(), query

    def test_of_a_list_are_ignored_and_named(self, client, stalls):
        for path in ("/items/", "/regions/yangon/", "/regions/yangon/insein/", "/categories/cereals/"):
            response = client.get(f"{path}?type=foo")

            assert response.status_code == 200, path
            assert "Left out “foo”" in text_of(response), path

    def test_of_the_files_are_ignored_too(self, client, stalls):
        for query, _named in NASTY:
            assert client.get(f"/items/rice/history.csv?{query}").status_code == 200, query[:80]

    def test_that_are_addresses_are_404(self, client, stalls):
        for path in (
            "/items/gold/",
            "/items/RICE!/",
            "/items/%00/",
            "/items/rice/?region=%00",
            "/categories/nothing/",
            "/regions/atlantis/",
            "/regions/yangon/atlantis/",
            "/regions/mandalay/insein/",
            "/shops/0/",
            "/shops/-1/",
            "/shops/999999999999999999999999/",
            "/shops/1e3/",
            "/items/" + "x" * 5_000 + "/",
            "/my/items/gold/",
        ):
            assert client.get(path).status_code == 404, path

    def test_that_are_posted_are_refused(self, client, stalls):
        for path in ("/", "/items/rice/", "/regions/yangon/", "/search/"):
            assert client.post(path, {"region": "yangon"}).status_code in (403, 405), path


class TestLists:
    def test_home_shows_staples_latest_prices_and_every_region(self, client, stalls):
        text = text_of(client.get("/"))

        assert "Myanmar today" in text
        assert "Rice" in text and "1,884" in text
        assert "Zamyin, Yangon" in text
        assert "Mandalay မန္တလေး" in text

    def test_home_without_a_price_says_so(self, client):
        response = client.get("/")

        assert response.status_code == 200
        assert "No prices yet" in text_of(response)

    def test_items_lists_those_without_a_price_too(self, client, stalls):
        text = text_of(client.get("/items/"))

        assert "Rice a kg · 4 shops" in text
        assert "No prices yet: Salt" in text

    def test_region_shows_its_own_typical_prices(self, client, stalls):
        text = text_of(client.get("/regions/yangon/"))

        assert "K 1,840" in text
        assert "2,648" not in text

    def test_township_shows_its_shops_and_prices(self, client, stalls):
        text = text_of(client.get("/regions/yangon/insein/"))

        assert "1,840" in text
        for shop in ("Meegwet", "YwarMa", "Zamyin", "Thiri"):
            assert shop in text

    def test_township_without_a_shop_says_so(self, client, stalls):
        make_township(region=stalls.yangon, slug="empty", name_en="Empty")
        put()

        text = text_of(client.get("/regions/yangon/empty/"))

        assert "No prices in Empty yet" in text
        assert "No shop is known here yet." in text

    def test_shop_compares_its_prices_with_the_region(self, client, stalls):
        text = text_of(client.get(f"/shops/{stalls.zamyin.pk}/"))

        # 1,927 beside 1,840.
        assert "1,927 +4.7 %" in text

    def test_shop_greys_a_price_too_old_to_count(self, client, stalls):
        response = client.get(f"/shops/{stalls.thiri.pk}/")

        assert 'class="old"' in response.content.decode()
        assert "too old to count" in text_of(response)

    def test_shop_offers_to_follow_only_to_those_who_are_signed_in(self, client, stalls):
        path = f"/shops/{stalls.ywarma.pk}/"
        as_visitor = client.get(path).content.decode()
        client.force_login(make_user(role=Role.USER))

        as_member = client.get(path).content.decode()

        assert "Follow this shop" not in as_visitor
        assert "Follow this shop" in as_member


class TestSearchPage:
    def test_finds_items_places_and_shops_in_both_languages(self, client, stalls):
        for q, expected in (
            ("rice", "/items/rice/"),
            ("RICE", "/items/rice/"),
            ("ဆန်", "/items/rice/"),
            ("san", "/items/rice/"),
            ("salt", "/items/salt/"),
            ("insein", "/regions/yangon/insein/"),
            ("အင်းစိန်", "/regions/yangon/insein/"),
            ("mandalay", "/regions/mandalay/"),
            ("zay cho", f"/shops/{stalls.zay_cho.pk}/"),
            ("cereals", "/categories/cereals/"),
        ):
            main = client.get("/search/", {"q": q}).content.decode().split('<main id="main">')[1]

            assert f'href="{expected}' in main, q

    def test_answers_any_question(self, client, stalls):
        for q in ("", " ", "mangosteen", "%", "x" * 10_000, "<b>bold</b>", "(((", "\u202e", "🍚", "\\"):
            response = client.get("/search/", {"q": q})

            assert response.status_code == 200, q[:20]
            assert len(response.content) < 30_000, q[:20]
            assert "<b>bold" not in response.content.decode()

    def test_is_not_for_search_engines(self, client, stalls):
        assert 'content="noindex"' in client.get("/search/?q=rice").content.decode()


class TestFirstLanguage:
    BURMESE = {"accept-language": "my,en;q=0.5"}

    def test_of_a_burmese_browser_is_burmese(self, client, stalls):
        response = client.get("/", headers=self.BURMESE)

        assert response.status_code == 302
        assert response["Location"] == "/my/"
        assert {"Accept-Language", "Cookie"} <= set(response["Vary"].split(", "))

    def test_of_others_is_english(self, stalls):
        for accepted in ("", "en", "en-GB,my;q=0.5", "fr", "*", "!!!"):
            assert Client().get("/", headers={"accept-language": accepted}).status_code == 200, accepted

    def test_of_a_browser_that_says_nothing_is_the_sites(self, stalls, settings):
        settings.POTATO_LANGUAGE = "my"

        for accepted, found in (("", 302), ("!!!", 302), ("en", 200), ("fr", 200), ("my", 302)):
            assert Client().get("/", headers={"accept-language": accepted}).status_code == found, accepted
        assert Client().get("/")["Location"] == "/my/"
        assert Client().get("/items/rice/").status_code == 200

    def test_is_asked_once_so_that_the_link_to_english_stays_there(self, client, stalls):
        client.get("/", headers=self.BURMESE)

        assert client.get("/", headers=self.BURMESE).status_code == 200

    def test_is_not_asked_of_somebody_who_comes_from_another_page_of_ours(self, stalls):
        fresh = Client()

        response = fresh.get("/", headers={**self.BURMESE, "referer": "http://testserver/items/rice/"})

        assert response.status_code == 200

    def test_is_not_asked_again_of_somebody_who_began_below_my(self, client, stalls):
        client.get("/my/", headers=self.BURMESE)

        assert settings.LANGUAGE_COOKIE_NAME in client.cookies
        assert client.get("/", headers=self.BURMESE).status_code == 200

    def test_follows_the_path_and_nothing_else(self, client, stalls):
        response = client.get("/items/rice/", headers=self.BURMESE)

        assert '<html lang="en"' in response.content.decode()
