"""Whose rules and follows a published price meets: notifications, written together with the mark that a price is done.

One row of the ledger after the other, each in one transaction, by set operations of PostgreSQL: no person is a task. Rows
are the truth; what is published in Redis afterwards only wakes open pages.
"""

import json
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from alerts import rules
from alerts.models import DAILY_CAP, Notification
from alerts.place_facts import Facts, PlaceKind, facts_of
from potato import clock
from potato.calendar import yangon_day
from potato.errors import OUTAGES, Unavailable
from potato.stores import member_documents, redis
from potato.stores.breaker import REDIS, answering
from prices import selectors
from prices.models import LedgerRow
from prices.types import PriceEntry

log = logging.getLogger(__name__)
Kind = LedgerRow.Kind
LOCK = 7201
"""Of PostgreSQL's advisory locks: one price is matched at a time, so that daily caps and the order of prices hold."""
LATE = timedelta(hours=6)
BRINGS_A_PRICE = (Kind.PRICE, Kind.CORRECT, Kind.MODERATE)
CHANGES_NO_PRICE = (Kind.REFERENCE, Kind.CONFIRM)
PLACES: tuple[PlaceKind, ...] = ("shop", "township", "region", "nation")
"""The nearest first: of several rules of a person that one speaks."""


@dataclass(frozen=True, slots=True)
class Matched:
    """What one price has led to: the lowest and highest id of the notifications, and whose they are."""

    first: int
    last: int
    user_ids: Sequence[int]
    is_late: bool


def match_waiting(*, limit: int = 500) -> int:
    """Match what is published and not matched yet, in its order. :return: how many rows of the ledger.

    :raises Unavailable: MongoDB does not answer; nothing of the row at hand is done.
    """
    waiting = LedgerRow.objects.filter(state=LedgerRow.State.PUBLISHED, followed_at=None)
    done = waiting.filter(kind__in=CHANGES_NO_PRICE).update(followed_at=timezone.now())
    failed: list[int] = []
    while done < limit:
        try:
            seq, matched = _match_next(but=failed)
        except _Failed as failure:
            failed.append(failure.seq)
            continue
        if seq is None:
            break
        done += 1
        if matched is not None:
            _announce(matched)
    return done


class _Failed(Exception):
    def __init__(self, seq: int) -> None:
        self.seq = seq


def _match_next(*, but: Iterable[int]) -> tuple[int | None, Matched | None]:
    """:return: the number of the row that is done, None if none waits or another process is at it; and what came of it."""
    with transaction.atomic(), connection.cursor() as cursor:
        # A process that freezes here is thrown out, and another one goes on.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = '30s'")
        # To compile a statement takes longer than to run it.
        cursor.execute("SET LOCAL jit = off")
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, 0)", [LOCK])
        if not cursor.fetchone()[0]:
            return None, None
        waiting = LedgerRow.objects.filter(state=LedgerRow.State.PUBLISHED, followed_at=None)
        row = waiting.exclude(seq__in=list(but)).order_by("seq").select_for_update().first()
        if row is None:
            return None, None
        try:
            with transaction.atomic():
                matched = _match(row, cursor)
        except (*OUTAGES, SoftTimeLimitExceeded):
            # The price is not to blame: the next run goes on with it.
            raise
        except Exception as error:
            # The others go on; this one is tried again by every run, and never marked as done.
            log.exception("Ledger row %s could not be matched with alerts", row.pk)
            raise _Failed(row.seq) from error
        LedgerRow.objects.filter(pk=row.pk).update(followed_at=timezone.now())
        return row.seq, matched


def _match(row: LedgerRow, cursor: Any) -> Matched | None:
    ids = _entries_of(row)
    known = selectors.stored_prices(ids)
    _note_what_became_of(known)
    entry = known.get(ids[0])
    if row.kind not in BRINGS_A_PRICE or entry is None or entry.status != "published":
        return None
    if row.kind == Kind.MODERATE and Notification.objects.filter(entry_id=entry.id).exists():
        # It was news before it was removed; now it counts again.
        return None
    facts = facts_of(entry, now=clock.now())
    if facts is None:
        return None
    now = timezone.now()
    is_late = row.published_at is not None and now - row.published_at > LATE
    return _notify(entry, facts, now=now, is_late=is_late, cursor=cursor)


def _entries_of(row: LedgerRow) -> list[str]:
    """The prices that a row is about, the one first that it may bring."""
    if row.kind == Kind.CORRECT:
        return [str(row.pk), row.target]
    return [str(row.pk) if row.kind == Kind.PRICE else row.target]


def _note_what_became_of(known: Mapping[str, PriceEntry]) -> None:
    for id, entry in known.items():
        status = {"published": "", "pending": "quarantined"}.get(entry.status, str(entry.status))
        if status == "withdrawn" and any(change.kind == Kind.CORRECT for change in entry.changes):
            status = "corrected"
        Notification.objects.filter(entry_id=id).exclude(entry_status=status).update(entry_status=status)


