"""What a question that is being typed may mean, in the reader's words."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import Wording
from prices.names import cache as names
from prices.names.search import KINDS, Answer
from prices.pages.item.varieties import heads_of
from prices.pages.places import lists
from prices.pages.shared_parts import typical_price as typical_texts
from prices.pages.shared_parts.links import Links
from prices.pages.shared_parts.measures import per
from prices.rules.name_index import Match
from prices.types import RETAIL, Name
from shops.models import Region, Shop

SHOWN = 8
SHOWN_OF_A_KIND = 5


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One thing that may be meant. ``says`` is its kind and place; for an item its price and how old that is."""

    name: str
    other: str
    url: str
    says: str
    price: str = ""
    is_old: bool = False


def suggestions(
    answer: Answer, *, board_items: Sequence[dict[str, Any]] | None, words: Wording, links: Links
) -> list[Suggestion]:
    """The best of all kinds; of what is found alike, items with prices of today first and those without any last.

    :param board_items: what items cost, as the home board holds it; None where nobody can say.
    """
    priced = {
        item.id: (item, base, one) for item, base, one in lists.by_usual_base(board_items or (), type=RETAIL)
    }
    heads = heads_of(item for item, _, _ in priced.values())

    def order(match: Match) -> tuple[int, int]:
        name = match.name
        if name.kind != "item":
            return match.rank, 3
        if name.id in priced:
            _, _, one = priced[name.id]
            return match.rank, 2 if typical_texts.of_summary(
                one["summary"], now=words.now
            ).scope == "old" else 0
        # Nobody looks for an empty page.
        return match.rank, 1 if board_items is None or name.id in heads else 4

    def of_item(item: Name) -> Suggestion:
        if item.id in priced:
            return _priced(*priced[item.id], words, links)
        says = gettext("Prices by kind") if item.id in heads else gettext("No retail price yet")
        return Suggestion(str(item), item.other, links.item(item), says if board_items is not None else "")

    every = sorted((match for kind in KINDS for match in answer.matches.get(kind, ())), key=order)
    of_a_kind: Counter[str] = Counter()
    best: list[Name] = []
    for match in every:
        of_a_kind[match.name.kind] += 1
        if of_a_kind[match.name.kind] <= SHOWN_OF_A_KIND and len(best) < SHOWN:
            best.append(match.name)
    return [of_item(name) if name.kind == "item" else _other(name, links) for name in best]


def _priced(item: Name, base: str, one: dict[str, Any], words: Wording, links: Links) -> Suggestion:
    found = typical_texts.of_summary(one["summary"], now=words.now)
    return Suggestion(
        name=str(item),
        other=item.other,
        url=links.item(item),
        says=words.age(found.newest),
        price=words.money(found.amount, per(base, words)),
        is_old=found.scope == "old",
    )


def _other(name: Name, links: Links) -> Suggestion:
    region = names.get("region", name.facts.get("region"))
    place: Name | None = None
    match name.kind:
        case "category":
            url, kind = links.category(name), gettext("Category")
        case "region":
            url, kind = links.region(name), str(Region.Kind(name.facts["kind"]).label)
        case "township":
            url, kind, place = links.township(region or name, name), gettext("Township"), region
        case _:
            url, kind = links.shop(name.id), str(Shop.Kind(name.facts["kind"]).label)
            place = names.get("township", name.facts.get("township")) or region
    return Suggestion(str(name), name.other, url, f"{kind} · {place}" if place else kind)
