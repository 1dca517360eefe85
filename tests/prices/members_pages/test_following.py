"""Following an item or a shop from its page, as the page cache serves it."""

import re

import pytest
from django.conf import settings
from django.test import Client

from accounts.following import set_following
from alerts.models import Notification
from potato.stores import member_documents
from prices.derived import followers
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer
from tests.prices.members_pages.conftest import RICE, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def follows(answer: Answer, kind: str, id: int) -> bool:
    """What the button on a page says: what a tap asks for is the contrary of what is."""
    button = re.search(rf'id="follow-{kind}-{id}".*?name="on" value="(\d)"', answer.body.decode(), re.DOTALL)
    assert button, answer.body.decode()
    return button[1] == "0"


def token_of(answer: Answer) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', answer.body.decode())
    assert found
    return found[1]


def badge(answer: Answer) -> str:
    found = re.search(r'<b class="badge" data-unread>(.*?)</b>', answer.body.decode())
    assert found
    return found[1]


class TestTheButton:
    @pytest.mark.parametrize("kind", ["item", "shop"])
    def test_is_right_on_the_next_stored_page(
        self, app, django, cookie, may, stalls, kind, django_capture_on_commit_callbacks
    ):
        subject, path = {
            "item": (stalls.rice, RICE),
            "shop": (stalls.ywarma, f"/shops/{stalls.ywarma.pk}/"),
        }[kind]
        Answer(app, path=path, cookie=cookie)
        asked = django.asked
        for on in (True, False, True):
            with django_capture_on_commit_callbacks(execute=True):
                set_following(kind, subject.pk, by=may, on=on)

            assert follows(Answer(app, path=path, cookie=cookie), kind, subject.pk) is on
        assert django.asked == asked

    def test_of_one_thing_says_nothing_of_another_or_of_another_member(
        self, app, cookie, may, stalls, django_capture_on_commit_callbacks
    ):
        other = sign_in(make_user())
        with django_capture_on_commit_callbacks(execute=True):
            set_following("item", stalls.rice.pk, by=may, on=True)
        Answer(app, path=RICE, cookie=other)

        assert follows(Answer(app, path=RICE, cookie=cookie), "item", stalls.rice.pk)
        assert not follows(Answer(app, path=RICE, cookie=other), "item", stalls.rice.pk)
        assert not follows(Answer(app, path="/items/salt/", cookie=cookie), "item", stalls.salt.pk)
        shop = f"/shops/{stalls.ywarma.pk}/"
        assert not follows(Answer(app, path=shop, cookie=cookie), "shop", stalls.ywarma.pk)

    def test_is_right_where_django_makes_the_page(self, client, may, stalls):
        client.force_login(may)
        set_following("item", stalls.rice.pk, by=may, on=True)
        set_following("shop", stalls.ywarma.pk, by=may, on=True)

        assert 'name="on" value="0"' in client.get(RICE).content.decode()
        assert 'name="on" value="0"' in client.get(f"/shops/{stalls.ywarma.pk}/").content.decode()

    @pytest.mark.parametrize("prefix", ["", "/my"])
    def test_leads_a_visitor_to_sign_in_and_back(self, app, stalls, prefix):
        page = Answer(app, path=f"{prefix}{RICE}", query="region=yangon").body.decode()

        assert (
            f'href="{prefix}/accounts/login/?next={prefix.replace("/", "%2F")}%2Fitems%2Frice%2F%3Fregion%3Dyangon"'
            in page
        )
        assert "csrfmiddlewaretoken" not in page