def _notify(entry: PriceEntry, facts: Facts, *, now: datetime, is_late: bool, cursor: Any) -> Matched | None:
    values = _values(entry, facts, now=now, is_late=is_late)
    cursor.execute(REARM, values)
    cursor.execute(NOTIFY, values)
    first, last, user_ids = cursor.fetchone()
    return Matched(first, last, user_ids, is_late) if user_ids else None


def _values(entry: PriceEntry, facts: Facts, *, now: datetime, is_late: bool) -> dict[str, Any]:
    values: dict[str, Any] = {
        "item": entry.item_id,
        "type": entry.type,
        "base": entry.base,
        "amount": entry.amount,
        "entry": entry.id,
        "shop": entry.shop_id,
        "township": entry.township_id,
        "region": entry.region_id,
        "author": entry.submitter.id,
        "seen_at": entry.seen_at,
        "now": now,
        "day": yangon_day(now),
        "is_late": is_late,
        "cap": DAILY_CAP,
        "before": facts.before,
    }
    for place in PLACES:
        known = facts.places.get(place, rules.PlaceFacts())
        values |= {
            f"{place}_typical": known.typical,
            f"{place}_silent": known.silent_days,
            f"{place}_low": known.low_before,
            f"{place}_high": known.high_before,
            f"{place}_up_to": rules.armed_again_up_to(known),
            f"{place}_from": rules.armed_again_from(known),
        }
    return values


def _announce(matched: Matched) -> None:
    """Have menus count anew, and wake open pages. Without Redis they ask again by themselves."""
    member_documents.forget(matched.user_ids)
    message = {"first": matched.first, "last": matched.last, "late": matched.is_late}
    try:
        with answering(REDIS):
            redis.client(settings.REDIS_LIVE).publish(settings.NOTIFIED_CHANNEL, json.dumps(message))
    except Unavailable:
        pass


_HERE = {
    "shop": "shop_id = %(shop)s",
    "township": "township_id = %(township)s",
    "region": "region_id = %(region)s",
    "nation": "shop_id IS NULL AND township_id IS NULL AND region_id IS NULL",
}
_OF_ITEM = "item_id = %(item)s AND type = %(type)s AND base = %(base)s AND NOT is_paused"
# The conditions of ``rules.fires``. Each for itself, for each is a range of an index.
_MET = (
    "kind = 'BELOW' AND is_armed AND amount >= %(amount)s",
    "kind = 'ABOVE' AND is_armed AND amount <= %(amount)s",
    "kind = 'CHANGE' AND abs({typical} - baseline) * 100 >= percent * baseline",
    "kind = 'LOW' AND {typical} < {low} AND (is_armed OR {typical} * 100 <= baseline * {less})",
    "kind = 'HIGH' AND {typical} > {high} AND (is_armed OR {typical} * 100 >= baseline * {more})",
    "kind = 'ANY'",
    "kind = 'SILENCE' AND days <= {silent}",
)
# Those of ``rules.rearmed``.
_BACK = (
    "kind = 'BELOW' AND NOT is_armed AND amount <= {up_to}",
    "kind = 'ABOVE' AND NOT is_armed AND amount >= {from}",
    "kind = 'LOW' AND NOT is_armed AND coalesce({typical} * 100 >= {low} * {more}, true)",
    "kind = 'HIGH' AND NOT is_armed AND coalesce({typical} * 100 <= {high} * {less}, true)",
    "kind = 'CHANGE' AND baseline IS NULL",
)


def _in_place(condition: str, place: PlaceKind) -> str:
    """A condition with the names of what is known of a place, which PostgreSQL cannot guess the type of where it is null."""
    names = ("typical", "silent", "low", "high", "up_to", "from")
    known = {name: f"%({place}_{name})s::bigint" for name in names}
    less, more = 100 - rules.HYSTERESIS_PERCENT, 100 + rules.HYSTERESIS_PERCENT
    return condition.format(**known, less=less, more=more)


def _fired() -> str:
    """The rules that the price meets."""
    return " UNION ALL ".join(
        f"SELECT *, {rank} AS rank, %({place}_typical)s::bigint AS typical, CASE kind WHEN 'CHANGE' THEN baseline"
        f" WHEN 'LOW' THEN %({place}_low)s::bigint WHEN 'HIGH' THEN %({place}_high)s::bigint ELSE %(before)s::bigint END"
        " AS before FROM alerts_alertrule"
        f" WHERE {_HERE[place]} AND {_OF_ITEM} AND {_in_place(met, place)}"
        for rank, place in enumerate(PLACES)
        for met in _MET
    )


