"""Price pages as members get them: the stored page of a visitor, filled."""

import gzip
import threading

import pytest
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.test import Client
from redis.connection import AbstractConnection

from accounts import services
from accounts.models import User
from potato import clock
from potato.pwa.service_worker import KEEP
from potato.stores.sessions import SessionStore, end_all
from potato.web.page_cache import members
from potato.web.page_cache.personal import ANY_MEMBER
from tests.accounts.conftest import make_member
from tests.accounts.conftest import sign_in as sign_in_by_form
from tests.factories import make_user
from tests.potato.web.page_cache.conftest import Answer
from tests.prices.members_pages.conftest import MAY, MAY_SHOWN, RICE, but_tokens, cookie_of, sign_in
from tests.prices.stalls import price, put

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]

HTMX = {"hx_request": "true"}


class TestMembersPages:
    PATHS = (
        "/",
        "/items/",
        RICE,
        "/regions/yangon/",
        "/regions/yangon/insein/",
        "/categories/cereals/",
        "/movers/",
        "/shops/{shop}/",
    )

    def test_are_those_that_django_makes(self, app, django, cookie, stalls):
        paths = [path.format(shop=stalls.ywarma.pk) for path in self.PATHS]
        for path in [*paths, *(f"/my{path}" for path in paths)]:
            for part in (
                {},
                HTMX,
                {**HTMX, "hx_boosted": "true"},
                {**HTMX, "hx_history_restore_request": "true"},
            ):
                made = Answer(get_wsgi_application(), path=path, cookie=cookie, **part)
                Answer(app, path=path, **part)
                asked = django.asked

                answer = Answer(app, path=path, cookie=cookie, **part)

                assert django.asked == asked, path
                assert but_tokens(answer.body) == but_tokens(made.body)
                assert (MAY_SHOWN in answer.body) is (b"<html" in answer.body)
                del answer.headers["ETag"]
                # Django gives the cookie of forms' tokens more time where it makes one.
                made.headers.pop("Set-Cookie", None)
                vary, varied = (set(one.headers.pop("Vary").split(", ")) for one in (answer, made))
                assert vary == varied | {"Accept-Encoding"}
                assert answer.headers == made.headers | {"Content-Length": str(len(answer.body))}

    def test_are_built_for_everybody_when_a_member_asks_first(self, app, django, cookie):
        asked = django.asked

        answer = Answer(app, path="/items/", cookie=cookie)
        visitors = Answer(app, path="/items/")

        assert django.asked == asked + 1
        assert MAY_SHOWN in answer.body
        assert b"Sign in" in visitors.body and b"Profile" not in visitors.body

    def test_cost_one_read_of_redis_and_no_query_two_in_a_process_that_has_not_seen_the_session(
        self, app, django, cookie, clock_of_app, monkeypatch, django_assert_num_queries
    ):
        Answer(app, path=RICE, cookie=cookie)
        asked, sent = django.asked, []
        send = AbstractConnection.send_packed_command

        def count(connection, *args, **kwargs):
            sent.append(args)
            return send(connection, *args, **kwargs)

        monkeypatch.setattr(AbstractConnection, "send_packed_command", count)
        for wait in (0.0, 1.0, 0.1):
            clock_of_app.now += wait
            sent.clear()

            with django_assert_num_queries(0):
                answer = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip, deflate, br")

            assert MAY_SHOWN in gzip.decompress(answer.body)
            assert len(sent) == 1
        members._accounts.clear()
        clock_of_app.now += 1.0
        sent.clear()
        with django_assert_num_queries(0):
            assert MAY_SHOWN in Answer(app, path=RICE, cookie=cookie).body
        assert len(sent) == 2
        assert django.asked == asked

    def test_are_those_of_who_is_signed_in_though_the_process_takes_the_session_for_anothers(
        self, app, django, cookie
    ):
        asked = django.asked
        other = make_user(display_name="Another")
        sign_in(other)
        members._accounts.update(dict.fromkeys(members._accounts, other.pk))

        answer = Answer(app, path=RICE, cookie=cookie)

        assert MAY_SHOWN in answer.body
        assert b"Another" not in answer.body
        assert django.asked == asked

    def test_show_a_published_price_a_moment_later(self, app, cookie, stalls, clock_of_app):
        before = Answer(app, path=RICE, query="region=yangon", cookie=cookie).body.decode()
        put(price(stalls, stalls.meegwet, 1_111))
        clock_of_app.now += 0.3

        after = Answer(app, path=RICE, query="region=yangon", cookie=cookie).body.decode()

        assert ("1,111" in before, "1,111" in after) == (False, True)


