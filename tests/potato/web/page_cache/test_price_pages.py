"""Django's real pages behind the page cache."""

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client

from potato.stores import revisions
from potato.web import page_cache
from tests.potato.web.page_cache.conftest import Answer


@pytest.mark.django_db
class TestPricePages:
    def test_are_kept_for_visitors_and_never_for_members(self, client, monkeypatch):
        from tests.factories import make_user

        monkeypatch.setattr(
            "django.db.backends.base.base.BaseDatabaseWrapper.close_if_unusable_or_obsolete",
            lambda self: None,
        )
        app = page_cache.PageCache(get_wsgi_application())
        revisions.tell({"tests:board": 7})

        first = Answer(app, path="/board/")
        assert page_cache.BOARDS not in first.headers
        assert len(app.store.pages) == 1

        client.force_login(make_user(display_name="May"))
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        answer = Answer(app, path="/board/", cookie=f"{settings.SESSION_COOKIE_NAME}={key}")

        assert b"[May]" in answer.body
        assert page_cache.BOARDS not in answer.headers
        assert b"[]" in Answer(app, path="/board/").body

    def test_are_kept_only_if_their_view_says_that_they_show_nothing_private(self):
        app = page_cache.PageCache(get_wsgi_application())

        Answer(app, path="/board/unmarked/")

        assert not app.store.pages

    @pytest.mark.parametrize("at", ["member", "user", "session"])
    def test_are_made_for_each_member_if_they_look_at_their_reader(self, at, monkeypatch):
        from tests.factories import make_user

        monkeypatch.setattr(
            "django.db.backends.base.base.BaseDatabaseWrapper.close_if_unusable_or_obsolete",
            lambda self: None,
        )
        revisions.tell({"tests:board": 7})
        app = page_cache.PageCache(get_wsgi_application())
        browser = Client()
        browser.force_login(make_user(display_name="May"))
        cookie = f"{settings.SESSION_COOKIE_NAME}={browser.cookies[settings.SESSION_COOKIE_NAME].value}"
        for path, is_django in (("/stored/", False), (f"/stored/looking/{at}/", True)):
            for _ in range(2):
                Answer(app, path=path)
                answer = Answer(app, path=path, cookie=cookie)

            assert b'title="May"' in answer.body
            # Django gives none.
            assert ("ETag" not in answer.headers) is is_django
        assert len(app.store.pages) == 2