def _back() -> str:
    """The rules that may notify again, with the typical price of their place."""
    return " UNION ALL ".join(
        f"SELECT id, %({place}_typical)s::bigint AS typical FROM alerts_alertrule"
        f" WHERE {_HERE[place]} AND {_OF_ITEM} AND {_in_place(back, place)}"
        for place in PLACES
        for back in _BACK
    )


REARM = f"""
UPDATE alerts_alertrule AS rule SET is_armed = true,
  baseline = CASE WHEN rule.kind = 'CHANGE' THEN back.typical ELSE rule.baseline END
FROM ({_back()}) AS back WHERE rule.id = back.id
"""

NOTIFY = f"""
WITH fired AS (
  SELECT * FROM ({_fired()}) AS rule
  WHERE user_id <> %(author)s
    AND (notified_at IS NULL OR notified_at <= %(now)s - cooldown_hours * interval '1 hour')
), following AS (
  SELECT user_id, 'SHOP' AS kind, 4 AS rank FROM shops_favourite WHERE shop_id = %(shop)s
  UNION ALL
  SELECT favourite.user_id, 'ITEM', 5 FROM catalog_favourite AS favourite
  JOIN accounts_user AS follower ON follower.id = favourite.user_id
  WHERE favourite.item_id = %(item)s AND coalesce(follower.home_region_id, %(region)s) = %(region)s
), person AS (
  SELECT DISTINCT ON (user_id) * FROM (
    SELECT user_id, 'RULE' AS kind, rank, id AS rule_id, jsonb_strip_nulls(jsonb_build_object(
      'kind', kind, 'amount', amount, 'percent', percent, 'days', days, 'unit', unit_id, 'region', region_id,
      'township', township_id, 'shop', shop_id, 'typical', typical, 'before', before
    )) AS facts FROM fired
    UNION ALL
    SELECT user_id, kind, rank, NULL, jsonb_strip_nulls(jsonb_build_object('before', %(before)s::bigint)) FROM following
  ) AS reason ORDER BY user_id, rank, rule_id
), due AS (
  SELECT person.*, coalesce(daily_cap, %(cap)s) > (
    SELECT count(*) FROM alerts_notification AS earlier
    WHERE earlier.user_id = person.user_id AND earlier.day = %(day)s AND earlier.kind <> 'SUMMARY'
  ) AS is_within_cap
  FROM person
  JOIN accounts_user AS account ON account.id = person.user_id AND account.is_active AND account.banned_at IS NULL
  JOIN catalog_item AS item ON item.id = %(item)s AND item.is_active
  LEFT JOIN alerts_alertsettings AS preference ON preference.user_id = person.user_id
  WHERE person.user_id <> %(author)s AND NOT EXISTS (
    SELECT FROM alerts_notification AS same WHERE same.user_id = person.user_id AND same.entry_id = %(entry)s
  )
), written AS (
  INSERT INTO alerts_notification (user_id, kind, created_at, day, is_late, entry_id, item_id, shop_id, type, base, amount,
    seen_at, entry_status, rule_id, facts, count)
  SELECT user_id, kind, %(now)s, %(day)s, %(is_late)s, %(entry)s, %(item)s, %(shop)s, %(type)s, %(base)s, %(amount)s,
    %(seen_at)s, '', rule_id, facts, 1
  FROM due WHERE is_within_cap
  ON CONFLICT DO NOTHING
  RETURNING id, user_id
), summed AS (
  INSERT INTO alerts_notification AS known (user_id, kind, created_at, day, is_late, type, base, entry_status, facts, count)
  SELECT user_id, 'SUMMARY', %(now)s, %(day)s, %(is_late)s, '', '', '', jsonb_build_object('shops', jsonb_build_array(%(shop)s)), 1
  FROM due WHERE NOT is_within_cap
  ON CONFLICT (user_id, day) WHERE kind = 'SUMMARY' DO UPDATE SET
    id = excluded.id, created_at = excluded.created_at, count = known.count + 1, read_at = NULL,
    facts = CASE WHEN known.facts->'shops' @> to_jsonb(%(shop)s::bigint) THEN known.facts
      ELSE jsonb_set(known.facts, '{{shops}}', known.facts->'shops' || to_jsonb(%(shop)s::bigint)) END
  RETURNING id, user_id
), marked AS (
  UPDATE alerts_alertrule AS rule SET
    notified_at = %(now)s,
    is_armed = rule.kind NOT IN ('BELOW', 'ABOVE', 'LOW', 'HIGH'),
    baseline = CASE WHEN rule.kind IN ('CHANGE', 'LOW', 'HIGH') THEN fired.typical ELSE rule.baseline END
  FROM fired WHERE rule.id = fired.id AND EXISTS (SELECT FROM due WHERE due.user_id = fired.user_id)
)
SELECT min(id), max(id), array_agg(user_id) FROM (SELECT * FROM written UNION ALL SELECT * FROM summed) AS new
"""
