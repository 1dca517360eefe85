"""The button by which a member follows something, alone: what follows it is the view of the app that owns it."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy

from accounts import following
from accounts.decorators import MemberRequest
from potato.errors import Refused
from potato.web.htmx import go_to, page_or_partial, wants_part


class FollowForm(forms.Form):
    on = forms.ChoiceField(
        label=gettext_lazy("Follow"), choices=[("1", gettext_lazy("Yes")), ("0", gettext_lazy("No"))]
    )


def answer(request: MemberRequest, kind: str, subject: Any, *, url: str) -> HttpResponse:
    """Follow the subject (``on`` is 1) or no longer (0); asked by GET, the button alone.

    :param kind: under which the table is registered that says who follows it.
    :param url: of the page about it, which has the same button. Who posts ``back=following`` came from their list.
    """
    status, refusal, is_done = 200, "", False
    if request.method == "POST":
        on = request.POST.get("on")
        if on not in ("0", "1"):
            status = 422
        else:
            try:
                following.set_following(kind, subject.pk, by=request.user, on=on == "1")
                is_done = True
            except Refused as refused:
                status, refusal = 422, str(refused)
        if is_done and not wants_part(request):
            return go_to(request, reverse("following") if request.POST.get("back") == "following" else url)
    follows = following.follows(kind, subject.pk, by=request.user)
    context = {
        "kind": kind,
        "subject": subject,
        "url": url,
        "favourite_url": request.path,
        "on": "0" if follows else "1",
        "is_done": is_done,
        "refusal": refusal,
    }
    return page_or_partial(request, "accounts/follow.html", "accounts/_follow.html", context, status=status)
