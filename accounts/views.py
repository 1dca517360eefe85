"""Pages about the person who is signed in; allauth's pages with the doors that Potato adds."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views as allauth
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.response import TemplateResponse
from django.urls import reverse, translate_url
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language_from_path, gettext_lazy, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import addresses, selectors, services, unsent
from accounts.decorators import MemberRequest, members_only
from accounts.forms import ProfileForm, RulesForm
from accounts.models import User
from potato import preferences
from potato.errors import Refused
from potato.web.htmx import is_background, unchanged
from potato.web.resubmission import describe


@members_only
@describe(gettext_lazy("Save"), ProfileForm)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: MemberRequest) -> HttpResponse:
    """Show what Potato knows about the person, and let them change it."""
    sent = request.method == "POST"
    form = ProfileForm(request.POST if sent else None, instance=request.user, initial=unsent.take(request))
    if sent and form.is_valid():
        user = form.save()
        with override(user.language):
            messages.success(request, _("Saved."))
        response = redirect(translate_url(reverse("profile"), user.language))
        if "home_region" in form.changed_data:
            preferences.keep_region(request, response, user.home_region.slug if user.home_region else "")
        return response
    if sent:
        # The form has written into the user what it then refused; the menu shows what is stored.
        request.user.refresh_from_db()
    return render(request, "accounts/profile.html", {"form": form}, status=422 if sent else 200)


@members_only
@describe(gettext_lazy("Become a contributor"), RulesForm)
@require_http_methods(["GET", "HEAD", "POST"])
def become_contributor(request: MemberRequest) -> HttpResponse:
    """Show the contributors' rules, and let a reader accept them."""
    sent = request.method == "POST"
    form = RulesForm(request.POST if sent else None)
    target = _safe_next(request)
    if sent and form.is_valid():
        try:
            became = services.become_contributor(user=request.user, now=timezone.now())
        except Refused as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(
                request,
                _("You are a contributor now: welcome.") if became else _("You may add prices already."),
            )
            return redirect(target or reverse("profile"))
    page = {
        "form": form,
        "next": target,
        "is_verified": selectors.has_verified_email(user=request.user),
    }
    return render(request, "accounts/become_contributor.html", page, status=422 if sent else 200)


class AddressesView(allauth.EmailView):
    """allauth's page of a person's e-mail addresses; every change of them asks for the password."""

    def post(self, request: MemberRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.has_usable_password():
            # There is none to ask for: who gets the account's mail may set one.
            return redirect("account_reset_password")
        with transaction.atomic():
            before = addresses.lock(user=request.user)
            if not selectors.has_same_password(user=request.user):
                # Signed out while this request waited for its turn.
                return redirect("account_login")
            response = super().post(request, *args, **kwargs)
            addresses.notify_of_changes(request=request, user=request.user, before=before, now=timezone.now())
        return response

    def _action_primary(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse | None:
        try:
            with transaction.atomic():
                return super()._action_primary(request, *args, **kwargs)
        except IntegrityError:
            # Somebody signed up with this address and never confirmed it.
            messages.error(request, _("Another account uses this address."))
            return None


email_addresses = AddressesView.as_view()


def reauthenticate(request: HttpRequest) -> HttpResponse:
    """allauth's page that asks for the password again. What waits for it was sent in a language that may have changed since."""
    if request.method != "POST":
        return allauth.reauthenticate(request)
    waiting = request.POST.get("next", "").partition("?")[0]
    language = get_language_from_path(waiting) or settings.LANGUAGE_CODE
    # allauth compares its own address with that of the request.
    request.path = translate_url(request.path, language)
    with override(language):
        return allauth.reauthenticate(request)


@members_only
def set_password(request: HttpRequest) -> HttpResponse:
    """Send on who has no password: a session alone proves nothing, but the account's mail does."""
    return redirect("account_reset_password")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo_address(request: HttpRequest, token: str) -> HttpResponse:
    """Show what the link of a lost address does, and give the account back to that address when asked to.

    The link is all that it takes: whoever needs it cannot sign in.
    """
    if is_background(request):
        return unchanged()
    now, is_signed_in = timezone.now(), request.user.is_authenticated
    undo = addresses.find_undo(token=token, now=now)
    is_taken = undo is not None and not undo.used_at and addresses.is_taken(undo)
    if request.method == "POST" and undo and not is_taken:
        try:
            user = addresses.undo_change(request=request, token=token, now=now)
        except Refused:
            is_taken = True
        else:
            if user is not None:
                if is_signed_in:
                    # Into the same account or another one: the new password is for this one.
                    logout(request)
                return redirect(_new_password_url(user))
            undo = None
    status = 409 if is_taken else 200 if undo else 410
    response = render(
        request, "accounts/undo_address.html", {"undo": undo, "is_taken": is_taken}, status=status
    )
    # The address of this page is a secret. "no-referrer" would keep it, too, but browsers would send the form without its Origin.
    response["Referrer-Policy"] = "strict-origin"
    return response


def _new_password_url(user: User) -> str:
    """Where whoever holds this address of a page chooses a new password for the account, once."""
    key = default_token_generator.make_token(user)
    return reverse("account_reset_password_from_key", args=[user_pk_to_url_str(user), key])


def refusing_by_422(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Make a page of allauth say by its status that the form was not accepted."""

    @wraps(view)
    def answering(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        if (
            request.method == "POST"
            and isinstance(response, TemplateResponse)
            and response.status_code == 200
        ):
            form = (response.context_data or {}).get("form")
            if form is not None and form.errors:
                response.status_code = 422
        return response

    return answering


def _safe_next(request: HttpRequest) -> str:
    """Where the visitor wanted to go: an address of this site, or nothing."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    is_safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if is_safe else ""
