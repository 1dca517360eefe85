"""Run in a process of its own on the servers of the faults: ``begin`` makes people and prices, ``end`` publishes what waits
and prints what became of them. Both print JSON.
"""

import json
import sys
from itertools import count
from typing import Any

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.test import Client  # noqa: E402

from accounts.models import Role, User  # noqa: E402
from prices.models import LedgerRow  # noqa: E402
from prices.publishing import relay  # noqa: E402
from prices.store import entries, indexes, reports  # noqa: E402
from tests import factories  # noqa: E402
from tests.prices import oracle  # noqa: E402
from tests.prices.market import Market  # noqa: E402
from tests.prices.publishing.relay.conftest import make_due, roll_up  # noqa: E402


def begin() -> dict[str, Any]:
    indexes.ensure()
    # Another test may have begun on the same servers.
    factories._numbers = count(1 + 50 * User.objects.count())
    market = Market()
    other = factories.make_user(role=Role.CONTRIBUTOR)
    prices = {
        act: market.send(price)
        for act, price in {"confirm": 2400, "correct": 2410, "withdraw": 2420, "report": 2430}.items()
    }
    relay.run_all()
    return {
        "prices": prices,
        "author": session_of(market.author),
        "other": session_of(other),
        "unit": market.item.default_unit.code,
        "form": {"item": market.item.pk, "shop": market.near.pk},
    }


def session_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


def end() -> dict[str, Any]:
    make_due()
    relay.run_all()
    roll_up()
    rows = LedgerRow.objects.exclude(kind=LedgerRow.Kind.REFERENCE).order_by("seq")
    stored = entries.get_many([str(row.pk) for row in rows])
    return {
        "rows": [[row.kind, row.state] for row in rows],
        "entries": {
            id: [entry.status, len(entry.changes), entry.confirmations] for id, entry in stored.items()
        },
        "reports": [entry_id for _since, entry_id in reports.reported(limit=5)],
        "differences": oracle.differences(),
    }


if __name__ == "__main__":
    print(json.dumps({"begin": begin, "end": end}[sys.argv[1]]()))
