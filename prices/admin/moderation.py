"""The page on which moderators decide about the prices that wait."""

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.decorators import MemberRequest
from potato.errors import Unavailable
from potato.text.wording import wording
from potato.web.htmx import unchanged, wants_part
from potato.web.resubmission import describe
from prices.admin import decisions, queue
from prices.forms.acts import OnceForm
from prices.forms.fields import ActIdField
from prices.ledger.rights import may_moderate
from prices.models import LedgerRow
from prices.types import EDITABLE, Status


class PickedField(forms.Field):
    """The prices whose boxes are ticked, each with the status that the moderator saw: ``id:status``."""

    widget = forms.SelectMultiple
    default_error_messages = {
        "required": gettext_lazy("Tick the prices that you mean."),
        "invalid": gettext_lazy("A ticked price is damaged. Please load the page again."),
    }

    def to_python(self, value: Any) -> list[tuple[UUID, Status]]:
        picked: list[tuple[UUID, Status]] = []
        for text in (value or [])[: 2 * queue.PAGE]:
            entry_id, _colon, seen = str(text).partition(":")
            try:
                picked.append((UUID(entry_id[:40]), cast(Status, seen)))
            except ValueError:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
            if seen not in EDITABLE:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return picked

    def as_sent(self, given: Sequence[str]) -> str:
        return ngettext("%(n)s price", "%(n)s prices", len(given)) % {"n": wording().number(len(given))}


class CheckForm(OnceForm):
    """What a moderator decides about the prices that they ticked."""

    act_id = ActIdField()
    entry = PickedField(label=gettext_lazy("Prices"))
    action = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("published", gettext_lazy("Publish")), ("removed", gettext_lazy("Remove"))],
        error_messages={"required": gettext_lazy("Press “Publish” or “Remove”.")},
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Needed to remove. Everybody can read it."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("action") == "removed" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why: whoever sent the price reads it."))
        return data


def _about(request: HttpRequest) -> list[str]:
    """The ticked prices in words, for moderators."""
    try:
        picked = PickedField().clean(request.POST.getlist("entry"))
    except forms.ValidationError:
        return []
    if not may_moderate(request.user):
        return []
    texts = decisions.price_texts({str(entry_id): None for entry_id, _status in picked})
    return list(texts.values())


@describe(gettext_lazy("Send again"), CheckForm, about=_about)
def to_check(request: MemberRequest) -> HttpResponse:
    """Prices that wait for a moderator, and what became of those just decided: publish or remove, many at once."""
    if not may_moderate(request.user):
        raise PermissionDenied
    after = queue.position_of(request.GET.get("before", ""))
    form = CheckForm(request.POST if request.method == "POST" else None)
    lines: list[queue.Line] = []
    undecided: list[tuple[str, str]] = []
    older, away = "", False
    try:
        if form.is_bound and form.is_valid():
            _decide(request, form)
            return HttpResponseRedirect(request.get_full_path())
        lines, older = queue.read_page(by=request.user, after=after)
    except Unavailable:
        away = True
        if form.is_bound and "entry" in form.cleaned_data:
            undecided = decisions.undecided(
                by=request.user,
                form_id=form.cleaned_data.get("act_id") or UUID(int=0),
                picked=form.cleaned_data["entry"],
            )
    context = {
        **admin.site.each_context(request),
        "title": _("Prices to check"),
        "opts": LedgerRow._meta,
        "lines": lines,
        "form": form,
        "picked": set(request.POST.getlist("entry")),
        "undecided": undecided,
        "away": away,
        "older": older,
        "is_first": after is None,
        **_decided(request),
    }
    status = 503 if away else 422 if form.errors else 200
    return TemplateResponse(request, "admin/prices/to_check.html", context, status=status)


@never_cache
@require_safe
def decided(request: MemberRequest) -> HttpResponse:
    """The list of what was just decided, which the page asks for again while something in it waits."""
    if not wants_part(request):
        return HttpResponseRedirect(reverse("admin:prices_to_check"))
    if not (admin.site.has_permission(request) and may_moderate(request.user)):
        # The page stays as it is; what is sent from it leads to the sign-in page.
        return unchanged()
    return render(request, "admin/prices/_decided.html", _decided(request))


def _decide(request: MemberRequest, form: CheckForm) -> None:
    refused = decisions.decide(
        by=request.user,
        form_id=form.cleaned_data["act_id"],
        picked=form.cleaned_data["entry"],
        status=form.cleaned_data["action"],
        reason=form.cleaned_data["reason"],
    )
    for price, why in refused:
        messages.warning(request, _("Not changed: %(price)s. %(why)s") % {"price": price, "why": why})


def _decided(request: MemberRequest) -> dict[str, Any]:
    outcomes = decisions.just_decided(by=request.user)
    states = [outcome.state for outcome in outcomes]
    return {
        "outcomes": outcomes,
        "done": states.count("done"),
        "waits": states.count("waits"),
        "not_done": states.count("not_done"),
    }
