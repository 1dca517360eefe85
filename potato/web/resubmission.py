"""Forms that were not accepted: what one of our own pages sent, to be shown and sent again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django import forms
from django.conf import settings
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.utils import unquote
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db import Error as DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.choices import flatten_choices
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from potato.errors import Unavailable

Fields = list[tuple[str, str]]
View = TypeVar("View", bound=Callable[..., HttpResponse])
Text = str | Promise

SHOWN_CHARACTERS = 200
"""Of a longer value the rest is sent, but not shown."""
SECRETS = ("password", "token", "secret")
# Of allauth's forms, those that anybody may send; the others change who may sign in.
OPEN_ACCOUNT_FORMS = {"account_login", "account_signup", "account_logout", "account_reset_password"}
LABELS = {
    "login": gettext_lazy("E-mail address"),
    "email": gettext_lazy("E-mail address"),
    "display_name": gettext_lazy("Display name"),
}


@dataclass(frozen=True, slots=True)
class SentForm:
    """A form as it was sent."""

    kept: Fields
    """Names and values to send again: all of them but secrets."""
    had_password: bool
    had_files: bool


@dataclass(frozen=True, slots=True)
class _Description:
    button: Text
    form: Any
    about: Callable[..., list[str]] | None


def describe(
    button: Text, form: Any = None, *, about: Callable[..., list[str]] | None = None
) -> Callable[[View], View]:
    """Mark a view with the text of its form's button, and with the form: its fields have the labels.

    :param form: a form's class, or a function that returns a form.
    :param about: takes what the view takes, and returns the names of what the form acts on, as far as the reader may
        see them. It may raise Http404, and the errors of a store that does not answer.
    """

    def mark(view: View) -> View:
        view.sent_form = _Description(button, form, about)  # type: ignore[attr-defined]
        return view

    return mark


def is_secret(name: str) -> bool:
    """Whether a field holds a secret (a password or token), which is neither stored nor shown again."""
    return any(secret in name.lower() for secret in SECRETS)


def is_same_origin(request: HttpRequest) -> bool:
    """Whether the browser itself says that one of our own pages sent this. Two headers that contradict each other do not."""
    claims = []
    if (site := request.headers.get("Sec-Fetch-Site")) is not None:
        claims.append(site == "same-origin")
    if (origin := request.headers.get("Origin")) is not None:
        ours = [f"{request.scheme}://{request.get_host()}", *settings.CSRF_TRUSTED_ORIGINS]
        claims.append(origin in ours)
    return bool(claims) and all(claims)


def may_be_given_back(request: HttpRequest) -> bool:
    """Whether what was sent may stand in a page that sends it again: another site could have had a reader send anything."""
    # Set by Django once the form's token was found to be right.
    return getattr(request, "csrf_processing_done", False) or is_same_origin(request)


def changes_who_may_sign_in(request: HttpRequest) -> bool:
    """Whether a form is one of allauth's that must not be sent under another account by a slip."""
    name = _url_name(request)
    return name.startswith("account_") and name not in OPEN_ACCOUNT_FORMS


def needs_account(request: HttpRequest) -> bool:
    """Whether the view lets in only whoever is signed in, and keeps what others send until they are."""
    return getattr(_view(request), "needs_account", False)


def read(request: HttpRequest) -> SentForm:
    """The form that was sent; without any field where none could be read."""
    try:
        posted, files = request.POST, request.FILES
    except Exception:
        # It could not be read in the first place.
        return SentForm([], had_password=False, had_files=False)
    return SentForm(
        kept=[(name, value) for name, values in posted.lists() if not is_secret(name) for value in values],
        had_password=any("password" in name.lower() for name in posted),
        had_files=bool(files),
    )


def button_of(request: HttpRequest) -> Text:
    """What the button of the form says that was sent."""
    described = _description(request)
    return described.button if described else gettext_lazy("Send again")


