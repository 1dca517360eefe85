"""How a page is answered: packed, unchanged, without a body."""

import gzip

import brotli

from tests.potato.web.page_cache.conftest import Answer, one_process


class TestPageCache:
    def test_packs_pages_for_who_can_unpack_them(self, app):
        Answer(app)
        plain, br, gz = (
            Answer(app),
            Answer(app, accept_encoding="gzip, br"),
            Answer(app, accept_encoding="gzip;q=1.0, br;q=0"),
        )

        assert br.headers["Content-Encoding"] == "br"
        assert brotli.decompress(br.body) == plain.body
        assert gzip.decompress(gz.body) == plain.body
        assert int(br.headers["Content-Length"]) == len(br.body)
        assert "Accept-Encoding" in plain.headers["Vary"]

    def test_says_when_nothing_has_changed(self, app):
        Answer(app)
        tag = Answer(app, accept_encoding="br").headers["ETag"]

        again = Answer(app, accept_encoding="br", if_none_match=f'W/"x", {tag}')

        assert again.status == "304 Not Modified"
        assert again.body == b""

    @one_process
    def test_answers_head_without_a_body(self, app, django):
        Answer(app)

        answer = Answer(app, method="HEAD")

        assert django.made == 1
        assert answer.body == b""
        assert int(answer.headers["Content-Length"]) > 0

    def test_lets_django_clean_up_after_each_page_it_made(self, app, django, clock):
        Answer(app)
        Answer(app)
        clock.now += 61
        Answer(app, method="HEAD")
        Answer(app, path="/other/", query="q=1")

        assert django.closed == django.made == 3
