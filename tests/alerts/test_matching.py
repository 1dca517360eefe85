"""Who is notified of a published price."""

import json
import threading
from datetime import timedelta

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection
from django.utils import timezone

from alerts import matching, tasks
from alerts.models import AlertRule, Notification
from catalog.models import Favourite
from potato.errors import Unavailable
from potato.stores import member_documents, redis
from prices.models import LedgerRow
from prices.store import entries
from tests.alerts.conftest import prices_notified_of
from tests.factories import make_user
from tests.prices.reading import mongo_is_away

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def match() -> None:
    tasks.match_published()


class TestRules:
    @pytest.mark.parametrize(
        ("kind", "price", "is_met"),
        [
            ("BELOW", 2000, True),
            ("BELOW", "2000.01", False),
            ("ABOVE", 3000, True),
            ("ABOVE", "2999.99", False),
            ("ANY", 1, True),
        ],
    )
    def test_at_their_edges(self, market, kind, price, is_met):
        rule = market.rule(kind)

        id = market.publish(price)
        match()

        assert prices_notified_of(rule.user) == ([id] if is_met else [])

    @pytest.mark.parametrize("place", ["shop", "township", "region", "nation"])
    def test_of_a_place_are_about_its_shops(self, market, place):
        place_of = {"shop": market.near, "township": market.near.township, "region": market.near.region}
        rule = market.rule("ANY", **({place: place_of[place]} if place in place_of else {}))

        here = market.publish(2400)
        next_door = market.publish(2400, shop=market.next_door)
        AlertRule.objects.update(notified_at=None)
        match()
        AlertRule.objects.update(notified_at=None)
        far = market.publish(2400, shop=market.far)
        match()

        expected = {"shop": {here}, "nation": {here, far}}.get(place, {here})
        assert set(prices_notified_of(rule.user)) - {next_door} == expected

    def test_of_another_kind_of_price_or_unit_are_not_met(self, market):
        rules = [market.rule("ANY", type="WHOLESALE"), market.rule("ANY", base="l")]

        market.publish()
        match()

        assert [prices_notified_of(rule.user) for rule in rules] == [[], []]

    def test_that_are_paused_are_not_met(self, market):
        rule = market.rule("ANY", is_paused=True)

        market.publish()
        match()

        assert prices_notified_of(rule.user) == []

    @pytest.mark.parametrize(
        ("price", "is_met"), [(2_520, True), (2_519, False), (2_280, True), (2_281, False)]
    )
    def test_of_a_change_compare_with_the_last_time(self, market, price, is_met):
        rule = market.rule("CHANGE", shop=market.near, baseline=240_000)

        id = market.publish(price)
        match()

        rule.refresh_from_db()
        assert prices_notified_of(rule.user) == ([id] if is_met else [])
        assert rule.baseline == (price * 100 if is_met else 240_000)

    @pytest.mark.parametrize(("kind", "price"), [("LOW", 2_300), ("HIGH", 2_500)])
    def test_of_a_record_compare_with_the_days_before(self, market, kind, price):
        market.publish(2_400, now=market.now - timedelta(days=2), seen_at=market.now - timedelta(days=2))
        match()
        rule = market.rule(kind, shop=market.near)
        same = market.publish(2_400)
        match()
        assert prices_notified_of(rule.user) == []

        id = market.publish(price, now=market.now + timedelta(milliseconds=1))
        match()

        assert prices_notified_of(rule.user) == [id]
        assert same != id

    @pytest.mark.parametrize(("days_ago", "is_met"), [(3, True), (2, False)])
    def test_of_a_silence_are_met_by_the_first_price_after_it(self, market, days_ago, is_met):
        market.publish(2_400, seen_at=market.now - timedelta(days=days_ago))
        match()
        rule = market.rule("SILENCE", shop=market.near)

        id = market.publish()
        match()

        assert prices_notified_of(rule.user) == ([id] if is_met else [])

    def test_say_what_they_were(self, market):
        rule = market.rule("BELOW", region=market.near.region)

        market.publish(1900)
        match()

        notification = Notification.objects.get(user=rule.user)
        assert (notification.kind, notification.rule, notification.amount) == ("RULE", rule, 190_000)
        assert (notification.item_id, notification.shop_id) == (market.item.pk, market.near.pk)
        assert notification.facts == {
            "kind": "BELOW",
            "amount": 200_000,
            "unit": rule.unit_id,
            "region": market.near.region_id,
        }

    def test_of_one_person_lead_to_one_notification_by_the_nearest(self, market):
        user = make_user()
        nation, shop = market.rule("ANY", user=user), market.rule("ANY", user=user, shop=market.near)
        Favourite.objects.create(user=user, item=market.item)

        market.publish()
        match()

        assert Notification.objects.get(user=user).rule == shop
        nation.refresh_from_db()
        assert nation.notified_at is not None

    @pytest.mark.parametrize("amount", [1, 2**62])
    def test_with_absurd_numbers_harm_nobody(self, market, amount):
        market.rule("BELOW", amount=amount), market.rule("ABOVE", amount=amount)
        market.rule("CHANGE", percent=32_000, baseline=1), market.rule("SILENCE", days=32_000)
        plain = market.rule("ANY")

        id = market.publish()
        match()

        assert prices_notified_of(plain.user) == [id]


