"""What holds for every page that shows prices."""

import re
from html import unescape

import pytest

from potato import clock
from prices.models import BoardCopy
from prices.names import cache as names
from prices.store import boards as board_store
from tests.prices.reading import (
    MONGO_READS,
    mongo_is_away,
    raise_unavailable,
    reads_without_postgresql,
    text_of,
)
from tests.prices.stalls import VISITED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestEveryPricePage:
    def test_asks_no_postgresql_and_mongodb_four_times_at_most_when_nobody_is_signed_in(self, client, stalls):
        for path in [*VISITED, f"/shops/{stalls.ywarma.pk}/"]:
            for address in (path, "/my" + path):
                assert 1 <= reads_without_postgresql(client, address) <= MONGO_READS, address

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
        private = ("/accounts/", "/prices/", "/alerts/")
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
