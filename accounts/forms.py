"""What people tell about themselves. allauth's own forms are in ``entrance.py``."""

from typing import Any, ClassVar

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.names import is_readable_name, tidy_name


class NameField(forms.CharField):
    """A person's name, in any script; empty where it is not required."""

    def to_python(self, value: Any) -> str:
        return tidy_name(super().to_python(value) or "")

    def validate(self, value: str) -> None:
        super().validate(value)
        if value and len(value) <= (self.max_length or 0) and not is_readable_name(value):
            raise ValidationError(_("Use letters that others can read."), code="unreadable")


class DisplayNameField(NameField):
    """The name that others see."""

    def __init__(self, **options: Any) -> None:
        model_field = User._meta.get_field("display_name")
        super().__init__(
            **{
                "label": _("Display name"),
                "help_text": _(
                    "What others see beside your prices. A nickname is fine. You can leave it empty."
                ),
                "max_length": model_field.max_length,
                "required": False,
                "widget": forms.TextInput(attrs={"autocomplete": "nickname"}),
                **options,
            }
        )

    def validate(self, value: str) -> None:
        super().validate(value)
        if "@" in value:
            raise ValidationError(
                _("Everybody sees this name: leave your e-mail address out of it."), code="address"
            )


class SignupForm(forms.Form):
    """What signing up asks besides address and password; allauth builds its form upon this one."""

    field_order = ["email", "password1", "password2", "display_name"]
    display_name = DisplayNameField()

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth with the user just made. The page's language becomes the person's."""
        user.display_name = self.cleaned_data["display_name"]
        language = get_language()
        user.language = language if language in dict(settings.LANGUAGES) else settings.POTATO_LANGUAGE
        user.save(update_fields=["display_name", "language"])


class ProfileForm(forms.ModelForm):
    """What a person may change about themselves."""

    display_name = DisplayNameField()
    full_name = NameField(
        label=_("Full name"),
        help_text=_("Private: never shown to others. You can leave it empty."),
        max_length=User._meta.get_field("full_name").max_length,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )

    class Meta:
        model = User
        fields: ClassVar = ["display_name", "full_name", "home_region", "language"]
        widgets: ClassVar = {"language": forms.RadioSelect}
        help_texts: ClassVar = {
            "home_region": _("Where you shop: its prices come first."),
            "language": _("For the mails that you get, and the page after you save."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        region = self.fields["home_region"]
        assert isinstance(region, forms.ModelChoiceField)
        region.empty_label = _("No region")
        # Django's own words would give back whatever was sent, a megabyte of it.
        self.fields["language"].error_messages["invalid_choice"] = _("Choose one from the list.")

    def save(self, commit: bool = True) -> User:
        # Only what the form asks: a ban or a role given meanwhile is not undone.
        self.instance.save(update_fields=self._meta.fields)
        return self.instance


class RulesForm(forms.Form):
    """Accepting the contributors' rules."""

    accept = forms.BooleanField(
        label=_("I have read the rules and will keep them."),
        error_messages={"required": _("Tick this to go on.")},
    )
