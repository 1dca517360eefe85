"""The prices of the demo: a shop's own habit and a little noise around the level of the day, as people tell them."""

import hashlib
import math
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import accumulate
from random import Random
from uuid import UUID, uuid5

from accounts.models import Role
from potato import calendar
from prices.importers.demo.goods import CHEAPER_IN_BULK, SEED, Levels
from prices.importers.demo.shops import PEOPLE, TITLES, Sold, Stall, Way
from prices.rules.judging import structure
from prices.rules.judging.facts import facts_for
from prices.rules.units import unit_price_pya
from prices.types import RETAIL, WHOLESALE, Change, Judgement, PriceEntry, PriceType, Submitter

SOURCE = "DEMO"
NAMESPACE = UUID("3f0f8b6a-51a7-5c0e-9f3d-64656d6f0001")
CONTRIBUTORS_PER_REGION = 9


def prices_until(
    stalls: Sequence[Stall], *, entries_wanted: int, days: int, now: datetime
) -> Iterator[PriceEntry]:
    """The newest prices that came in up to a moment, from the newest day back."""
    rate = entries_wanted / days
    levels = Levels()
    judged: dict[tuple[int, str, Decimal, Decimal], tuple[int, Judgement]] = {}
    weights = [list(accumulate(stall.weight(weekday) for stall in stalls)) for weekday in range(7)]
    today = calendar.yangon_day(now)
    left = entries_wanted
    for back in range(10 * days + 10):
        day = today - timedelta(days=back)
        # Whole numbers that add up to the rate, whichever day is the first.
        count = math.floor(rate * (day.toordinal() + 1)) - math.floor(rate * day.toordinal())
        rng = Random(f"{SEED}/{rate}/{day}")
        made = []
        for number in range(count):
            stall = rng.choices(stalls, cum_weights=weights[day.weekday()])[0]
            entry = _price(
                stall,
                day=day,
                key=f"{SEED}/{rate}/{day}/{number}",
                now=now,
                rng=rng,
                levels=levels,
                judged=judged,
            )
            if entry.received_at <= now:
                made.append(entry)
        made.sort(key=lambda entry: (entry.received_at, entry.id), reverse=True)
        yield from made[:left]
        left -= len(made)
        if left <= 0:
            return


def _price(
    stall: Stall,
    *,
    day: date,
    key: str,
    now: datetime,
    rng: Random,
    levels: Levels,
    judged: dict[tuple[int, str, Decimal, Decimal], tuple[int, Judgement]],
) -> PriceEntry:
    item = rng.choices(stall.items, cum_weights=stall.often)[0]
    type = _type(stall, item, rng)
    ways, often = item.ways[type]
    way = rng.choices(ways, cum_weights=often)[0]
    seen_at = _time(day, rng)
    received_at = seen_at + _delay(rng)
    level = levels.of(item.slug, stall.region_slug, day) + stall.habit
    price = _asked(level, way, type, rng)
    known = (item.id, way.unit, way.quantity, price)
    if known not in judged:
        judged[known] = _judge(item, way, price)
    amount, judgement = judged[known]
    by = _contributor(stall, rng)
    id = str(uuid5(NAMESPACE, key))
    confirmed = _confirmations(id, by, seen_at=seen_at, now=now, rng=rng)
    body = f"{item.slug}/{way.unit}/{way.quantity}/{price}/{seen_at}"
    return PriceEntry(
        id=id,
        item_id=item.id,
        **asdict(stall.place),
        price=price,
        quantity=way.quantity,
        unit=way.unit,
        amount=amount,
        base=way.base,
        type=type,
        seen_at=seen_at,
        submitter=by,
        body_hash=hashlib.sha256(body.encode()).hexdigest(),
        source=SOURCE,
        status=structure.STATUS_OF[judgement.verdict],
        judgement=judgement,
        received_at=received_at,
        published_at=received_at + timedelta(seconds=1),
        last_seen_at=max([seen_at, *(change.at for change in confirmed)]),
        confirmations=len(confirmed),
        demo=True,
        rev=len(confirmed),
        changes=confirmed,
    )


