"""Places and shops in the admin. Codes and slugs never change once they are there: addresses and imports use
them."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _
from leaflet.admin import LeafletGeoAdmin

from potato.pickers import PickerAdmin
from shops.models import Favourite, Region, Shop, ShopStatistics, Township
from shops.widgets import PointWidget

admin.site.site_header = admin.site.site_title = "Potato"
admin.site.index_title = _("Places, catalogue, prices and people")
admin.site.site_url = reverse_lazy("home")  # type: ignore[assignment]


class PointAdmin(PickerAdmin, LeafletGeoAdmin):
    widget = PointWidget
    map_template = "admin/point.html"


class KnownListFilter(admin.SimpleListFilter):
    """Rows where something is known, and rows where it is still to be found out."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("known")), ("no", _("not known"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() in ("yes", "no"):
            return queryset.filter(**{f"{self.field}__isnull": self.value() == "no"})
        return queryset


class PointFilter(KnownListFilter):
    title, parameter_name, field = _("position"), "position", "point"


class TownshipFilter(KnownListFilter):
    title, parameter_name, field = _("township"), "township_known", "township"


class OwnerFilter(KnownListFilter):
    title, parameter_name, field = _("owner"), "owner_known", "owner"


@admin.register(Region)
class RegionAdmin(PointAdmin):
    """The 15 are given by ISO 3166-2: their names may be mended, none added or taken away.

    Imports and maps rely on the codes, WFP's names and the bounding box, which come from the table alone.
    """

    list_display = ("name_en", "name_my", "kind", "iso_code")
    list_filter = ("kind",)
    search_fields = ("name_en", "name_my", "iso_code", "slug")
    readonly_fields = ("iso_code", "slug", "kind", "mimu_pcodes", "wfp_admin1", "bounds")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Region | None = None) -> bool:
        return False


@admin.register(Township)
class TownshipAdmin(PointAdmin):
    list_display = ("name_en", "name_my", "region", "district", "pcode")
    list_filter = ("region", PointFilter)
    list_select_related = ("region",)
    search_fields = ("name_en", "name_my", "pcode", "district", "slug")
    autocomplete_fields = ("region",)

    def get_readonly_fields(self, request: HttpRequest, obj: Township | None = None) -> tuple[str, ...]:
        return ("pcode", "slug") if obj else ()

    def get_prepopulated_fields(self, request: HttpRequest, obj: Township | None = None) -> dict[str, Any]:
        return {} if obj else {"slug": ["name_en"]}


class StatisticsInline(admin.TabularInline):
    """Computed from the prices; nobody types them."""

    model = ShopStatistics
    fields = readonly_fields = ("entries", "items", "contributors", "last_seen_at")
    can_delete = False
    extra = max_num = 0

    def has_add_permission(self, request: HttpRequest, obj: Shop | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: ShopStatistics | None = None) -> bool:
        return False


@admin.register(Shop)
class ShopAdmin(PointAdmin):
    list_display = ("shop_name", "shop_name_my", "kind", "status", "region", "township", "source", "is_demo")
    list_filter = ("status", "kind", PointFilter, TownshipFilter, OwnerFilter, "is_demo", "source", "region")
    list_select_related = ("region", "township")
    list_per_page = 50
    date_hierarchy = "created_at"
    search_fields = (
        "shop_name",
        "shop_name_my",
        "source_key",
        "phone",
        "township__name_en",
        "township__name_my",
        "owner__email",
    )
    autocomplete_fields = ("region", "township")
    raw_id_fields = ("owner",)
    readonly_fields = ("source", "source_key", "is_demo", "created_at")
    inlines = (StatisticsInline,)
    fieldsets = (
        (None, {"fields": ("shop_name", "shop_name_my", "kind", "status", "owner")}),
        (_("Where"), {"fields": ("region", "township", "point")}),
        (_("For visitors"), {"fields": ("phone", "opening_hours")}),
        (_("Origin"), {"fields": ("source", "source_key", "is_demo", "created_at")}),
    )

    def has_delete_permission(self, request: HttpRequest, obj: Shop | None = None) -> bool:
        """A shop that prices tell of is closed, not deleted; the action on many at once is off for the same
        reason."""
        priced = obj is None or ShopStatistics.objects.filter(shop=obj, entries__gt=0).exists()
        return not priced and super().has_delete_permission(request, obj)


@admin.register(Favourite)
class FavouriteAdmin(PickerAdmin):
    list_display = ("user", "shop", "created_at")
    list_select_related = ("user", "shop")
    search_fields = ("user__email", "user__display_name", "shop__shop_name", "shop__shop_name_my")
    date_hierarchy = "created_at"
    raw_id_fields = ("user",)
    autocomplete_fields = ("shop",)