def about(request: HttpRequest) -> list[str]:
    """Names of what the form acts on; empty if it acts on nothing, or the names are hidden or unavailable now."""
    view, match, described = _view(request), request.resolver_match, _description(request)
    try:
        if described and described.about and match:
            return described.about(request, *match.args, **match.kwargs)
        if model_admin := getattr(view, "model_admin", None):
            return _rows(request, model_admin, **match.kwargs if match else {})
    except (Http404, DatabaseError, Unavailable):
        # The form can be sent without them.
        pass
    return []


def shown(request: HttpRequest, sent: SentForm) -> Fields:
    """Labels and values of a form's fields, for its sender to read; long values are cut.

    :raises OperationalError: PostgreSQL does not answer; what was chosen from its rows has its name there.
    """
    given: dict[str, list[str]] = {}
    for name, value in sent.kept:
        given.setdefault(name, []).append(value)
    described = _description(request)
    texts = (
        _of_form(described.form, given)
        if described and described.form
        else _of_any_form(_view(request), given)
    )
    return [(label, Truncator(text).chars(SHOWN_CHARACTERS)) for label, text in texts if text]


def _of_form(form: Any, given: dict[str, list[str]]) -> Fields:
    fields = getattr(form, "base_fields", None) or form().fields
    return [
        (str(field.label or name), _value(field, given[name]))
        for name, field in fields.items()
        if name in given and not field.widget.is_hidden
    ]


def _value(field: forms.Field, given: Sequence[str]) -> str:
    """What was given for a field, as its reader knows it."""
    if own := getattr(field, "as_sent", None):
        return own(given)
    # Of several values of one name forms take the last.
    value = given[-1]
    if isinstance(field, forms.BooleanField):
        return _("Yes")
    if isinstance(field, forms.ModelChoiceField):
        return _row(field, value)
    if isinstance(field, forms.ChoiceField):
        choices: Any = flatten_choices(field.choices)  # type: ignore[arg-type]
        labels = {str(known): str(label) for known, label in choices}
        return labels.get(value, value)
    return value


def _row(field: forms.ModelChoiceField, value: str) -> str:
    try:
        row = field.to_python(value)
    except ValidationError:
        return value
    return "" if row is None else field.label_from_instance(row)


def _rows(request: HttpRequest, model_admin: Any, object_id: str | None = None, **_others: Any) -> list[str]:
    """The rows that a form of the admin changes or deletes, or that are ticked in a list."""
    if not model_admin.admin_site.has_permission(request):
        return []
    if object_id is None and (request.POST.get("select_across") == "1" or "_save" in request.POST):
        # More than those that are ticked.
        return []
    ids = request.POST.getlist(ACTION_CHECKBOX_NAME) if object_id is None else [unquote(object_id)]
    try:
        rows = list(model_admin.get_queryset(request).filter(pk__in=ids)) if ids else []
    except (ValidationError, ValueError):
        return []
    return [str(row) for row in rows if model_admin.has_view_permission(request, row)]


def _of_any_form(view: Any, given: dict[str, list[str]]) -> Fields:
    """The fields of a form that nobody described, such as the admin's: those that hold a text."""
    model_admin = getattr(view, "model_admin", None)
    return [
        (_label(name, model_admin), ", ".join(filter(None, values)))
        for name, values in given.items()
        # Buttons, where to go afterwards, and what a set of forms counts with.
        if not name.startswith(("_", "initial-")) and name != "next" and not name.endswith("_FORMS")
    ]


def _label(name: str, model_admin: Any) -> str:
    if model_admin is not None:
        try:
            return capfirst(str(model_admin.model._meta.get_field(name).verbose_name))
        except (FieldDoesNotExist, AttributeError):
            pass
    return str(LABELS.get(name) or capfirst(name.replace("_", " ")))


def _description(request: HttpRequest) -> _Description | None:
    return getattr(_view(request), "sent_form", None)


def _view(request: HttpRequest) -> Any:
    return request.resolver_match.func if request.resolver_match else None


def _url_name(request: HttpRequest) -> str:
    return (request.resolver_match.url_name if request.resolver_match else "") or ""
