"""allauth's forms in Potato's words: labels instead of placeholders, one short line of help.

They are apart from ``forms.py`` because allauth's sign-up form is itself built upon ``forms.SignupForm``.
"""

from typing import Any

from allauth.account import forms as allauth
from django import forms
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts import selectors

# Nobody types more, and hashing a megabyte is work that an attacker gets for nothing.
LONGEST_PASSWORD = 200


class InPotatosWords:
    """Changes the looks of a form's fields, nothing that they do but the greatest length."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            if name in ("email", "login"):
                field.label = _("E-mail address")
            if isinstance(field.widget, forms.PasswordInput):
                field.validators.append(_not_too_long)
            if name == "password1":
                field.help_text = _(
                    "At least 10 characters, not only digits, and nothing that many people use."
                )


def _not_too_long(password: str) -> None:
    if len(password) > LONGEST_PASSWORD:
        raise forms.ValidationError(
            _("At most %(most)d characters."), params={"most": LONGEST_PASSWORD}, code="max_length"
        )


class SignupForm(InPotatosWords, allauth.SignupForm):
    def try_save(self, request: HttpRequest) -> tuple[Any, HttpResponse | None]:
        if self.account_already_exists:
            # The answer is the same as for a new address, and shall take as long: a new password is hashed.
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class LoginForm(InPotatosWords, allauth.LoginForm):
    pass


class AddEmailForm(InPotatosWords, allauth.AddEmailForm):
    pass


class ChangePasswordForm(InPotatosWords, allauth.ChangePasswordForm):
    pass


class ResetPasswordForm(InPotatosWords, allauth.ResetPasswordForm):
    users: list[Any]

    def clean_email(self) -> str:
        email = super().clean_email()
        # An address that was typed wrongly and never confirmed may be a stranger's.
        self.users = [user for user in self.users if selectors.may_reset_password(user=user, email=email)]
        return email


class ResetPasswordKeyForm(InPotatosWords, allauth.ResetPasswordKeyForm):
    pass


class ReauthenticateForm(InPotatosWords, allauth.ReauthenticateForm):
    pass
