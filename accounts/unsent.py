"""What somebody typed into a form while his session had ended, kept for when he has signed in again."""

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

SESSION_KEY = "unsent"
# Of a form's fields, encoded: more than any of ours takes. A session is no place for more.
LONGEST = 16_000
PRIVATE = ("csrfmiddlewaretoken", "password")


def keep(request: HttpRequest) -> None:
    """Put the fields of the form that was posted into the visitor's session; signing in takes them along."""
    fields = request.POST.copy()
    for name in list(fields):
        if name.startswith(PRIVATE):
            del fields[name]
    encoded = fields.urlencode()
    if fields and len(encoded) <= LONGEST:
        request.session[SESSION_KEY] = [request.path, encoded]


def take(request: HttpRequest) -> dict[str, str]:
    """The fields that were kept for the form at this address, and tell their author so; once. Empty without any."""
    path, encoded = request.session.get(SESSION_KEY) or ("", "")
    if path != request.path:
        return {}
    del request.session[SESSION_KEY]
    messages.info(
        request, _("You had been signed out. What you typed is here again: look at it, and send it.")
    )
    return QueryDict(encoded).dict()
