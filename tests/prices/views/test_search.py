"""The search page and what it suggests while somebody types."""

import re
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from potato import clock
from potato.stores.breaker import MONGO, POSTGRES, Fault
from prices.names import cache as names
from prices.store import boards, reference
from prices.types import HOME, Name
from tests.factories import make_item, make_shop, make_township
from tests.prices.reading import counted_reads, main_of, text_of
from tests.prices.stalls import price, put

ZAWGYI_INSEIN, UNICODE_INSEIN = "အင္းစိန္", "အင်းစိန်"
NASTY = {
    "10 kB": "ဆ" * 10_000,
    "10 kB of letters": "rice " * 2_000,
    "control characters": "\x01ri\x07ce\x1b[0m",
    "half a letter": "\ud800rice",
    "right to left": "\u202erice",
    "markup": "<b>rice</b>",
    "signs alone": "\u1031\u103a\u1039" * 60,
    "Zawgyi nonsense": "ဇွႊဓႇႊ" * 20,
    "a potato": "🥔",
}


def suggestions(client, q: str, *, before: str = "") -> str:
    response = client.get(f"{before}/search/suggest/", {"q": q})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestSearchPage:
    def test_guesses_what_was_meant_by_a_slip(self, client, stalls):
        for q, expected in (
            ("mandaly", "/regions/mandalay/"),
            ("insien", "/regions/yangon/insein/"),
            ("zamyim", f"/shops/{stalls.zamyin.pk}/"),
            ("cerals", "/categories/cereals/"),
        ):
            response = client.get("/search/", {"q": q})

            assert f"Nothing is called “{q}” Did you mean one of these?" in text_of(response)
            assert f'href="{expected}"' in main_of(response), q

    def test_does_not_guess_where_something_is_called_so(self, client, stalls):
        make_item(slug="rise", name_en="Rise", category=stalls.cereals)
        put()

        response = client.get("/search/?q=rise")

        assert 'href="/items/rise/"' in main_of(response)
        assert 'href="/items/rice/"' not in main_of(response)
        assert "Did you mean" not in text_of(response)

    def test_understands_zawgyi_and_says_so(self, client, stalls):
        response = client.get("/search/", {"q": ZAWGYI_INSEIN})

        assert f"Read as: {UNICODE_INSEIN}" in text_of(response)
        assert 'href="/regions/yangon/insein/"' in main_of(response)

    def test_understands_zawgyi_with_a_slip(self, client, stalls):
        response = client.get("/search/", {"q": "အင္းစိန္႔"})

        assert "Read as: " in text_of(response) and "Did you mean" in text_of(response)
        assert 'href="/regions/yangon/insein/"' in main_of(response)

    def test_finds_nothing_where_there_is_nothing_and_says_what_to_do_next(self, client, stalls):
        for q, heading in (("", "What are you looking for?"), ("zzzz", "Nothing is called “zzzz”")):
            response = client.get("/search/", {"q": q})

            assert heading in text_of(response)
            assert "Did you mean" not in text_of(response)
            for link in ("/items/", "/shops/", "/categories/cereals/"):
                assert f'href="{link}"' in main_of(response), q

    def test_asks_for_the_first_price_of_what_has_none(self, client, stalls):
        assert "/prices/submit/?item=salt" in main_of(client.get("/search/?q=salt"))
        assert "/prices/submit/" not in main_of(client.get("/search/?q=rice"))

    @pytest.mark.parametrize("q", NASTY.values(), ids=NASTY)
    def test_answers_any_question_quickly(self, client, stalls, q):
        for path in ("/search/", "/search/suggest/"):
            query = f"?q={''.join(f'%{byte:02x}' for byte in q.encode('utf-8', 'surrogatepass'))}"
            client.get(path + query)
            started = time.thread_time()

            response = client.get(path + query)

            assert response.status_code == 200
            assert time.thread_time() - started < 0.2
            # The link to the other language repeats the address.
            assert len(response.content) < 30_000 + len(query)
            assert "<b>rice" not in response.content.decode()

    def test_says_what_it_left_out(self, client, stalls):
        many = client.get("/search/?" + "&".join(["q=rice"] * 500))
        long = client.get("/search/", {"q": "rice " * 100})

        assert "“q” was given 500 times: the last one counts." in text_of(many)
        assert 'href="/items/rice/"' in main_of(many)
        assert "only the first 100 signs were looked for" in text_of(long)
        assert 'href="/items/rice/"' in main_of(long)

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


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestSuggestions:
    def test_say_what_an_item_costs_and_how_old_that_is(self, client, stalls):
        text = re.sub(r"<[^>]+>|\s+", " ", suggestions(client, "ric"))

        assert re.search(r"Rice +ဆန် +K.1,884 a kg +· 3 h", text)

    def test_say_kind_and_place_of_everything_else(self, client, stalls):
        for q, expected in (
            ("yang", ("Yangon", "ရန်ကုန်", "Region", "/regions/yangon/")),
            ("insei", ("Insein", "အင်းစိန်", "Township · Yangon", "/regions/yangon/insein/")),
            ("zay", ("Zay Cho", "Shop · Amarapura", f"/shops/{stalls.zay_cho.pk}/")),
            ("cere", ("Cereals", "Category", "/categories/cereals/")),
            ("salt", ("Salt", "No retail price yet", "/items/salt/")),
        ):
            found = suggestions(client, q)

            assert all(piece in found for piece in expected), q

    def test_put_what_has_a_price_before_places_and_shops_that_begin_alike(self, client, stalls):
        make_township(region=stalls.yangon, slug="hsaung", name_en="Riverside", name_my="ဆောင်ဖ")
        make_shop(shop_name="Rita", shop_name_my="ဆီဆိုင်", township=stalls.insein)
        put()

        for q in ("ဆ", "ri"):
            found = re.findall(r'href="/my/(\w+)/', suggestions(client, q, before="/my"))

            assert found[:3] == ["items", "regions", "shops"], q
            if q == "ဆ":
                # Salt, which has no price, comes last.
                assert found[3:] == ["items"]

    def test_put_prices_of_today_before_old_ones(self, client, stalls):
        aged = make_item(slug="aged", name_en="Rib", category=stalls.cereals)
        put(price(stalls, stalls.thiri, 900, days=300, item_id=aged.pk))

        found = suggestions(client, "ri")

        assert found.index("/items/rice/") < found.index("/items/aged/") < found.index("/shops/")

    def test_are_in_the_language_of_the_page(self, client, stalls):
        found = suggestions(client, "ric", before="/my")

        assert 'href="/my/items/rice/"' in found
        assert "<b>ဆန်</b>" in found and '<small lang="en">Rice</small>' in found
        assert "၁,၈၈၄ ကျပ် / ကီလို" in found

    def test_grey_a_price_too_old_to_count(self, client, stalls):
        put(price(stalls, stalls.thiri, 900, days=300, item_id=stalls.salt.pk))

        found = suggestions(client, "salt")

        assert "K\N{NO-BREAK SPACE}900 a kg" in found
        assert "<b>K" not in found

    def test_guess_and_read_zawgyi(self, client, stalls):
        assert "Did you mean" in suggestions(client, "mandaly")
        assert f"Read as: {UNICODE_INSEIN}" in suggestions(client, ZAWGYI_INSEIN)

    def test_are_none_for_nothing(self, client, stalls):
        assert suggestions(client, "").strip() == suggestions(client, "zzzz").strip() == ""

    def test_are_few_and_small(self, client, stalls):
        for number in range(40):
            make_item(slug=f"rice-{number}", name_en=f"Rice {number}", category=stalls.cereals)
        put()

        found = suggestions(client, "ri")

        assert found.count('role="option"') <= 8
        assert len(found.encode()) < 2_500
        assert found.index("/items/rice/") < found.index("/items/rice-0/")

    def test_ask_mongodb_once_at_most_and_postgresql_never(self, client, stalls):
        for path, most in (("ric", 1), ("insein", 0), ("mandaly", 0), ("zzzz", 0)):
            suggestions(client, path)
            with CaptureQueriesContext(connection) as queries, counted_reads() as reads:
                suggestions(client, path)
                n_reads = reads()

            assert [query["sql"] for query in queries] == []
            assert n_reads == most, path

    def test_do_without_prices_and_without_the_copies_while_mongodb_is_away(self, client, stalls):
        suggestions(client, "ric")
        MONGO.failed(Fault.SLOW)

        with CaptureQueriesContext(connection) as queries:
            found = suggestions(client, "ric")

        assert [query["sql"] for query in queries] == []
        assert "/items/rice/" in found
        assert "1,884" not in found and "No retail price yet" not in found


