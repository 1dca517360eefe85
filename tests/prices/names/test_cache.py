import os
import time
from threading import Thread

import pytest
from django.utils import translation

from potato.errors import Unavailable
from potato.stores.breaker import MONGO, Fault
from prices.models import Installation
from prices.names import cache as names
from prices.publishing import relay
from prices.store import reference
from prices.types import Name
from tests.factories import make_item, make_region, make_shop, make_township, make_unit

pytestmark = pytest.mark.usefixtures("mongo_store")


def make_name(**fields) -> Name:
    facts = {"region": 1} if fields.get("kind") in ("shop", "township") else {}
    return Name(
        **{"kind": "item", "id": 1, "name_en": "Rice", "name_my": "ဆန်", "slug": "rice", "facts": facts}
        | fields
    )


def wait_until(true) -> None:
    deadline = time.monotonic() + 30
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def asked(monkeypatch):
    """The single names that MongoDB was asked for."""
    asked, get = [], reference.get
    monkeypatch.setattr(reference, "get", lambda kind, id: asked.append((kind, id)) or get(kind, id))
    return asked


class TestGet:
    def test_knows_a_thing_by_its_kind_and_id(self):
        reference.put_many([make_name(), make_name(kind="shop", name_en="Daw Mya's", slug="1")], rev=1)

        assert names.get("item", 1).name_en == "Rice"
        assert names.get("shop", 1).name_en == "Daw Mya's"
        assert names.get("shop", None) is None

    def test_says_it_in_the_readers_language(self):
        reference.put_many([make_name()], rev=1)
        name = names.get("item", 1)

        with translation.override("my"):
            assert (str(name), name.other) == ("ဆန်", "Rice")
        with translation.override("en"):
            assert (str(name), name.other) == ("Rice", "ဆန်")

    def test_asks_nothing_of_mongodb_once_it_knows(self, asked):
        reference.put_many([make_name()], rev=1)

        for _ in range(100):
            names.get("item", 1)

        assert asked == []

    def test_asks_once_for_what_nobody_knows(self, asked):
        names.all_of("item")

        assert [names.get("shop", 7) for _ in range(50)] == [None] * 50
        assert asked == [("shop", 7)]

    def test_asks_again_after_a_while(self, asked, monkeypatch):
        names.get("shop", 7)
        monkeypatch.setattr(names, "UNKNOWN_SECONDS", 0.0)

        names.get("shop", 7)

        assert asked == [("shop", 7)] * 2

    def test_finds_a_shop_that_was_made_a_moment_ago(self, asked):
        assert names.all_of("shop") == []
        reference.put_many([make_name(kind="shop", id=7, slug="7")], rev=1)

        assert names.get("shop", 7)
        assert names.get("shop", 7)
        assert asked == [("shop", 7)]

    def test_remembers_only_so_many_unknown_ids(self, monkeypatch):
        """Somebody who tries numbers must not fill the memory."""
        monkeypatch.setattr(names, "MOST_UNKNOWN", 10)

        for id in range(100):
            names.get("shop", id)

        assert len(names._memory.unknown) <= 10

    def test_answers_without_mongodb_that_a_thing_is_unknown(self):
        names.all_of("shop")
        MONGO.failed(Fault.SLOW)

        assert names.get("shop", 7) is None


class TestBySlug:
    def test_finds_townships_within_their_region(self):
        east, west = (
            make_name(kind="township", id=id, slug="north", facts={"region": id}, name_en=f"North {id}")
            for id in (1, 2)
        )
        reference.put_many([east, west], rev=1)

        assert names.by_slug("township", "north", region=1).id == 1
        assert names.by_slug("township", "north", region=2).id == 2
        assert names.by_slug("township", "north", region=3) is None

    def test_follows_a_renamed_thing_and_forgets_its_old_address(self):
        reference.put_many([make_name(slug="rice")], rev=1)
        assert names.by_slug("item", "rice")

        reference.put_many([make_name(slug="paw-san", name_en="Paw San")], rev=2)
        names.refresh()

        assert names.by_slug("item", "paw-san").name_en == "Paw San"
        assert names.by_slug("item", "rice") is None

    def test_keeps_an_address_that_another_thing_has_taken_over(self):
        reference.put_many([make_name(id=1, slug="rice"), make_name(id=2, slug="other")], rev=1)
        names.all_of("item")

        reference.put_many([make_name(id=2, slug="rice")], rev=2)
        reference.put_many([make_name(id=1, slug="old-rice")], rev=3)
        names.refresh()

        assert names.by_slug("item", "rice").id == 2
        assert names.by_slug("item", "old-rice").id == 1


