"""Filters that nobody would type."""

import re
from html import unescape
from urllib.parse import quote

import pytest

from tests.prices.reading import HTMX, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


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
