"""The catalogue in the admin. Items and units are switched off, not deleted: prices elsewhere name them."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.db.models import Count, ForeignKey, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog import selectors
from catalog.models import Category, Item, PriceRange, Unit, UnitFactor
from potato.pickers import PickerAdmin


class KeptAdmin(PickerAdmin):
    """Rows whose name in addresses and tables (``slug_field``) is given once, and which are never deleted."""

    slug_field = "slug"

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *([self.slug_field] if obj else [])]

    def get_prepopulated_fields(self, request: HttpRequest, obj: Any = None) -> dict[str, Any]:
        return {} if obj else {self.slug_field: ["name_en"]}

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Category)
class CategoryAdmin(KeptAdmin):
    list_display = ("name_en", "name_my", "slug", "items_in_it", "position")
    list_editable = ("position",)
    search_fields = ("name_en", "name_my", "slug")
    # Said once more: the model's own order is forgotten where rows are counted.
    ordering = tuple(Category._meta.ordering or ())

    def get_queryset(self, request: HttpRequest) -> QuerySet[Category]:
        return super().get_queryset(request).annotate(number_of_items=Count("items"))

    @admin.display(description=_("items"), ordering="number_of_items")
    def items_in_it(self, category: Any) -> int:
        return category.number_of_items

    def has_delete_permission(self, request: HttpRequest, obj: Category | None = None) -> bool:
        """An empty category may go; the database holds the others."""
        return request.user.has_perm("catalog.delete_category")


@admin.register(Unit)
class UnitAdmin(KeptAdmin):
    slug_field = "code"
    list_display = ("code", "name_en", "name_my", "kind", "to_base", "base", "is_active", "position")
    list_editable = ("is_active", "position")
    list_filter = ("kind", "base", "is_active")
    search_fields = ("code", "name_en", "name_my")


class InlineOfItem(admin.TabularInline):
    extra = 0

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        # Read once for all rows, not once a row.
        field.choices = list(field.choices)
        return field


class FactorInline(InlineOfItem):
    model = UnitFactor
    fields = ("unit", "region", "to_base", "base", "for_varieties", "source", "note")

    def get_queryset(self, request: HttpRequest) -> QuerySet[UnitFactor]:
        return super().get_queryset(request).select_related("unit", "item", "region")


class RangeInline(InlineOfItem):
    model = PriceRange
    fields = ("base", "low_kyat", "high_kyat", "source")

    def get_queryset(self, request: HttpRequest) -> QuerySet[PriceRange]:
        return super().get_queryset(request).select_related("item")


class ItemForm(forms.ModelForm):
    aliases = SimpleArrayField(
        forms.CharField(max_length=120, required=False),
        label=_("other names"),
        required=False,
        delimiter=";",
        widget=forms.Textarea(attrs={"rows": 2, "cols": 80}),
        help_text=_("In any language, with semicolons between. People find the item by them."),
    )

    def clean_aliases(self) -> list[str]:
        return list(dict.fromkeys(name.strip() for name in self.cleaned_data["aliases"] if name.strip()))


@admin.register(Item)
class ItemAdmin(KeptAdmin):
    form = ItemForm
    list_display = (
        "name_en",
        "name_my",
        "category",
        "variety_of",
        "default_unit",
        "base",
        "is_active",
        "position",
    )
    list_editable = ("is_active",)
    list_filter = ("is_active", "category", "base", ("variety_of", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("category", "variety_of", "default_unit")
    list_per_page = 100
    search_fields = ("name_en", "name_my", "aliases", "slug")
    autocomplete_fields = ("category", "variety_of", "default_unit", "usual_units")
    readonly_fields = ("sold_by",)
    inlines = (FactorInline, RangeInline)
    fieldsets = (
        (None, {"fields": ("name_en", "name_my", "slug", "aliases", "category", "variety_of")}),
        (_("Units"), {"fields": ("base", "default_unit", "usual_units", "sold_by")}),
        (_("On the pages"), {"fields": ("is_active", "position")}),
    )

    @admin.display(description=_("prices may be given in"))
    def sold_by(self, item: Item) -> str:
        """What follows from the units and factors as stored, outside regions with factors of their own."""
        if not item.pk:
            return "–"
        units = selectors.units_for(item_id=item.pk, region_id=None)
        return (
            ", ".join(f"{one.unit.name_en} ({one.to_base.normalize():f} {one.base})" for one in units) or "–"
        )

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        form.instance.usual_units.add(form.instance.default_unit)


@admin.register(UnitFactor)
class UnitFactorAdmin(PickerAdmin):
    list_display = ("item", "unit", "region", "to_base", "base", "for_varieties", "source")
    list_filter = ("unit", "base", "region")
    list_select_related = ("item", "unit", "region")
    search_fields = (
        "item__name_en",
        "item__name_my",
        "item__aliases",
        "unit__code",
        "unit__name_my",
        "source",
    )
    autocomplete_fields = ("item", "unit", "region")


@admin.register(PriceRange)
class PriceRangeAdmin(PickerAdmin):
    list_display = ("item", "base", "low_kyat", "high_kyat", "source")
    list_editable = ("low_kyat", "high_kyat")
    list_filter = ("base", "item__category")
    list_select_related = ("item",)
    search_fields = ("item__name_en", "item__name_my", "item__aliases", "source")
    autocomplete_fields = ("item",)
