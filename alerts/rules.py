"""When an alert rule notifies: pure rules, no I/O. Amounts are whole pya per base unit, days are days in Yangon.

A rule at or below a limit notifies once, and is armed again when no shop of its place asks less than ``REARM_PERCENT``
above the limit; one at or above a limit likewise. So a price that moves to and fro around the limit notifies once.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from prices.types import DayStat

BELOW, ABOVE, CHANGE, LOW, HIGH, ANY, SILENCE = "BELOW", "ABOVE", "CHANGE", "LOW", "HIGH", "ANY", "SILENCE"
REARM_PERCENT = 2
RECORD_DAYS = 30
"""LOW and HIGH compare with so many days before today."""
PREVIEW_DAYS = 90


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is known of a place when a price comes in; None where there is nothing to tell it by.

    ``lowest`` and ``highest`` are of the fresh prices of its shops, the new one among them; ``low`` and ``high`` of the middle
    prices of the ``RECORD_DAYS`` before today.
    """

    lowest: int | None = None
    highest: int | None = None
    typical: int | None = None
    low: int | None = None
    high: int | None = None
    silent_days: int | None = None
    """Between the day of the price and the last day before it with one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a rule says: its kind, and the number that this kind has."""

    kind: str
    amount: int = 0
    percent: int = 0
    days: int = 0
    cooldown_hours: int = 24


def kinds_met(facts: PlaceFacts) -> list[str]:
    """The kinds of rule of which every one in this place is met, whatever its number."""
    met = [ANY]
    if facts.typical is not None and facts.low is not None and facts.typical < facts.low:
        met.append(LOW)
    if facts.typical is not None and facts.high is not None and facts.typical > facts.high:
        met.append(HIGH)
    return met


def rearms_below(facts: PlaceFacts) -> int | None:
    """Rules at or below a limit under this one are armed again; None: none is."""
    return None if facts.lowest is None else -(-facts.lowest * 100 // (100 + REARM_PERCENT))


def rearms_above(facts: PlaceFacts) -> int | None:
    """Rules at or above a limit over this one are armed again; None: none is."""
    return None if facts.highest is None else facts.highest * 100 // (100 - REARM_PERCENT)


def is_quiet(*, hour: int, quiet_from: int, quiet_until: int) -> bool:
    """Whether an hour in Yangon lies in the quiet hours, which may go over midnight; from an hour until itself: never."""
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def would_have_notified(days: Sequence[DayStat], limits: Limits, *, today: date) -> list[date]:
    """The days among the last ``PREVIEW_DAYS`` on which a rule would have notified.

    :param days: of the rule's place, oldest first; what lies before those 90 days is what they are compared with.
    """
    first = today - timedelta(days=PREVIEW_DAYS - 1)
    known = [day for day in days if day.n and day.day <= today]
    pause = timedelta(days=ceil(limits.cooldown_hours / 24))
    found: list[date] = []
    meets = _meeting(known, limits, first=first)
    for index, day in enumerate(known):
        is_due = not found or day.day - found[-1] >= pause
        if meets(index, is_due) and day.day >= first and is_due:
            found.append(day.day)
    return found


def suggestion(days: Sequence[DayStat], limits: Limits, *, today: date) -> int | None:
    """The record of the last ``PREVIEW_DAYS``, where a rule asks for a price beyond it; None where it does not."""
    first = today - timedelta(days=PREVIEW_DAYS - 1)
    recent = [day for day in days if day.n and first <= day.day <= today]
    if not recent:
        return None
    lowest, highest = min(day.min for day in recent), max(day.max for day in recent)
    if limits.kind == BELOW and limits.amount < lowest:
        return lowest
    if limits.kind == ABOVE and limits.amount > highest:
        return highest
    return None


def _meeting(days: Sequence[DayStat], limits: Limits, *, first: date) -> Callable[[int, bool], bool]:
    """Whether a rule is met on the day of an index, asked day by day in their order, with whether it may notify then."""
    if limits.kind in (BELOW, ABOVE):
        return _crossing(days, limits)
    if limits.kind == CHANGE:
        return _changing(days, limits, first=first)
    if limits.kind in (LOW, HIGH):
        return lambda index, _: _is_record(days, index, limits.kind)
    if limits.kind == SILENCE:
        return lambda index, _: index > 0 and (days[index].day - days[index - 1].day).days > limits.days
    return lambda index, _: True


def _crossing(days: Sequence[DayStat], limits: Limits) -> Callable[[int, bool], bool]:
    is_armed = True

    def is_met(index: int, is_due: bool) -> bool:
        nonlocal is_armed
        day = days[index]
        if limits.kind == BELOW:
            is_beyond, is_back = (
                day.min <= limits.amount,
                limits.amount * (100 + REARM_PERCENT) < day.min * 100,
            )
        else:
            is_beyond, is_back = (
                day.max >= limits.amount,
                limits.amount * (100 - REARM_PERCENT) > day.max * 100,
            )
        met = is_beyond and is_armed
        if met and is_due:
            is_armed = False
        elif is_back:
            is_armed = True
        return met

    return is_met


def _changing(days: Sequence[DayStat], limits: Limits, *, first: date) -> Callable[[int, bool], bool]:
    before = [day.median for day in days if day.day < first]
    baseline = before[-1] if before else None

    def is_met(index: int, is_due: bool) -> bool:
        nonlocal baseline
        middle = days[index].median
        if days[index].day < first:
            return False
        if baseline is None:
            baseline = middle
        if abs(middle - baseline) * 100 < limits.percent * baseline or not is_due:
            return False
        baseline = middle
        return True

    return is_met


def _is_record(days: Sequence[DayStat], index: int, kind: str) -> bool:
    today = days[index]
    middles = [day.median for day in days[:index] if (today.day - day.day).days <= RECORD_DAYS]
    if not middles:
        return False
    return today.median < min(middles) if kind == LOW else today.median > max(middles)
