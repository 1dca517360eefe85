"""The script of every page, and how much JavaScript pages bring along."""

import re
from pathlib import Path

import brotli
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.template.loader import render_to_string

from potato.web import scripts

FOLDER = Path(settings.BASE_DIR) / "static" / "potato"
# What a server sends before each file, a little more than was measured.
HEADERS = 440
MOST_FOR_VISITORS, MOST_FOR_MEMBERS = 20_000, 6_000


def weight(name: str) -> int:
    """Bytes of a static file on its way to a browser, compressed as WhiteNoise does it."""
    found = finders.find(name)
    assert found, name
    return len(brotli.compress(Path(found).read_bytes(), quality=11)) + HEADERS


def named_in(html: str) -> list[str]:
    return re.findall(rf'<script[^>]* src="{settings.STATIC_URL}([^"]+)"', html)


class TestSiteScript:
    def test_is_the_shared_scripts_without_comments(self):
        text = scripts.site_script()

        assert not re.search(r"^\s*//", text, re.MULTILINE)
        assert all(word in text for word in ("searches", "serviceWorker", "EventSource", "svg.chart"))

    @pytest.mark.parametrize("name", scripts.PARTS)
    def test_is_made_of_scripts_without_texts_of_several_lines(self, name):
        # Indentation in one of these would be lost.
        assert all(line.count("`") % 2 == 0 for line in (FOLDER / name).read_text().splitlines())

    def test_keeps_what_only_looks_like_a_comment(self):
        text = "  const url = 'http://x'; // why\n\t// gone\n/* gone */\nlet a = 1;\n"

        assert scripts.without_comments(text) == "const url = 'http://x'; // why\nlet a = 1;\n"

    def test_is_found_and_is_new_when_a_part_has_changed(self, settings, tmp_path, monkeypatch):
        settings.STATIC_ROOT = tmp_path / "static"
        finder = scripts.Finder()
        first = Path(finder.find(scripts.NAME)).read_text()
        monkeypatch.setattr(scripts, "PARTS", ("reach.js",))

        changed = Path(finder.find(scripts.NAME)).read_text()

        assert changed == scripts.site_script() != first
        assert finder.find("potato/search.js") == []

    def test_is_collected(self, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path / "static"

        call_command("collectstatic", interactive=False, verbosity=0)

        assert (tmp_path / "static" / scripts.NAME).read_text() == scripts.site_script()


class TestPages:
    def test_bring_a_visitor_at_most_20_kb_of_javascript(self, rf):
        # The page of an item, the heaviest, has what every page has.
        named = named_in(render_to_string("base.html", {"stream_url": "/"}, request=rf.get("/")))

        assert scripts.NAME in named and any("htmx" in name for name in named)
        assert sum(map(weight, named)) <= MOST_FOR_VISITORS
        item = (Path(settings.BASE_DIR) / "templates" / "prices" / "item.html").read_text()
        assert "<script" not in item

    def test_bring_a_member_at_most_6_kb_more_after_the_page(self):
        assert weight("potato/alerts.js") <= MOST_FOR_MEMBERS
