"""Filling a stored page for a member."""

import gzip
import zlib

import pytest
from django.utils.html import escape

from potato.web.page_cache.personal import ANY_MEMBER, MembersPage, page_for_members, places_of, values_of
from tests.factories import make_member_document

PART = ("<a>Sign in</a>", f'<a title="{ANY_MEMBER.name}">Profile of {ANY_MEMBER.name}</a>')


def page_of(body: str, *parts: tuple[str, str]) -> MembersPage:
    places = places_of(body.encode(), list(parts))
    assert places is not None
    return page_for_members(body.encode(), places)


def filled(page: MembersPage, name: str) -> str:
    values = values_of(make_member_document(name=name), page.slots)
    plain = page.body(values, compress=False)
    assert gzip.decompress(page.body(values, compress=True)) == plain
    return plain.decode()


class TestMembersPage:
    def test_has_the_members_part_in_the_place_of_the_visitors(self):
        page = page_of("<nav><a>Sign in</a></nav><p>1</p>", PART)

        assert filled(page, "May") == '<nav><a title="May">Profile of May</a></nav><p>1</p>'

    def test_has_each_of_several_parts_in_its_own_place_whichever_was_rendered_first(self):
        follow = ("<b>Follow</b>", f"<b>{ANY_MEMBER.name} follows</b>")

        page = page_of("<b>Follow</b>-<a>Sign in</a>", PART, follow)

        assert filled(page, "May") == '<b>May follows</b>-<a title="May">Profile of May</a>'

    def test_is_the_visitors_where_nothing_of_it_is_personal(self):
        assert filled(page_of("<p>1</p>"), "May") == "<p>1</p>"

    @pytest.mark.parametrize(
        "name", ["", "x" * 70_000, "&" * 70_000, ANY_MEMBER.name, "မေ", "\x00", "</script>'\""]
    )
    def test_shows_any_name_as_text(self, name):
        assert filled(page_of("<a>Sign in</a>", PART), name) == (
            f'<a title="{escape(name)}">Profile of {escape(name)}</a>'
        )

    @pytest.mark.parametrize("size", [0, 1, 65_535, 65_536, 300_000])
    def test_is_one_stream_that_browsers_read_whole(self, size):
        page = page_of("<a>Sign in</a>" + "<p>1</p>" * size, PART)

        body = page.body(values_of(make_member_document(name="n" * size), page.slots), compress=True)

        reader = zlib.decompressobj(zlib.MAX_WBITS | 16)
        reader.decompress(body)

        assert reader.eof and not reader.unused_data


class TestPlaces:
    @pytest.mark.parametrize(
        "body",
        ["<p>none</p>", "<a>Sign in</a><a>Sign in</a>", ""],
        ids=["no place", "two places", "an empty page"],
    )
    def test_are_none_where_one_is_in_doubt(self, body):
        assert places_of(body.encode(), [PART]) is None

    def test_are_none_where_parts_are_empty_or_overlap(self):
        assert places_of(b"<p>1</p>", [("", "May")]) is None
        assert places_of(b"<p>1</p>", [("<p>1", "a"), ("1</p>", "b")]) is None
