"""The conditions of rules in SQL are those of the pure rules: random rules and places, asked of both."""

import random
from dataclasses import replace

import pytest
from django.db import connection
from django.utils import timezone

from alerts import matching, rules
from alerts.models import AlertRule, Notification
from alerts.place_facts import Facts
from alerts.rules import PlaceFacts
from prices.types import Submitter
from tests.factories import make_entry

pytestmark = pytest.mark.django_db
KINDS = ("BELOW", "ABOVE", "CHANGE", "LOW", "HIGH", "ANY", "SILENCE")
AROUND = (97, 98, 99, 100, 101, 102, 103)


def some_place(dice: random.Random) -> PlaceFacts:
    def one_or_none() -> int | None:
        return dice.choice((None, *AROUND))

    typical = one_or_none()
    return PlaceFacts(
        lowest=dice.choice(AROUND),
        highest=dice.choice(AROUND),
        typical=typical,
        low_before=one_or_none(),
        high_before=one_or_none(),
        silent_days=dice.randrange(5),
    )


def some_rule(market, dice: random.Random) -> AlertRule:
    kind = dice.choice(KINDS)
    return market.rule(
        kind,
        amount=dice.choice(AROUND) if kind in ("BELOW", "ABOVE") else None,
        percent=dice.randrange(1, 5) if kind == "CHANGE" else None,
        days=dice.randrange(1, 5) if kind == "SILENCE" else None,
        is_armed=dice.random() < 0.5 or kind not in ("BELOW", "ABOVE", "LOW", "HIGH"),
        baseline=dice.choice((None, *AROUND)) if kind in ("CHANGE", "LOW", "HIGH") else None,
    )


def as_pure(row: AlertRule) -> rules.Rule:
    return rules.Rule(
        kind=row.kind,  # type: ignore[arg-type]
        amount=row.amount,
        percent=row.percent,
        days=row.days,
        is_armed=row.is_armed,
        baseline=row.baseline,
    )


@pytest.mark.parametrize("seed", range(6))
def test_sql_and_pure_rules_agree(market, seed):
    dice = random.Random(seed)
    place = some_place(dice)
    price = dice.choice(AROUND)
    made = [some_rule(market, dice) for _ in range(60)]
    entry = replace(
        make_entry(shop=market.near, item_id=market.item.pk, amount=price, base="kg"),
        submitter=Submitter(market.author.pk, "Author", "CONTRIBUTOR"),
    )

    with connection.cursor() as cursor:
        facts = Facts({"nation": place}, before=None)
        matching._notify(entry, facts, now=timezone.now(), is_late=False, cursor=cursor)

    notified = set(Notification.objects.values_list("rule_id", flat=True))
    for row in made:
        before = rules.rearmed(as_pure(row), place)
        fires = rules.fires(before, price, place)
        after = rules.after_notifying(before, place) if fires else before
        assert (row.pk in notified) is fires, (row.kind, place, price)
        row.refresh_from_db()
        assert (row.is_armed, row.baseline) == (after.is_armed, after.baseline), (row.kind, place, price)