class TestAnswers:
    def test_are_of_the_length_that_head_says(self, app, cookie):
        page = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip")

        head = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip", method="HEAD")

        assert (head.status, head.body) == ("200 OK", b"")
        assert head.headers == page.headers
        assert int(head.headers["Content-Length"]) == len(page.body)

    def test_are_not_sent_again_to_the_browser_that_has_them(self, app, cookie):
        page = Answer(app, path=RICE, cookie=cookie)

        again = Answer(app, path=RICE, cookie=cookie, if_none_match=page.headers["ETag"])

        assert (again.status, again.body) == ("304 Not Modified", b"")

    def test_are_sent_in_whole_after_a_change_of_account_name_or_after_signing_out(
        self, app, cookie, may, django_capture_on_commit_callbacks
    ):
        tag = Answer(app, path=RICE, cookie=cookie).headers["ETag"]
        # Who is called the same is still somebody else.
        other = sign_in(make_user(display_name=MAY))
        Answer(app, path=RICE, cookie=other)

        assert Answer(app, path=RICE, cookie=other, if_none_match=tag).status == "200 OK"
        assert Answer(app, path=RICE, if_none_match=tag).status == "200 OK"
        visitors = Answer(app, path=RICE).headers["ETag"]
        assert Answer(app, path=RICE, cookie=cookie, if_none_match=visitors).status == "200 OK"
        with django_capture_on_commit_callbacks(execute=True):
            may.display_name = "Thu"
            may.save()
        answer = Answer(app, path=RICE, cookie=cookie, if_none_match=tag)
        assert answer.status == "200 OK" and b'title="Thu"' in answer.body

    def test_are_stored_by_no_device_and_no_cache(self, app, cookie):
        assert KEEP in Answer(app, path=RICE).headers

        headers = Answer(app, path=RICE, cookie=cookie).headers

        assert KEEP not in headers
        assert headers["Cache-Control"] == "private, no-cache"
        assert "Cookie" in headers["Vary"]

    def test_are_compressed_only_for_who_takes_it(self, app, cookie):
        plain = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip;q=0, br")
        assert "Content-Encoding" not in plain.headers

        packed = Answer(app, path=RICE, cookie=cookie, accept_encoding="gzip, deflate, br")

        assert packed.headers["Content-Encoding"] == "gzip"
        assert but_tokens(gzip.decompress(packed.body)) == but_tokens(plain.body)


class TestRequestsThatAreLeftToDjango:
    def goes_to_django(self, app, django, **request: str) -> bool:
        asked = django.asked
        assert Answer(app, path=RICE, **request).status == "200 OK"
        return django.asked > asked

    @pytest.mark.parametrize(
        "more",
        [
            "; unknown=1",
            "; messages=hello",
            f"; {settings.SESSION_COOKIE_NAME}={'a' * 32}",
            "; x sessionid=1",
        ],
    )
    def test_bring_another_cookie(self, app, django, cookie, more):
        assert not self.goes_to_django(app, django, cookie=cookie)

        assert self.goes_to_django(app, django, cookie=cookie + more)

    @pytest.mark.parametrize(
        "key", ["", "x", "A" * 32, "a" * 33, "a" * 31 + "/", "a" * 32, '"' + "a" * 32 + '"']
    )
    def test_name_no_session(self, app, django, cookie, key):
        request = {"cookie": f"{settings.SESSION_COOKIE_NAME}={key}"}

        assert self.goes_to_django(app, django, **request)
        assert b"Profile" not in Answer(app, path=RICE, **request).body

    def test_have_an_authorization(self, app, django, cookie):
        assert self.goes_to_django(app, django, cookie=cookie, authorization="Basic x")

    @pytest.mark.parametrize("name", ["_messages", "unsent", "anything"])
    def test_have_more_in_their_session_than_who_is_signed_in(self, app, django, cookie, name):
        session = SessionStore(cookie.partition("=")[2].partition(";")[0])
        session[name] = "[]"
        session.save()

        assert self.goes_to_django(app, django, cookie=cookie)

    def test_are_for_a_page_that_looks_at_its_reader(self, app, django, cookie, stalls):
        put(seen := price(stalls, stalls.meegwet, 1_111))
        path = f"/prices/{seen.id}/"
        Answer(app, path=path)
        asked = django.asked

        answer = Answer(app, path=path, cookie=cookie)

        assert django.asked == asked + 1
        assert answer.status == "200 OK"

    @pytest.mark.parametrize("secret", ["", "b" * 31, "b" * 33, "b" * 64, "b" * 31 + "<", "b" * 31 + "é"])
    def test_bring_nothing_from_which_a_forms_token_can_be_made(self, app, django, cookie, secret):
        session = cookie.partition(";")[0]

        assert self.goes_to_django(app, django, cookie=f"{session}; {settings.CSRF_COOKIE_NAME}={secret}")
        assert self.goes_to_django(app, django, cookie=session)
        assert not self.goes_to_django(
            app, django, cookie=f"{session}; {settings.CSRF_COOKIE_NAME}={'c' * 32}"
        )


