"""Places and shops drawn beside an item's own line: the page, its files, and what it asks of the stores."""

import csv
import io
import json
import re
from html import unescape

import pytest

from potato.web import page_cache
from prices.derived import board_copies
from prices.pages.shared_parts.chart_lines import MOST
from tests.prices.reading import MONGO_READS, counted_reads, mongo_is_away, reads_without_postgresql, text_of
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def history_of(response) -> str:
    """The history's own part of the page."""
    return response.content.decode().split('aria-labelledby="history"')[1].split("</section>")[0]


def everything_beside(stalls) -> str:
    return f"with=mandalay&with=yangon/insein&with=shop-{stalls.zay_cho.pk}"


class TestLinesBeside:
    def test_are_drawn_and_named_with_their_newest_price(self, client, stalls):
        response = client.get(f"/items/rice/?region=yangon&{everything_beside(stalls)}")

        part = history_of(response)
        assert [f"other o{number}" in part for number in (1, 2, 3)] == [True] * MOST
        assert re.search(r"Yangon: K 1,\d{3} \(", text_of(response))
        assert re.search(r"Mandalay: K 2,648 \(.*Insein: K .*Zay Cho: K 2,648 \(", text_of(response))
        assert "Left out" not in text_of(response)

    def test_cost_no_postgresql_and_four_reads_of_mongodb_at_most(self, client, stalls):
        for path in ("/items/rice/", "/items/rice/history.csv", "/my/items/rice/"):
            for own in ("region=yangon", "region=yangon&township=insein&period=all", "region=mandalay"):
                beside = f"{path}?{own}&{everything_beside(stalls)}&with=myanmar&with=shop-999999"

                n_reads = reads_without_postgresql(client, beside, after=f"{path}?{own}")

                assert n_reads <= MONGO_READS, path

    def test_of_years_of_days_come_in_one_answer_each(self, client, stalls):
        put(*(price(stalls, stalls.zay_cho, 2_000 + ago, days=ago) for ago in range(1, 4000, 25)))
        client.get("/items/rice/")

        with counted_reads() as reads:
            client.get(f"/items/rice/?region=yangon&period=all&{everything_beside(stalls)}")
            n_reads = reads()

        assert n_reads <= MONGO_READS

    @pytest.mark.parametrize(
        ("query", "named"),
        [
            ("with=atlantis", "atlantis"),
            ("with=yangon/amarapura", "yangon/amarapura"),
            ("with=yangon/", "yangon/"),
            ("with=shop-0", "shop-0"),
            ("with=shop-99999999999999999999", "shop-9999"),
            ("with=shop-%E1%81%81", "shop-၁"),
            ("with=YANGON", "own place"),
            ("with=mandalay&with=myanmar&with=yangon/insein&with=mandalay/amarapura", "3 more lines"),
            ("with=%3Cscript%3Ealert(1)%3C/script%3E", "<script>"),
            ("with=" + "x" * 5000, "xxx"),
        ],
    )
    def test_that_make_no_sense_are_left_out_and_named(self, client, stalls, query, named):
        response = client.get(f"/items/rice/?region=yangon&{query}")

        note = re.search(r'<div class="note".*?</div>', response.content.decode(), flags=re.DOTALL)
        assert response.status_code == 200
        assert note and named in unescape(note[0])

    def test_that_are_many_make_no_page_of_notes(self, client, stalls):
        query = "&".join(f"with=nowhere-{number}" for number in range(500))

        assert text_of(client.get(f"/items/rice/?{query}")).count("Left out") < 20

    def test_stay_while_the_period_or_the_place_changes_and_can_be_left_out(self, client, stalls):
        part = history_of(client.get("/items/rice/?region=yangon&with=mandalay&with=myanmar"))
        links = [unescape(link) for link in re.findall(r'href="([^"]*\?[^"]*)"', part)]

        assert "/items/rice/?region=yangon&period=30d&with=mandalay&with=myanmar#history" in links
        assert "/items/rice/?region=yangon&with=myanmar#history" in links
        assert "/items/rice/?region=yangon&with=mandalay#history" in links
        there = client.get("/items/rice/?region=yangon&with=mandalay").content.decode()
        assert 'href="/items/rice/?region=mandalay"' in there

    def test_are_chosen_by_a_form_that_keeps_the_rest(self, client, stalls):
        part = history_of(client.get("/items/rice/?region=yangon&unit=viss&period=all&with=mandalay"))

        form = part.split("<form")[1].split("</form>")[0]
        kept = re.findall(r'type="hidden" name="(\w+)" value="(\w+)"', form)
        offered = re.findall(r'<option value="([^"]+)"', form)
        assert set(kept) == {
            ("region", "yangon"), ("unit", "viss"), ("period", "all"), ("with", "mandalay"),
        }  # fmt: skip
        assert offered[:2] == ["myanmar", "yangon/insein"]
        assert f"shop-{stalls.ywarma.pk}" in offered
        assert "mandalay" not in offered and "yangon" not in offered

    def test_leave_no_form_where_there_is_no_room_for_more(self, client, stalls):
        part = history_of(client.get(f"/items/rice/?region=yangon&{everything_beside(stalls)}"))

        assert "<form" not in part

    def test_never_mix_retail_and_wholesale(self, client, stalls):
        put(price(stalls, stalls.zay_cho, 1_111, days=1, type="WHOLESALE"))

        retail = history_of(client.get("/items/rice/?region=yangon&with=mandalay"))
        wholesale = history_of(client.get("/items/rice/?region=yangon&with=mandalay&type=wholesale"))

        assert "1,111" not in retail and "2,648" in retail
        assert "1,111" in wholesale and "2,648" not in wholesale
        assert "Yangon: no prices in this period" in wholesale

    def test_are_said_to_be_away_with_mongodb(self, client, stalls, monkeypatch):
        board_copies.copy_changed()
        mongo_is_away(monkeypatch)

        response = client.get("/items/rice/?region=yangon&with=mandalay")

        assert "Mandalay: away for a moment" in text_of(response)

    def test_are_on_no_page_that_is_kept(self):
        assert "with" not in page_cache.QUERY_KEYS


class TestFiles:
    def test_hold_each_line_that_is_shown(self, client, stalls):
        query = f"?region=yangon&unit=viss&{everything_beside(stalls)}"

        rows = list(
            csv.DictReader(io.StringIO(client.get(f"/items/rice/history.csv{query}").content.decode()))
        )
        found = json.loads(client.get(f"/items/rice/history.json{query}").content)

        places = list(dict.fromkeys((row["region"], row["township"], row["shop"]) for row in rows))
        shop = str(stalls.zay_cho.pk)
        assert places == [
            ("yangon", "", ""), ("mandalay", "", ""), ("yangon", "insein", ""), ("mandalay", "", shop),
        ]  # fmt: skip
        assert {row["unit"] for row in rows} == {"viss"}
        lines = [found, *found["with"]]
        assert [(line["region"], line["township"], line["shop"]) for line in lines] == places
        assert [row["middle"] for row in rows] == [row["middle"] for line in lines for row in line["history"]]


class TestSentences:
    def test_say_the_newest_point_and_how_to_say_each_other_one(self, client, stalls):
        part = history_of(client.get("/items/rice/?region=mandalay"))

        assert re.search(r">\w+ \d{4}: middle 2,648, low 2,648, high 2,648, 1 price<", part)
        assert 'data-one="{0}: middle {1}, low {2}, high {3}, {4} price"' in part
        assert 'data-many="{0}: middle {1}, low {2}, high {3}, {4} prices"' in part
        assert 'data-none="{0}: no prices"' in part
