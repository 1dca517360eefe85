"""Who is notified of a price: the fan-out in the worker, without its queue."""

import time
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Role, User
from alerts import matching
from alerts.models import Notification
from bench import stage
from bench.figures import Report, Samples, figure
from catalog.models import Item, Unit
from potato import clock
from prices import selectors, services
from prices.coordination.ids import uuid7
from prices.ledger.payloads import Offer
from prices.publishing import relay
from prices.rules.boards.format import series_of
from prices.types import NATION, RETAIL, item_region_key

GROUP = "Alerts"
USERS = 100_000
FOLLOWERS = 10_000
EVENTS = 200
MATCHES = 1_000
"""At most so many rules are met by an event, about."""
FOLLOWERS_GOAL_MS, EVENT_GOAL_MS = 300, 100


def measure(report: Report, *, n_rules: int) -> None:
    """Rules and followers by bulk, then prices one after the other."""
    stage.load_entries(20_000)
    _users()
    sender = User.objects.create_user("bench-sender@example.com", "x", role=Role.ADMIN)
    offers = [one.offers for one in stage.one_item_each([["none"]] * stage.ITEMS)]
    _rules(n_rules, [some[0].item for some in offers], report=report)
    _events(report, sender, offers)
    _followers(report, sender, offers[-1][0])


def _publish(sender: User, offer: stage.Offer, number: int) -> None:
    """Have a price sent and published, another one each time, within a fiftieth."""
    given = Offer(
        item=offer.item,
        shop=offer.shop,
        price=Decimal(offer.price * (980 + number * 7 % 41)) // 1000,
        quantity=Decimal(1),
        unit=Unit.objects.get(code=offer.unit),
        type=RETAIL,
    )
    services.submit_price(by=sender, submission_id=uuid7(), offer=given, now=clock.now())
    relay.run_all()


def _users() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_user (password, is_superuser, is_staff, is_active, date_joined, email, full_name,"
            " display_name, role, language) SELECT '', false, false, true, now(), 'reader' || n || '@example.com', '', '',"
            " 'USER', 'en' FROM generate_series(1, %s) AS n",
            [USERS],
        )
        cursor.execute("ANALYZE accounts_user")


def _rules(n: int, items: Sequence[Item], *, report: Report) -> None:
    """Rules over all items by Zipf's law, those of the bench's own prices among the most wanted."""
    wanted = [*items, *Item.objects.filter(is_active=True).exclude(pk__in=[item.pk for item in items])]
    weights = [1 / rank for rank in range(1, len(wanted) + 1)]
    total = sum(weights)
    with connection.cursor() as cursor:
        for item, weight in zip(wanted, weights, strict=True):
            values: dict[str, Any] = {
                "item": item.pk,
                "unit": item.default_unit_id,
                "base": item.base,
                "typical": _typical(item),
            }
            cursor.execute(RULES, {**values, "n": round(n * weight / total)})
        cursor.execute("ANALYZE alerts_alertrule")
        cursor.execute(
            "SELECT count(*), max(n) FROM (SELECT count(*) AS n FROM alerts_alertrule GROUP BY item_id) AS of_item"
        )
        report.facts["rules, of the most wanted item"] = cursor.fetchone()
        cursor.execute("SELECT kind, count(*) FROM alerts_alertrule GROUP BY kind ORDER BY kind")
        report.facts["rules by kind"] = dict(cursor.fetchall())
        cursor.execute("SELECT count(shop_id), count(township_id), count(region_id) FROM alerts_alertrule")
        report.facts["rules of a shop, a township, a region"] = cursor.fetchone()


def _typical(item: Item) -> int:
    """What the item costs in the country, in pya."""
    key = item_region_key(item.pk, NATION)
    board = selectors.boards_for([key]).get(key)
    series = board.data["series"].get(series_of(RETAIL, item.base), {}) if board else {}
    return series.get("nation", {}).get("median") or 200_000


