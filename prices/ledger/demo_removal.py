"""Removal of demo data: prices, shops, and everything that was computed from them."""

import logging

from django.db import transaction

from potato.stores import revisions
from prices.coordination.sequences import next_rev
from prices.models import BoardCopy, ImportBatch, LedgerRow
from prices.store import boards, entries, history, latest, reports
from shops import services as shops

log = logging.getLogger(__name__)


def remove_demo() -> None:
    """Remove what the demo holds. Again is harmless: killed on the way, it is begun anew.

    The caller holds ``locks.mode_changes()``, and says afterwards what the installation shows.
    """
    # In demo mode whatever is derived is of the demo; entries and ledger rows are marked one by one.
    removed = entries.remove_demo()
    reports.remove_all()
    latest.remove_all()
    history.remove_all()
    # Kept pages learn that their boards are gone. First: killed in between, the next call finds the boards and tells again.
    revisions.tell(dict.fromkeys(boards.revs(), next_rev()))
    boards.remove_all()
    with transaction.atomic():
        LedgerRow.objects.filter(is_demo=True).delete()
        ImportBatch.objects.filter(source="DEMO").delete()
        BoardCopy.objects.all().delete()
        shops.remove_demo_shops()
        shops.forget_statistics()
    log.info("The demo was taken away: %s entries", removed)
