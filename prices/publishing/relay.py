"""The relay: what the ledger accepted reaches MongoDB, and everything that it touches is made right.

Any number of relays may run. Each claims the waiting rows of one item (lease on PostgreSQL's clock), publishes
them in their order, refreshes from raw under the item's lock, and marks them published. Every step may run again:
entries are inserted under their submission's id, changes are noted once per id, what is derived is recomputed.
"""

import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from django.db import connection

from catalog.selectors import ranges_of
from potato import clock
from potato.errors import OUTAGES, Unavailable
from prices.coordination import locks
from prices.coordination.sequences import next_rev
from prices.derived import refresh
from prices.derived.refresh import Touched
from prices.ledger import installation
from prices.models import STORE_UNAVAILABLE, Installation, LedgerRow
from prices.names import rows as name_rows
from prices.publishing.acts import ACTS, Parked
from prices.publishing.rows import claim, give_up, mark, put_back
from prices.store import reference

State = LedgerRow.State
# Who holds an item for longer may be frozen; other items must not wait for it.
BUSY_SECONDS = 1.0
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """What the relay tells others: an item's prices in a shop changed."""

    item_id: int
    region_id: int
    shop_id: int


def run_once(*, limit: int = 20) -> list[Published]:
    """Publish what waits, item by item, until nothing is due.

    :param limit: at most so many items.
    :return: what was published.
    :raises Unavailable: a store went away; what was claimed is due again after a pause.
    """
    told: list[Published] = []
    for _ in range(limit):
        rows = claim()
        if not rows:
            break
        told += publish(rows)
    return told


def run_all() -> None:
    """Publish until nothing is due any more.

    :raises Unavailable: a store went away.
    """
    while rows := claim():
        publish(rows)


def publish(rows: list[LedgerRow]) -> list[Published]:
    """Publish claimed rows of one item, refresh what they touch, and mark them.

    :raises Unavailable: MongoDB went away; the rows are due again after a pause.
    """
    item_id = rows[0].item_id
    try:
        if item_id is None:
            _publish_names(rows)
            return []
        with locks.mode_stays(), locks.items([item_id], seconds=BUSY_SECONDS):
            return _publish_item(_still_waiting(rows))
    except Unavailable:
        put_back(rows, STORE_UNAVAILABLE, counts=False)
        raise
    except (refresh.Contended, locks.Busy):
        put_back(rows, "others were faster", counts=False)
        return []
    except OUTAGES:
        # Where only our session was lost, the rows are due again soon; while PostgreSQL is unavailable their lease ends by itself.
        connection.close()
        with suppress(*OUTAGES):
            put_back(rows, STORE_UNAVAILABLE, counts=False)
        raise
    except Exception as error:
        # What the rows said is stored; something that it touches could not be computed. The others go on.
        log.exception("Item %s could not be refreshed", item_id)
        put_back(rows, f"{type(error).__name__}: {error}")
        return []


def _still_waiting(rows: list[LedgerRow]) -> list[LedgerRow]:
    """Without those that another relay has published since, because our lease ended while we waited."""
    waiting = set(
        LedgerRow.objects.filter(pk__in=[row.pk for row in rows], state=State.ACCEPTED).values_list(
            "pk", flat=True
        )
    )
    return [row for row in rows if row.pk in waiting]


def _publish_item(rows: list[LedgerRow]) -> list[Published]:
    now = clock.now()
    in_demo = installation.mode() == Installation.Mode.DEMO
    ranges = ranges_of({row.item_id for row in rows if row.item_id is not None})
    touched: set[Touched] = set()
    done: list[LedgerRow] = []
    blocked: set[str] = set()
    for row in rows:
        if row.target in blocked:
            blocked.add(str(row.pk))
            put_back([row], "an earlier act on the same price waits", counts=False)
            continue
        try:
            if row.is_demo != in_demo:
                raise Parked("The demo has ended." if row.is_demo else "The demo has begun.")
            touched |= ACTS[row.kind](row, ranges, now)
        except Parked as reason:
            row.state, row.reason = State.PARKED, str(reason)
        except (*OUTAGES, refresh.Contended):
            raise
        except Exception as error:
            # One row that nobody foresaw must not stop the others.
            if not give_up(row, error):
                blocked |= {row.target, str(row.pk)}
                continue
        else:
            row.state, row.reason = State.PUBLISHED, ""
        done.append(row)
    # The clock of the machine that accepted them may be ahead of ours.
    refresh.refresh(touched, until=max([now, *(row.received_at for row in rows)]))
    mark(done)
    return [Published(t.item_id, t.region_id, t.shop_id) for t in touched]


def publish_names(targets: Iterable[str]) -> None:
    """Write names of things ("shop:12") as PostgreSQL has them now."""
    by_kind: dict[str, list[int]] = {}
    for target in targets:
        kind, _, id = target.partition(":")
        by_kind.setdefault(kind, []).append(int(id))
    with locks.reference():
        rev = next_rev()
        names = [name for kind, ids in by_kind.items() for name in name_rows.some(kind, ids)]  # type: ignore[arg-type]
        there = {f"{name.kind}:{name.id}" for name in names}
        gone = [t for kind, ids in by_kind.items() for id in ids if (t := f"{kind}:{id}") not in there]
        reference.put_many(names, gone=gone, rev=rev)


def _publish_names(rows: list[LedgerRow]) -> None:
    try:
        publish_names({row.target for row in rows})
    except OUTAGES:
        raise
    except Exception as error:
        if len(rows) > 1:
            for row in rows:
                _publish_names([row])
            return
        if not give_up(rows[0], error):
            return
    else:
        for row in rows:
            row.state, row.reason = State.PUBLISHED, ""
    mark(rows)