def _events(report: Report, sender: User, offers: Sequence[Sequence[stage.Offer]]) -> None:
    """Prices of all the bench's items, each matched for itself. Rules meet what they meet: see ``MATCHES``."""
    took: list[float] = []
    found: list[int] = []
    for number in range(EVENTS):
        offer = offers[number % len(offers)][(number // len(offers)) % len(offers[0])]
        _publish(sender, offer, number)
        before = Notification.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        started = time.perf_counter()
        matching.match_waiting()
        took.append(time.perf_counter() - started)
        found.append(Notification.objects.filter(pk__gt=before).count())
    report.add(figure(GROUP, "a price against all rules", Samples(took, sum(took)), goal=EVENT_GOAL_MS))
    found.sort()
    report.facts["notifications an event: middle, most"] = (found[len(found) // 2], found[-1])


def _followers(report: Report, sender: User, offer: stage.Offer) -> None:
    took: list[float] = []
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO shops_favourite (user_id, shop_id, created_at) SELECT id, %s, now() FROM accounts_user"
            " WHERE email LIKE 'reader%%' ORDER BY id LIMIT %s",
            [offer.shop.pk, FOLLOWERS],
        )
        cursor.execute("ANALYZE shops_favourite")
    for number in range(5):
        _publish(sender, offer, 1000 + number)
        before = Notification.objects.filter(kind="SHOP").count()
        started = time.perf_counter()
        matching.match_waiting()
        took.append(time.perf_counter() - started)
        assert Notification.objects.filter(kind="SHOP").count() == before + FOLLOWERS
        Notification.objects.all().delete()
    report.add(
        figure(
            GROUP,
            f"a price to {FOLLOWERS:,} stored notifications",
            Samples(took, sum(took)),
            goal=FOLLOWERS_GOAL_MS,
        )
    )


# Four in ten are about a shop, two about a township, two about a region, two about the country. Limits lie at most at 97 % of
# the typical price or at least at 103 %, most far from it.
RULES = """
WITH place AS (SELECT array_agg(id) AS shops FROM shops_shop),
town AS (SELECT array_agg(id) AS towns FROM shops_township), land AS (SELECT array_agg(id) AS lands FROM shops_region),
reader AS (SELECT min(id) AS first, count(*) AS n FROM accounts_user WHERE email LIKE 'reader%%')
INSERT INTO alerts_alertrule (user_id, kind, item_id, shop_id, township_id, region_id, type, base, unit_id, amount, percent, days,
  cooldown_hours, is_paused, is_armed, baseline, created_at)
SELECT first + floor(random() * reader.n)::int, kind, %(item)s,
  CASE WHEN at < 0.4 THEN shops[1 + floor(random() * cardinality(shops))::int] END,
  CASE WHEN at >= 0.4 AND at < 0.6 THEN towns[1 + floor(random() * cardinality(towns))::int] END,
  CASE WHEN at >= 0.6 AND at < 0.8 THEN lands[1 + floor(random() * cardinality(lands))::int] END,
  'RETAIL', %(base)s, %(unit)s,
  CASE kind WHEN 'BELOW' THEN (%(typical)s * (0.97 - 0.4 * sqrt(random())))::bigint
    WHEN 'ABOVE' THEN (%(typical)s * (1.03 + 0.6 * sqrt(random())))::bigint END,
  CASE kind WHEN 'CHANGE' THEN 5 + floor(random() * 25)::int END, CASE kind WHEN 'SILENCE' THEN 7 END,
  24, false, true, CASE kind WHEN 'CHANGE' THEN (%(typical)s * (0.97 + 0.06 * random()))::bigint END, now()
FROM (SELECT random() AS at, CASE WHEN draw < 0.5 THEN 'BELOW' WHEN draw < 0.7 THEN 'ABOVE' WHEN draw < 0.85 THEN 'CHANGE'
  WHEN draw < 0.9 THEN 'LOW' WHEN draw < 0.95 THEN 'HIGH' WHEN draw < 0.955 THEN 'ANY' ELSE 'SILENCE' END AS kind
  FROM (SELECT random() AS draw FROM generate_series(1, %(n)s)) AS drawn) AS drawn, place, town, land, reader
"""
