"""What a stream may ask for, and which pages may read one."""

import pytest

from alerts.live import request
from potato.preferences import Preferences

SESSION = "a" * 32


def read(query: bytes, **headers: str):
    return request.read(query, {name.replace("_", "-"): value for name, value in headers.items()})


class TestRead:
    def test_understands_items_shops_and_the_first_page(self):
        asked = read(b"item=12&item=13&shop=5&home=1")

        assert asked.topics == request.Topics(frozenset({12, 13}), frozenset({5}), True)
        assert asked.session is None

    def test_takes_a_session_without_prices(self, settings):
        assert read(b"lang=my", cookie=f"{settings.SESSION_COOKIE_NAME}={SESSION}").session == SESSION
        assert read(b"lang=my") is None

    def test_knows_how_its_reader_reads(self, settings):
        style = read(b"item=1&lang=my", cookie=f"{settings.PREFERENCES_COOKIE_NAME}=viss.latin.").style

        assert style == request.Style("my", Preferences(unit="viss", numerals="latin"))
        assert read(b"item=1&lang=xx").style.language == "en"

    @pytest.mark.parametrize(
        "cookie", ["x", "A" * 32, "a" * 33, "%00", "'; DROP TABLE", "", '"' + "a" * 32 + '"']
    )
    def test_takes_no_session_that_is_none(self, settings, cookie):
        asked = read(b"item=1", cookie=f"{settings.SESSION_COOKIE_NAME}={cookie}")

        assert asked.session in (None, SESSION)
        assert read(b"", cookie=f"{settings.SESSION_COOKIE_NAME}=forged") is None

    @pytest.mark.parametrize(
        ("header", "query", "known"),
        [
            ("17", b"item=1", 17),
            ("17", b"item=1&after=12", 17),
            ("", b"item=1&after=12", 12),
            ("-1", b"item=1", None),
            ("9" * 30, b"item=1", None),
            ("1 OR 1=1", b"item=1", None),
            ("၁၂", b"item=1", None),
            ("", b"item=1&after=1e9", None),
        ],
    )
    def test_takes_the_last_notification_only_where_it_is_a_number(self, header, query, known):
        assert read(query, last_event_id=header).after == known


class TestMayRead:
    def test_lets_the_same_origin_and_trusted_origins_read(self, settings):
        settings.CSRF_TRUSTED_ORIGINS = ["https://potato.example"]

        assert request.may_read(origin="https://potato.example", host="events.potato.example")
        assert request.may_read(origin="https://shop.example", host="shop.example")
        assert not request.may_read(origin="https://shop.example", host="events.shop.example")

    def test_lets_any_port_of_the_host_read_in_development_alone(self, settings):
        settings.POTATO_PORT = ""
        settings.DEBUG = True
        assert request.may_read(origin="http://localhost:8000", host="localhost:8001")

        settings.DEBUG = False
        assert not request.may_read(origin="http://localhost:8000", host="localhost:8001")
