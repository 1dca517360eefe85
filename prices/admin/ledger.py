"""The ledger to read, and imports to follow."""

import json
from typing import Any, ClassVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from prices.admin import moderation
from prices.ledger.payloads import price_of
from prices.models import ImportBatch, Installation, LedgerRow
from prices.names import cache as names
from prices.pages.shared_parts import outcomes, price_text


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

    list_display = ["received_at", "kind", "state", "item", "author", "what", "reason", "tries"]
    list_filter: ClassVar = ["state", "kind", "received_at", "is_demo"]
    list_select_related: ClassVar = ["author"]
    search_fields = ["author__email"]
    search_help_text = gettext_lazy("Search by id, by the id of the price, or by the author's address.")
    list_per_page = 50
    show_full_result_count = False
    ordering: ClassVar = ["-seq"]
    fields = [
        "id", "kind", "state", "reason", "author", "item", "target_link", "readable_payload",
        "received_at", "published_at", "tries", "next_try_at", "followed_at", "is_demo",
    ]  # fmt: skip
    readonly_fields = ["item", "target_link", "readable_payload"]
    change_list_template = "admin/prices/ledger_list.html"

    def get_search_results(self, request: HttpRequest, queryset: Any, term: str) -> tuple[Any, bool]:
        try:
            wanted = UUID(term.strip())
        except ValueError:
            return super().get_search_results(request, queryset, term)
        return queryset.filter(Q(pk=wanted) | Q(target=str(wanted))), False

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("to-check/", self.admin_site.admin_view(moderation.to_check), name="prices_to_check"),
            path("to-check/decided/", moderation.decided, name="prices_decided"),
        ]
        return own + super().get_urls()

    @admin.display(description=gettext_lazy("item"))
    def item(self, row: LedgerRow) -> str:
        return str(names.get("item", row.item_id) or row.item_id or "–")

    @admin.display(description=gettext_lazy("what"))
    def what(self, row: LedgerRow) -> str:
        payload = row.payload
        given = price_of(payload)
        price = price_text.one_line(given, with_item=False) if given else ""
        reason = payload.get("reason", "")
        done = outcomes.DECISION_TEXTS.get(payload.get("status", ""), "")
        if row.kind == LedgerRow.Kind.CORRECT and reason:
            # Authors give none.
            done = _("Corrected by a moderator")
        return ": ".join(str(text) for text in (price, done, reason, payload.get("day")) if text)

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


@admin.register(ImportBatch)
class ImportBatchAdmin(ReadOnly):
    list_display = ["started_at", "source", "file_name", "state", "readable_counts", "finished_at"]
    list_filter: ClassVar = ["source", "state"]
    search_fields = ["file_name", "=file_hash"]
    fields = [
        "source",
        "file_name",
        "file_hash",
        "state",
        "readable_counts",
        "started_at",
        "finished_at",
    ]
    readonly_fields = ["readable_counts"]

    @admin.display(description=gettext_lazy("counts"))
    def readable_counts(self, batch: ImportBatch) -> str:
        return ", ".join(f"{name}: {count}" for name, count in batch.counts.items()) or "–"


@admin.register(Installation)
class InstallationAdmin(ReadOnly):
    list_display = ["mode", "boards_day"]
