"""When an alert rule notifies its owner: conditions, hysteresis, quiet hours, preview and suggested limits. No I/O.

A rule compares a place with itself: its typical price is the median over its own shops, however few. Amounts are whole
pya per base unit, days are days in Yangon. ``alerts/matching.py`` says the same in SQL, for all rules of a price at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from typing import Literal

from prices.types import DayStat

Kind = Literal["BELOW", "ABOVE", "CHANGE", "LOW", "HIGH", "ANY", "SILENCE"]
HYSTERESIS_PERCENT = 2
"""A rule that has notified waits until the price has gone back so much beyond what it asks for."""
RECORD_DAYS = 30
"""LOW and HIGH look at so many days before the day of the price."""
PREVIEW_DAYS = 90
SILENCE_DAYS = 365
"""The longest silence that is measured: longer ones count as this one."""
RARE_PERCENT = 10
"""A suggested limit was reached on one day of ten."""


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """What is known of an item's prices in one place (shop, township, region or nation) when a price comes in.

    ``lowest``, ``highest`` and ``typical`` are of the shops' newest fresh prices, the new one among them; None without any.
    ``low_before`` and ``high_before`` are the lowest and highest daily median of the 30 days before the price's day.
    ``silent_days`` lie between the day of the price and the last day with another one, at most ``SILENCE_DAYS``.
    """

    lowest: int | None = None
    highest: int | None = None
    typical: int | None = None
    low_before: int | None = None
    high_before: int | None = None
    silent_days: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """What a rule asks for (``kind, amount, percent, days, cooldown_hours``) and where it stands (the rest).

    The names are those of ``AlertRule``. ``baseline``: the typical price when its owner was last notified.
    """

    kind: Kind
    amount: int | None = None
    percent: int | None = None
    days: int | None = None
    cooldown_hours: int = 24
    is_armed: bool = True
    baseline: int | None = None


def fires(rule: Rule, price: int, place: PlaceFacts) -> bool:
    """Whether a new price in the rule's place meets the rule. Pause and cooldown are the caller's to check."""
    match rule.kind:
        case "BELOW":
            return rule.is_armed and rule.amount is not None and price <= rule.amount
        case "ABOVE":
            return rule.is_armed and rule.amount is not None and price >= rule.amount
        case "CHANGE":
            return _has_changed(rule, place.typical)
        case "LOW":
            return _is_record(rule, place.typical, place.low_before, sign=1)
        case "HIGH":
            return _is_record(rule, place.typical, place.high_before, sign=-1)
        case "ANY":
            return True
        case "SILENCE":
            return rule.days is not None and place.silent_days >= rule.days


def after_notifying(rule: Rule, place: PlaceFacts) -> Rule:
    """The rule once its owner has been notified."""
    match rule.kind:
        case "BELOW" | "ABOVE":
            return replace(rule, is_armed=False)
        case "LOW" | "HIGH":
            return replace(rule, is_armed=False, baseline=place.typical)
        case "CHANGE":
            return replace(rule, baseline=place.typical)
    return rule


def rearmed(rule: Rule, place: PlaceFacts) -> Rule:
    """The rule as a price in its place leaves it: armed again where the price has gone back far enough.

    BELOW: the lowest price is at least 2 % above the limit, or there is none any more. ABOVE the other way round. LOW: the
    typical price is at least 2 % above the lowest of the 30 days. HIGH the other way round. CHANGE without a baseline (there
    was no price when it was made) takes the first one.
    """
    if rule.kind == "CHANGE":
        return replace(rule, baseline=place.typical) if rule.baseline is None else rule
    if rule.is_armed:
        return rule
    match rule.kind:
        case "BELOW":
            is_back = place.lowest is None or _is_above(place.lowest, rule.amount)
        case "ABOVE":
            is_back = place.highest is None or _is_below(place.highest, rule.amount)
        case "LOW":
            is_back = place.typical is None or _is_above(place.typical, place.low_before)
        case "HIGH":
            is_back = place.typical is None or _is_below(place.typical, place.high_before)
        case _:
            is_back = True
    return replace(rule, is_armed=is_back)


def is_quiet(hour: int, quiet_from: int, quiet_until: int) -> bool:
    """Whether an hour in Yangon (0 to 23) lies in quiet hours, which may go over midnight; equal ends: there are none."""
    if quiet_from <= quiet_until:
        return quiet_from <= hour < quiet_until
    return hour >= quiet_from or hour < quiet_until


def records_before(days: Sequence[DayStat], day: date) -> tuple[int | None, int | None]:
    """The lowest and the highest daily median of the 30 days before ``day``; None without a price in them."""
    medians = [one.median for one in days if 0 < (day - one.day).days <= RECORD_DAYS]
    return min(medians, default=None), max(medians, default=None)


def would_have_notified(days: Sequence[DayStat], rule: Rule, *, today: date) -> list[date]:
    """The days of the last 90 (today among them) on which a rule would have notified its owner, at most once a day.

    :param days: of the rule's place, oldest first. Those of 30 days earlier (of a year, for SILENCE) may be among them: they
        say what was a record, and how long it was silent, at the beginning.
    :param rule: as it would be stored. Its state does not matter: it begins armed, and CHANGE with the price of then.
    """
    first = today - timedelta(days=PREVIEW_DAYS - 1)
    past = [day for day in days if day.day < first]
    state = replace(rule, is_armed=True, baseline=past[-1].median if past else None)
    notified: list[date] = []
    for number, day in enumerate(days):
        if not first <= day.day <= today:
            continue
        place = _facts_of(days[:number], day)
        state = rearmed(state, place)
        price = day.max if rule.kind == "ABOVE" else day.min
        is_cool = not notified or (day.day - notified[-1]).days * 24 >= rule.cooldown_hours
        if is_cool and fires(state, price, place):
            notified.append(day.day)
            state = after_notifying(state, place)
    return notified


def suggestion(
    days: Sequence[DayStat], wish: int, *, today: date, kind: Literal["BELOW", "ABOVE"] = "BELOW"
) -> int | None:
    """A realistic limit in place of one that no price of the last 90 days has met: reached on one day of ten.

    :param wish: the limit that was asked for.
    :return: None where some price has met the wish, or there is no price to go by.
    """
    first = today - timedelta(days=PREVIEW_DAYS - 1)
    known = [day for day in days if first <= day.day <= today]
    if not known:
        return None
    # Rounded up: of fewer than ten days the record itself.
    rank = -(-len(known) * RARE_PERCENT // 100) - 1
    if kind == "BELOW":
        lows = sorted(day.min for day in known)
        return lows[rank] if wish < lows[0] else None
    highs = sorted((day.max for day in known), reverse=True)
    return highs[rank] if wish > highs[0] else None


def _facts_of(before: Sequence[DayStat], day: DayStat) -> PlaceFacts:
    low, high = records_before(before, day.day)
    silent = (day.day - before[-1].day).days if before else SILENCE_DAYS
    return PlaceFacts(
        lowest=day.min,
        highest=day.max,
        typical=day.median,
        low_before=low,
        high_before=high,
        silent_days=min(silent, SILENCE_DAYS),
    )


def _has_changed(rule: Rule, typical: int | None) -> bool:
    if typical is None or rule.baseline is None or rule.percent is None:
        return False
    return abs(typical - rule.baseline) * 100 >= rule.percent * rule.baseline


def _is_record(rule: Rule, typical: int | None, before: int | None, *, sign: int) -> bool:
    """Whether a typical price is a new record: news once, and again when it went on by as much as the hysteresis."""
    if typical is None or before is None or sign * typical >= sign * before:
        return False
    if rule.is_armed:
        return True
    if rule.baseline is None:
        return False
    further = Fraction(rule.baseline * (100 - sign * HYSTERESIS_PERCENT), 100)
    return sign * typical <= sign * further


def _is_above(amount: int, limit: int | None) -> bool:
    return limit is None or amount * 100 >= limit * (100 + HYSTERESIS_PERCENT)


def _is_below(amount: int, limit: int | None) -> bool:
    return limit is None or amount * 100 <= limit * (100 - HYSTERESIS_PERCENT)
