"""What a page says of itself to search engines and in people's messages: title, description, structured data.

The facts are those of the page, in the reader's words. Structured data (schema.org) has a price where the page has
one of today, and none otherwise.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext

from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.item.page import ItemPage
from prices.pages.places.lists import ItemRow
from prices.pages.shared_parts.phrases import type_name
from prices.pages.shared_parts.price_text import priced
from prices.pages.shared_parts.view_models import Ticket
from prices.rules.typical_price import Typical
from prices.types import RETAIL, Base, Name, PriceType

PRICES_SAID = 3
UNIT_CODES: dict[Base, str] = {"kg": "KGM", "l": "LTR", "pc": "C62"}
"""The base units as UN/CEFACT writes them."""

SHOP_TYPES = {"SUPERMARKET": "GroceryStore", "MARKET": "LocalBusiness", "WHOLESALE": "LocalBusiness"}

Absolute = Callable[[str], str]
"""``request.build_absolute_uri``."""

Crumb = tuple[str, str]
"""Name and path of a page above."""


Data = tuple[dict[str, Any], ...]
"""Structured data, each a JSON-LD document."""


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    description: str
    data: Data = ()


def breadcrumbs_of(crumbs: Sequence[Crumb], absolute: Absolute) -> Data:
    """The way from the first page to this one, this one last."""
    items = [
        {"@type": "ListItem", "position": position, "name": name, "item": absolute(path)}
        for position, (name, path) in enumerate(crumbs, start=1)
    ]
    return ({"@context": "https://schema.org", "@type": "BreadcrumbList", "itemListElement": items},)


def of_home(rows: Iterable[ItemRow], *, words: Wording) -> Head:
    said = _prices(rows, words)
    return Head(
        gettext("Food prices in Myanmar today"),
        gettext("Typical today in Myanmar: %(prices)s. Seen in shops and markets by people who were there.")
        % {"prices": said}
        if said
        else gettext(
            "What food costs today in the shops and markets of Myanmar, seen by people who were there."
        ),
    )


def of_catalogue(rows: Iterable[ItemRow], *, type: PriceType, words: Wording) -> Head:
    """The page of all items."""
    title = gettext("All items") if type == RETAIL else gettext("All items: wholesale prices")
    said = _prices(rows, words)
    if not said:
        return Head(title, gettext("What every item typically costs in Myanmar today, by category."))
    return Head(
        title,
        gettext("What every item typically costs in Myanmar today, by category: %(prices)s and more.")
        % {"prices": said},
    )


def of_category(
    category: Name, rows: Iterable[ItemRow], *, type: PriceType, words: Wording, breadcrumbs: Data
) -> Head:
    values = {"category": str(category), "prices": _prices(rows, words)}
    return Head(
        gettext("%(category)s: prices in Myanmar") % values
        if type == RETAIL
        else gettext("%(category)s: wholesale prices in Myanmar") % values,
        gettext("%(category)s in Myanmar today: %(prices)s. Where it is cheap and what moved.") % values
        if values["prices"]
        else gettext("%(category)s: what they typically cost in Myanmar today.") % values,
        breadcrumbs,
    )


def of_place(
    place: str, rows: Iterable[ItemRow], *, type: PriceType, words: Wording, breadcrumbs: Data
) -> Head:
    """A region, or a township with its region."""
    values = {"place": place, "prices": _prices(rows, words)}
    if type == RETAIL:
        title = gettext("Food prices in %(place)s today") % values
        said = gettext("%(place)s today: %(prices)s. What is cheap here, what moved, and who sells.")
    else:
        title = gettext("Wholesale food prices in %(place)s today") % values
        said = gettext(
            "%(place)s today, wholesale: %(prices)s. What is cheap here, what moved, and who sells."
        )
    if not values["prices"]:
        said = gettext("Shops and markets of %(place)s, and what food costs there.")
    return Head(title, said % values, breadcrumbs)


def of_item(page: ItemPage, ticket: Ticket, *, crumbs: Sequence[Crumb], absolute: Absolute) -> Head:
    item, place, found = str(page.item), page.place_name, page.typical()
    values = {
        "item": item,
        "place": place,
        "label": ticket.label,
        "price": priced(ticket.amount, ticket.per, page.words),
        "counts": ticket.counts,
        "kind": type_name(page.type).lower(),
    }
    if page.type == RETAIL:
        title = gettext("%(item)s in %(place)s: price today")
    else:
        title = gettext("%(item)s in %(place)s: wholesale price today")
    if ticket.is_missing:
        said = gettext("What %(item)s costs in %(place)s, %(kind)s: shops, regions, history.")
    elif ticket.is_old:
        said = gettext(
            "%(item)s. %(label)s: %(price)s, too old to count as today’s price. History and shops."
        )
    elif page.speaks_for_place(found) and page.type == RETAIL:
        said = gettext("%(item)s in %(place)s: about %(price)s today. %(counts)s")
    else:
        said = gettext("%(item)s. %(label)s: about %(price)s today. %(counts)s")
    product = _product(page, found, description=said % values, absolute=absolute)
    return Head(title % values, said % values, (*product, *breadcrumbs_of(crumbs, absolute)))


def of_shop(
    shop: Name,
    *,
    place: str,
    n_items: str,
    newest: str,
    path: str,
    crumbs: Sequence[Crumb],
    absolute: Absolute,
) -> Head:
    """
    :param n_items: how many items it has prices of; empty for none.
    """
    values = {"shop": str(shop), "place": place, "n": n_items, "age": newest}
    title = gettext("%(shop)s, %(place)s: prices")
    if not n_items:
        said = gettext("%(shop)s, %(place)s: no prices yet. Whoever passes by can add the first.")
    else:
        said = gettext(
            "What food costs at %(shop)s, %(place)s: items priced: %(n)s, newest price: %(age)s, beside what is"
            " typical in the region."
        )
    region, township = (names.get(kind, shop.facts.get(kind)) for kind in ("region", "township"))
    address = {"@type": "PostalAddress", "addressCountry": "MM"}
    if region:
        address["addressRegion"] = str(region)
    if township:
        address["addressLocality"] = str(township)
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": SHOP_TYPES.get(shop.facts.get("kind", ""), "Store"),
        "name": str(shop),
        "url": absolute(path),
        "address": address,
    }
    if phone := shop.facts.get("phone"):
        data["telephone"] = phone
    if point := shop.facts.get("point"):
        data["geo"] = {"@type": "GeoCoordinates", "longitude": point[0], "latitude": point[1]}
    return Head(title % values, said % values, (data, *breadcrumbs_of(crumbs, absolute)))


def _product(page: ItemPage, found: Typical, *, description: str, absolute: Absolute) -> Data:
    """The item with what it costs; nothing where no price of today is the place's own."""
    if not page.speaks_for_place(found) or found.amount is None or found.low is None or found.high is None:
        return ()
    base = page.measure.base
    offer = {
        "@type": "AggregateOffer",
        "priceCurrency": "MMK",
        "lowPrice": _kyat(found.low),
        "highPrice": _kyat(found.high),
        "offerCount": found.n_shops,
        "priceSpecification": {
            "@type": "UnitPriceSpecification",
            "price": _kyat(found.amount),
            "priceCurrency": "MMK",
            "referenceQuantity": {"@type": "QuantitativeValue", "value": 1, "unitCode": UNIT_CODES[base]},
        },
    }
    data: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": str(page.item),
        "description": description,
        "url": absolute(page.address(page=1)),
        "offers": offer,
    }
    if category := names.get("category", page.item.facts.get("category")):
        data["category"] = str(category)
    return (data,)


def _prices(rows: Iterable[ItemRow], words: Wording) -> str:
    """The first prices of today, in one line."""
    said = [
        f"{row.item} {priced(row.amount, row.per, words)}"
        for row in rows
        if row.is_own and row.has_price and not row.is_old
    ]
    return words.listed(said[:PRICES_SAID])


def _kyat(pya: int) -> str:
    return f"{Decimal(pya) / 100:f}"
