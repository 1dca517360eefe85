"""Addresses of pages for long tables: each pattern is looked up once, not once a row."""

from collections.abc import Mapping
from functools import cached_property
from urllib.parse import urlencode

from django.urls import NoReverseMatch, reverse

from prices.types import RETAIL, Name

_SLUG, _PLACE, _ID = "slug-slot", "place-slot", 987654321
_UUID = "00000000-0000-4000-8000-00000000beef"


class Links:
    """The addresses that one page's rows lead to, in the page's language."""

    def item(self, item: Name, **query: str | list[str]) -> str:
        return with_query(self._item.replace(_SLUG, item.slug), query)

    def near(self, item: Name, **query: str | list[str]) -> str:
        return with_query(self._near.replace(_SLUG, item.slug), query)

    def map(self, **query: str | list[str]) -> str:
        return with_query(self._map, query)

    def shop(self, shop_id: int) -> str:
        return self._shop.replace(str(_ID), str(shop_id))

    def region(self, region: Name) -> str:
        return self._region.replace(_SLUG, region.slug)

    def township(self, region: Name, township: Name) -> str:
        return self._township.replace(_SLUG, region.slug).replace(_PLACE, township.slug)

    def category(self, category: Name) -> str:
        return self._category.replace(_SLUG, category.slug)

    def entry(self, entry_id: str) -> str:
        """The page of one price; nothing where there is no such page."""
        return self._entry.replace(_UUID, entry_id)

    @cached_property
    def _item(self) -> str:
        return reverse("item", args=[_SLUG])

    @cached_property
    def _near(self) -> str:
        return reverse("near", args=[_SLUG])

    @cached_property
    def _map(self) -> str:
        return reverse("map")

    @cached_property
    def _shop(self) -> str:
        return reverse("shop", args=[_ID])

    @cached_property
    def _region(self) -> str:
        return reverse("region", args=[_SLUG])

    @cached_property
    def _township(self) -> str:
        return reverse("township", args=[_SLUG, _PLACE])

    @cached_property
    def _category(self) -> str:
        return reverse("category", args=[_SLUG])

    @cached_property
    def _entry(self) -> str:
        try:
            return reverse("entry", args=[_UUID])
        except NoReverseMatch:
            return ""


class MapLinks(Links):
    """The same for the map's own page: an item's other regions, kinds and units are shown on the map too."""

    def item(self, item: Name, **query: str | list[str]) -> str:
        return self.map(item=item.slug, **query)


def with_query(path: str, query: Mapping[str, str | list[str]]) -> str:
    """A path with those parts of the query that say something; a list says its key for each of its parts."""
    said = {key: value for key, value in query.items() if value}
    return f"{path}?{urlencode(said, doseq=True)}" if said else path


def type_asked(type: str) -> str:
    """A kind of price as an address asks for it; retail, which most look for, is not said."""
    return "" if type == RETAIL else type.lower()


def as_fields(query: Mapping[str, str | list[str]]) -> tuple[tuple[str, str], ...]:
    """The same as hidden fields of a form."""
    return tuple(
        (key, value)
        for key, values in query.items()
        for value in (values if isinstance(values, list) else [values])
        if value
    )
