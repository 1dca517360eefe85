"""Session storage for a form that was sent after the session had ended, until its author signs in again."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from potato.web import resubmission

SESSION_KEY = "unsent"
# Of a form's fields, encoded: more than any of ours takes. A session is no place for more.
LONGEST = 16_000


def keep(request: HttpRequest, *, back: str) -> None:
    """Put the fields of the form that was posted into the visitor's session; signing in takes them along.

    :param back: where signing in leads. The page to sign in on says that what was typed is kept if the form is there.
    """
    fields = request.POST.copy()
    for name in list(fields):
        if resubmission.is_secret(name):
            del fields[name]
    encoded = fields.urlencode()
    if fields and len(encoded) <= LONGEST:
        request.session[SESSION_KEY] = [request.path, encoded]
        if urlsplit(back).path == request.path:
            messages.info(request, _("What you typed is kept. Sign in, and it is in the form again."))


def forget(request: HttpRequest) -> None:
    """Delete the form stored for this address: its author has sent it again."""
    if request.method == "POST" and request.session.get(SESSION_KEY, [""])[0] == request.path:
        del request.session[SESSION_KEY]


def take(request: HttpRequest) -> dict[str, str]:
    """Return the fields stored for the form at this address, once, with a message to their author; empty if none are."""
    return {name: str(value) for name, value in take_lists(request).items()}


def take_lists(request: HttpRequest) -> QueryDict:
    """The same, where several fields may have one name."""
    if request.headers.get("Sec-Fetch-Mode", "navigate") != "navigate":
        # A script looks at the page, not a person: the service worker's does so when it begins.
        return QueryDict()
    path, encoded = request.session.get(SESSION_KEY) or ("", "")
    if path != request.path:
        return QueryDict()
    del request.session[SESSION_KEY]
    messages.info(
        request, _("You had been signed out. What you typed is here again: look at it, and send it.")
    )
    return QueryDict(encoded)
