"""What the events process sends to people who are signed in: with real sessions, rows and messages."""

import os
import uuid
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from accounts.models import Session
from alerts.live import inbox, personal, sessions, texts
from alerts.live.request import Style
from alerts.models import AlertSettings, Notification
from potato import clock
from potato.calendar import YANGON
from potato.preferences import NONE
from prices.names import rows as name_rows
from prices.store import reference
from tests.alerts.live.conftest import events_process, publish
from tests.factories import make_item, make_shop, make_unit, make_user

PREFIX = f"personal-{uuid.uuid4().hex[:8]}"

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(scope="module")
def events(django_db_setup: None) -> Iterator[str]:
    database = settings.DATABASES["default"]
    where = f"{database['HOST']}:{database['PORT']}/{database['NAME']}"
    with events_process(
        dict(os.environ),
        application="tests.alerts.live.quick:application",
        SECRET_KEY=settings.SECRET_KEY,
        DATABASE_URL=f"postgis://{database['USER']}:{database['PASSWORD']}@{where}",
        MONGODB_URL=settings.MONGODB_URL,
        # Demo accounts and short keys are let in.
        DEBUG="true",
        POTATO_PREFIX=PREFIX,
    ) as address:
        yield address


def session_of(user: Any) -> str:
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return str(browser.cookies[settings.SESSION_COOKIE_NAME].value)


def cookie(key: str) -> str:
    # The port of the web process is in its name.
    return f"sessionid_8000={key}"


@pytest.fixture
def member() -> Any:
    user = make_user()
    AlertSettings.objects.create(user=user, has_quiet_hours=False)
    return user


def notify(user: Any, **fields: Any) -> Notification:
    """Write a notification, without a word to anybody."""
    fields = {
        "kind": "SHOP",
        "entry_id": uuid.uuid4(),
        "type": "RETAIL",
        "base": "kg",
        "amount": 240_000,
        **fields,
    }
    return Notification.objects.create(user=user, day=clock.today(), **fields)


def announce(*written: Notification) -> None:
    ids = [one.pk for one in written]
    assert publish(f"{PREFIX}:notified", {"first": min(ids), "last": max(ids), "late": False})


def write_names() -> None:
    """As the relay does."""
    reference.put_many(name_rows.everything(), rev=1)


@pytest.mark.usefixtures("mongo_store")
class TestTheText:
    def test_is_in_the_language_and_unit_that_the_page_asked_for(self, listen, events, member):
        item, shop = make_item(name_my="ကြက်သွန်နီ"), make_shop(shop_name_my="အင်းစိန်ဈေး")
        make_unit(code="viss", name_my="ပိဿာ")
        write_names()
        preferences = f"{cookie(session_of(member))}; prefs_8000=viss.."
        page = listen(events, "lang=my", Cookie=preferences).ready()
        page.event()

        announce(notify(member, item_id=item.pk, shop_id=shop.pk, type="WHOLESALE"))
        data = page.alert()

        for part in ("ကြက်သွန်နီ", "လက်ကား", "၃,၉၁၉ ကျပ် / ပိဿာ", "အင်းစိန်ဈေး"):
            assert part in data["text"]
        assert data["url"].startswith("/my/alerts/")
        assert data["shown"] == "၁"


