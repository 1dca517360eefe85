"""What people send about prices. A form checks the shape; the rules are the services'."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.models import Item, Unit
from potato import clock
from potato.errors import Refused
from potato.text import burmese
from prices.coordination.ids import uuid7
from prices.rules.numbers import BadNumber, fold_digits, parse_decimal
from prices.services import FORM_ID
from prices.types import EDITABLE, RETAIL, WHOLESALE
from shops.models import Shop

Choices = Iterable[tuple[Any, Any]]

NOTE_LENGTH = 500
EARLIEST = date(2000, 1, 1)
# Clocks of phones are a little wrong.
AHEAD = timedelta(minutes=5)
# Longer than anything that is meant; what is typed is given back up to here.
SHORT_TEXT = 1000

REPORT_REASONS = (
    ("price", _("The price is wrong")),
    ("unit", _("The unit or the quantity is wrong")),
    ("item", _("It is another item, or another quality")),
    ("shop", _("The shop does not sell this, or is another one")),
    ("made_up", _("It is made up, or advertising")),
    ("other", _("Something else")),
)


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
            return parse_decimal(super().to_python(value), max_digits=self.max_digits, decimals=self.decimals)
        except BadNumber as error:
            raise ValidationError(error.message, code=error.code) from None


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
    """Some sentences, in Unicode however they were typed; optional unless told."""

    default_error_messages = {
        "null": _("There is a character in this text that cannot be stored. Please delete it.")
    }

    def __init__(self, **options: Any) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(**{"required": False, "max_length": NOTE_LENGTH, "widget": widget, **options})

    def to_python(self, value: Any) -> str:
        text = super().to_python(value).replace("\r\n", "\n")
        if "\x00" in text:
            raise ValidationError(self.error_messages["null"], code="null")
        # Longer texts are refused anyway.
        return burmese.to_unicode(text) if len(text) <= 2 * NOTE_LENGTH else text


class ActIdField(forms.CharField):
    """The id under which something sent is stored: made with the form, so that sending it twice is once.

    Version 7 only: no other kind of row has such ids, so nobody can take the place of another one.
    """

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> UUID:  # type: ignore[override]
        try:
            found = UUID(super().to_python(value)[:64])
        except ValueError:
            found = None
        if found is None or found.version != 7:
            raise ValidationError(
                _("This form was damaged on its way. Everything is kept: please send it once more."),
                code="damaged",
            )
        return found


class OnceForm(forms.Form):
    """A form that carries its id; a damaged id is replaced by a fresh one, and the form asks to be sent again."""

    id_field = "act_id"

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, initial={self.id_field: uuid7(), **(initial or {})}, **options)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.id_field in self.errors:
            (damaged,) = self.errors.pop(self.id_field)
            self.renew(damaged)
        return data

    def renew(self, message: str | Promise | None = None) -> None:
        """Take a fresh id and ask for the form to be sent again."""
        self.data = self.data.copy()
        self.data[self.add_prefix(self.id_field)] = str(uuid7())
        self.add_error(
            None, message or _("This form was used before. Everything is kept: please send it once more.")
        )

    def refuse(self, refusal: Refused) -> None:
        """Say why a rule refused what was sent, at its field. A form whose id is taken gets another one."""
        if refusal.field == FORM_ID:
            self.renew(str(refusal))
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


class PriceForm(OnceForm):
    """A price seen in a shop. ``cleaned_data`` is what :func:`prices.services.submit_price` asks for.

    :param now: the moment from which "the future" begins.
    """

    id_field = "submission_id"

    submission_id = ActIdField()
    item = PickField(
        queryset=Item.objects.filter(is_active=True).select_related("default_unit"),
        label=_("Item"),
        empty_label=_("Choose an item"),
        error_messages={
            "required": _("Choose the item that you saw."),
            "invalid_choice": _("This item is not in the list any more. Choose another one."),
        },
    )
    shop = PickField(
        queryset=Shop.objects.open().select_related("region", "township"),
        label=_("Shop or stall"),
        empty_label=_("Choose a shop"),
        error_messages={
            "required": _("Choose the shop where you saw it."),
            "invalid_choice": _("This shop is closed or not known. Choose another one."),
        },
    )
    price = NumberField(max_digits=12, decimals=2, label=_("Price in kyat"))
    quantity = NumberField(max_digits=9, decimals=3, label=_("Quantity"), initial="1")
    unit = PickField(
        queryset=Unit.objects.filter(is_active=True),
        to_field_name="code",
        label=_("Unit"),
        empty_label=None,
        error_messages={
            "required": _("Choose the unit that the price is for."),
            "invalid_choice": _("This unit is not in use. Choose another one."),
        },
        widget=forms.Select(attrs={"class": "tall"}),
    )
    type = forms.ChoiceField(
        label=_("Sold as"),
        choices=[(RETAIL, _("Retail")), (WHOLESALE, _("Wholesale"))],
        initial=RETAIL,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose retail or wholesale."),
            "invalid_choice": _("Choose retail or wholesale."),
        },
    )
    seen = forms.ChoiceField(
        label=_("Seen"),
        choices=[("now", _("Now")), ("today", _("Today")), ("earlier", _("Earlier"))],
        initial="now",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose when you saw it."),
            "invalid_choice": _("Choose when you saw it: now, today or earlier."),
        },
    )
    seen_on = DayField(label=_("Day"), error_messages={"invalid": _("Write a day such as 2025-12-15.")})
    seen_time = TimeOfDayField(
        label=_("Time, if known"), error_messages={"invalid": _("Write a time such as 14:30.")}
    )
    note = TextField(
        label=_("Note"),
        error_messages={"max_length": _("This note is too long: at most %(limit_value)d letters.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        now: datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial, use_required_attribute=False)
        self.now = now

    def offer(self, **choices: Choices) -> None:
        """Say what the lists of item, shop and unit show; whether a choice is valid does not depend on it."""
        for name, offered in choices.items():
            if name in self.fields:
                self.fields[name].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        failed = {"seen", "seen_on", "seen_time"} & self.errors.keys()
        seen, day, at = (data.pop(name, None) for name in ("seen", "seen_on", "seen_time"))
        if not failed:
            data["seen_at"] = self._seen_at(seen, day, at)
        return data

    def _seen_at(self, seen: str, day: date | None, at: time | None) -> datetime | None:
        """When the price was seen, None for now; a day without a time is its midnight in Yangon, as in imports."""
        today = clock.yangon_day(self.now)
        if seen not in ("today", "earlier"):
            if day or at:
                self.add_error("seen", _("There is a day or a time below. Choose Earlier, or empty them."))
            return None
        if seen == "today":
            if day and day != today:
                self.add_error("seen_on", _("This is another day than today. Choose Earlier for it."))
                return None
            day = today
        if day is None:
            self.add_error("seen_on", _("Say on which day you saw it."))
        elif day < EARLIEST:
            self.add_error("seen_on", _("Prices from before the year 2000 are too old for this list."))
        elif day > today:
            self.add_error("seen_on", _("This day is still to come."))
        else:
            start = clock.start_of_day(day)
            moment = start + timedelta(hours=at.hour, minutes=at.minute) if at else start
            if moment <= self.now:
                return moment
            if moment <= self.now + AHEAD:
                return None
            self.add_error("seen_time", _("This time is still to come."))
        return None


class CorrectionForm(PriceForm):
    """Another price in place of one's own. Item and shop stay; so does the time, unless another is given."""

    item = None
    shop = None
    seen = forms.ChoiceField(
        label=_("Seen"),
        choices=[("same", _("As before")), ("today", _("Today")), ("earlier", _("Earlier"))],
        initial="same",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose when you saw it."),
            "invalid_choice": _("Choose when you saw it: as before, today or earlier."),
        },
    )


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


