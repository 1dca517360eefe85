"""The forms for a price and its correction. A form checks the shape; the rules are the services'."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from catalog.models import Item, Unit
from potato import calendar
from prices.forms.acts import OnceForm
from prices.forms.fields import (
    ActIdField,
    DayField,
    NumberField,
    PickField,
    ReasonField,
    TextField,
    TimeOfDayField,
)
from prices.ledger.payloads import Offer
from prices.rules.typed_numbers import plain
from prices.types import RETAIL, WHOLESALE, PriceEntry
from shops.models import Shop

Choices = Iterable[tuple[Any, Any]]

EARLIEST = date(2000, 1, 1)
# Clocks of phones are a little wrong.
AHEAD = timedelta(minutes=5)


class PriceFormBase(OnceForm):
    """A price as it is typed.

    :param now: the moment from which "the future" begins.
    """

    id_field = "submission_id"

    submission_id = ActIdField()
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

    def show_choices(self, **choices: Choices) -> None:
        """Fill the lists of item, shop and unit; whether a choice is valid does not depend on it."""
        for name, shown in choices.items():
            if name in self.fields:
                self.fields[name].choices = shown  # type: ignore[attr-defined]

    def typed(self) -> dict[str, Any]:
        """Price, quantity and unit as they stand in the form, for their echo."""
        return {name: self[name].value() for name in ("price", "quantity", "unit")}

    def _given(self) -> dict[str, Any]:
        """What :class:`Offer` holds beside item and shop."""
        names = ("price", "quantity", "unit", "type", "seen_at", "note")
        return {name: self.cleaned_data[name] for name in names}

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        failed = {"seen", "seen_on", "seen_time"} & self.errors.keys()
        seen, day, at = (data.pop(name, None) for name in ("seen", "seen_on", "seen_time"))
        if not failed:
            data["seen_at"] = self._seen_at(seen, day, at)
        return data

    def _seen_at(self, seen: str, day: date | None, at: time | None) -> datetime | None:
        """When the price was seen, None for now; a day without a time is its midnight in Yangon, as in imports."""
        today = calendar.yangon_day(self.now)
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
            start = calendar.start_of_day(day)
            moment = start + timedelta(hours=at.hour, minutes=at.minute) if at else start
            if moment <= self.now:
                return moment
            if moment <= self.now + AHEAD:
                return None
            self.add_error("seen_time", _("This time is still to come."))
        return None


class PriceForm(PriceFormBase):
    """A price seen in a shop."""

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
    field_order = ["submission_id", "item", "shop"]

    def offer(self) -> Offer:
        """The price of a valid form."""
        return Offer(item=self.cleaned_data["item"], shop=self.cleaned_data["shop"], **self._given())


class CorrectionForm(PriceFormBase):
    """Another price in place of one's own. Item and shop stay; so does the time, unless another is given."""

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

    def __init__(
        self,
        data: Any = None,
        *,
        entry: PriceEntry,
        now: datetime,
        initial: dict[str, Any] | None = None,
    ) -> None:
        given = {
            "price": plain(entry.price),
            "quantity": plain(entry.quantity),
            "unit": entry.unit,
            "type": entry.type,
            "note": entry.note,
        }
        super().__init__(data, now=now, initial=given | (initial or {}))
        self.entry = entry

    def offer(self) -> Offer:
        """The price of a valid form. :raises Refused: the item or the shop of the price before does not exist any more."""
        return Offer.in_place_of(self.entry, **self._given())


class ModeratorCorrectionForm(CorrectionForm):
    """Another price in place of another person's."""

    reason = ReasonField()
