"""The inbox, and what one follows."""

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts import following as follows
from accounts.decorators import MemberRequest, members_only
from alerts import inbox, selectors, services
from alerts.forms import ReadForm
from alerts.models import KEEP_DAYS, Notification
from potato import calendar
from potato.text.wording import wording
from potato.web.htmx import go_to, page_or_partial
from potato.web.resubmission import describe
from prices.names import cache as names
from prices.types import Name

PAGE = 30
LONGEST_ID = 18
"""Digits: PostgreSQL's ids have no more."""
LABELS = {
    "": gettext_lazy("All"),
    "unread": gettext_lazy("Unread"),
    "prices": gettext_lazy("Prices"),
    "summaries": gettext_lazy("Summaries"),
}


FOLLOWED = {"item": gettext_lazy("Items"), "shop": gettext_lazy("Shops")}


@members_only
@require_safe
def alerts(request: MemberRequest) -> HttpResponse:
    """A person's notifications, the newest first."""
    return _inbox(request)


@members_only
@describe(gettext_lazy("Mark all read"), ReadForm)
@require_http_methods(["GET", "HEAD", "POST"])
def mark_read(request: MemberRequest) -> HttpResponse:
    """Mark read what was on the page when it was shown (``until``), and all that is older."""
    if request.method != "POST":
        return redirect("alerts")
    until = _id(request.POST.get("until", ""))
    if until is not None:
        services.mark_read(user_id=request.user.pk, now=timezone.now(), until=until)
    return _inbox(request) if request.htmx else go_to(request, reverse("alerts"))


@members_only
@require_safe
def alert(request: MemberRequest, id: int) -> HttpResponse:
    """Lead to what a notification is about; from then on it is read."""
    one = (
        Notification.objects.filter(user=request.user, pk=id).first() if len(str(id)) <= LONGEST_ID else None
    )
    if one is None:
        # A summary that has grown since has another id; what is older than is kept has none.
        return redirect("alerts")
    if request.method == "GET":
        services.mark_read(user_id=request.user.pk, now=timezone.now(), until=one.pk, only=one.pk)
    return redirect("entry", one.entry_id) if one.entry_id else redirect("following")


@members_only
@require_safe
def following(request: MemberRequest) -> HttpResponse:
    """The shops and items that a person follows, each with the button to stop."""
    groups = [(kind, heading, _named(kind, request.user.pk)) for kind, heading in FOLLOWED.items()]
    return render(request, "alerts/following.html", {"groups": [group for group in groups if group[2]]})


def _named(kind: str, user_id: int) -> list[tuple[Name, str, str]]:
    """What somebody follows of a kind: its name, its page, and where to stop following it."""
    ids = follows.ids_of(kind, user_id)
    known = sorted((name for id in ids if (name := names.get(kind, id))), key=str)  # type: ignore[arg-type]
    return [
        (name, reverse(kind, args=[name.slug]), reverse(f"favourite_{kind}", args=[name.slug]))
        for name in known
    ]


def _inbox(request: MemberRequest) -> HttpResponse:
    words, notes = wording(), []
    show, before = request.GET.get("show", ""), _id(request.GET.get("before", ""))
    if show not in selectors.FILTERS:
        notes.append(_("Alerts cannot be filtered like this; here are all."))
        show = ""
    if before is None and request.GET.get("before"):
        notes.append(_("This page does not exist; here are the newest."))
    found = selectors.inbox(request.user.pk, show=show, before=before, limit=PAGE + 1)
    rows, n_unread = found[:PAGE], selectors.unread(request.user.pk)
    context = {
        "days": inbox.by_day(rows, today=calendar.yangon_day(timezone.now()), words=words),
        "filters": [
            {"url": f"?show={key}" if key else "?", "label": label, "is_current": key == show}
            for key, label in LABELS.items()
        ],
        "show": show,
        "until": rows[0].pk if rows and before is None else None,
        "n_unread": n_unread,
        "older": rows[-1].pk if len(found) > PAGE else None,
        "is_first": before is None,
        "notes": notes,
        "keep_days": words.number(KEEP_DAYS),
    }
    return page_or_partial(request, "alerts/inbox.html", "alerts/_inbox.html", context)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_ID else None