class ModeratorCorrectionForm(CorrectionForm):
    """Another price in place of another person's."""

    reason = ReasonField()


class WithdrawForm(OnceForm):
    """One's own price is taken back."""

    act_id = ActIdField()
    reason = TextField(
        label=_("Why?"),
        help_text=_("You can leave it empty. Others may read it."),
        max_length=200,
        error_messages={"max_length": _("This is too long: at most %(limit_value)d letters.")},
    )


class ModeratorWithdrawForm(WithdrawForm):
    """Another person's price is removed. The form carries the status that the moderator saw."""

    reason = ReasonField()
    seen_status = forms.ChoiceField(
        choices=[(status, status) for status in EDITABLE],
        required=False,
        widget=forms.HiddenInput,
        error_messages={
            "invalid_choice": _(
                "This form was damaged on its way. Everything is kept: please send it once more."
            )
        },
    )


class ReportForm(OnceForm):
    """Something is wrong with a price."""

    act_id = ActIdField()
    reason = forms.ChoiceField(
        label=_("What is wrong?"),
        choices=REPORT_REASONS,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what is wrong."), "invalid_choice": _("Choose what is wrong.")},
    )
    text = TextField(
        label=_("In your words"),
        help_text=_("Moderators read this. What does it really cost, and how do you know?"),
        error_messages={"max_length": _("This is too long: at most %(limit_value)d letters.")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("reason") == "other" and not data.get("text") and "text" not in self.errors:
            self.add_error("text", _("Say in a few words what is wrong."))
        return data


def _short(value: Any) -> Any:
    """What a day or a time may be read from: digits of any script, nothing long."""
    if not isinstance(value, str):
        return value
    return fold_digits(value.strip()) if len(value) <= 40 else "-"
