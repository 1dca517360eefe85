"""PostgreSQL is unavailable: every page that a visitor may read, with every link and filter it offers, in both languages."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse

from prices.names import cache as names
from prices.publishing import relay
from shops.models import Shop
from tests.factories import make_shop
from tests.prices.offered import Offers, is_public, kind_of
from tests.prices.reading import HTMX, mongo_is_away, text_of
from tests.security.walk import pages

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

ADDRESSES_OF_A_KIND = 40


@contextmanager
def postgresql_away() -> Iterator[None]:
    def refuse(execute, sql, params, many, context):
        raise OperationalError("this test took it away")

    with connection.execute_wrapper(refuse):
        yield


def offered_addresses(*starts: str) -> list[str]:
    """What a visitor gets to by links and filters while everything works; of each kind not more than some."""
    seen, waiting, counts = {}, list(starts), {}
    while waiting:
        path = waiting.pop(0)
        if path in seen or not is_public(path):
            continue
        kind = kind_of(path)
        counts[kind] = counts.get(kind, 0) + 1
        if counts[kind] > ADDRESSES_OF_A_KIND:
            continue
        seen[path] = None
        # A browser of its own for each: what one page remembers would change the next.
        response = Client().get(path)
        assert response.status_code in (200, 302), f"{path}: {response.status_code}"
        if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
            waiting += Offers(response.content.decode(), at=path).found
    return list(seen)


def rows_of(path: str) -> list[str]:
    """What the list of shops shows, row by row, and how many there are."""
    body = Client().get(path).content.decode()
    found = re.findall(r"<tr.*?</tr>|<p class=\"small\" role=\"status\">.*?</p>", body, flags=re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


class TestTheListOfShops:
    FILTERS = (
        "", "?region=yangon", "?region=yangon&township=insein", "?region=mandalay", "?q=ywarma", "?q=insein",
        "?q=zay+cho", "?q=%E1%80%A1%E1%80%84%E1%80%BA%E1%80%B8%E1%80%85%E1%80%AD%E1%80%94%E1%80%BA", "?q=thiri&region=mandalay",
        "?q=insein+zamyin", "?page=2", "?page=99",
    )  # fmt: skip

    @pytest.fixture
    def many(self, stalls):
        for number in range(55):
            make_shop(shop_name=f"Stall {number:02}", township=stalls.insein)
        make_shop(shop_name="Gone", township=stalls.insein, status=Shop.Status.CLOSED)
        make_shop(
            shop_name="Tired", township=stalls.insein, status=Shop.Status.PAUSED, kind=Shop.Kind.WHOLESALE
        )
        relay.run_once(limit=1000)
        names.refresh()

    @pytest.mark.parametrize("language", ["", "/my"])
    def test_shows_the_same_shops_and_figures_for_every_filter(self, stalls, many, language):
        for query in self.FILTERS:
            path = f"{language}/shops/{query}"
            before = rows_of(path)
            assert before or "zamyin" in query or "mandalay" in query
            with postgresql_away():
                assert rows_of(path) == before, path

    def test_says_what_is_unavailable_and_that_the_page_is_degraded(self, stalls):
        with postgresql_away():
            response = Client().get("/shops/")

        assert response["X-Potato-Degraded"] == "postgres"
        assert "Signing in and adding prices are away for a moment." in text_of(response)
        assert "cannot be shown" not in text_of(response)

    def test_says_that_figures_are_unavailable_where_mongodb_is_away_too(self, stalls, monkeypatch):
        names.refresh()
        mongo_is_away(monkeypatch)
        with postgresql_away():
            response = Client().get("/shops/")

        assert response.status_code == 200
        assert "YwarMa" in text_of(response)
        assert "cannot be shown at the moment" in text_of(response)
        assert "no prices" not in text_of(response)

    def test_answers_htmx_with_the_part_alone(self, stalls):
        with postgresql_away():
            response = Client().get("/shops/?region=yangon", headers=HTMX)

        assert response.content.decode().strip().startswith('<section id="shop-list"')
        assert "YwarMa" in text_of(response)


class TestPublicPages:
    @pytest.mark.parametrize("language", ["/", "/my/"])
    def test_are_all_shown_with_every_filter_that_they_offer(self, stalls, language):
        addresses = [path for path in offered_addresses(language) if path.startswith(language)]
        assert {"shops", "item", "near", "map", "basket"} <= {kind_of(path) for path in addresses}
        faults = []
        with postgresql_away():
            for path in addresses:
                response = Client().get(path)
                if response.status_code not in (200, 302):
                    faults.append(f"{path}: {response.status_code}")
        assert faults == []

    @pytest.mark.parametrize("language", ["", "/my"])
    def test_are_shown_by_a_process_that_starts_meanwhile(self, stalls, language):
        paths = [language + reverse(name) for name in ("home", "items", "shops", "map", "movers", "search")]
        paths += [f"{language}/items/rice/?region=yangon", f"{language}/shops/{stalls.ywarma.pk}/"]
        for path in paths:
            names.forget()
            with postgresql_away():
                assert Client().get(path).status_code == 200, path

    def test_answer_forms_that_visitors_send(self, stalls):
        with postgresql_away():
            for path, sent in (
                (
                    "/items/rice/near/",
                    {"latitude": "16.89", "longitude": "96.1", "radius": "5", "sort": "cheapest"},
                ),
                ("/items/rice/near/", {}),
                ("/preferences/", {"unit": "viss", "numerals": "", "region": "yangon"}),
            ):
                assert Client().post(path, sent).status_code in (200, 303, 422), path

    def test_that_nobody_knows_are_not_found(self, stalls):
        with postgresql_away():
            for path in ("/items/nothing/", "/shops/999999/", "/regions/yangon/nowhere/", "/nowhere/"):
                assert Client().get(path).status_code == 404, path

    def test_of_every_route_are_shown_or_say_what_is_unavailable(self, stalls):
        known = {
            "items/": "rice", "categories/": "cereals", "regions/": "yangon",
        }  # fmt: skip
        for route in pages():
            slug = next((slug for start, slug in known.items() if route.startswith(start)), "x")
            path = "/" + route.replace("<slug:slug>", slug).replace("<slug:township_slug>", "insein").replace(
                "<int:shop_id>", str(stalls.ywarma.pk)
            )
            if "<" in path:
                continue
            with postgresql_away():
                response = Client().get(path)
            if response.status_code == 503:
                assert not is_public(path), path
                assert "postgres" in response["X-Potato-Degraded"], path
                assert "unavailable" in text_of(response) or "away" in text_of(response)
