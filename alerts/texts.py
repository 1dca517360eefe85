"""What a rule asks for, and what a notification is about, in the reader's words. Names come from memory."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext, ngettext

from alerts.models import AlertRule
from alerts.rules import RECORD_DAYS
from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.shared_parts.measures import Measure, base_measure, measures_of
from prices.types import WHOLESALE

Kind = AlertRule.Kind


def measure_of(item_id: int | None, base: str, words: Wording, *, unit: str = "") -> Measure:
    """The unit in which a price is shown: that of the rule, else what the reader prefers, else the item's own.

    :param unit: a unit's code. One that does not measure this base is passed over.
    """
    item = names.get("item", item_id)
    found = measures_of(item, words) if item else {}
    wanted = (unit, words.prefers.unit, item.facts.get("default_unit") if item else "")
    return next(
        (found[code] for code in wanted if code in found and found[code].base == base),
        base_measure(base, words),
    )


def unit_code(unit_id: int | None) -> str:
    unit = names.get("unit", unit_id)
    return unit.slug if unit else ""


def facts_of(rule: AlertRule) -> dict[str, Any]:
    """What a rule asks for, as a notification carries it (``Notification.facts``)."""
    return {
        "kind": rule.kind,
        "amount": rule.amount,
        "percent": rule.percent,
        "days": rule.days,
        "unit": rule.unit_id,
        "region": rule.region_id,
        "township": rule.township_id,
        "shop": rule.shop_id,
    }


def rule_text(facts: Mapping[str, Any], *, type: str, measure: Measure, words: Wording) -> str:
    """What a rule asks for: ``K 2,800 a kg or less, in Yangon``."""
    parts = [_condition(facts, measure, words), place_text(facts)]
    if type == WHOLESALE:
        parts.append(gettext("wholesale"))
    return words.listed(parts)


def place_text(facts: Mapping[str, Any]) -> str:
    """Where a rule holds: ``in Yangon``, ``at YwarMa``."""
    if shop := facts.get("shop"):
        return gettext("at %(shop)s") % {"shop": names.shown("shop", shop, otherwise=gettext("a shop"))}
    kind: Any = "township" if facts.get("township") else "region"
    place = names.get(kind, facts.get(kind))
    return gettext("in %(place)s") % {"place": place or gettext("Myanmar")}


def _condition(facts: Mapping[str, Any], measure: Measure, words: Wording) -> str:
    price = words.money(facts.get("amount"), measure.per, to_base=measure.to_base)
    match facts.get("kind"):
        case Kind.BELOW:
            return gettext("%(price)s or less") % {"price": price}
        case Kind.ABOVE:
            return gettext("%(price)s or more") % {"price": price}
        case Kind.CHANGE:
            return gettext("a change of %(percent)s or more") % {
                "percent": f"{words.number(facts.get('percent') or 0)} %"
            }
        case Kind.LOW:
            return gettext("lowest typical price in %(n)s days") % {"n": words.number(RECORD_DAYS)}
        case Kind.HIGH:
            return gettext("highest typical price in %(n)s days") % {"n": words.number(RECORD_DAYS)}
        case Kind.SILENCE:
            days = facts.get("days") or 0
            return ngettext(
                "a price again after %(n)s day without one",
                "a price again after %(n)s days without one",
                days,
            ) % {"n": words.number(days)}
    return gettext("any new price")
