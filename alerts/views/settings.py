"""How a person likes to be notified."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.decorators import MemberRequest, members_only
from alerts import selectors
from alerts.forms import SettingsForm
from potato.web.htmx import go_to
from potato.web.resubmission import describe


@members_only
@describe(gettext_lazy("Save"), SettingsForm)
@require_http_methods(["GET", "HEAD", "POST"])
def alert_settings(request: MemberRequest) -> HttpResponse:
    """How many notifications a day, and when none."""
    sent = request.method == "POST"
    form = SettingsForm(request.POST if sent else None, instance=selectors.settings_of(request.user.pk))
    if sent and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return go_to(request, reverse("alert_settings"))
    return render(request, "alerts/settings.html", {"form": form}, status=422 if sent else 200)
