"""Background work of prices. Every task may run at any time, twice, or not at all for a while: the next run catches up."""

import logging
from datetime import timedelta
from itertools import groupby

from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from potato import clock
from potato.errors import OUTAGES
from prices.coordination import locks
from prices.derived import board_copies, consistency, followers, refresh
from prices.ledger import installation
from prices.models import LedgerRow
from prices.publishing import wakeups
from prices.store import entries

log = logging.getLogger(__name__)
BATCH = 500
ROUNDS = 100
PAYLOAD_DAYS = 90


@shared_task(name="prices.roll_up_dirty_days", time_limit=300, soft_time_limit=270)
def roll_up_dirty_days() -> int:
    """Compute the days of history again in which changed entries count.

    A repeat is safe: days are replaced by what raw entries say, and ``dirty`` is cleared only of what was read.
    """
    done = 0
    failed: set[int] = set()
    for _ in range(ROUNDS):
        dirty = entries.dirty(limit=BATCH, but_items=failed)
        dirty.sort(key=lambda entry: entry.item_id)
        for item_id, some in groupby(dirty, key=lambda entry: entry.item_id):
            batch = list(some)
            try:
                with locks.mode_stays(), locks.items([item_id]):
                    refresh.roll_up(batch)
            except (*OUTAGES, SoftTimeLimitExceeded):
                # No item is to blame: the next run goes on.
                raise
            except Exception:
                # Its entries stay dirty for the next run; the other items go on.
                log.exception("The history of item %s could not be computed", item_id)
                failed.add(item_id)
            else:
                done += len(batch)
        if len(dirty) < BATCH:
            break
    return done


@shared_task(name="prices.renew_boards", time_limit=300, soft_time_limit=270)
def renew_boards() -> int:
    """Renew the boards of regions, movers and home where they are behind, and all summaries on a new day.

    A repeat is safe: boards are computed anew, and an older computation never replaces a newer one.
    """
    renewed = renew()
    if renewed:
        wakeups.announce_boards()
    return renewed


@shared_task(name="prices.renew_alarms", time_limit=300, soft_time_limit=270)
def renew_alarms() -> int:
    """Look for abnormal moves in the prices of items that changed since, and of all on a new day.

    A repeat is safe: the board is computed anew, and an older computation never replaces a newer one.
    """
    with locks.mode_stays():
        return refresh.renew_alarms()


@shared_task(name="prices.count_followers", time_limit=120, soft_time_limit=100)
def count_followers() -> int:
    """Count who follows items and shops, and renew the boards that say it otherwise.

    A repeat is safe: everything is counted anew, and an older count never replaces a newer one.
    """
    with locks.mode_stays():
        return followers.count()


@shared_task(name="prices.rebuild_recent_days", time_limit=600, soft_time_limit=540)
def rebuild_recent_days() -> int:
    """Every night, compute the last days again from raw: that must find nothing to change.

    A repeat is safe as in :func:`roll_up_dirty_days`.
    """
    wrong = consistency.recent_days_wrong(since=clock.today() - timedelta(days=3), fix=True)
    if wrong:
        log.error("%s months of history were wrong and have been put right", wrong)
    return wrong


@shared_task(name="prices.copy_boards", time_limit=300, soft_time_limit=270)
def copy_boards() -> int:
    """Copy boards that changed into PostgreSQL, for the time without MongoDB.

    A repeat is safe: a copy is replaced only by a newer board.
    """
    return board_copies.copy_changed()


@shared_task(name="prices.sweep", time_limit=300, soft_time_limit=270)
def sweep() -> int:
    """Forget what people typed 90 days ago (the entries stay), and do what a lost wake-up asked for.

    A repeat is safe: it clears what is old, and the rest is what the other tasks find for themselves.
    """
    old = timezone.now() - timedelta(days=PAYLOAD_DAYS)
    cleared = (
        LedgerRow.objects.filter(accepted_at__lt=old)
        .exclude(state=LedgerRow.State.ACCEPTED)
        .exclude(payload={})
        .update(payload={})
    )
    roll_up_dirty_days()
    renew()
    return cleared


def renew() -> int:
    """Renew what is behind. :return: how many boards were made."""
    with locks.mode_stays():
        made = 0
        if not installation.boards_are_of_today():
            made += rebuild_all() if installation.time_jumped() else _renew_for_today()
        return made + refresh.renew_places()


def rebuild_all() -> int:
    """Make everything derived anew from raw entries. :return: how many items."""
    # Midnight may pass meanwhile: then what was made first is of the day before, and the next run begins anew.
    day = clock.today()
    shop_ids: set[int] = set()
    item_ids = entries.item_ids()
    for item_id in item_ids:
        with locks.items([item_id]):
            shop_ids |= refresh.rebuild(item_id)
    refresh.rebuild_shops(shop_ids)
    refresh.renew_places(all_of_them=True)
    refresh.renew_alarms(all_of_them=True)
    installation.boards_made(day=day)
    return len(item_ids)


def _renew_for_today() -> int:
    day = clock.today()
    item_ids = entries.item_ids()
    for item_id in item_ids:
        with locks.items([item_id]):
            refresh.renew_nation([item_id])
    refresh.renew_alarms()
    installation.boards_made(day=day)
    return len(item_ids)