class TestTokens:
    def test_of_a_filled_page_are_taken(self, app, django, cookie, may, stalls):
        session, csrf = cookie.split("; ")
        asked = django.asked
        token = token_of(Answer(app, path=RICE, cookie=cookie))
        assert django.asked == asked
        browser = Client(enforce_csrf_checks=True)
        for one in (session, csrf):
            name, _, value = one.partition("=")
            browser.cookies[name] = value

        url = f"{RICE}favourite/"
        assert browser.post(url, {"on": "1", "csrfmiddlewaretoken": "x" * 64}).status_code == 403
        assert browser.post(url, {"on": "1", "csrfmiddlewaretoken": token}).status_code == 303

        assert may.favourite_items.get().item == stalls.rice

    def test_are_another_one_each_time_and_stand_in_no_stored_page(self, app, cookie, stalls):
        pages = [Answer(app, path=RICE, cookie=cookie) for _ in range(2)]

        tokens = {token_of(page) for page in pages}

        assert len(tokens) == 2 and all(len(token) == 64 for token in tokens)
        for page in app.store.pages.values():
            stored = b"".join([page.page.body(""), *(page.page.for_members().fixed)])
            assert b"b" * 32 not in stored and not any(token.encode() in stored for token in tokens)

    def test_of_another_secret_make_another_answer(self, app, cookie, stalls):
        tag = Answer(app, path=RICE, cookie=cookie).headers["ETag"]
        session = cookie.partition(";")[0]
        other = f"{session}; {settings.CSRF_COOKIE_NAME}={'c' * 32}"

        assert Answer(app, path=RICE, cookie=cookie, if_none_match=tag).status == "304 Not Modified"
        assert Answer(app, path=RICE, cookie=other, if_none_match=tag).status == "200 OK"

    def test_come_with_a_cookie_where_the_reader_has_none(self, app, django, cookie, stalls):
        asked = django.asked

        answer = Answer(app, path=RICE, cookie=cookie.partition(";")[0])

        assert django.asked == asked + 1
        assert settings.CSRF_COOKIE_NAME in answer.headers["Set-Cookie"]
        assert token_of(answer)


class TestUnread:
    def test_are_counted_in_the_menu_in_the_readers_numerals(self, app, django, cookie, may, stalls):
        assert badge(Answer(app, path=RICE, cookie=cookie)) == ""
        for _ in range(3):
            Notification.objects.create(user=may, kind="RULE", day="2026-12-01")
        member_documents.forget([may.pk])

        made = Answer(app, path=RICE, cookie=cookie)
        asked = django.asked
        Answer(app, path=f"/my{RICE}")
        filled = Answer(app, path=RICE, cookie=cookie)
        burmese = Answer(app, path=f"/my{RICE}", cookie=cookie)

        assert [badge(page) for page in (made, filled, burmese)] == ["3", "3", "၃"]
        assert django.asked == asked + 1

    def test_of_a_hundred_are_not_counted_further(self, app, cookie, may):
        Notification.objects.bulk_create(
            Notification(user=may, kind="RULE", day="2026-12-01") for _ in range(120)
        )
        member_documents.forget([may.pk])

        assert [badge(Answer(app, path=RICE, cookie=cookie)) for _ in range(2)] == ["99+", "99+"]


class TestHowManyFollow:
    def test_is_on_the_page_a_moment_after_it_was_counted_and_renews_no_other(
        self, app, django, clock_of_app, stalls, django_assert_num_queries
    ):
        shop = f"/shops/{stalls.ywarma.pk}/"
        for path in (RICE, "/items/salt/", shop):
            Answer(app, path=path)
        for number in range(2):
            set_following("item", stalls.rice.pk, by=make_user(), on=True)
            if number:
                set_following("shop", stalls.ywarma.pk, by=make_user(), on=True)
        followers.count()
        clock_of_app.now += 0.3
        asked = django.asked

        with django_assert_num_queries(0):
            item, salt, seller = (
                Answer(app, path=path).body.decode() for path in (RICE, "/items/salt/", shop)
            )

        assert "2 people follow this item." in item
        assert "<dt>Followers</dt><dd>1</dd>" in seller
        assert "follow this item" not in salt
        assert django.asked == asked + 2
