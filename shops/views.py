"""The list of shops, and following one. A shop's own page shows prices, so it is one of ``prices/``."""

from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import follow_views
from accounts.decorators import MemberRequest, members_only
from accounts.follow_views import FollowForm
from potato.errors import Unavailable
from potato.stores import degraded
from potato.stores.sessions import copy_suffices
from potato.text import zawgyi
from potato.text.wording import wording
from potato.web.htmx import page_or_partial
from potato.web.resubmission import describe
from shops import selectors
from shops.models import Region, Shop, Township

LONGEST_QUERY = 100
MOST_WORDS = 8


@dataclass
class Filters:
    """What the reader asked for, as far as it made sense; ``notes`` say what did not."""

    regions: list[Region]
    townships: list[Township] = field(default_factory=list)
    q: str = ""
    region: Region | None = None
    township: Township | None = None
    page: int = 1
    notes: list[str] = field(default_factory=list)

    def query(self, *, page: int) -> str:
        """The address of another page of the same list."""
        wanted = {
            "q": self.q,
            "region": self.region.slug if self.region else "",
            "township": self.township.slug if self.township else "",
            "page": page if page > 1 else "",
        }
        return "?" + urlencode({name: value for name, value in wanted.items() if value})


@copy_suffices
@require_safe
def shops(request: HttpRequest) -> HttpResponse:
    """List shops by name and place. A filter that makes no sense is left out, and a note says so.

    Without PostgreSQL the list comes from the names in memory.
    """
    try:
        return _list(request, selectors)
    except (OperationalError, InterfaceError, Unavailable):
        fallback = selectors.fallback()
        if fallback is None:
            raise
        degraded.mark("postgres")
        return _list(request, fallback)


def _list(request: HttpRequest, source: selectors.ShopList) -> HttpResponse:
    filters = _read_filters(request.GET, source)
    page = source.shops_page(
        words=filters.q.split()[:MOST_WORDS],
        region=filters.region,
        township=filters.township,
        number=filters.page,
    )
    context = {
        "filters": filters,
        "page": page,
        "earlier": filters.query(page=page.number - 1) if page.number > 1 else "",
        "later": filters.query(page=page.number + 1) if page.number < page.last else "",
        "canonical": "" if request.GET else request.path,
    }
    return page_or_partial(request, "shops/list.html", "shops/_list.html", context)


def _about(request: HttpRequest, shop_id: int) -> list[str]:
    return [str(get_object_or_404(Shop, pk=shop_id))]


@members_only
@describe(gettext_lazy("Send again"), FollowForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def favourite_shop(request: MemberRequest, shop_id: int) -> HttpResponse:
    """Follow a shop (``on`` is 1) or no longer (0); asked by GET, the button alone."""
    shop = get_object_or_404(Shop, pk=shop_id)
    return follow_views.answer(request, "shop", shop, url=shop.get_absolute_url())


def _read_filters(query: QueryDict, source: selectors.ShopList) -> Filters:
    filters = Filters(regions=source.all_regions())
    # Zero-width spaces stand in much Burmese text, and in no name here.
    filters.q = " ".join(query.get("q", "").replace("\u200b", "").replace("\x00", "").split())
    if len(filters.q) > LONGEST_QUERY:
        filters.q = filters.q[:LONGEST_QUERY].strip()
        filters.notes.append(
            _("That was long: only the first %(n)s signs were looked for.")
            % {"n": wording().number(LONGEST_QUERY)}
        )
    filters.q = zawgyi.readings(filters.q)[0].text
    if slug := query.get("region", ""):
        filters.region = next((region for region in filters.regions if region.slug == slug), None)
        if filters.region is None:
            filters.notes.append(_("There is no such state or region, so these are shops from everywhere."))
    if filters.region is not None:
        filters.townships = source.townships_of(filters.region.pk)
    if slug := query.get("township", ""):
        filters.township = next((township for township in filters.townships if township.slug == slug), None)
        if filters.township is None and filters.region is not None:
            filters.notes.append(
                _("There is no such township there, so these are shops of the whole region.")
            )
    if number := query.get("page", ""):
        # int() reads Burmese digits too.
        if number.isdecimal() and len(number) <= 6 and int(number) > 0:
            filters.page = int(number)
        else:
            filters.notes.append(_("There is no such page, so this is the first."))
    return filters
