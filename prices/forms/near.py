"""From where, how far and in which order somebody looks for a price near him."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from potato.text.wording import Wording
from prices.names import cache as names
from prices.pages.shared_parts.measures import Measure
from prices.pages.shared_parts.phrases import type_name
from prices.types import PRICE_TYPES, Name

RADII = (1, 2, 5, 10, 20, 50)
"""Kilometres."""
DEFAULT_RADIUS = 5
NEAREST, CHEAPEST, NEWEST = "distance", "price", "newest"
_DEGREES = re.compile(r"-?[0-9]{1,3}(\.[0-9]{1,15})?")


class DegreesField(forms.CharField):
    """Degrees as a browser gives them; kept to three decimals, about a hundred metres."""

    widget = forms.HiddenInput
    default_error_messages = {
        "invalid": gettext_lazy("This position cannot be read. Ask for it again, or choose a township.")
    }

    def __init__(self, *, most: int) -> None:
        self.most = most
        super().__init__(required=False)

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        text = super().to_python(value)
        if not text:
            return None
        if not _DEGREES.fullmatch(text) or abs(float(text)) > self.most:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return round(float(text), 3)


class UnitField(forms.ChoiceField):
    def as_sent(self, given: Sequence[str]) -> str:
        return ", ".join(str(names.by_slug("unit", code) or code) for code in given)


class NearForm(forms.Form):
    """A township, or a position, which counts where no township is chosen."""

    latitude = DegreesField(most=90)
    longitude = DegreesField(most=180)
    township = forms.ChoiceField(label=gettext_lazy("Township"), required=False)
    radius = forms.ChoiceField(label=gettext_lazy("How far"))
    sort = forms.ChoiceField(label=gettext_lazy("Order"))
    type = forms.ChoiceField(label=gettext_lazy("Kind of price"))
    unit = UnitField(label=gettext_lazy("Unit"))

    def __init__(
        self, data: Any = None, *, measures: Iterable[Measure], words: Wording, initial: dict[str, Any]
    ) -> None:
        super().__init__(data, initial=initial, use_required_attribute=False)
        choices = {
            "township": [("", _("Choose a township")), *_townships()],
            "radius": [(str(km), _("%(n)s km") % {"n": words.number(km)}) for km in RADII],
            "sort": [
                (CHEAPEST, _("Cheapest first")),
                (NEAREST, _("Nearest first")),
                (NEWEST, _("Newest first")),
            ],
            "type": [(known, type_name(known)) for known in PRICE_TYPES],
            "unit": [(one.code, one.label) for one in measures],
        }
        wrong = _("Choose one from the list.")
        for name, offered in choices.items():
            field = self.fields[name]
            field.choices = offered  # type: ignore[attr-defined]
            field.error_messages |= {"invalid_choice": wrong, "required": wrong}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not {"township", "latitude", "longitude"} & self.errors.keys():
            township = names.get("township", int(data["township"])) if data["township"] else None
            point = township.facts.get("point") if township else (data["longitude"], data["latitude"])
            if point is None or None in point:
                self.add_error("township", _("Choose a township, or use your position."))
            else:
                data |= {"township": township, "at": (point[0], point[1])}
        return data


def _townships() -> list[tuple[str, list[tuple[str, str]]]]:
    """The townships whose place is known, by region."""
    by_region: dict[int, list[Name]] = {}
    for township in names.all_of("township"):
        if township.facts.get("point"):
            by_region.setdefault(township.facts["region"], []).append(township)
    return [
        (str(region), [(str(township.id), str(township)) for township in by_region[region.id]])
        for region in names.all_of("region")
        if region.id in by_region
    ]
