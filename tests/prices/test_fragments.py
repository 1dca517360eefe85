"""Fragments of price pages: what everybody shares comes from Redis, until a price changes it."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as project
from django.core.cache import caches
from django.test import Client

from potato import clock
from potato.stores import redis
from potato.web import fragments
from prices.derived import refresh
from prices.names import cache as names
from prices.pages.item import tables
from prices.publishing import relay
from prices.views import home as home_view
from prices.views import item as item_view
from tests.factories import make_item, make_user
from tests.prices.reading import HTMX, mongo_is_away
from tests.prices.stalls import VISITED, price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

YANGON = "/items/rice/?region=yangon"


@pytest.fixture(autouse=True)
def no_fragments(settings: Any) -> None:
    # A busy machine makes a late answer, which is a miss too, and not the one that is meant here.
    alias = settings.CACHES[fragments.ALIAS]
    patient = alias["LOCATION"] + "?socket_timeout=20&socket_connect_timeout=20"
    settings.CACHES = {**settings.CACHES, fragments.ALIAS: {**alias, "LOCATION": patient}}
    raw().flushdb()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The slugs of the items of which a table of shops was made."""
    found: list[str] = []
    make = tables.shops

    def shops(page: Any) -> Any:
        found.append(page.item.slug)
        return make(page)

    monkeypatch.setattr(tables, "shops", shops)
    return found


def raw() -> Any:
    return redis.client(project.CACHES[fragments.ALIAS]["LOCATION"], seconds=20)


def parts_of(subject: str) -> set[str]:
    return {one.name.split(":")[-4] for one in fragments.stored(subject)}


