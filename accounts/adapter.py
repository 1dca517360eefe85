"""How allauth behaves in Potato."""

from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal import flows
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import IntegrityError, transaction
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import translate_url
from django.utils import timezone
from django.utils.translation import get_language, override

from accounts import addresses, selectors
from accounts.models import User
from potato import preferences
from potato.stores import sessions


class AccountAdapter(DefaultAccountAdapter):
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        try:
            with transaction.atomic():
                return super().save_user(request, user, form, commit)
        except IntegrityError:
            # Signed up twice at the same moment: the second gets the same answer as for any address that has
            # an account, which tells nobody but the address's owner that there is one.
            response = flows.signup.prevent_enumeration(request, email=form.cleaned_data["email"])
            raise ImmediateHttpResponse(response) from None

    def set_password(self, user: User, password: str) -> None:
        with transaction.atomic():
            addresses.lock(user=user)
            if not selectors.has_same_password(user=user):
                raise ImmediateHttpResponse(redirect("account_login"))
            user.set_password(password)
            # The password alone: a ban or a role given meanwhile is not undone.
            user.save(update_fields=["password"])
        # Their hash no longer fits, but price pages would go on greeting them by name.
        sessions.end_all(account_id=user.pk)

    def confirm_email(self, request: HttpRequest, email_address: EmailAddress) -> bool:
        with transaction.atomic():
            addresses.lock(user=email_address.user)
            # Else saving it would put an address back that the account has lost meanwhile.
            if not EmailAddress.objects.filter(pk=email_address.pk).exists():
                raise Http404
            return super().confirm_email(request, email_address)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        if not user.may_sign_in:
            clear_login(request)
            return self.respond_user_inactive(request, user)
        return super().pre_login(request, user, **kwargs)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response = super().post_login(request, user, **kwargs)
        if user.home_region and not preferences.read(request.META).region:
            preferences.keep_region(request, response, user.home_region.slug)
        return response

    def send_notification_mail(
        self,
        template_prefix: str,
        user: User,
        context: dict[str, Any] | None = None,
        email: str | None = None,
    ) -> None:
        # accounts.addresses mails about addresses: allauth would write to one of two only.
        if template_prefix in ("account/email/email_changed", "account/email/email_deleted"):
            return
        for recipient, known in addresses.recipients_of_changes(user=user, now=timezone.now()):
            self.send_mail(template_prefix, recipient, {"user": user, **known, **(context or {})})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Write in the account's language, with links to the pages of that language."""
        language = context["user"].language if "user" in context else selectors.language_of(email=email)
        language = language or get_language() or settings.POTATO_LANGUAGE
        origin = self._origin()
        links = {
            name: origin + urlsplit(translate_url(url, language))._replace(scheme="", netloc="").geturl()
            for name, url in context.items()
            if name.endswith("_url") and url
        }
        with override(language):
            super().send_mail(template_prefix, email, {**context, **links, "origin": origin})

    def _origin(self) -> str:
        """Where links in mails lead. Who had them sent chooses no host, nor port, that is not the site's."""
        asked = f"{self.request.scheme}://{self.request.get_host()}"
        ours = [origin for origin in settings.CSRF_TRUSTED_ORIGINS if "*" not in origin]
        return ours[0] if ours and asked not in ours else asked

    def is_safe_url(self, url: str) -> bool:
        try:
            return super().is_safe_url(url)
        except ValueError:
            # It is none, such as http://[
            return False

    def get_client_ip(self, request: HttpRequest) -> str:
        try:
            return super().get_client_ip(request)
        except ImproperlyConfigured:
            # It came past the proxies (a health check, or somebody inside): then the peer is the client.
            return request.META["REMOTE_ADDR"]

    def is_ajax(self, request: HttpRequest) -> bool:
        # Pages only; allauth would answer some requests by JSON.
        return False
