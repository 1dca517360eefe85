"""What every template may use: numbers, days, ages, the menu, the address of the page in the other language.

Built in (see ``TEMPLATES``): nothing to load. In long tables the view prepares the texts with
``potato.text.wording`` instead.
"""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from potato import calendar, member
from potato.text.wording import wording
from potato.web.fragments import HIDDEN, Fragments
from potato.web.page_cache import personal as personal_parts
from potato.web.page_cache.personal import ANY_MEMBER, AnyMember, Reader

register = template.Library()

# The name of a page, its label, and the names of the pages that belong to it.
TABS = (
    ("home", _("Board"), "board", {"home", "region", "township", "map", "movers", "unusual"}),
    ("items", _("Items"), "items", {"items", "item", "category", "near"}),
    ("shops", _("Shops"), "shops", {"shops", "shop"}),
    ("submit", _("Add price"), "add", {"submit", "submission", "my_prices"}),
)

ALERTS = {"alerts", "alert_settings", "alert_rules", "alert_rule_new", "alert_rule", "following"}
"""The names of the pages that belong to the member's own tab."""


@register.filter
def number(value: int | str | None) -> str:
    """A whole number, grouped, in the reader's numerals."""
    return "" if value in (None, "") else wording().number(int(value))


@register.filter
def digits(text: str) -> str:
    """A text that holds numbers, in the reader's numerals."""
    return wording().digits(str(text))


@register.filter
def age(moment: datetime | int | None) -> str:
    """How long ago: ``3 h``, ``1 day``, or the date when that is long ago."""
    return wording().age(moment)


@register.filter
def day(value: date | datetime | None) -> str:
    """A day as the reader writes it: ``15 Jun 2024``; a moment's day is that in Yangon."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = calendar.yangon_day(value)
    return wording().day(value)


@register.filter
def clock_time(moment: datetime | None) -> str:
    """The time of day in Yangon."""
    return "" if moment is None else wording().time(moment)


@register.filter
def percent(value: float | Decimal) -> str:
    """The size of a change in percent, without its sign."""
    return wording().percent(value)


@register.simple_tag
def url_if(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page, or nothing where this installation has no such page."""
    try:
        return reverse(name, args=args, kwargs=kwargs)
    except NoReverseMatch:
        return ""


@register.inclusion_tag("components/tabs.html", takes_context=True)
def tabs(context: dict[str, Any]) -> dict[str, Any]:
    """The five ways of the menu; the last one is the member's alerts or, for a visitor, to sign in."""
    request = context.get("request")
    match = getattr(request, "resolver_match", None)
    here = (match.url_name if match else "") or ""
    found = [
        {"url": url, "label": label, "icon": icon, "current": here in pages}
        for name, label, icon, pages in TABS
        if (url := url_if(name))
    ]
    return {
        "request": request,
        "tabs": found,
        "alerts_url": url_if("alerts"),
        "sign_in_url": url_if("account_login"),
        "is_alerts": here in ALERTS,
        "is_own": here.startswith("account_"),
    }


@register.tag
def personal(parser: template.base.Parser, _token: template.base.Token) -> "PersonalPart":
    """A part of a page that depends on who reads it: ``{% personal %}{{ member.name }}{% endpersonal %}``.

    In it is ``member``, of which it may use what ``AnyMember`` has; it looks at nothing else of its reader, and is not
    empty for a visitor. Then the page cache serves the page to members, too, and fills the part for each.
    """
    nodes = parser.parse(("endpersonal",))
    parser.delete_first_token()
    return PersonalPart(nodes)


class PersonalPart(template.Node):
    def __init__(self, nodes: template.NodeList) -> None:
        self.nodes = nodes

    def render(self, context: template.Context) -> str:
        request: Any = context.get("request")
        # A page of an error may come before anybody has looked for a session.
        reader = member.shown_to(request) if hasattr(request, "session") else member.VISITOR
        if reader.id is not None:
            return self._render(context, _reader_of(request, reader))
        shown = self._render(context, member.VISITOR)
        personal_parts.add(for_visitor=shown, for_member=self._render(context, ANY_MEMBER))
        return shown

    def _render(self, context: template.Context, reader: member.Member | AnyMember | Reader) -> str:
        with context.push(member=reader):
            return self.nodes.render(context)


