"""The events process: a real uvicorn and the real Redis."""

import asyncio
import http.client
import os
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from alerts.live import stream
from tests.alerts.live import conftest
from tests.alerts.live.conftest import PATIENCE_SECONDS, events_process

PREFIX = f"stream-{uuid.uuid4().hex[:8]}"


@pytest.fixture(scope="module")
def events() -> Iterator[str]:
    with events_process(dict(os.environ), POTATO_PREFIX=PREFIX) as address:
        yield address


def publish(**what: object) -> int:
    return conftest.publish(f"{PREFIX}:published", {"region": 1, "shop": 5, **what})


RUBBISH = (
    b"", b"\xff", b"[]", b"1", b"{}", b"null", b'"item"', b'{"item": null}', b'{"item": Infinity}', b'{"item": -1e999}',
    b'{"item": NaN}', b'{"item": true}', b'{"item": 1.5}', b'{"item": "12"}', b'{"item": []}', b'{"item": {"item": 1}}',
    b"[" * 100_000, b'{"item":' * 100_000, b"9" * 5000, b'{"item": 13, "region": Infinity}',
    b'{"item": 13, "shop": true}', b'{"item": 13, "region": "1"}',
)  # fmt: skip


class TestStream:
    def test_tells_of_a_price_of_an_item_that_was_asked_for_and_of_no_other(self, listen, events):
        page = listen(events, "item=12&item=13").ready()

        publish(item=99)
        publish(item=13, region=4, shop=7)

        assert page.event() == ("price", {"item": 13, "region": 4, "shop": 7})

    def test_tells_a_shop_s_page_of_its_prices_and_of_no_other(self, listen, events):
        page = listen(events, "shop=7").ready()

        publish(item=1, shop=8)
        publish(item=2, shop=7)

        assert page.event() == ("price", {"item": 2, "region": 1, "shop": 7})

    def test_tells_the_first_page_when_its_boards_are_new(self, listen, events):
        page = listen(events, "home=1").ready()

        publish(item=12)
        conftest.publish(f"{PREFIX}:published", {"home": True})

        assert page.event() == ("price", {"item": None, "region": None, "shop": None})

    def test_tells_every_open_page(self, listen, events):
        pages = [listen(events, "item=12").ready() for _ in range(20)]

        publish(item=12)

        assert {page.event()[1]["item"] for page in pages} == {12}

    def test_outlives_rubbish_in_the_channel(self, listen, events):
        page = listen(events, "item=12").ready()

        for rubbish in RUBBISH:
            conftest.publish(f"{PREFIX}:published", rubbish)
        publish(item=12)

        assert page.event()[1]["item"] == 12

    @pytest.mark.parametrize(
        "query",
        [
            "",
            "lang=en",
            "item=",
            "item=x",
            "item=-1",
            "item=%00",
            "item=1e5",
            "item=" + "9" * 30,
            "&".join(["item=1"] * 21),
            "item=%ff",
            "shop=x",
            "item=1&what=2",
            "&".join(["item=1"] * 11 + ["shop=1"] * 11),
        ],
    )
    def test_refuses_what_is_not_items(self, listen, events, query):
        assert listen(events, query).status == 400

    def test_answers_the_page_at_the_other_port_with_its_cookies_and_nobody_else(self, listen, events):
        port = urlsplit(events).port
        ours = listen(events, "item=1", Host=f"localhost:{port}", Origin="http://localhost:8000")

        assert ours.status == 200
        assert ours.response.headers["Access-Control-Allow-Origin"] == "http://localhost:8000"
        assert ours.response.headers["Access-Control-Allow-Credentials"] == "true"
        for theirs in (
            "http://127.0.0.1:8000",
            "http://evil.example",
            "http://localhost:8001",
            "null",
            "http://localhost:8000/",
        ):
            assert listen(events, "item=1", Host=f"localhost:{port}", Origin=theirs).status == 403
        assert listen(events, "item=1", Host="evil.example").status == 400

    def test_ends_its_answer_where_only_the_head_is_asked_for(self):
        said = []

        async def send(message):
            said.append(message["type"])

        scope = {
            "type": "http",
            "method": "HEAD",
            "path": stream.PATH,
            "query_string": b"item=1",
            "headers": [(b"host", b"testserver")],
        }
        asyncio.run(stream.application(scope, None, send))

        assert said == ["http.response.start", "http.response.body"]

    def test_has_one_address(self, listen, events):
        parts = urlsplit(events)
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=PATIENCE_SECONDS)
        for method, path, status in (
            ("GET", "/", 404),
            ("GET", "/healthz", 200),
            ("POST", "/alerts/stream/?item=1", 405),
        ):
            connection.request(method, path)
            response = connection.getresponse()
            response.read()
            assert response.status == status
        connection.close()
