"""The inbox as its page shows it: notifications in words, by day."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from alerts import texts
from alerts.models import Notification
from potato.text.wording import Change, Wording
from prices.names import cache as names
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import shop_name
from prices.types import WHOLESALE

Kind = Notification.Kind
ABOUT_TYPICAL = ("CHANGE", "LOW", "HIGH")
"""Kinds of rule that compare typical prices; for the others it is a shop's price that is compared with the one before."""

BECAME: Mapping[str, str | Promise] = {
    "removed": _("This price was removed."),
    "withdrawn": _("This price was taken back."),
    "corrected": _("This price was corrected."),
    "quarantined": _("This price is being checked."),
}


@dataclass(frozen=True, slots=True)
class Line:
    """A notification. ``figure`` and ``per`` are empty for a summary."""

    url: str
    is_new: bool
    title: str
    text: str
    time: str
    figure: str = ""
    per: str = ""
    is_wish: bool = False
    """It is at or below what its reader asked for."""
    before: str = ""
    change: Change | None = None
    became: str | Promise = ""
    is_late: bool = False
    is_summary: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    label: str
    key: str
    lines: list[Line]


def by_day(notifications: Iterable[Notification], *, today: date, words: Wording) -> list[Day]:
    """Notifications, the newest first, under the days in Yangon on which they came."""
    return [
        Day(_day_label(day, today, words), day.isoformat(), [line_of(one, words) for one in some])
        for day, some in groupby(notifications, key=lambda one: one.day)
    ]


def line_of(one: Notification, words: Wording) -> Line:
    url, time = reverse("alert", args=[one.pk]), words.time(one.created_at)
    is_new = one.read_at is None
    if one.kind == Kind.SUMMARY:
        return Line(url, is_new, _summary(one, words), "", time, is_summary=True)
    measure = texts.measure_of(
        one.item_id, one.base or "kg", words, unit=texts.unit_code(one.facts.get("unit"))
    )
    before = one.facts.get("before")
    now = one.facts.get("typical") if one.facts.get("kind") in ABOUT_TYPICAL else one.amount
    is_compared = before and now
    return Line(
        url=url,
        is_new=is_new,
        title=_title(one),
        text=_why(one, measure, words),
        time=time,
        figure=words.kyat(one.amount, to_base=measure.to_base),
        per=measure.per,
        is_wish=one.kind == Kind.RULE and one.facts.get("kind") == "BELOW" and not one.entry_status,
        before=words.money(before, measure.per, to_base=measure.to_base) if is_compared else "",
        change=words.change((now - before) * 100 / before) if is_compared else None,
        became=BECAME.get(one.entry_status, gettext("This price does not count any more."))
        if one.entry_status
        else "",
        is_late=one.is_late,
    )


def _day_label(day: date, today: date, words: Wording) -> str:
    if day == today:
        return gettext("Today")
    if day == today - timedelta(days=1):
        return gettext("Yesterday")
    return words.long_day(day)


def _title(one: Notification) -> str:
    parts = {
        "item": names.shown("item", one.item_id, otherwise=gettext("An item")),
        "shop": shop_name(one.shop_id or 0),
    }
    if one.type == WHOLESALE:
        return gettext("%(item)s at %(shop)s, wholesale") % parts
    return gettext("%(item)s at %(shop)s") % parts


def _why(one: Notification, measure: Measure, words: Wording) -> str:
    if one.kind == Kind.RULE:
        # The kind of price stands in the title.
        asked = texts.rule_text(one.facts, type="", measure=measure, words=words)
        return gettext("Your rule: %(rule)s.") % {"rule": asked}
    return gettext("A shop you follow.") if one.kind == Kind.SHOP else gettext("An item you follow.")


def _summary(one: Notification, words: Wording) -> str:
    n = {"n": words.number(one.count)}
    text = ngettext("%(n)s more new price", "%(n)s more new prices", one.count) % n
    if shops := len(one.facts.get("shops", [])):
        where = ngettext("from %(n)s shop", "from %(n)s shops", shops) % {"n": words.number(shops)}
        return words.listed([text, where])
    return text
