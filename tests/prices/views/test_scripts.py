"""How many bytes of JavaScript a page brings along, compressed as they are served."""

import re
from pathlib import Path

import brotli
import pytest
from django.contrib.staticfiles import finders

from potato.web.scripts import without_comments
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

FIRST_PAGE, MEMBERS_MORE = 20_000, 6_000
ITEM = "/items/rice/?region=yangon"


def size(address: str) -> int:
    """Bytes of a static file, compressed as whitenoise does when it is collected."""
    file = finders.find(address.removeprefix("/static/"))
    assert file, address
    return len(brotli.compress(Path(file).read_bytes()))


def scripts(html: str) -> list[str]:
    return re.findall(r'<script[^>]* src="([^"?]+)', html)


class TestScripts:
    def test_of_a_visitors_first_price_page_stay_within_twenty_kilobytes(self, client, stalls):
        html = client.get(ITEM).content.decode()

        found = scripts(html)
        assert len(found) == 2
        assert sum(map(size, found)) <= FIRST_PAGE

    def test_of_a_member_are_few_more_and_loaded_after_the_page(self, client, stalls):
        client.force_login(make_user())
        html = client.get(ITEM).content.decode()

        (later,) = re.findall(r'data-alerts="([^"?]+)', html)
        assert later not in scripts(html)
        assert size(later) <= MEMBERS_MORE
        assert sum(map(size, scripts(html))) <= FIRST_PAGE


class TestWithoutComments:
    def test_leaves_what_is_run(self):
        text = "// Why.\nconst a = 'http://b'; // not a line of its own\n  f(a);\n/* also why */\n"

        assert without_comments(text) == "const a = 'http://b'; // not a line of its own\nf(a);\n"
