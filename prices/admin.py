"""The ledger to read, imports to follow, and the prices that wait for a moderator."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar
from uuid import UUID, uuid5

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.names import shown_name
from catalog import selectors as catalog
from potato import clock
from potato.errors import Refused, Unavailable
from potato.resubmission import describe
from potato.wording import wording
from prices import names, said, services
from prices.boards import from_ms, to_ms
from prices.forms import REPORT_REASONS, ActIdField, OnceForm
from prices.models import ImportBatch, Installation, LedgerRow
from prices.store import entries, reports
from prices.types import EDITABLE, Name, PriceEntry, Report, Status
from prices.views.entry import say

CHECK_PAGE = 50
MODERATE = "prices.change_ledgerrow"


class ReadOnly(admin.ModelAdmin):
    """What services and the relay write: staff look at it, and change nothing by hand."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(LedgerRow)
class LedgerRowAdmin(ReadOnly):
    """Everything that people did to prices, with the way to the prices that wait for a moderator."""

    list_display: ClassVar = ["received_at", "kind", "state", "item", "author", "what", "reason", "tries"]
    list_filter: ClassVar = ["state", "kind", "received_at", "is_demo"]
    list_select_related: ClassVar = ["author"]
    search_fields: ClassVar = ["author__email"]
    search_help_text = gettext_lazy("Search by id, by the id of the price, or by the author's address.")
    list_per_page = 50
    show_full_result_count = False
    ordering: ClassVar = ["-seq"]
    fields: ClassVar = [
        "id", "kind", "state", "reason", "author", "item", "target_link", "readable_payload",
        "received_at", "published_at", "tries", "next_try_at", "followed_at", "is_demo",
    ]  # fmt: skip
    readonly_fields: ClassVar = ["item", "target_link", "readable_payload"]
    change_list_template = "admin/prices/ledger_list.html"

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        try:
            wanted = UUID(term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, term)
        return queryset.filter(Q(pk=wanted) | Q(target=str(wanted))), False

    def get_urls(self) -> list[URLPattern]:
        own = [path("to-check/", self.admin_site.admin_view(self.to_check), name="prices_to_check")]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("item"))
    def item(self, row: LedgerRow) -> str:
        return str(names.get("item", row.item_id) or row.item_id or "–")

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: LedgerRow) -> str:
        payload = row.payload
        if "amount" in payload:
            return say_payload(payload)
        return str(payload.get("status") or payload.get("reason") or payload.get("day") or "")

    @admin.display(description=gettext_lazy("price"))
    def target_link(self, row: LedgerRow) -> str | SafeString:
        if row.item_id is None:
            return row.target
        return format_html('<a href="{}">{}</a>', reverse("entry", args=[row.target]), row.target)

    @admin.display(description=gettext_lazy("content"))
    def readable_payload(self, row: LedgerRow) -> SafeString:
        return format_html(
            "<pre>{}</pre>", json.dumps(row.payload, ensure_ascii=False, indent=2, sort_keys=True)
        )

    @describe(gettext_lazy("Send again"), lambda: CheckForm())
    def to_check(self, request: HttpRequest) -> HttpResponse:
        """Prices that wait for a moderator, and reports of others: publish or remove, many at once."""
        if not request.user.has_perm(MODERATE):
            raise PermissionDenied
        before = _before(request.GET.get("before", ""))
        form = CheckForm(request.POST if request.method == "POST" else None)
        away = False
        if form.is_bound and form.is_valid() and self._moderate(request, form):
            return HttpResponseRedirect(request.get_full_path())
        try:
            waiting = entries.to_check(limit=CHECK_PAGE + 1, before=before)
            reported = reports.open(limit=CHECK_PAGE)
            rows = checks(waiting[:CHECK_PAGE], reported)
        except Unavailable:
            waiting, rows, away = [], [], True
        context = {
            **self.admin_site.each_context(request),
            "title": _("Prices to check"),
            "opts": self.model._meta,
            "rows": rows,
            "form": form,
            "picked": set(form.data.getlist("entry")) if form.is_bound else set(),
            "away": away,
            "older": _older_than(waiting[CHECK_PAGE - 1]) if len(waiting) > CHECK_PAGE else "",
            "is_first": before is None,
        }
        status = 503 if away else 422 if form.errors else 200
        return TemplateResponse(request, "admin/prices/to_check.html", context, status=status)

    def _moderate(self, request: HttpRequest, form: "CheckForm") -> bool:
        """Do what was chosen to every price that was picked; the same form again does nothing twice."""
        picked, action, reason = (
            form.cleaned_data["entry"],
            form.cleaned_data["action"],
            form.cleaned_data["reason"],
        )
        found = entries.get_many([str(entry_id) for entry_id, _seen in picked])
        done = 0
        for entry_id, seen in picked:
            entry = found.get(str(entry_id))
            if entry is None:
                continue
            # One form, one price, one outcome: one act, however often the button is pressed.
            act_id = uuid5(form.cleaned_data["act_id"], f"{entry_id}:{action}")
            try:
                services.moderate(
                    by=request.user,
                    act_id=act_id,
                    entry=entry,
                    status=action,
                    seen_status=seen,
                    reason=reason,
                    now=clock.now(),
                )
            except services.SameIdOtherPrice:
                form.add_error(
                    None, _("This form was used before with another reason. Please load the page again.")
                )
                return False
            except Refused as refusal:
                form.refuse(refusal)
                return False
            done += 1
        text = ngettext(
            "%(n)s price will be changed in a moment.", "%(n)s prices will be changed in a moment.", done
        )
        self.message_user(request, text % {"n": done}, messages.SUCCESS)
        return True


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly):
    list_display: ClassVar = ["started_at", "source", "file_name", "state", "readable_counts", "finished_at"]
    list_filter: ClassVar = ["source", "state"]
    search_fields: ClassVar = ["file_name", "=file_hash"]
    fields: ClassVar = [
        "source",
        "file_name",
        "file_hash",
        "state",
        "readable_counts",
        "started_at",
        "finished_at",
    ]
    readonly_fields: ClassVar = ["readable_counts"]

    @admin.display(description=gettext_lazy("counts"))
    def readable_counts(self, batch: ImportBatch) -> str:
        return ", ".join(f"{name}: {count}" for name, count in batch.counts.items()) or "–"


