"""What a rule would have done in the last 90 days, in words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext, ngettext

from alerts import rules
from alerts.models import AlertRule
from potato import clock
from potato.text.wording import Wording
from prices import selectors
from prices.charts.sparks import Spark, sparkline
from prices.pages.shared_parts.measures import Measure
from prices.types import Base, DayStat, Place, PriceType

DAYS_NAMED = 12
"""More days are counted, and not named."""
NEWEST_DAYS = 35
"""A price that is older is not the one of now."""


@dataclass(frozen=True, slots=True)
class Preview:
    """``use`` is a more realistic limit as a form spells it, and empty where none is needed."""

    counted: str
    days: str = ""
    range: str = ""
    suggested: str = ""
    use: str = ""
    spark: Spark | None = None


def history_of(
    place: Place, *, item_id: int, type: PriceType, base: Base, is_long: bool
) -> list[DayStat] | None:
    """The days that a preview needs; None while they are unavailable.

    :param is_long: also those that say how long it was silent before.
    """
    back = rules.PREVIEW_DAYS + (rules.SILENCE_DAYS if is_long else rules.RECORD_DAYS)
    found = selectors.histories_of(
        [place], item_id=item_id, type=type, base=base, since=clock.today() - timedelta(days=back)
    )
    return None if found is None else found[place]


def newest_typical(days: Sequence[DayStat] | None) -> int | None:
    """The newest typical price of a day that is not too old; pya per base unit."""
    since = clock.today() - timedelta(days=NEWEST_DAYS)
    return next((day.median for day in reversed(days or ()) if day.day > since), None)


def preview_of(rule: AlertRule, days: list[DayStat] | None, *, measure: Measure, words: Wording) -> Preview:
    """What a rule would have done; it need not be stored."""
    if days is None:
        return Preview(
            gettext("Earlier prices are unavailable at the moment. You can save the rule all the same.")
        )
    first = words.today - timedelta(days=rules.PREVIEW_DAYS - 1)
    recent = [day for day in days if day.day >= first]
    if not recent:
        return Preview(
            gettext("There was no price here in the last %(n)s days.")
            % {"n": words.number(rules.PREVIEW_DAYS)}
        )
    notified = rules.would_have_notified(days, _pure(rule), today=words.today)
    counted = (
        ngettext(
            "Would have notified you once in the last %(days)s days.",
            "Would have notified you %(n)s times in the last %(days)s days.",
            len(notified),
        )
        if notified
        else gettext("Would not have notified you in the last %(days)s days.")
    )
    suggested = _suggestion(rule, days, words)
    return Preview(
        counted=counted % {"n": words.number(len(notified)), "days": words.number(rules.PREVIEW_DAYS)},
        days=_named(notified, words),
        range=gettext("The prices were from %(low)s to %(high)s.")
        % {
            "low": words.kyat(min(day.min for day in recent), to_base=measure.to_base),
            "high": words.money(max(day.max for day in recent), measure.per, to_base=measure.to_base),
        },
        suggested=words.money(suggested, measure.per, to_base=measure.to_base) if suggested else "",
        use=words.kyat(suggested, to_base=measure.to_base) if suggested else "",
        spark=sparkline(_medians(recent, first, words.today)),
    )


def _pure(rule: AlertRule) -> rules.Rule:
    return rules.Rule(
        kind=rule.kind,  # type: ignore[arg-type]
        amount=rule.amount,
        percent=rule.percent,
        days=rule.days,
        cooldown_hours=rule.cooldown_hours,
    )


def _suggestion(rule: AlertRule, days: Sequence[DayStat], words: Wording) -> int | None:
    if rule.kind not in ("BELOW", "ABOVE") or rule.amount is None:
        return None
    return rules.suggestion(days, rule.amount, today=words.today, kind=rule.kind)  # type: ignore[arg-type]


def _named(days: Sequence[date], words: Wording) -> str:
    if len(days) > DAYS_NAMED:
        return ""
    return words.listed(words.day(day, year=False) for day in days)


def _medians(recent: Sequence[DayStat], first: date, today: date) -> list[int | None]:
    known = {day.day: day.median for day in recent}
    return [known.get(first + timedelta(days=number)) for number in range((today - first).days + 1)]
