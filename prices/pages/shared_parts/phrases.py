"""What is said alike on several price pages."""

from typing import Any

from django.utils.translation import gettext, ngettext

from accounts.names import shown_name
from potato.text.wording import Wording
from prices.names import cache as names
from prices.types import RETAIL

OPEN = "OPEN"
"""The status of a shop, as its name carries it, where one may buy."""


def n_shops(n: int, words: Wording) -> str:
    return ngettext("%(n)s shop", "%(n)s shops", n) % {"n": words.number(n)}


def type_name(type: str) -> str:
    return gettext("Retail") if type == RETAIL else gettext("Wholesale")


def change_label(key: str) -> str:
    return {"7": gettext("7 days"), "30": gettext("30 days"), "365": gettext("1 year")}[key]


def age_label(days: int, words: Wording) -> str:
    if days == 1:
        return gettext("today")
    return ngettext("%(n)s day", "%(n)s days", days) % {"n": words.number(days)}


def shop_name(shop_id: int) -> str:
    shop = names.get("shop", shop_id)
    return str(shop) if shop else gettext("Shop %(id)s") % {"id": shop_id}


def who(row: dict[str, Any], *, words: Wording, is_old: bool) -> str:
    """Who saw a price, and how many have confirmed it."""
    kind = {
        "SHOP": gettext("the shop itself"),
        "DEMO": gettext("demo"),
    }.get(row["source"])
    name = shown_name(row["by"]["name"], id=row["by"]["id"])
    seen_by = f"{name}, {kind}" if kind else name
    if is_old:
        too_old = gettext("too old to count")
        return f"{seen_by} · {too_old}"
    n = row["confirmations"]
    confirmed = (
        ngettext("%(n)s confirmed", "%(n)s confirmed", n) % {"n": words.number(n)}
        if n
        else gettext("not confirmed")
    )
    return f"{seen_by} · {confirmed}"


def lower_first(text: str) -> str:
    """A phrase as it stands inside a sentence."""
    return text[:1].lower() + text[1:]