@pytest.mark.usefixtures("mongo_store")
class TestASignedInPersonsPage:
    def test_is_sent_a_notification_at_once_with_the_number_of_unread_ones(self, listen, events, member):
        item, shop = make_item(name_en="Onions"), make_shop(shop_name="Insein market")
        write_names()
        page = listen(events, "lang=en", Cookie=cookie(session_of(member))).ready()
        assert page.event() == ("unread", {"unread": 0, "shown": ""})

        written = notify(member, item_id=item.pk, shop_id=shop.pk)
        announce(written)

        assert page.alert() == {
            "id": written.pk,
            "unread": 1,
            "shown": "1",
            "text": "New price: Onions, K\xa02,400 a kg, Insein market",
            "url": f"/alerts/{written.pk}/",
            "toast": True,
        }
        assert page.last_id == str(written.pk)

    def test_is_told_of_prices_and_of_its_own_over_one_stream(self, listen, events, member):
        page = listen(events, "item=12", Cookie=cookie(session_of(member))).ready()
        page.event()

        written = notify(member)
        announce(written)
        assert page.alert()["id"] == written.pk
        publish(f"{PREFIX}:published", {"item": 12, "region": 1, "shop": 1})

        assert page.event()[0] == "price"

    def test_is_sent_nobody_else_s(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        own = notify(member)
        announce(notify(make_user()), own)

        assert page.alert()["id"] == own.pk

    def test_is_shown_only_the_number_where_several_prices_are_one_line(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        announce(notify(member, kind="SUMMARY", entry_id=None, count=7))

        assert page.event() == ("unread", {"unread": 1, "shown": "1"})

    @pytest.mark.parametrize("reason", ["late", "quiet hours", "removed since"])
    def test_is_told_without_a_toast(self, listen, events, member, reason):
        fields = {}
        if reason == "quiet hours":
            hour = timezone.now().astimezone(YANGON).hour
            AlertSettings.objects.update(has_quiet_hours=True, quiet_from=hour, quiet_until=(hour + 2) % 24)
        elif reason == "late":
            fields = {"is_late": True}
        elif reason == "removed since":
            fields = {"entry_status": "removed"}
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        announce(notify(member, **fields))

        assert page.alert()["toast"] is False

    def test_is_told_without_a_toast_where_the_announcement_is_late(self, member):
        written = notify(member)

        for is_late in (False, True):
            news = inbox.between(
                written.pk, written.pk, styles={member.pk: [Style("en", NONE)]}, is_late=is_late
            )
            assert [one.toast for one in news.alerts] == [not is_late]

    def test_learns_in_time_what_was_read_elsewhere(self, listen, events, member):
        notify(member)
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        assert page.event()[1]["unread"] == 1

        Notification.objects.update(read_at=timezone.now())

        assert page.event() == ("unread", {"unread": 0, "shown": ""})


class TestAPageThatComesBack:
    def test_is_sent_what_came_after_the_last_one_that_it_knows(self, listen, events, member):
        known, first, second = notify(member), notify(member), notify(member)

        page = listen(
            events, "", Cookie=cookie(session_of(member)), **{"Last-Event-ID": str(known.pk)}
        ).ready()

        assert page.event()[0] == "unread"
        assert page.last_id == str(known.pk)
        assert [page.alert()["id"] for _ in range(2)] == [first.pk, second.pk]

    def test_is_sent_what_nobody_announced(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        # Redis was emptied, or this process cut off, between the row and its announcement.
        written = notify(member)

        assert page.alert()["id"] == written.pk

    def test_is_sent_each_only_once(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        first = notify(member)
        announce(first)
        announce(first)
        second = notify(member)
        announce(first, second)

        assert [page.alert()["id"] for _ in range(2)] == [first.pk, second.pk]

    def test_gains_nothing_by_a_forged_number(self, listen, events, member):
        other = make_user()
        for _ in range(3):
            notify(other)
        mine = [notify(member) for _ in range(inbox.CATCH_UP + 5)]
        Notification.objects.update(created_at=timezone.now() - timedelta(hours=1))

        early = listen(events, "after=0", Cookie=cookie(session_of(member))).ready()
        assert early.event()[1]["unread"] == len(mine)
        events_of_mine = [early.alert() for _ in range(inbox.CATCH_UP)]
        assert [one["id"] for one in events_of_mine] == [one.pk for one in mine[-inbox.CATCH_UP :]]
        # Nothing that old jumps up.
        assert not any(one["toast"] for one in events_of_mine)

        late = listen(events, f"after={10**17}", Cookie=cookie(session_of(member))).ready()
        late.event()
        written = notify(member)
        announce(written)
        assert late.alert()["id"] == written.pk


class TestASession:
    @pytest.mark.parametrize("key", ["a" * 32, "0" * 32])
    def test_that_is_none_makes_the_stream_nobody_s(self, listen, events, member, key):
        with_prices = listen(events, "item=12", Cookie=cookie(key)).ready()
        without = listen(events, "", Cookie=cookie(key)).ready()

        assert with_prices.event() == without.event() == ("signed-out", {})
        assert without.event()[0] == "end"
        publish(f"{PREFIX}:published", {"item": 12, "region": 1, "shop": 1})
        assert with_prices.event()[0] == "price"

    def test_that_has_expired_is_none(self, listen, events, member):
        key = session_of(member)
        Session.objects.update(expire_date=timezone.now() - timedelta(seconds=1))

        assert listen(events, "", Cookie=cookie(key)).ready().event()[0] == "signed-out"

    def test_of_another_password_is_none(self, listen, events, member):
        key = session_of(member)
        member.set_password("another battery staple")
        member.save()

        assert listen(events, "", Cookie=cookie(key)).ready().event()[0] == "signed-out"

    def test_that_ends_makes_the_stream_nobody_s(self, listen, events, member):
        key = session_of(member)
        page = listen(events, "item=12", Cookie=cookie(key)).ready()
        page.event()

        Session.objects.filter(session_key=key).delete()
        assert page.event()[0] == "signed-out"

        announce(notify(member))
        publish(f"{PREFIX}:published", {"item": 12, "region": 1, "shop": 1})
        assert page.event()[0] == "price"

    def test_of_a_person_who_is_banned_meanwhile_brings_nothing_more(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        member.banned_at = timezone.now()
        member.save()
        announce(notify(member))

        assert page.event()[0] == "signed-out"
        assert page.event()[0] == "end"


class TestOnePerson:
    def test_has_five_streams_and_a_sixth_ends_the_oldest(self, listen, events, member):
        key = session_of(member)
        pages = []
        for _ in range(personal.MOST_STREAMS + 1):
            pages.append(listen(events, "", Cookie=cookie(key)).ready())
            assert pages[-1].event()[0] == "unread"

        assert pages[0].event()[0] == "elsewhere"
        assert pages[0].event()[0] == "end"
        announce(notify(member))
        assert all(page.alert() for page in pages[1:])


class TestManyAtOnce:
    def test_are_recognised_by_a_few_questions(self, django_assert_max_num_queries, member):
        keys = [session_of(member) for _ in range(3)] + [session_of(make_user()) for _ in range(30)]

        with django_assert_max_num_queries(2):
            accounts = sessions.accounts([*keys, "b" * 32])

        assert set(accounts) == set(keys)

    def test_come_back_a_hundred_a_second(self, listen, events, member):
        keys = [session_of(member) for _ in range(20)]
        for _ in range(10):
            some = [listen(events, "item=12", Cookie=cookie(key)) for key in keys]
            for page in some:
                page.close()

        page = listen(events, "item=12", Cookie=cookie(keys[0])).ready()
        assert page.event()[0] == "unread"


RUBBISH = (
    b"", b"[]", b"null", b'{"first": 1}', b'{"first": "1", "last": 2}', b'{"first": 5, "last": 1}', b'{"first": -1, "last": 1}',
    b'{"first": 1, "last": 1e99}', b'{"first": 1, "last": 99999999999999999999999}', b"[" * 100_000,
)  # fmt: skip


class TestTheChannel:
    def test_may_bring_rubbish(self, listen, events, member):
        page = listen(events, "", Cookie=cookie(session_of(member))).ready()
        page.event()

        for rubbish in RUBBISH:
            publish(f"{PREFIX}:notified", rubbish)
        written = notify(member)
        announce(written)

        assert page.alert()["id"] == written.pk


class TestAddresses:
    def test_are_those_of_the_pages(self):
        for language in ("en", "my"):
            with override(language):
                assert texts.url_of(12, language) == reverse("alert", args=[12])