class TestWithoutPostgresql:
    """No database is allowed here: whatever asked PostgreSQL would fail the test."""

    @pytest.fixture(autouse=True)
    def known(self, mongo_store):
        rice = Name("item", 1, "Rice", "ဆန်", "rice", {"base": "kg", "category": 1, "position": 1})
        yangon = Name("region", 1, "Yangon", "ရန်ကုန်", "yangon", {"kind": "REGION"})
        reference.put_many([rice, yangon], rev=1)
        boards.put_many({HOME: {"items": []}}, rev=2, made_at=clock.now())
        POSTGRES.failed(Fault.SLOW)

    def test_names_are_found(self, client):
        for path in ("/search/?q=rice", "/search/suggest/?q=rice", "/search/?q=yangno", "/search/?q=zzzz"):
            response = client.get(path)

            assert response.status_code == 200, path
        assert "/items/rice/" in client.get("/search/?q=rice").content.decode()
        assert "/regions/yangon/" in client.get("/search/?q=yangno").content.decode()


@pytest.mark.django_db
@pytest.mark.usefixtures("mongo_store")
class TestRenamedThings:
    def test_are_found_by_their_new_name_and_no_longer_by_the_old(self, client, stalls):
        assert "/items/salt/" in main_of(client.get("/search/?q=salt"))
        stalls.salt.name_en = "Sea crystals"
        stalls.salt.save()
        put()

        assert "/items/salt/" in main_of(client.get("/search/?q=crystals"))
        assert "/items/salt/" not in main_of(client.get("/search/?q=salt"))

    def test_are_no_reason_to_prepare_the_others_again(self, client, stalls, monkeypatch):
        client.get("/search/?q=salt")
        prepared = []
        from prices.names import search as name_search

        real = name_search.haystack
        monkeypatch.setattr(
            name_search, "haystack", lambda name, **options: prepared.append(name) or real(name, **options)
        )
        names.refresh()
        client.get("/search/?q=salt")
        assert prepared == []

        stalls.salt.name_en = "Sea crystals"
        stalls.salt.save()
        put()
        client.get("/search/?q=salt")

        assert {name.name_en for name in prepared} == {"Sea crystals"}