def _reader_of(request: Any, reader: member.Member) -> Reader:
    """The same one for all parts of a page: it asks once for what it needs."""
    known: Reader | None = getattr(request, "_reader_of_parts", None)
    if known is None or known.id != reader.id:
        known = request._reader_of_parts = Reader(
            request, id=reader.id or 0, name=reader.name, session_digest=reader.session_digest
        )
    return known


@register.simple_tag(takes_context=True)
def follow_or_not(context: dict[str, Any], kind: str, id: int) -> str:
    """What a tap on the button to follow asks for, in a ``{% personal %}`` part: 1 to follow, 0 to stop."""
    return context["member"].follow_or_not(kind, id)


@register.tag
def fragment(parser: template.base.Parser, token: template.base.Token) -> "Fragment":
    """A part of a page that is the same for everybody: ``{% fragment "history" %} ... {% endfragment %}``.

    It comes from the cache where the view has found it there (``fragments``, see ``potato.web.fragments``).
    """
    try:
        _tag, part = token.split_contents()
    except ValueError:
        raise template.TemplateSyntaxError("fragment takes one name, in quotes") from None
    nodes = parser.parse(("endfragment",))
    parser.delete_first_token()
    return Fragment(part.strip("'\""), nodes)


class Fragment(template.Node):
    def __init__(self, part: str, nodes: template.NodeList) -> None:
        self.part = part
        self.nodes = nodes

    def render(self, context: template.Context) -> str:
        fragments: Fragments | None = context.get("fragments")
        if fragments is None:
            return self.nodes.render(context)
        html = fragments.get(self.part)
        if html is None:
            with context.push(**dict.fromkeys(HIDDEN)):
                html = self.nodes.render(context)
            fragments.add(self.part, html)
        return html


@register.simple_tag(takes_context=True)
def other_language(context: dict[str, Any]) -> dict[str, str]:
    """The same page in the other language: ``code``, ``name`` in that language, ``url``."""
    code = "en" if (get_language() or "en").startswith("my") else "my"
    request = context.get("request")
    full_path = request.get_full_path() if request else "/"
    return {"code": code, "name": "English" if code == "en" else "မြန်မာ", "url": in_language(full_path, code)}


@register.filter
def translations(path: str, request: HttpRequest) -> list[dict[str, str]]:
    """The absolute addresses of a page of this site in every language, for search engines; English for all others."""
    codes = [(code, code) for code, _name in settings.LANGUAGES] + [("x-default", settings.LANGUAGE_CODE)]
    return [
        {"code": said, "url": request.build_absolute_uri(in_language(path, code))} for said, code in codes
    ]


@register.simple_tag(takes_context=True)
def absolute(context: dict[str, Any], path: str = "") -> str:
    """The absolute address of a path of this site; of this page, without its query, by default."""
    request = context.get("request")
    return request.build_absolute_uri(path or request.path) if request else path


@register.filter
def json_ld(data: dict[str, Any]) -> str:
    """Data as they may stand inside a ``script`` of HTML that no browser runs."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate({ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}))


def in_language(full_path: str, code: str) -> str:
    """A path of this site under the prefix of another language."""
    for language, _name in settings.LANGUAGES:
        prefix = f"/{language}/"
        if language != settings.LANGUAGE_CODE and full_path.startswith(prefix):
            # One slash only: two would make the rest the name of another site.
            full_path = "/" + full_path[len(prefix) :].lstrip("/")
    return full_path if code == settings.LANGUAGE_CODE else f"/{code}{full_path}"


@register.filter
def other_lang(_: object) -> str:
    """The code of the language that this page is not in."""
    return "en" if (get_language() or "en").startswith("my") else "my"
