"""Which prices moved abnormally against their own history: the market alarm. Pure rules, no I/O.

A move is r = ln(middle price of the newest week / that of the week before), and of the week four weeks before;
where prices are noted monthly the latter is the month before (see ``price_moves.py``). How much a price usually moves over
such a time in a place is its scale s, put together as the judge of prices does it (a Student's t with 3 degrees of
freedom, of which the median of |r| is 0.765 s):

- the item's: median |r| of all its past moves over that time in places of that kind, / 0.765, mixed in logs with 10
  pseudo-moves of 6 % (a week) or 10 % (four weeks);
- the place's own: median |r| of its past moves, at least 0.01, / 0.765, mixed in logs with 8 pseudo-moves of the
  item's: ln s = (n ln s_own + 8 ln s_item) / (n + 8); s is at least 0.06.

A move is abnormal from 3.5 s on. Of a price that crossed that twice, over a week and over four, the stronger shows.
Both weeks must hold enough prices, now and in every past move; the past must have enough moves; and the newest price
must be fresh: of the last 14 days where prices are noted every week, of the last 35 elsewhere.
Source of the method: robust scale with shrinkage, as measured for the judge (see ``docs/market-alarm.md``).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import exp, log
from statistics import median

from prices.rules import typical_price
from prices.rules.price_moves import FOUR_WEEKS, WEEK, Span, Timeline, Week, up_to
from prices.types import Base, DayStat, PriceType

TIMES = 3.5
HISTORY_DAYS = 730
MIN_PRICES_REGION = 3
MIN_PRICES_TOWNSHIP = 2
MIN_MOVES = 6
WEEKLY_FRESH_DAYS = 14

T3_MEDIAN = 0.765
"""The median of |x| for Student's t with 3 degrees of freedom and scale 1."""
USUAL: Mapping[Span, float] = {WEEK: 0.06, FOUR_WEEKS: 0.10}
ITEM_ROWS = 10
PLACE_ROWS = 8
LEAST_MOVE = 0.01
LEAST_SCALE = 0.06


@dataclass(frozen=True, slots=True)
class Place:
    """Where a series of prices was seen: a region, or one of its townships."""

    region_id: int
    township_id: int | None
    type: PriceType
    base: Base

    @property
    def min_prices(self) -> int:
        return MIN_PRICES_REGION if self.township_id is None else MIN_PRICES_TOWNSHIP

    @property
    def kind(self) -> tuple[bool, PriceType, Base]:
        """Places of one kind say together how much an item usually moves."""
        return self.township_id is None, self.type, self.base


@dataclass(frozen=True, slots=True)
class Alarm:
    """A price that moved ``times`` as far as it usually does; ``until`` is the last day on which that is news."""

    place: Place
    span: Span
    now: Week
    before: Week
    times: float
    n_moves: int
    until: date


@dataclass(frozen=True, slots=True)
class Moves:
    """The moves of one price over one span: the newest one if there is one, and the past ones, newest first."""

    newest: tuple[Week, Week] | None
    past: tuple[float, ...]


def find(places: Mapping[Place, Sequence[DayStat]], *, today: date) -> list[Alarm]:
    """The abnormal moves of one item, the strongest first.

    :param places: its days by place, in any order; those to come are left out.
    """
    moves: dict[Span, dict[Place, Moves]] = {WEEK: {}, FOUR_WEEKS: {}}
    for place, days in places.items():
        timeline = Timeline([day for day in up_to(days, today) if (today - day.day).days <= HISTORY_DAYS])
        if timeline.newest < 0 or _age(timeline, today) >= typical_price.WINDOW_DAYS:
            continue
        for span, found in moves.items():
            found[place] = moves_of(timeline, span, min_prices=place.min_prices)
    alarms: dict[Place, Alarm] = {}
    for span, found in moves.items():
        of_kind: dict[tuple, list[float]] = defaultdict(list)
        for place, one in found.items():
            of_kind[place.kind].extend(one.past)
        usual = {kind: item_scale(past, span=span) for kind, past in of_kind.items()}
        for place, one in found.items():
            if one.newest is None or len(one.past) < MIN_MOVES:
                continue
            now, before = one.newest
            times = abs(log(now.amount / before.amount)) / scale(one.past, item=usual[place.kind])
            is_weekly = moves[WEEK][place].newest is not None
            until = now.day + timedelta(
                days=(WEEKLY_FRESH_DAYS if is_weekly else typical_price.WINDOW_DAYS) - 1
            )
            stronger = place not in alarms or times > alarms[place].times
            if times >= TIMES and until >= today and stronger:
                alarms[place] = Alarm(place, span, now, before, times, len(one.past), until)
    return sorted(alarms.values(), key=lambda alarm: (-alarm.times, str(alarm.place)))


def moves_of(timeline: Timeline, span: Span, *, min_prices: int) -> Moves:
    """The moves of a price over a span, one for each week that had prices."""
    newest, past = None, []
    for at in timeline.weekly():
        earlier = timeline.before(at, span)
        if earlier is None:
            continue
        now, before = timeline.week(at), timeline.week(earlier)
        if min(now.n, before.n) < min_prices or min(now.amount, before.amount) <= 0:
            continue
        if at == timeline.newest:
            newest = now, before
        else:
            past.append(log(now.amount / before.amount))
    return Moves(newest, tuple(past))


def item_scale(past: Sequence[float], *, span: Span) -> float:
    """How much an item usually moves over a span, from all its past moves in places of one kind."""
    return _mixed(_robust(past), len(past), USUAL[span], ITEM_ROWS) if past else USUAL[span]


def scale(past: Sequence[float], *, item: float) -> float:
    """How much an item usually moves in a place, from its past moves there and the ``item``'s scale."""
    return max(LEAST_SCALE, _mixed(_robust(past), len(past), item, PLACE_ROWS) if past else item)


def _robust(past: Iterable[float]) -> float:
    return max(LEAST_MOVE, median(abs(r) for r in past)) / T3_MEDIAN


def _mixed(own: float, n: int, other: float, rows: int) -> float:
    return exp((n * log(own) + rows * log(other)) / (n + rows))


def _age(timeline: Timeline, today: date) -> int:
    return (today - timeline.week(timeline.newest).day).days
