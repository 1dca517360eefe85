"""Forms for alert rules and for how a person likes to be notified."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from alerts.models import COOLDOWN_HOURS, AlertRule, AlertSettings
from alerts.rules import SILENCE_DAYS
from potato.text.wording import wording
from prices.forms.fields import NumberField
from prices.names import cache as names
from prices.pages.shared_parts.measures import Measure
from prices.rules import units
from prices.types import NATION, Name, Place

Kind = AlertRule.Kind
NUMBER_OF = {Kind.BELOW: "amount", Kind.ABOVE: "amount", Kind.CHANGE: "percent", Kind.SILENCE: "days"}
"""The field that a kind of rule needs."""
MOST_PERCENT = 500
MOST_COOLDOWN_DAYS = 30
EVERYWHERE = "nation"
_digits = lazy(lambda text: wording().digits(str(text)), str)


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a rule holds: one place of three, or none for the whole country. ``code`` is how forms spell it."""

    code: str
    label: str
    place: Place

    @property
    def fields(self) -> dict[str, int | None]:
        """As ``AlertRule`` has it."""
        shop, township = self.place.shop_id, self.place.township_id
        region = self.place.region_id or None
        return {
            "shop_id": shop,
            "township_id": None if shop else township,
            "region_id": None if shop or township else region,
        }


def scope_of(code: str) -> Scope | None:
    """The place that a form spells ``shop-5``, ``township-12``, ``region-3`` or ``nation``; None if there is none."""
    kind, _dash, number = code.partition("-")
    if code == EVERYWHERE:
        return Scope(code, str(_("All of Myanmar")), Place())
    if kind not in ("region", "township", "shop") or not (
        number.isascii() and number.isdecimal() and len(number) < 10
    ):
        return None
    found = names.known(kind, int(number))  # type: ignore[arg-type]
    if found is None:
        return None
    region = found.id if kind == "region" else found.facts.get("region") or NATION
    place = Place(
        region,
        found.id if kind == "township" else None,
        found.id if kind == "shop" else None,
    )
    return Scope(f"{kind}-{found.id}", str(found), place)


