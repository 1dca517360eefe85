"""Fields and widgets of the forms about prices: numbers in any script, days, texts, ids."""

from datetime import date, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from potato.text import zawgyi
from prices.rules.typed_numbers import BadNumber, fold_digits, parse_decimal

NOTE_LENGTH = 500
# Longer than anything that is meant; what is typed is given back up to here.
SHORT_TEXT = 1000


class ShortInput(forms.TextInput):
    """Gives back what was typed, but not a million letters of it."""

    def format_value(self, value: Any) -> str | None:
        text = super().format_value(value)
        return text[:SHORT_TEXT] if text else text


class DateBox(ShortInput):
    input_type = "date"

    def format_value(self, value: Any) -> str | None:
        return super().format_value(value.isoformat() if isinstance(value, date) else value)


class TimeBox(ShortInput):
    input_type = "time"

    def format_value(self, value: Any) -> str | None:
        return super().format_value(f"{value:%H:%M}" if isinstance(value, time) else value)


class NumberField(forms.CharField):
    """A positive number, written with the digits of any script, grouped or not."""

    def __init__(self, *, max_digits: int, decimals: int, **options: Any) -> None:
        self.max_digits, self.decimals = max_digits, decimals
        attrs = {"inputmode": "decimal", "autocomplete": "off", "class": "money num"}
        super().__init__(**{"widget": ShortInput(attrs=attrs), **options})

    def to_python(self, value: Any) -> Decimal:  # type: ignore[override]
        try:
            return parse_decimal(
                super().to_python(value) or "", max_digits=self.max_digits, decimals=self.decimals
            )
        except BadNumber as error:
            raise ValidationError(str(error.message), code=error.code) from None


class PickField(forms.ModelChoiceField):
    """One of the rows that may be chosen. Which of them are offered is decided when the form is shown."""

    def to_python(self, value: Any) -> Any:
        # PostgreSQL knows no NUL, and nothing that can be chosen has a long name.
        if isinstance(value, str) and (len(value) > 64 or "\x00" in value):
            raise ValidationError(self.error_messages["invalid_choice"], code="invalid_choice")
        return super().to_python(value)


class DayField(forms.DateField):
    widget = DateBox

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{"input_formats": ["%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y"], "required": False, **options}
        )

    def to_python(self, value: Any) -> date | None:
        return super().to_python(_short(value))


class TimeOfDayField(forms.TimeField):
    widget = TimeBox

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"input_formats": ["%H:%M", "%H:%M:%S", "%I:%M %p"], "required": False, **options})

    def to_python(self, value: Any) -> time | None:
        return super().to_python(_short(value))


class TextField(forms.CharField):
    """Some sentences, in Unicode however they were typed; optional unless ``required``."""

    default_error_messages = {
        "null": _("There is a character in this text that cannot be stored. Please delete it.")
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(**{"required": False, "max_length": NOTE_LENGTH, "widget": widget, **options})

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        if "\x00" in text:
            raise ValidationError(self.error_messages["null"], code="null")
        # Longer texts are refused anyway.
        return zawgyi.to_unicode(text) if len(text) <= 2 * NOTE_LENGTH else text


class ActIdField(forms.CharField):
    """The id under which something sent is stored: made with the form, so that sending it twice is once.

    Version 7 only: no other kind of row has such ids, so nobody can take the place of another one.
    """

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> UUID:  # type: ignore[override]
        try:
            found = UUID((super().to_python(value) or "")[:64])
        except ValueError:
            found = None
        if found is None or found.version != 7:
            raise ValidationError(
                _("This form was damaged on its way. Everything is kept: please send it once more."),
                code="damaged",
            )
        return found


class ReasonField(TextField):
    """Why a moderator changes another person's price."""

    def __init__(self, **options: Any) -> None:
        super().__init__(
            **{
                "label": _("Why?"),
                "help_text": _("Whoever sent the price reads this, and others may read it."),
                "required": True,
                "max_length": 200,
                "error_messages": {
                    "required": _("Say why: whoever sent the price reads it."),
                    "max_length": _("This is too long: at most %(limit_value)d letters."),
                },
                **options,
            }
        )


def _short(value: Any) -> Any:
    """What a day or a time may be read from: digits of any script, nothing long."""
    if not isinstance(value, str):
        return value
    return fold_digits(value.strip()) if len(value) <= 40 else "-"
