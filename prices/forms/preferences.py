"""What a reader may prefer, as a form. How it is kept: ``potato/preferences.py``."""

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from potato.preferences import Preferences
from prices.names import cache as names


class PreferencesForm(forms.Form):
    """Unit, numerals, home region; each may be left to the page."""

    unit = forms.ChoiceField(
        label=_("Prices by weight"),
        choices=[
            ("", _("by item")),
            ("kg", _("a kilogram")),
            ("viss", _("a viss")),
            ("pyi", _("a pyi, for rice")),
        ],
        widget=forms.RadioSelect,
        required=False,
    )
    numerals = forms.ChoiceField(
        label=_("Numerals"),
        choices=[("", _("by language")), ("latin", "1 2 3"), ("myanmar", "၁ ၂ ၃")],
        widget=forms.RadioSelect,
        required=False,
    )
    region = forms.ChoiceField(
        label=_("Home region"),
        help_text=_("Where you shop: its prices are one tap away."),
        required=False,
    )

    def __init__(self, data: QueryDict | None, *, current: Preferences, unit: str = "") -> None:
        """
        :param unit: a unit to fill in instead of the current one; ignored where there is no such choice.
        """
        known = {value for value, _label in self.base_fields["unit"].choices}  # type: ignore[attr-defined]
        initial = {"unit": unit if unit in known - {""} else current.unit}
        initial |= {"numerals": current.numerals, "region": current.region}
        super().__init__(data, initial=initial)
        regions = [(region.slug, str(region)) for region in names.all_of("region")]
        self.fields["region"].choices = [("", _("All of Myanmar")), *regions]  # type: ignore[attr-defined]
        for field in self.fields.values():
            # Django's own words would give back whatever was sent, a megabyte of it.
            field.error_messages["invalid_choice"] = _("Choose one from the list.")

    @property
    def preferences(self) -> Preferences:
        """What was chosen; the form is valid."""
        return Preferences(**self.cleaned_data)
