"""Who may enter a view. Each asks PostgreSQL for the person: role, ban and session as they are now."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from accounts import unsent
from accounts.models import User
from potato.member import PageRequest
from potato.web.htmx import details, go_to, in_place_of_page, is_background, unchanged

View = Callable[..., HttpResponse]


class MemberRequest(PageRequest):
    """What the views get that these guard: somebody is signed in."""

    user: User


def members_only(view: View) -> View:
    """Let in whoever is signed in."""
    return _guarded(view, lambda user: True, reason="")


def contributors_only(view: View) -> View:
    """Let in whoever may submit prices; a reader gets the page that says how to become a contributor."""
    return _guarded(view, lambda user: user.may_submit, reason="role")


def _guarded(view: View, may_enter: Callable[[User], bool], *, reason: str) -> View:
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        user = request.user
        if user.is_authenticated and may_enter(user):
            unsent.forget(request)
            return view(request, *args, **kwargs)
        if is_background(request):
            # Nobody pressed anything: the page stays, with whatever is being typed into it.
            return unchanged()
        if user.is_authenticated:
            return _refuse(request, reason=reason)
        return _refuse(request, reason="banned") if _is_banned(request) else _to_sign_in(request)

    guarded.needs_account = True  # type: ignore[attr-defined]
    return never_cache(guarded)


def _refuse(request: HttpRequest, *, reason: str) -> HttpResponse:
    context = {"reason": reason, "next": request.get_full_path()}
    return in_place_of_page(request, render(request, "accounts/not_allowed.html", context, status=403))


def _is_banned(request: HttpRequest) -> bool:
    """Whether this visitor's session belongs to somebody who is banned (and hence counts as signed out)."""
    user_id = request.session.get(SESSION_KEY)
    return user_id is not None and User.objects.filter(pk=user_id, banned_at__isnull=False).exists()


def _to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and afterwards back to where the visitor was."""
    back = request.get_full_path()
    if request.method not in ("GET", "HEAD"):
        # What was posted cannot be posted again: go back to the page with the form, which takes it, or with the button.
        back = request.headers.get("referer", "")
        if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
            back = resolve_url(settings.LOGIN_REDIRECT_URL)
        unsent.keep(request, back=back)
    response = redirect_to_login(back, redirect_field_name=REDIRECT_FIELD_NAME)
    return go_to(request, response.url) if details(request) else response
