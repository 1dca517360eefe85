"""Forms for acts on a price: withdrawing and reporting it; and the form that is accepted once."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from potato.errors import Refused
from prices.coordination.ids import uuid7
from prices.forms.fields import ActIdField, ReasonField, TextField
from prices.ledger.accept import FORM_ID
from prices.types import EDITABLE

REPORT_REASONS = (
    ("price", _("The price is wrong")),
    ("unit", _("The unit or the quantity is wrong")),
    ("item", _("It is another item, or another quality")),
    ("shop", _("The shop does not sell this, or is another one")),
    ("made_up", _("It is made up, or advertising")),
    ("other", _("Something else")),
)


class OnceForm(forms.Form):
    """A form that carries its id; a damaged id is replaced by a fresh one, and the form asks to be sent again."""

    id_field = "act_id"

    def __init__(self, data: Any = None, *, initial: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(data, initial={self.id_field: uuid7(), **(initial or {})}, **options)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if self.id_field in self.errors:
            (damaged,) = self.errors.pop(self.id_field)
            self.renew(str(damaged))
        return data

    def renew(self, message: str = "") -> None:
        """Take a fresh id and ask for the form to be sent again."""
        data = cast(QueryDict, self.data).copy()
        data[self.add_prefix(self.id_field)] = str(uuid7())
        self.data = data
        again = _("This form was used before. Everything is kept: please send it once more.")
        self.add_error(None, message or again)

    def refuse(self, refusal: Refused) -> None:
        """Say why a rule refused what was sent, at its field. A form whose id is taken gets another one."""
        if refusal.field == FORM_ID:
            self.renew(str(refusal))
        else:
            self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))


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
