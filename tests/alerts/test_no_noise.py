"""Of what nobody is notified, and what a notification says when its price does not count any more."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts import services as accounts
from alerts import tasks
from alerts.models import AlertRule, AlertSettings, Notification
from catalog.models import Favourite
from potato import clock
from prices.publishing import relay
from tests.alerts.conftest import prices_notified_of
from tests.factories import make_region

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


def match() -> None:
    tasks.match_published()


class TestNoNoise:
    def test_a_price_that_moves_around_the_limit_notifies_once(self, market):
        rule = market.rule("BELOW", cooldown_hours=1, shop=market.near)
        ids = []
        for second, price in enumerate((2000, 2010, 1990, "2039.99", 2000)):
            ids.append(market.publish(price, now=market.now + timedelta(milliseconds=second)))
            AlertRule.objects.update(notified_at=None)
            match()
        assert prices_notified_of(rule.user) == ids[:1]

        market.publish(2040, now=market.now + timedelta(milliseconds=10))
        AlertRule.objects.update(notified_at=None)
        match()
        again = market.publish(2000, now=market.now + timedelta(milliseconds=11))
        match()

        assert prices_notified_of(rule.user) == [ids[0], again]

    @pytest.mark.parametrize(("hours", "is_notified"), [(23, False), (25, True)])
    def test_a_rule_pauses_after_it_has_notified(self, market, hours, is_notified):
        rule = market.rule("ANY", notified_at=timezone.now() - timedelta(hours=hours))

        market.publish()
        match()

        assert bool(prices_notified_of(rule.user)) is is_notified

    def test_beyond_the_daily_cap_there_is_one_line(self, market):
        user = market.follower()
        AlertSettings.objects.create(user=user, daily_cap=2)
        ids = []
        for n, shop in enumerate((market.near, market.far, market.next_door, market.near, market.near)):
            ids.append(market.publish(2400 + n, shop=shop, now=market.now + timedelta(milliseconds=n)))
            match()

        assert prices_notified_of(user) == ids[:2]
        newest = Notification.objects.filter(user=user).order_by("-pk").first()
        assert newest.kind == "SUMMARY"
        summary = Notification.objects.get(user=user, kind="SUMMARY")
        assert summary.count == 3
        assert sorted(summary.facts["shops"]) == sorted([market.next_door.pk, market.near.pk])

    def test_the_cap_of_yesterday_is_not_that_of_today(self, market):
        user = market.follower()
        AlertSettings.objects.create(user=user, daily_cap=1)
        market.publish()
        match()
        Notification.objects.update(day=clock.today() - timedelta(days=1))

        id = market.publish(2500, now=market.now + timedelta(milliseconds=1))
        match()

        assert prices_notified_of(user)[-1] == id

    def test_nobody_is_notified_of_their_own_price(self, market):
        market.rule("ANY", user=market.author)
        Favourite.objects.create(user=market.author, item=market.item)

        market.publish()
        match()

        assert prices_notified_of(market.author) == []

    @pytest.mark.parametrize("why", ["banned", "closed"])
    def test_who_is_shut_out_is_not_notified(self, market, why):
        rule = market.rule("ANY")
        if why == "banned":
            accounts.ban(user=rule.user, now=timezone.now())
        else:
            type(rule.user).objects.filter(pk=rule.user.pk).update(is_active=False)

        market.publish()
        match()

        rule.refresh_from_db()
        assert prices_notified_of(rule.user) == []
        assert rule.notified_at is None

    def test_an_item_that_is_switched_off_is_no_news(self, market):
        rule = market.rule("ANY")
        market.send()
        market.item.is_active = False
        market.item.save()

        relay.run_once(limit=1000)
        match()

        assert prices_notified_of(rule.user) == []

    def test_a_price_in_quarantine_is_no_news_until_a_moderator_publishes_it(self, market):
        market.item.ranges.create(base="kg", low_kyat=1000, high_kyat=5000)
        rule = market.rule("ANY")
        id = market.publish(9000)
        match()
        assert prices_notified_of(rule.user) == []

        market.moderate(id, "published", seen="quarantined")
        relay.run_once(limit=1000)
        match()

        assert prices_notified_of(rule.user) == [id]

    def test_a_price_seen_before_the_shops_newest_is_no_news(self, market):
        market.publish(2400)
        match()
        rule = market.rule("ANY")

        market.publish(2300, seen_at=market.now - timedelta(days=3))
        match()

        assert prices_notified_of(rule.user) == []

    def test_followers_with_a_home_hear_of_its_prices(self, market):
        home = market.follower(home_region=market.near.region)
        elsewhere = market.follower(home_region=make_region())
        anywhere = market.follower()
        shop = market.follower(market.near, home_region=make_region())

        id = market.publish()
        match()

        assert [prices_notified_of(user) for user in (home, elsewhere, anywhere, shop)] == [
            [id],
            [],
            [id],
            [id],
        ]


class TestWhatBecameOfAPrice:
    def status(self, rule: AlertRule) -> list[str]:
        return list(
            Notification.objects.filter(user=rule.user).order_by("pk").values_list("entry_status", flat=True)
        )

    def test_is_noted_when_it_is_removed_and_restored(self, market):
        rule = market.rule("ANY")
        id = market.publish()
        match()
        seen = []
        for number, (status, before) in enumerate((("removed", "published"), ("published", "removed"))):
            market.moderate(
                id, status, seen=before, now=market.now + timedelta(seconds=number), reason="wrong shop"
            )
            relay.run_once(limit=1000)
            match()
            seen += self.status(rule)

        assert seen == ["removed", ""]

    def test_is_noted_when_it_is_corrected(self, market):
        rule = market.rule("ANY")
        old = market.publish()
        match()
        AlertRule.objects.update(notified_at=None)

        new = market.correct(old, 2500)
        relay.run_once(limit=1000)
        match()

        assert prices_notified_of(rule.user) == [old, new]
        assert self.status(rule) == ["corrected", ""]

    def test_is_noted_when_it_is_withdrawn(self, market):
        rule = market.rule("ANY")
        id = market.publish()
        match()

        market.withdraw(id)
        relay.run_once(limit=1000)
        match()

        assert self.status(rule) == ["withdrawn"]
