from datetime import timedelta

import pytest
from django.conf import settings
from django.db import OperationalError
from django.utils import timezone

from potato.stores import redis
from prices import tasks
from prices.derived import refresh
from prices.models import LedgerRow
from prices.publishing import relay
from prices.store import entries
from tests.prices import oracle
from tests.prices.market import Market
from tests.prices.sessions import end_own_session

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestRollUpDirtyDays:
    def test_makes_the_days_right_and_has_nothing_to_do_the_second_time(self):
        market = Market()
        market.send()
        market.send(2500, shop=market.far)
        relay.run_once()

        assert tasks.roll_up_dirty_days() == 2
        assert tasks.roll_up_dirty_days() == 0

        tasks.renew()
        assert oracle.differences() == []


@pytest.mark.django_db(transaction=True)
class TestRollUpDirtyDaysWithoutPostgresql:
    def test_ends_with_the_stores_reason_and_blames_no_item(self, monkeypatch, caplog):
        market = Market()
        market.send()
        relay.run_once()
        monkeypatch.setattr(refresh, "roll_up", lambda *_: end_own_session())

        with pytest.raises(OperationalError):
            tasks.roll_up_dirty_days()

        assert "could not be computed" not in caplog.text
        assert [line for line in caplog.messages if "postgres" in line] == [
            "postgres is unavailable (down): terminating connection due to administrator command"
        ]

    def test_still_tells_of_an_item_whose_history_cannot_be_computed(self, monkeypatch, caplog):
        market = Market()
        market.send()
        relay.run_once()
        monkeypatch.setattr(refresh, "roll_up", lambda *_: 1 / 0)

        assert tasks.roll_up_dirty_days() == 0

        assert f"The history of item {market.item.pk} could not be computed" in caplog.text
        assert "ZeroDivisionError" in caplog.text


class TestRenewBoards:
    def test_makes_all_of_them_in_a_new_installation_and_then_none(self):
        market = Market()
        market.send()
        relay.run_once()
        tasks.roll_up_dirty_days()

        assert tasks.renew_boards() > 0
        assert tasks.renew_boards() == 0

    def test_tells_open_first_pages_when_there_was_something_to_renew(self):
        market = Market()
        market.send()
        relay.run_once()
        tasks.roll_up_dirty_days()
        listener = redis.client(settings.REDIS_LIVE).pubsub(ignore_subscribe_messages=True)
        listener.subscribe(settings.PUBLISHED_CHANNEL)
        listener.get_message(timeout=5)

        tasks.renew_boards()
        tasks.renew_boards()

        told = listener.get_message(timeout=5)
        assert told and told["data"] == b'{"home": true}'
        assert listener.get_message(timeout=0.2) is None
        listener.close()

    def test_goes_on_where_redis_does_not_answer(self, settings, silent_url):
        market = Market()
        market.send()
        relay.run_once()
        settings.REDIS_LIVE = silent_url

        assert tasks.renew_boards() > 0


class TestSweep:
    def test_forgets_what_was_typed_90_days_ago_but_nothing_that_waits(self):
        market = Market()
        published, waiting, recent = market.send(), market.send(), market.send()
        old = timezone.now() - timedelta(days=91)
        LedgerRow.objects.filter(pk__in=[published, waiting]).update(accepted_at=old)
        LedgerRow.objects.filter(pk__in=[published, recent]).update(state="published")

        assert tasks.sweep() == 1

        assert LedgerRow.objects.get(pk=published).payload == {}
        assert LedgerRow.objects.get(pk=waiting).payload != {}
        assert LedgerRow.objects.get(pk=recent).payload != {}

    def test_catches_up_with_what_a_lost_wake_up_asked_for(self):
        market = Market()
        market.send()
        relay.run_once()
        assert entries.dirty(limit=1)

        tasks.sweep()

        assert entries.dirty(limit=1) == []
        assert oracle.differences() == []


class TestNames:
    def test_of_tasks_are_those_that_beat_and_the_relay_call(self):
        from celery import current_app

        from prices.publishing.wakeups import TASKS

        current_app.loader.import_default_modules()
        assert set(TASKS) <= set(current_app.tasks)
        for task in (name for name in current_app.tasks if name.startswith("prices.")):
            assert current_app.tasks[task].time_limit

    def test_are_accepted_by_celery_when_they_are_sent(self):
        from celery import current_app

        current_app.loader.import_default_modules()
        hard, soft = (getattr(current_app.conf, f"task_{kind}") for kind in ("time_limit", "soft_time_limit"))
        for name, task in current_app.tasks.items():
            # Celery refuses to send a task whose soft limit, its own or the default one, is the longer of the two.
            assert (task.soft_time_limit or soft) < (task.time_limit or hard), name
