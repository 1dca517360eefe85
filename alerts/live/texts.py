"""A notification in one line, as an open page shows it. Names come from memory, nothing else is read."""

from typing import NamedTuple
from uuid import UUID

from django.utils.translation import gettext, override

from alerts.live.request import Style
from alerts.models import Notification
from potato import clock
from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.shared_parts.measures import in_lists
from prices.pages.shared_parts.phrases import shop_name
from prices.types import WHOLESALE


class About(NamedTuple):
    """What a notification is about: all who were sent the same price are shown the same text."""

    kind: str
    entry_id: UUID | None
    item_id: int | None
    shop_id: int | None
    type: str
    base: str
    amount: int | None


def number(value: int, style: Style) -> str:
    """A number in the reader's numerals."""
    return Wording(language=style.language, now=clock.now(), prefers=style.prefers).number(value)


def text_of(about: About, style: Style) -> str:
    """Which price came in, in the reader's language and unit."""
    with override(style.language):
        words = Wording(language=style.language, now=clock.now(), prefers=style.prefers)
        item = names.shown("item", about.item_id, otherwise=gettext("An item"))
        if about.type == WHOLESALE:
            item = gettext("%(item)s, wholesale") % {"item": item}
        measure, _beside = in_lists(about.base, words)
        price = words.money(about.amount, measure.per, to_base=measure.to_base)
        parts = {"item": item, "price": price, "shop": shop_name(about.shop_id or 0)}
        if about.kind == Notification.Kind.RULE:
            return gettext("Your rule: %(item)s, %(price)s, %(shop)s") % parts
        return gettext("New price: %(item)s, %(price)s, %(shop)s") % parts


def url_of(notification_id: int, language: str) -> str:
    """The path that leads to what a notification is about, and marks it read.

    Spelled here: to look it up would load every view into a process that answers no page.
    """
    prefix = "" if language == "en" else f"/{language}"
    return f"{prefix}/alerts/{notification_id}/"