class SmallNumberField(NumberField):
    """A whole number up to some limit, written with the digits of any script."""

    def __init__(self, *, most: int, **options: Any) -> None:
        super().__init__(max_digits=6, decimals=0, required=False, **options)
        self.most = most
        self.widget.attrs["class"] = "num"

    def prepare_value(self, value: Any) -> Any:
        return wording().number(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:  # type: ignore[override]
        if not (value or "").strip():
            return None
        number = int(super().to_python(value))
        if number > self.most:
            raise ValidationError(
                _("At most %(most)s."), params={"most": wording().number(self.most)}, code="too_large"
            )
        return number


class AmountField(NumberField):
    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        return super().to_python(value) if (value or "").strip() else None


class UnitField(forms.ChoiceField):
    """A unit of an item, by its code."""

    def as_sent(self, given: Sequence[str]) -> str:
        return str(names.by_slug("unit", given[-1]) or given[-1])


class PlaceField(forms.ChoiceField):
    """A place, as ``scope_of`` reads it."""

    def as_sent(self, given: Sequence[str]) -> str:
        found = scope_of(given[-1])
        return found.label if found else given[-1]


class ReadForm(forms.Form):
    """All notifications up to one are read."""

    until = forms.CharField(widget=forms.HiddenInput)


class ActForm(forms.Form):
    """What is done with a rule."""

    act = forms.ChoiceField(
        label=_("What to do"),
        choices=[
            ("pause", _("Pause")),
            ("resume", _("Resume")),
            ("duplicate", _("Duplicate")),
            ("delete", _("Delete")),
        ],
    )


class RestoreForm(forms.Form):
    """A deleted rule, signed."""

    rule = forms.CharField(widget=forms.HiddenInput)


class RuleForm(forms.Form):
    """What shall be notified, of an item in one of some places."""

    kind = forms.ChoiceField(label=_("Notify me about"), choices=Kind.choices)
    amount = AmountField(label=_("Price in kyat"), max_digits=12, decimals=2, required=False)
    unit = UnitField(label=_("Unit"))
    percent = SmallNumberField(label=_("Percent"), most=MOST_PERCENT)
    days = SmallNumberField(label=_("Days without a price"), most=SILENCE_DAYS)
    type = forms.ChoiceField(
        label=_("Kind of price"), choices=[("RETAIL", _("retail")), ("WHOLESALE", _("wholesale"))]
    )
    place = PlaceField(label=_("Where"))
    cooldown = forms.ChoiceField(
        label=_("At most one notification"),
        choices=[
            ("1", _digits(_("an hour"))),
            ("24", _("a day")),
            ("72", _digits(_("in 3 days"))),
            ("168", _("a week")),
        ],
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        item: Name,
        measures: Mapping[str, Measure],
        place: str,
        shop_ids: Iterable[int] = (),
        **rest: Any,
    ) -> None:
        """
        :param shop_ids: shops that are offered besides: those that the person follows.
        """
        self.item, self.measures = item, measures
        super().__init__(data, **rest)
        scopes = [scope_of(EVERYWHERE), *(scope_of(f"region-{one.id}") for one in names.all_of("region"))]
        asked = scope_of(place)
        if asked and asked.code not in {one.code for one in scopes if one}:
            scopes.insert(0, asked)
        scopes += [scope_of(f"shop-{id}") for id in shop_ids if f"shop-{id}" != (asked and asked.code)]
        self.fields["place"].choices = [(one.code, one.label) for one in scopes if one]  # type: ignore[attr-defined]
        self.fields["unit"].choices = [(code, one.label) for code, one in measures.items()]  # type: ignore[attr-defined]
        known = {code for code, _label in self.fields["cooldown"].choices}  # type: ignore[attr-defined]
        if (hours := str(self.initial.get("cooldown", COOLDOWN_HOURS))) not in known:
            # Set by other means: it stays unless its owner chooses another.
            self.fields["cooldown"].choices.append((hours, wording().number(int(hours)) + " h"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        needed = NUMBER_OF.get(kind) if kind else None
        if needed and cleaned.get(needed) is None and needed not in self.errors:
            self.add_error(needed, _("Write a number such as 2,400 or ၂၄၀၀."))
        if needed == "amount" and cleaned.get("amount") and cleaned.get("unit"):
            try:
                cleaned["pya"] = self.pya(cleaned["amount"], cleaned["unit"])
            except ValidationError as error:
                self.add_error("amount", error)
        return cleaned

    def pya(self, kyat: Decimal, unit: str) -> int:
        """An amount as it is stored: pya per base unit.

        :raises ValidationError: it comes to less than one.
        """
        try:
            pya = units.unit_price_pya(price=kyat, quantity=Decimal(1), to_base=self.measures[unit].to_base)
        except ValueError:
            pya = 0
        if pya < 1:
            raise ValidationError(
                _("No price is that low or that high. Check the number and the unit."), code="absurd"
            )
        return pya

    def scope(self) -> Scope:
        """Where the rule holds, of a valid form."""
        found = scope_of(self.cleaned_data["place"])
        assert found is not None
        return found

    def fill(self, rule: AlertRule) -> AlertRule:
        """Write what was sent into a rule, which is not stored yet."""
        sent = self.cleaned_data
        needed = NUMBER_OF.get(sent["kind"])
        measure = self.measures[sent["unit"]]
        rule.kind, rule.type = sent["kind"], sent["type"]
        rule.item_id, rule.base = self.item.id, measure.base
        unit = names.by_slug("unit", measure.code)
        assert unit is not None
        rule.unit_id = unit.id
        rule.amount = sent["pya"] if needed == "amount" else None
        rule.percent = sent["percent"] if needed == "percent" else None
        rule.days = sent["days"] if needed == "days" else None
        rule.cooldown_hours = int(sent["cooldown"])
        for name, id in self.scope().fields.items():
            setattr(rule, name, id)
        return rule


class SettingsForm(forms.ModelForm):
    """How many notifications a day, and when none."""

    daily_cap = SmallNumberField(
        label=_("Notifications a day, at most"),
        most=100,
        help_text=_("What comes beyond that is one line of summary."),
    )
    quiet_from = forms.TypedChoiceField(label=_("Quiet from"), coerce=int)
    quiet_until = forms.TypedChoiceField(label=_("Quiet until"), coerce=int)

    class Meta:
        model = AlertSettings
        fields: ClassVar = ["daily_cap", "has_quiet_hours", "quiet_from", "quiet_until"]
        labels: ClassVar = {"has_quiet_hours": _("Quiet hours: open pages show no notification then")}

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        hours = [(hour, wording().digits(f"{hour}:00")) for hour in range(24)]
        for name in ("quiet_from", "quiet_until"):
            self.fields[name].choices = hours  # type: ignore[attr-defined]
        self.fields["daily_cap"].required = True
        self.fields["daily_cap"].widget.attrs["required"] = True

    def clean_daily_cap(self) -> int:
        if not (cap := self.cleaned_data["daily_cap"]):
            raise ValidationError(_("Write a number such as 10 or ၁၀."), code="required")
        return int(cap)