@admin.register(Installation)
class InstallationAdmin(ReadOnly):
    list_display: ClassVar = ["mode", "boards_day"]


class PickedField(forms.Field):
    """The prices whose boxes are ticked, each with the status that the moderator saw: ``id:status``."""

    widget = forms.SelectMultiple
    default_error_messages = {
        "required": gettext_lazy("Tick the prices that you mean."),
        "invalid": gettext_lazy("A ticked price is damaged. Please load the page again."),
    }

    def to_python(self, value: Any) -> list[tuple[UUID, Status]]:
        picked = []
        for text in (value or [])[: 2 * CHECK_PAGE]:
            entry_id, _colon, status = str(text).partition(":")
            try:
                picked.append((UUID(entry_id[:40]), status))
            except ValueError:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None
            if status not in EDITABLE:
                raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return picked

    def as_sent(self, given: Sequence[str]) -> str:
        return ngettext("%(n)s price", "%(n)s prices", len(given)) % {"n": wording().number(len(given))}


class CheckForm(OnceForm):
    """What a moderator decides about the prices that he ticked."""

    act_id = ActIdField()
    entry = PickedField(label=gettext_lazy("Prices"))
    action = forms.ChoiceField(
        label=gettext_lazy("Decision"),
        choices=[("published", gettext_lazy("Publish")), ("removed", gettext_lazy("Remove"))],
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=gettext_lazy("Needed to remove. Everybody can read it."),
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("action") == "removed" and not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", _("Say why: whoever sent the price reads it."))
        return data


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the prices to check: the price in its context."""

    entry: PriceEntry
    item: Name | None
    place: str
    sender: str
    said: said.Said
    usual: str
    why: str
    reports: list[str]


def checks(waiting: list[PriceEntry], reported: list[Report]) -> list[Check]:
    """The lines to show: what waits, and what was reported though it shows; reports of one price together."""
    by_entry: dict[str, list[Report]] = {}
    for report in reported:
        by_entry.setdefault(report.entry_id, []).append(report)
    shown = {entry.id: entry for entry in waiting}
    more = entries.get_many([entry_id for entry_id in by_entry if entry_id not in shown])
    lines = [*waiting, *(entry for entry in more.values() if entry.status in EDITABLE)]
    ranges = catalog.ranges_of({entry.item_id for entry in lines})
    labels = dict(REPORT_REASONS)
    return [
        Check(
            entry=entry,
            item=names.get("item", entry.item_id),
            place=", ".join(name for name in (entry.township_name, entry.region_name) if name),
            sender=shown_name(entry.submitter.name, id=entry.submitter.id),
            said=say(entry),
            usual=_usual(ranges.get((entry.item_id, entry.base)), entry.base),
            why=said.why(entry.judgement),
            reports=[
                f"{labels.get(report.reason, report.reason)}{f': {report.text}' if report.text else ''}"
                for report in by_entry.get(entry.id, [])
            ],
        )
        for entry in lines
    ]


def say_payload(payload: dict[str, Any]) -> str:
    """The price of a ledger row in one line."""
    words = said.say(
        price=Decimal(payload["price"]),
        quantity=Decimal(payload["quantity"]),
        unit=payload["unit"],
        amount=payload["amount"],
        base=payload["base"],
    )
    return f"{words.given}, {payload.get('shop_name', '')}"


def _usual(ends: tuple[Decimal, Decimal] | None, base: str) -> str:
    if ends is None:
        return "–"
    low, high = (said.per_base(int(end * 100), base) for end in ends)
    return _("%(low)s to %(high)s") % {"low": low, "high": high}


def _older_than(entry: PriceEntry) -> str:
    """Where the next page begins, for its address."""
    return f"{to_ms(entry.received_at)}.{entry.id}"


def _before(text: str) -> tuple[datetime, str] | None:
    """What ``_older_than`` said; None for what makes no sense."""
    received, _dot, entry_id = text.partition(".")
    if not received.isdecimal() or len(received) > 14:
        return None
    try:
        return from_ms(int(received)), str(UUID(entry_id[:40]))
    except ValueError:
        return None
