"""What is cached for an item and region."""

import uuid
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.core.wsgi import get_wsgi_application
from redis.exceptions import TimeoutError as RedisTimeoutError

from potato.stores import redis
from potato.stores.breaker import REDIS, Fault
from potato.stores.redis import BreakingCache
from potato.web import page_cache
from potato.web.page_cache.states import TTL
from prices.types import NATION, item_region_key
from tests.potato.web.page_cache.conftest import Answer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

VISITED = [
    ("/items/rice/", ""),
    ("/items/rice/", "region=yangon"),
    ("/my/items/rice/", "region=yangon"),
    ("/items/salt/", ""),
    ("/regions/yangon/", ""),
]


@pytest.fixture
def redis_pages(settings: Any) -> Iterator[Any]:
    """Redis, for an installation of the test's own."""
    settings.POTATO_PREFIX = prefix = f"test*-{uuid.uuid4().hex}"
    alias = settings.CACHES["template_fragments"]
    settings.CACHES = {**settings.CACHES, "template_fragments": {**alias, "KEY_PREFIX": prefix}}
    yield redis.client(settings.REDIS_LIVE)


@pytest.fixture
def visited(app: Any, stalls: Any, redis_pages: Any) -> None:
    """The pages that visitors have asked for."""
    store = page_cache.SharedStore(release="this")
    site = page_cache.PageCache(get_wsgi_application(), shared=store)
    for path, query in VISITED:
        assert Answer(site, path=path, query=query).status == "200 OK"


def lists(**options: str) -> tuple[list[str], list[str]]:
    """What the command writes of pages, and of fragments."""
    out = StringIO()
    call_command("cached", stdout=out, **options)
    lines = out.getvalue().splitlines()
    end = next(number for number, line in enumerate(lines, 1) if " pages, " in line)
    return lines[:end], lines[end:]


def cached(**options: str) -> list[str]:
    return lists(**options)[0]


class TestCached:
    def test_lists_an_items_pages_in_every_language(self, visited):
        *lines, summary = cached(item="rice")

        assert len(lines) == 3
        assert summary.startswith("3 pages, ")
        for address in ("/items/rice/:", "/items/rice/?region=yangon:", "/my/items/rice/?region=yangon:"):
            assert sum(f":this:{address}" in line for line in lines) == 1

    def test_lists_those_made_from_a_regions_board(self, visited, stalls):
        *lines, _summary = cached(item="rice", region="yangon", language="my")

        assert len(lines) == 1
        board = item_region_key(stalls.rice.pk, stalls.yangon.pk)
        assert f" {board}=" in lines[0]

    def test_says_age_bytes_and_revision(self, visited, stalls, redis_pages):
        line = next(line for line in cached(item="salt") if "/items/salt/" in line)

        age, _s, size, _bytes, *revs, name = line.split()
        assert 0 <= float(age) < TTL
        assert int(size.replace(",", "")) == redis_pages.strlen(name)
        assert any(rev.startswith(f"{item_region_key(stalls.salt.pk, NATION)}=") for rev in revs)

    def test_lists_nothing_that_was_not_written_as_a_page(self, visited, redis_pages, settings):
        name = f"{settings.POTATO_PREFIX}:pages:this:/items/salt/:foreign"
        redis_pages.set(name, b"foreign", ex=60)
        redis_pages.rpush(f"{name}:list", b"foreign")

        assert cached(item="salt")[-1].startswith("1 pages, ")

    def test_lists_the_fragments_of_an_item_and_region(self, visited, stalls):
        _pages, [*lines, summary] = lists(item="rice", region="yangon")

        board = item_region_key(stalls.rice.pk, stalls.yangon.pk)
        assert summary.startswith("10 fragments, ")
        for language in ("en", "my"):
            for part in ("ticket", "filter", "tables", "history", "around"):
                assert sum(f":items/rice/yangon:{part}:{language}:" in line for line in lines) == 1
        assert all(f" {board}=" in line for line in lines)
        assert lists(item="rice", region="yangon", language="my")[1][-1].startswith("5 fragments, ")
        assert lists(item="rice")[1][-1].startswith("15 fragments, ")

    @pytest.mark.parametrize("options", [{"item": "nothing"}, {"item": "rice", "region": "nothing"}])
    def test_refuses_what_does_not_exist(self, stalls, options):
        with pytest.raises(CommandError, match=r"There is no .* 'nothing'"):
            cached(**options)

    def test_lists_those_of_an_installation_with_a_colon_in_its_name(self, app, stalls, settings):
        settings.POTATO_PREFIX = prefix = f"test:{uuid.uuid4().hex}"
        alias = settings.CACHES["template_fragments"]
        settings.CACHES = {**settings.CACHES, "template_fragments": {**alias, "KEY_PREFIX": prefix}}
        Answer(page_cache.PageCache(get_wsgi_application()), path="/items/rice/", query="region=yangon")

        assert lists(item="rice", region="yangon")[1][-1].startswith("5 fragments, ")

    def test_does_not_take_a_redis_that_becomes_unavailable_for_an_empty_one(self, visited, monkeypatch):
        def slow(*args: Any, **kwargs: Any) -> Any:
            raise RedisTimeoutError("silent")

        monkeypatch.setattr(BreakingCache, "_read", slow)

        with pytest.raises(CommandError, match="redis"):
            cached(item="rice")

    def test_says_that_redis_is_unavailable(self, stalls):
        REDIS.failed(Fault.SLOW)

        with pytest.raises(CommandError, match="redis"):
            cached(item="rice")