class TestEdition:
    def test_is_the_same_until_a_name_changes(self):
        reference.put_many([make_name()], rev=1)
        first = names.edition()
        names.refresh()
        reference.put_mode("demo", rev=2)
        names.refresh()
        assert names.edition() is first

        reference.put_many([make_name(name_en="Renamed")], rev=3)
        names.refresh()
        second = names.edition()
        reference.put_many([], gone=["item:1"], rev=4)
        names.refresh()

        assert second is not first
        assert names.edition() is not second


class TestRefresh:
    def test_forgets_what_is_gone(self):
        reference.put_many([make_name()], rev=1)
        assert names.by_slug("item", "rice")

        reference.put_many([], gone=["item:1"], rev=2)
        names.refresh()

        assert names.by_slug("item", "rice") is None
        assert names.all_of("item") == []

    def test_happens_in_the_background_every_few_seconds(self):
        assert names.REFRESH_SECONDS < 5
        reference.put_many([make_name()], rev=1)
        assert names.get("item", 1).name_en == "Rice"

        reference.put_many([make_name(name_en="Renamed")], rev=2)
        reference.put_mode("real", rev=3)

        wait_until(lambda: names.get("item", 1).name_en == "Renamed" and names.mode() == "real")

    def test_goes_on_after_mongodb_was_away(self, monkeypatch):
        monkeypatch.setattr(names, "REFRESH_SECONDS", 0.05)
        reference.put_many([make_name()], rev=1)
        names.get("item", 1)
        MONGO.failed(Fault.SLOW)
        with pytest.raises(Unavailable):
            names.refresh()

        MONGO.reset()
        reference.put_many([make_name(name_en="Renamed")], rev=2)

        wait_until(lambda: names.get("item", 1).name_en == "Renamed")

    def test_disturbs_no_reader(self):
        """Lists are read while the background thread takes in new names."""
        reference.put_many([make_name(id=id, slug=f"item-{id}") for id in range(1, 301)], rev=1)
        names.all_of("item")
        deadline, rev = time.monotonic() + 1.5, 1
        failed = []

        def read() -> None:
            while time.monotonic() < deadline:
                try:
                    names.all_of("item")
                except RuntimeError as error:
                    failed.append(error)

        reader = Thread(target=read)
        reader.start()
        while time.monotonic() < deadline:
            rev += 1
            reference.put_many([make_name(id=1000 + rev, slug=f"item-{1000 + rev}")], rev=rev)
            names.refresh()
        reader.join()

        assert failed == []


@pytest.mark.django_db
class TestStartWithoutMongodb:
    def test_takes_names_from_postgresql(self):
        item, shop = make_item(name_en="Rice"), make_shop(shop_name="Daw Mya's")
        Installation.objects.create(pk=1, mode="demo")
        MONGO.failed(Fault.SLOW)

        assert names.get("item", item.pk).name_en == "Rice"
        assert names.by_slug("item", item.slug).id == item.pk
        assert names.get("shop", shop.pk).facts["region"] == shop.region_id
        assert names.mode() == "demo"

    def test_takes_mongodbs_once_it_is_back(self, monkeypatch):
        monkeypatch.setattr(names, "REFRESH_SECONDS", 0.05)
        item = make_item(name_en="Rice")
        MONGO.failed(Fault.SLOW)
        assert names.get("item", item.pk).name_en == "Rice"

        MONGO.reset()
        reference.put_many([make_name(id=item.pk, name_en="Renamed")], rev=1)

        wait_until(lambda: names.get("item", item.pk).name_en == "Renamed")


@pytest.mark.django_db
class TestFacts:
    def test_are_those_that_pages_join(self):
        region = make_region(bounds=[95.0, 16.0, 97.0, 18.0])
        township = make_township(region=region)
        shop = make_shop(region=region, township=township)
        viss = make_unit(to_base="1.63293")
        item = make_item(usual_units=[viss], aliases=["hsan"])
        relay.run_once()

        facts = names.get("item", item.pk).facts
        assert {unit["code"]: unit["to_base"] for unit in facts["units"]}[viss.code] == "1.63293"
        assert (facts["base"], facts["aliases"], facts["active"]) == ("kg", ["hsan"], True)
        assert names.by_slug("unit", viss.code).facts["base"] == "kg"
        assert names.get("region", region.pk).facts["bounds"] == [95.0, 16.0, 97.0, 18.0]
        assert names.by_slug("township", township.slug, region=region.pk).facts["point"] == [96.15, 16.8]
        assert names.get("shop", shop.pk).facts["township"] == township.pk
        assert names.get("shop", shop.pk).facts["demo"] is False


def test_a_forked_process_starts_anew():
    """Threads do not survive a fork: a child that thought itself up to date would stay so for ever."""
    reference.put_many([make_name()], rev=1)
    names.get("item", 1)

    child = os.fork()
    if child == 0:
        os._exit(0 if names._memory.rev == -1 and names._thread is None else 1)

    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