class TestMembers:
    def test_who_sign_in_by_the_form_get_stored_pages(self, app, django, stalls, client, monkeypatch):
        # Of the test's client, which has the connection of the test's transaction closed from then on.
        monkeypatch.setattr(
            "django.db.backends.base.base.BaseDatabaseWrapper.close_if_unusable_or_obsolete",
            lambda self: None,
        )
        sign_in_by_form(client, make_member(display_name="May Thu"))
        cookie = cookie_of(client)
        Answer(app, path=RICE, cookie=cookie)
        Answer(app, path=RICE)
        asked = django.asked

        answer = Answer(app, path=RICE, cookie=cookie)

        assert django.asked == asked
        assert b'title="May Thu"' in answer.body

    def test_who_sign_out_are_visitors_at_once(self, app, cookie):
        browser = Client()
        browser.cookies[settings.SESSION_COOKIE_NAME] = cookie.partition("=")[2].partition(";")[0]
        assert MAY_SHOWN in Answer(app, path=RICE, cookie=cookie).body

        browser.logout()

        assert b"Profile" not in Answer(app, path=RICE, cookie=cookie).body

    def test_who_are_signed_out_everywhere_are_visitors_at_once(
        self, app, cookie, may, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            end_all(account_id=may.pk)

        assert b"Profile" not in Answer(app, path=RICE, cookie=cookie).body

    @pytest.mark.parametrize(
        "shut_out",
        [
            lambda user: services.ban(user=user, now=clock.now()),
            lambda user: User.objects.get(pk=user.pk).delete(),
            lambda user: user.set_password("another horse battery") or user.save(),
        ],
        ids=["banned", "deleted", "another password"],
    )
    def test_who_are_shut_out_are_left_to_django(
        self, app, django, cookie, may, shut_out, django_capture_on_commit_callbacks
    ):
        with django_capture_on_commit_callbacks(execute=True):
            shut_out(may)
        asked = django.asked

        assert Answer(app, path=RICE, cookie=cookie).status == "200 OK"
        assert Answer(app, path=RICE, cookie=cookie).status == "200 OK"

        assert django.asked == asked + 2

    @pytest.mark.parametrize(
        "name",
        [
            # Another one in each process.
            pytest.param(ANY_MEMBER.name, id="placeholder"),
            "{{ member.name }}",
            "<!-- -->",
            "မောင်မောင်",
            "",
            "\\1\\g<0>",
            "%s",
        ],
    )
    def test_may_be_called_anything(self, app, django, cookie, name):
        own = sign_in(make_user(display_name=name))
        Answer(app, path=RICE, cookie=own)
        made = Answer(get_wsgi_application(), path=RICE, cookie=own)
        asked = django.asked

        answer = Answer(app, path=RICE, cookie=own, accept_encoding="gzip")

        assert django.asked == asked
        assert but_tokens(gzip.decompress(answer.body)) == but_tokens(made.body)

    def test_never_get_the_page_of_another_among_five_thousand(self, app, django, cookie):
        canaries = {"aye": b"canary-aye", "bo": b"canary-bo"}
        cookies = {who: sign_in(make_user(display_name=name.decode())) for who, name in canaries.items()}
        for who in canaries:
            Answer(app, path=RICE, cookie=cookies[who])
        asked, faults, seen = django.asked, [], {"aye": 0, "bo": 0, "visitor": 0}
        begin = threading.Barrier(6)

        def read(who: str) -> None:
            begin.wait()
            for number in range(1250 if who != "visitor" else 500):
                headers = {"cookie": cookies[who]} if who in cookies else {}
                body = Answer(app, path=RICE, accept_encoding="gzip" if number % 2 else "", **headers).body
                page = gzip.decompress(body) if number % 2 else body
                found = {owner for owner, canary in canaries.items() if canary in page}
                if found != {who} & canaries.keys():
                    faults.append((who, found))
                seen[who] += 1

        threads = [threading.Thread(target=read, args=[who]) for who in ("aye", "bo", "visitor") * 2]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert faults == []
        assert sum(seen.values()) >= 5_000
        assert django.asked == asked
