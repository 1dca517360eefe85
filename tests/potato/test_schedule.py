from importlib import import_module

import pytest
from celery import current_app
from django.conf import settings
from django.core.management import call_command
from django.utils.module_loading import module_has_submodule
from django_celery_beat.models import CrontabSchedule, IntervalSchedule, PeriodicTask, PeriodicTasks

from potato import schedule
from potato.schedule import Entry

pytestmark = pytest.mark.django_db


def names() -> set[str]:
    return set(PeriodicTask.objects.values_list("name", flat=True))


class TestPutInPlace:
    def test_adds_every_entry(self):
        call_command("set_schedule")

        assert names() == {entry.name for entry in schedule.ENTRIES}
        row = PeriodicTask.objects.get(name="prices.renew_boards at 00:01")
        assert (row.crontab.hour, row.crontab.minute, str(row.crontab.timezone)) == ("0", "1", "Asia/Yangon")

    def test_changes_nothing_when_it_runs_again(self):
        schedule.put_in_place()
        told = PeriodicTasks.last_change()

        assert schedule.put_in_place() == 0

        assert PeriodicTasks.last_change() == told
        assert IntervalSchedule.objects.count() == len({e.seconds for e in schedule.ENTRIES if e.seconds})
        assert CrontabSchedule.objects.count() == len({e.at for e in schedule.ENTRIES if e.at})

    def test_puts_back_what_was_changed_and_leaves_off_what_was_switched_off(self):
        schedule.put_in_place()
        PeriodicTask.objects.filter(name="prices.copy_boards").update(expire_seconds=1, enabled=False)

        schedule.put_in_place()

        row = PeriodicTask.objects.get(name="prices.copy_boards")
        assert (row.expire_seconds, row.enabled) == (60, False)

    def test_moves_an_entry_from_an_interval_to_a_time_of_day(self):
        schedule.put_in_place((Entry("a.task", seconds=5),))
        PeriodicTask.objects.filter(name="a.task").update(name="a.task at 03:00")

        schedule.put_in_place((Entry("a.task", at=(3, 0)),))

        row = PeriodicTask.objects.get(task="a.task")
        assert row.interval is None
        assert row.crontab is not None

    def test_removes_entries_of_ours_that_are_gone_and_nobody_elses(self):
        schedule.put_in_place((Entry("old.task", seconds=5),))
        every = IntervalSchedule.objects.create(every=7, period=IntervalSchedule.MINUTES)
        PeriodicTask.objects.create(name="somebody's", task="their.task", interval=every)

        schedule.put_in_place()

        assert "old.task" not in names()
        assert "somebody's" in names()


class TestEntries:
    def test_name_tasks_that_exist(self):
        for app in settings.INSTALLED_APPS:
            module = import_module(app.split(".apps.")[0])
            if module_has_submodule(module, "tasks"):
                import_module(f"{module.__name__}.tasks")

        assert {entry.task for entry in schedule.ENTRIES} <= set(current_app.tasks)

    def test_expire_so_that_messages_do_not_pile_up(self):
        assert all(entry.expires <= max(entry.seconds or 3600, 10) for entry in schedule.ENTRIES)
