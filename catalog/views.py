"""Following an item. An item's own page shows prices, so it is one of ``prices/``."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import follow_views
from accounts.decorators import MemberRequest, members_only
from accounts.follow_views import FollowForm
from catalog.models import Item
from potato.web.resubmission import describe


def _about(request: HttpRequest, slug: str) -> list[str]:
    return [str(get_object_or_404(Item, slug=slug))]


@members_only
@describe(gettext_lazy("Send again"), FollowForm, about=_about)
@require_http_methods(["GET", "HEAD", "POST"])
def favourite_item(request: MemberRequest, slug: str) -> HttpResponse:
    """Follow an item (``on`` is 1) or no longer (0); asked by GET, the button alone."""
    item = get_object_or_404(Item, slug=slug)
    return follow_views.answer(request, "item", item, url=item.get_absolute_url())
