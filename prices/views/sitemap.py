"""The list of pages for search engines."""

from django.contrib.sites.requests import RequestSite
from django.core.paginator import InvalidPage
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from prices.pages.shared_parts.links import with_query
from prices.pages.sitemaps import SECTIONS

# Django's own views ask PostgreSQL for the site's name, which the request knows.


@gzip_page
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Where the lists are."""
    found = []
    for name, section_of in SECTIONS.items():
        address = request.build_absolute_uri(reverse("sitemap_section", args=[name]))
        for number in section_of().paginator.page_range:
            found.append({"location": with_query(address, {"p": str(number) if number > 1 else ""})})
    return _xml("sitemap_index.xml", {"sitemaps": found})


@gzip_page
@require_safe
def section(request: HttpRequest, section: str) -> HttpResponse:
    """The pages of one kind, a thousand addresses at a time."""
    if section not in SECTIONS:
        raise Http404(f"no list of pages is called {section}")
    try:
        urls = SECTIONS[section]().get_urls(
            page=request.GET.get("p", "1")[:9], site=RequestSite(request), protocol=request.scheme
        )
    except InvalidPage as error:
        raise Http404(str(error)) from error
    return _xml("sitemap.xml", {"urlset": urls})


def _xml(template: str, context: dict[str, object]) -> HttpResponse:
    response = HttpResponse(
        render_to_string(template, context), content_type="application/xml; charset=utf-8"
    )
    response["Cache-Control"] = "public, max-age=3600"
    return response