class TestExactlyOnce:
    def test_again_is_harmless(self, market):
        rule = market.rule("ANY")
        id = market.publish()

        match()
        AlertRule.objects.update(notified_at=None)
        LedgerRow.objects.update(followed_at=None)
        match()

        assert prices_notified_of(rule.user) == [id]

    def test_a_price_is_marked_with_its_notifications(self, market, monkeypatch):
        rule = market.rule("ANY")
        id = market.publish()

        def killed(*args, **kwargs):
            raise SystemExit

        with monkeypatch.context() as broken:
            broken.setattr("django.db.models.query.QuerySet.update", killed)
            with pytest.raises(SystemExit):
                match()
        assert prices_notified_of(rule.user) == []
        assert LedgerRow.objects.get(pk=id).followed_at is None

        match()

        assert prices_notified_of(rule.user) == [id]
        assert LedgerRow.objects.get(pk=id).followed_at is not None

    def test_a_row_that_fails_does_not_hold_up_the_others(self, market, monkeypatch):
        rule = market.rule("ANY")
        bad, good = market.publish(), market.publish(2500, shop=market.far)
        facts_of = matching.facts_of

        def broken(entry, **kwargs):
            if entry.id == bad:
                raise ValueError("nobody foresaw this")
            return facts_of(entry, **kwargs)

        monkeypatch.setattr(matching, "facts_of", broken)
        match()
        assert prices_notified_of(rule.user) == [good]
        assert LedgerRow.objects.get(pk=bad).followed_at is None

        LedgerRow.objects.filter(pk=bad).update(published_at=timezone.now() - timedelta(hours=2))
        match()
        assert LedgerRow.objects.get(pk=bad).followed_at is None

        monkeypatch.setattr(matching, "facts_of", facts_of)
        AlertRule.objects.update(notified_at=None)
        match()

        assert prices_notified_of(rule.user) == [good, bad]

    def test_a_run_that_takes_too_long_leaves_the_price_to_the_next_one(self, market, monkeypatch):
        rule = market.rule("ANY")
        id = market.publish()
        LedgerRow.objects.filter(pk=id).update(published_at=timezone.now() - timedelta(hours=2))

        def slow(*args, **kwargs):
            raise SoftTimeLimitExceeded

        with monkeypatch.context() as late:
            late.setattr(matching, "facts_of", slow)
            with pytest.raises(SoftTimeLimitExceeded):
                match()
        assert LedgerRow.objects.get(pk=id).followed_at is None

        match()

        assert prices_notified_of(rule.user) == [id]

    def test_nothing_is_lost_without_mongodb(self, market, monkeypatch):
        rule = market.rule("ANY")
        id = market.publish()

        with monkeypatch.context() as away:
            mongo_is_away(away)
            away.setattr(entries, "get_many", lambda ids: (_ for _ in ()).throw(Unavailable("mongo")))
            with pytest.raises(Unavailable):
                match()
        assert LedgerRow.objects.get(pk=id).followed_at is None

        match()

        assert prices_notified_of(rule.user) == [id]

    def test_a_late_price_goes_to_the_inbox_and_says_so(self, market):
        rule = market.rule("ANY")
        id = market.publish()
        LedgerRow.objects.filter(pk=id).update(published_at=timezone.now() - timedelta(hours=7))

        match()

        assert Notification.objects.get(user=rule.user).is_late

    def test_followers_see_the_price_before(self, market):
        user = market.follower(market.near)
        for number, price in enumerate((2400, 2500)):
            market.publish(price, now=market.now + timedelta(milliseconds=10 * number))
        match()

        facts = Notification.objects.filter(user=user).order_by("pk").values_list("facts", flat=True)
        assert list(facts) == [{"before": 240_000}]

    def test_prices_are_matched_in_their_order(self, market):
        user = market.follower()
        ids = [market.publish(2400 + n, shop=shop) for n, shop in enumerate((market.near, market.far))]

        match()

        assert prices_notified_of(user) == ids

    def test_ten_thousand_followers_have_one_notification_each(self, market):
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO accounts_user (password, is_superuser, is_staff, is_active, date_joined, email, full_name,"
                " display_name, role, language) SELECT '', false, false, true, now(), 'many' || n || '@example.com', '', '',"
                " 'USER', 'en' FROM generate_series(1, 10000) AS n"
            )
            cursor.execute(
                "INSERT INTO shops_favourite (user_id, shop_id, created_at)"
                " SELECT id, %s, now() FROM accounts_user WHERE email LIKE 'many%%'",
                [market.near.pk],
            )

        id = market.publish()
        match()

        assert Notification.objects.filter(entry_id=id, kind="SHOP").count() == 10_000

    def test_the_menu_counts_them(self, market):
        rule = market.rule("ANY")
        member_documents.renew(rule.user_id)
        assert member_documents.read(rule.user_id).document.unread == 0

        market.publish()
        match()

        assert member_documents.read(rule.user_id).document is None
        member_documents.renew(rule.user_id)
        assert member_documents.read(rule.user_id).document.unread == 1

    def test_pages_are_woken_with_what_is_new(self, market):
        market.rule("ANY"), market.rule("ANY")
        client = redis.connect(settings.REDIS_LIVE)
        channel = client.pubsub()
        channel.subscribe(settings.NOTIFIED_CHANNEL)
        assert channel.get_message(timeout=5)["type"] == "subscribe"

        market.publish()
        match()

        message = json.loads(channel.get_message(timeout=5)["data"])
        ids = sorted(Notification.objects.values_list("pk", flat=True))
        assert message == {"first": ids[0], "last": ids[-1], "late": False}
        client.close()


@pytest.mark.django_db(transaction=True)
class TestTwoWorkers:
    def test_leave_a_price_to_one_of_them(self, market):
        rule = market.rule("ANY")
        ids = [market.publish(2400 + n, shop=shop) for n, shop in enumerate((market.near, market.far))]
        AlertRule.objects.update(cooldown_hours=1)

        def work() -> None:
            try:
                for _ in range(20):
                    tasks.match_published()
            finally:
                connection.close()

        workers = [threading.Thread(target=work) for _ in range(3)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()

        assert not LedgerRow.objects.filter(followed_at=None, state="published").exists()
        assert prices_notified_of(rule.user) == ids[:1]


class TestForgetOld:
    def test_keeps_what_is_younger_than_half_a_year(self, market):
        rules = [market.rule("ANY") for _ in range(2)]
        market.publish()
        match()
        Notification.objects.filter(user=rules[0].user).update(
            created_at=timezone.now() - timedelta(days=181)
        )

        assert tasks.forget_old() == 1

        assert [bool(prices_notified_of(rule.user)) for rule in rules] == [False, True]