class TestFragments:
    def test_of_an_item_and_region_are_in_redis_after_a_visit(self, client, stalls):
        client.get(YANGON)

        assert parts_of("items/rice/yangon") == {"ticket", "filter", "tables", "history", "around"}
        assert parts_of("items/rice") == parts_of("items/rice/yangon")
        assert parts_of("items/rice/mandalay") == set()
        for name in raw().keys("*"):
            assert 0 < raw().ttl(name) <= caches[fragments.ALIAS].default_timeout

    def test_make_the_same_page(self, client, stalls, made):
        first, second = client.get(YANGON).content, client.get(YANGON).content

        assert made == ["rice"]
        assert first == second
        assert client.get(YANGON, headers=HTMX).content in second
        raw().flushdb()
        assert client.get(YANGON).content == first

    @pytest.mark.parametrize("address", [path for path in VISITED if "history" not in path])
    def test_make_the_same_page_wherever_there_are_any(self, client, stalls, address):
        for language in ("", "/my"):
            pages = [client.get(language + address).content for _ in range(2)]
            raw().flushdb()

            assert client.get(language + address).content == pages[0] == pages[1]

    @pytest.mark.parametrize(
        ("address", "subject", "parts"),
        [
            ("/", "home", {"board", "movers", "latest", "unusual", "places"}),
            ("/items/", "items", {"board"}),
            ("/regions/yangon/", "regions/yangon", {"moves", "board", "sellers", "latest", "map"}),
            ("/regions/yangon/insein/", "regions/yangon/insein", {"cheap", "board", "sellers", "map"}),
            ("/categories/cereals/", "categories/cereals", {"board", "cheap", "moved"}),
            ("/shops/{meegwet}/", "shops/{meegwet}", {"map", "prices"}),
        ],
    )
    def test_of_lists_show_a_new_price(self, client, stalls, address, subject, parts):
        address, subject = (text.format(meegwet=stalls.meegwet.pk) for text in (address, subject))
        client.get(address)
        assert parts_of(subject) == parts

        put(*(price(stalls, shop, 98_765) for shop in (stalls.meegwet, stalls.ywarma, stalls.zamyin)))

        assert "98,765" in client.get(address).content.decode()

    @pytest.mark.parametrize(
        ("address", "subject", "key"),
        [("/movers/?region=yangon", "movers", "movers:{yangon}"), ("/movers/unusual/", "unusual", "alarms")],
    )
    def test_of_moves_are_made_of_their_board(self, client, stalls, address, subject, key):
        key = key.format(yangon=stalls.yangon.pk)
        for _ in range(2):
            put(price(stalls, stalls.meegwet, 4_321))
            refresh.renew_alarms(all_of_them=True)
            client.get(address)

        assert len({one.revs[key] for one in fragments.stored(subject)}) == 2

    def test_are_not_stored_with_what_a_template_took_for_false(self, client, stalls, monkeypatch):
        def broken(*args: Any, **kwargs: Any) -> Any:
            raise LookupError("a mistake")

        with monkeypatch.context() as broken_view:
            broken_view.setattr(home_view.movers_page, "mover_rows", broken)
            with pytest.raises(LookupError, match="a mistake"):
                client.get("/")

        assert raw().keys("*") == []

    def test_of_an_item_go_out_of_use_with_a_new_price_and_those_of_others_stay(self, client, stalls, made):
        salt = SimpleNamespace(**vars(stalls) | {"rice": stalls.salt})
        put(price(salt, stalls.ywarma, 900))
        client.get(YANGON), client.get("/items/salt/?region=yangon")

        put(price(stalls, stalls.meegwet, 4_321))

        assert "4,321" in client.get(YANGON).content.decode()
        client.get("/items/salt/?region=yangon")
        assert made == ["rice", "salt", "rice"]

    def test_of_kinds_alone_go_out_of_use_with_a_price_of_a_kind(self, client, stalls, made):
        kind = make_item(
            slug="rice-emata",
            name_en="Emata",
            category=stalls.cereals,
            variety_of=stalls.rice,
            default_unit=stalls.viss,
        )
        put(price(stalls, stalls.ywarma, 1_500))
        client.get(YANGON)

        put(price(stalls, stalls.zamyin, 5_432, item_id=kind.pk))

        assert "5,432" in client.get(YANGON).content.decode()
        assert made == ["rice"]

    def test_make_a_members_page_and_hold_nothing_of_him(self, client, stalls, made):
        member = Client()
        member.force_login(make_user(display_name="Canary"))
        ours, visitors = member.get(YANGON).content.decode(), client.get(YANGON).content.decode()

        assert made == ["rice"]
        assert "Canary" in ours
        assert "Canary" not in visitors
        assert all(
            "Canary" not in value["html"]
            for value in caches[fragments.ALIAS]
            .get_many(caches[fragments.ALIAS].client.reverse_key(name.decode()) for name in raw().keys("*"))
            .values()
        )

    @pytest.mark.parametrize(
        ("address", "cookies"),
        [
            ("/my" + YANGON, {}),
            (YANGON + "&sort=name", {}),
            (YANGON + "&township=insein", {}),
            (YANGON + "&type=wholesale", {}),
            (YANGON, {project.PREFERENCES_COOKIE_NAME: "viss.myanmar."}),
        ],
    )
    def test_of_another_choice_are_others(self, client, stalls, made, address, cookies):
        client.get(YANGON)
        client.cookies.load(cookies)

        once = client.get(address).content

        assert made == ["rice", "rice"]
        raw().flushdb()
        assert client.get(address).content == once

    def test_end_when_an_age_on_them_reads_otherwise(self, client, stalls, made, monkeypatch):
        client.get(YANGON)
        ends = raw().ttl(raw().keys("*:tables:*")[0])
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now - timedelta(seconds=30))
        put(price(stalls, stalls.meegwet, 2_000))
        monkeypatch.setattr(clock, "now", lambda: now + timedelta(seconds=10))
        client.get(YANGON)

        newest = min(raw().ttl(name) for name in raw().keys("*:tables:*"))
        # "Just now" for another 20 s.
        assert newest <= 20 < ends

    def test_are_not_stored_while_a_store_is_unavailable(self, client, stalls, monkeypatch):
        mongo_is_away(monkeypatch)

        client.get(YANGON)

        assert raw().keys("*") == []

    @pytest.mark.parametrize("change", ["random", "another's", "cut off", "of 100 MB", "a list"])
    def test_that_are_not_ours_are_a_miss(self, client, stalls, made, change):
        right = client.get(YANGON).content
        values = {name: raw().get(name) for name in raw().keys("*")}
        for name, value in values.items():
            match change:
                case "random":
                    raw().set(name, b"\x00<b>foreign", ex=60)
                case "another's":
                    raw().set(name, next(other for other in values.values() if other != value), ex=60)
                case "cut off":
                    raw().set(name, value[:-20], ex=60)
                case "of 100 MB":
                    raw().setrange(name, 100_000_000, b"1")
                case "a list":
                    raw().delete(name)
                    raw().rpush(name, "foreign")

        answer = client.get(YANGON)

        assert answer.status_code == 200
        assert answer.content == right
        assert made == ["rice", "rice"]
        raw().flushdb()

    @pytest.mark.parametrize("choice", ["since=2020-01-01", "with=mandalay"])
    def test_are_not_stored_of_choices_without_end(self, client, stalls, choice):
        client.get(f"{YANGON}&{choice}")

        assert raw().keys("*") == []

    def test_of_a_name_that_changes_while_the_page_is_made_are_out_of_use(self, client, stalls, monkeypatch):
        def rename() -> None:
            stalls.yangon.name_en = "Renamed"
            stalls.yangon.save()
            relay.run_once(limit=1000)
            names.refresh()

        self.happens_once_while_a_page_is_made(monkeypatch, rename)
        client.get(YANGON)

        assert "Typical in Renamed" in client.get(YANGON).content.decode()

    def test_of_a_day_that_ends_while_the_page_is_made_are_out_of_use(
        self, client, stalls, made, monkeypatch
    ):
        tomorrow = clock.now() + timedelta(days=1)
        self.happens_once_while_a_page_is_made(
            monkeypatch, lambda: monkeypatch.setattr(clock, "now", lambda: tomorrow)
        )
        client.get(YANGON)

        client.get(YANGON)

        assert made == ["rice", "rice"]

    @staticmethod
    def happens_once_while_a_page_is_made(
        monkeypatch: pytest.MonkeyPatch, change: Callable[[], None]
    ) -> None:
        """When names and the day have been read, and not everything that is made of them."""
        read = item_view._days_of
        changes = [change]

        def days_of(*args: Any, **kwargs: Any) -> Any:
            if changes:
                changes.pop()()
            return read(*args, **kwargs)

        monkeypatch.setattr(item_view, "_days_of", days_of)

    def test_are_read_in_one_call(self, client, stalls, monkeypatch):
        cache, reads = caches[fragments.ALIAS], []
        read = type(cache)._read
        monkeypatch.setattr(
            type(cache), "_read", lambda self, keys: reads.append(len(keys)) or read(self, keys)
        )

        client.get(YANGON)

        assert reads == [5]
