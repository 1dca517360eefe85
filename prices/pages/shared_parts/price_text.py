"""What a price says, and why it waits, in the reader's words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from potato.text.wording import Wording, wording
from prices.names import cache as names
from prices.pages.shared_parts import measures
from prices.types import GivenPrice, Judgement, PriceEntry

_REASONS: Mapping[str, str | Promise] = {
    "not_positive": gettext_lazy("Price and quantity must be above zero."),
    "minimum_above_maximum": gettext_lazy("The lowest price is above the highest."),
    "maximum_twice_minimum": gettext_lazy("The highest price is twice the lowest or more."),
    "below_range": gettext_lazy("It is far below what this usually costs."),
    "above_range": gettext_lazy("It is far above what this usually costs."),
    "unusual_lot": gettext_lazy("That is an unusually large quantity."),
    "no_range": gettext_lazy("Nobody has said yet what this may cost."),
}

_HINTS: Mapping[str, str | Promise] = {
    "one_zero_too_many": gettext_lazy("One zero too many?"),
    "one_zero_too_few": gettext_lazy("One zero too few?"),
    "two_zeros_too_many": gettext_lazy("Two zeros too many?"),
    "two_zeros_too_few": gettext_lazy("Two zeros too few?"),
    "per_viss_not_kg": gettext_lazy("Was it for a viss instead of a kg?"),
    "per_kg_not_viss": gettext_lazy("Was it for a kg instead of a viss?"),
}


_PARKED: Mapping[str, str | Promise] = {
    "The demo has ended.": gettext_lazy("It belonged to the demo, which has ended. Please send it again."),
    "The demo has begun.": gettext_lazy("The demo has begun since. Please send it again."),
    "Another price was sent under the same id.": gettext_lazy("Another price was sent with the same form."),
    "The price was withdrawn or removed meanwhile.": gettext_lazy(
        "The price was taken back or removed meanwhile."
    ),
    "The price is no longer published.": gettext_lazy("The price was no longer published."),
    "The price does not exist.": gettext_lazy("The price does not exist any more."),
    "The form belongs to another price.": gettext_lazy("The form belonged to another price."),
    "Its author was banned meanwhile.": gettext_lazy("The account was banned meanwhile."),
    "Only its author and moderators may change a price.": gettext_lazy(
        "Only its author and moderators may change a price."
    ),
    "Its author is not a moderator any more.": gettext_lazy("The account may no longer moderate prices."),
    "Nobody moderates their own price.": gettext_lazy(
        "It was a price of the moderator's own. Another moderator has to decide about it."
    ),
    "changed meanwhile": gettext_lazy("Somebody else changed the price meanwhile."),
}


@dataclass(frozen=True, slots=True)
class PriceText:
    """A price in words: as given ("K 4,800 for 2 viss"), for one ("K 2,400 a viss"), per base ("K 1,470 a kg").

    ``one`` is empty where it would repeat what was given, ``per_base`` where that is the base unit itself.
    """

    given: str
    one: str
    per_base: str

    @property
    def steps(self) -> list[str]:
        """From what was given to the base unit, without repeating anything."""
        return [text for text in (self.given, self.one, self.per_base) if text]


def text_of(price: GivenPrice | PriceEntry) -> PriceText:
    """Write a price for the reader."""
    words = wording()
    paid = words.decimal(price.price)
    if price.quantity == 1:
        given, one = priced(paid, measures.per(price.unit, words), words), ""
    else:
        many = f"{words.decimal(price.quantity)} {measures.label_of(price.unit, words)}"
        given = f"{paid} ကျပ် / {many}" if words.is_burmese else f"K {paid} for {many}"
        each = words.kyat(round(price.price * 100 / price.quantity))
        one = priced(each, measures.per(price.unit, words), words)
    return PriceText(given, one, "" if price.unit == price.base else per_base(price.amount, price.base))


def one_line(price: GivenPrice | PriceEntry, *, with_item: bool = True, with_price: bool = True) -> str:
    """Item, price as given, and shop."""
    item = names.get("item", price.item_id) if with_item else None
    given = text_of(price).given if with_price else ""
    shop = names.shown("shop", price.shop_id, otherwise=price.shop_name)
    return ", ".join(str(part) for part in (item, given, shop) if part)


def per_base(amount: int, base: str) -> str:
    """``K 1,470 a kg``: whole pya for one base unit."""
    words = wording()
    return priced(words.kyat(amount), measures.per(base, words), words)


def priced(figure: str, per: str, words: Wording) -> str:
    """A figure with its currency and unit; in Burmese they stand behind it."""
    return f"{figure} ကျပ် {per}" if words.is_burmese else f"K {figure} {per}"


def why(judgement: Judgement) -> str:
    """Why a price was not simply published; empty where it was."""
    if judgement.verdict not in ("quarantined", "warned"):
        return ""
    code, _colon, rest = judgement.reason.partition(":")
    reason = _REASONS.get(code)
    text = str(reason) if reason else (rest.strip() or judgement.reason or _("It is unusual."))
    question = hint(judgement.hint)
    return f"{text} {question}" if question else text


def hint(code: str | None) -> str:
    """The slip that would explain a price, as a question."""
    return str(_HINTS.get(code or "", ""))


def parked(reason: str) -> str:
    """Why something sent could not be published."""
    known = _PARKED.get(reason.strip())
    return str(known or _("It could not be published. The team has been told."))


def is_survey(source: str) -> bool:
    """Whether a price comes from a file of somebody's survey: nobody sent it here."""
    return source not in ("CROWD", "SHOP", "DEMO")


def standing(role: str, *, source: str) -> str:
    """The standing of who sent a price."""
    roles: dict[str, Any] = {
        "CONTRIBUTOR": _("contributor"),
        "RETAILER": _("shop owner"),
        "ADMIN": _("staff"),
        "USER": _("reader"),
    }
    if is_survey(source):
        return _("price survey")
    return str(roles.get(role, ""))
