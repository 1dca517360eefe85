"""The pages that want to be found, for search engines: from names in memory, no database is asked."""

from collections.abc import Sequence
from typing import ClassVar

from django.contrib.sitemaps import Sitemap
from django.urls import reverse
from django.utils.translation import get_language

from prices.names import cache as names
from prices.pages.shared_parts.links import Links
from prices.types import Name, NameKind

PAGES = ("home", "items", "shops")


class _Pages(Sitemap):
    """Addresses in both languages, each naming the other; English speaks for who reads neither."""

    i18n = alternates = x_default = True
    changefreq = "daily"
    limit = 1000


class Overview(_Pages):
    def items(self) -> Sequence[str]:
        return PAGES

    def location(self, item: str) -> str:
        return reverse(item)


class Named(_Pages):
    """The pages of everything of some kinds that has a name."""

    kinds: ClassVar[tuple[NameKind, ...]] = ()

    def __init__(self) -> None:
        self._links: dict[str, Links] = {}

    def items(self) -> list[Name]:
        return [name for kind in self.kinds for name in names.all_of(kind) if is_worth_finding(name)]

    def location(self, item: Name) -> str:
        links = self._links.setdefault(get_language() or "", Links())
        match item.kind:
            case "item":
                return links.item(item)
            case "category":
                return links.category(item)
            case "region":
                return links.region(item)
            case "township":
                region = names.get("region", item.facts["region"])
                assert region is not None
                return links.township(region, item)
            case _:
                return links.shop(item.id)


class Goods(Named):
    kinds = ("category", "item")


class Places(Named):
    kinds = ("region", "township")


class Shops(Named):
    kinds = ("shop",)


SECTIONS: dict[str, type[_Pages]] = {"pages": Overview, "items": Goods, "places": Places, "shops": Shops}


def is_worth_finding(name: Name) -> bool:
    """Whether a page says anything today: neither a retired item, nor a shop that is closed for good."""
    if name.kind == "township":
        return names.get("region", name.facts.get("region")) is not None
    return bool(name.facts.get("active", True)) and name.facts.get("status") != "CLOSED"