def _type(stall: Stall, item: Sold, rng: Random) -> PriceType:
    usual = WHOLESALE if stall.kind == "WHOLESALE" else RETAIL
    other = RETAIL if usual == WHOLESALE else WHOLESALE
    if other in item.ways and stall.kind in ("MARKET", "WHOLESALE") and rng.random() < 0.06:
        return other
    return usual


def _time(day: date, rng: Random) -> datetime:
    """When on a day a price is seen: mostly in the morning, when markets are full."""
    seconds = rng.triangular(5.0, 21.0, 8.0) * 3600
    return calendar.start_of_day(day) + timedelta(milliseconds=round(seconds * 1000))


def _delay(rng: Random) -> timedelta:
    """How long after seeing a price somebody sends it: mostly at once, sometimes in the evening."""
    return timedelta(seconds=rng.randint(5, 240) if rng.random() < 0.85 else rng.randint(600, 14_400))


def _asked(level: float, way: Way, type: PriceType, rng: Random) -> Decimal:
    """Kyat asked for an item sold in this way, at a level (log of kyat per main base unit) and with a little noise."""
    kyat = math.exp(level + rng.gauss(0, 0.02)) * way.size
    return _rounded(kyat * CHEAPER_IN_BULK if type == WHOLESALE else kyat)


def _rounded(kyat: float) -> Decimal:
    """Kyat as people say them: nobody asks 3,487 for a viss."""
    step = next(
        step
        for below, step in ((500, 10), (2000, 50), (20_000, 100), (100_000, 500), (math.inf, 1000))
        if kyat < below
    )
    return Decimal(max(step, round(kyat / step) * step))


def _judge(item: Sold, way: Way, price: Decimal) -> tuple[int, Judgement]:
    amount = unit_price_pya(price=price, quantity=way.quantity, to_base=way.to_base)
    facts = facts_for(
        price=price,
        quantity=way.quantity,
        unit_code=way.unit,
        amount_pya=amount,
        base=way.base,
        range_pya=item.ranges.get(way.base),
    )
    return amount, structure.judge(facts).judgement


def _contributor(stall: Stall, rng: Random) -> Submitter:
    """Somebody of the region, or the shop itself. They have no accounts, so their numbers are below zero."""
    if stall.kind in ("SHOP", "SUPERMARKET", "WHOLESALE") and rng.random() < 0.3:
        name = stall.place.shop_name.partition(",")[0]
        return Submitter(-100_000 - stall.place.shop_id, name, Role.RETAILER)
    return _person(stall.place.region_id, rng.randrange(CONTRIBUTORS_PER_REGION))


@cache
def _person(region_id: int, number: int) -> Submitter:
    rng = Random(f"{SEED}/person/{region_id}/{number}")
    names = [rng.choice(TITLES)[0], *(english for english, _ in rng.sample(PEOPLE, 2))]
    return Submitter(-(region_id * 100 + number + 1), " ".join(names), Role.CONTRIBUTOR)


def _confirmations(
    id: str, by: Submitter, *, seen_at: datetime, now: datetime, rng: Random
) -> tuple[Change, ...]:
    """A few prices were seen again by others in the next days."""
    if rng.random() > 0.06:
        return ()
    numbers = rng.sample(range(1, CONTRIBUTORS_PER_REGION), rng.choice((1, 1, 1, 2, 3)))
    moments = sorted(seen_at + timedelta(minutes=rng.randint(60, 3000)) for _ in numbers)
    region = (-by.id - 1) // 100 if by.id > -100_000 else 0
    own = (-by.id - 1) % 100 if by.id > -100_000 else -1
    return tuple(
        Change(str(uuid5(NAMESPACE, f"{id}/{other}")), "CONFIRM", at, other)
        for at, number in zip(moments, numbers, strict=True)
        if number != own and at <= now
        for other in [-(region * 100 + number + 1)]
    )
