"""What: categories, items and their varieties, units, factors between them, and plausible ranges."""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from shops.models import Named


class Base(models.TextChoices):
    """What unit prices are computed per."""

    KG = "kg", _("kilogram")
    LITRE = "l", _("litre")
    PIECE = "pc", _("piece")


class Category(Named):
    slug = models.SlugField(unique=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering: ClassVar = ["position", "name_en"]

    def get_absolute_url(self) -> str:
        return reverse("category", args=[self.slug])


class Unit(Named):
    """A unit as people use it, with its factor to a base unit where it has one everywhere."""

    class Kind(models.TextChoices):
        MASS = "mass", _("mass")
        VOLUME = "volume", _("volume")
        COUNT = "count", _("count")
        CONTAINER = "container", _("container")

    code = models.SlugField(unique=True, max_length=20)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    to_base = models.DecimalField(_("in base units"), max_digits=18, decimal_places=9, null=True, blank=True)
    base = models.CharField(_("base unit"), max_length=2, choices=Base.choices, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        ordering: ClassVar = ["position", "code"]

    def clean(self) -> None:
        super().clean()
        if self.base and self.to_base is None:
            raise ValidationError({"to_base": _("Say how many of the base unit one of this unit is.")})
        if self.to_base is not None and not self.base:
            raise ValidationError({"base": _("Say which base unit the number is about.")})
        if self.to_base is not None and self.to_base <= 0:
            raise ValidationError({"to_base": _("This must be more than zero.")})


class Item(Named):
    """Something that is sold. A variety (Paw San) is an item of its own that knows its kind (rice)."""

    slug = models.SlugField(unique=True)
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="items"
    )
    aliases = ArrayField(
        models.CharField(max_length=120), verbose_name=_("other names"), default=list, blank=True
    )
    variety_of = models.ForeignKey(
        "self",
        verbose_name=_("variety of"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="varieties",
    )
    base = models.CharField(_("main base unit"), max_length=2, choices=Base.choices)
    default_unit = models.ForeignKey(
        Unit, verbose_name=_("usual unit"), on_delete=models.PROTECT, related_name="+"
    )
    # The units shown first; their bases are the dimensions that the item may be priced in.
    usual_units = models.ManyToManyField(Unit, verbose_name=_("usual units"), related_name="+", blank=True)
    is_active = models.BooleanField(_("in use"), default=True)
    position = models.PositiveSmallIntegerField(default=100)

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering: ClassVar = ["position", "name_en"]

    def clean(self) -> None:
        super().clean()
        if self.variety_of is None:
            return
        if self.pk and self.variety_of_id == self.pk:
            raise ValidationError({"variety_of": _("An item cannot be a variety of itself.")})
        if (parent := self.variety_of.variety_of) is not None:
            raise ValidationError(
                {
                    "variety_of": _("%(item)s is a variety of %(parent)s: choose %(parent)s.")
                    % {"item": self.variety_of.name, "parent": parent.name}
                }
            )
        if self.pk and self.varieties.exists():
            raise ValidationError({"variety_of": _("This item has varieties, so it cannot be one itself.")})

    def get_absolute_url(self) -> str:
        return reverse("item", args=[self.slug])


class UnitFactor(models.Model):
    """How much of the base unit one unit of an item holds: a basket of paddy is 20.865 kg."""

    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.CASCADE, related_name="factors")
    item = models.ForeignKey(Item, verbose_name=_("item"), on_delete=models.CASCADE, related_name="factors")
    region = models.ForeignKey(
        "shops.Region",
        verbose_name=_("region"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    to_base = models.DecimalField(_("in base units"), max_digits=18, decimal_places=9)
    base = models.CharField(_("base unit"), max_length=2, choices=Base.choices)
    for_varieties = models.BooleanField(
        _("for varieties too"),
        default=True,
        help_text=_("Whether it holds for the varieties of the item as well."),
    )
    source = models.CharField(_("source"), max_length=200)
    note = models.CharField(_("note"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("unit factor")
        verbose_name_plural = _("unit factors")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["unit", "item", "region"], nulls_distinct=False, name="catalog_factor_once_per_scope"
            ),
            models.CheckConstraint(condition=models.Q(to_base__gt=0), name="catalog_factor_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.unit.code} of {self.item.slug}: {self.to_base.normalize():f} {self.base}"

    def clean(self) -> None:
        super().clean()
        if self.to_base is not None and self.to_base <= 0:
            raise ValidationError({"to_base": _("This must be more than zero.")})


class PriceRange(models.Model):
    """What a base unit of an item may plausibly cost; outside, a price waits in quarantine."""

    item = models.ForeignKey(Item, verbose_name=_("item"), on_delete=models.CASCADE, related_name="ranges")
    base = models.CharField(_("base unit"), max_length=2, choices=Base.choices)
    low_kyat = models.DecimalField(_("lowest, kyat"), max_digits=12, decimal_places=2)
    high_kyat = models.DecimalField(_("highest, kyat"), max_digits=12, decimal_places=2)
    source = models.CharField(_("source"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("plausible range")
        verbose_name_plural = _("plausible ranges")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "base"], name="catalog_range_once"),
            models.CheckConstraint(
                condition=models.Q(high_kyat__gt=models.F("low_kyat")), name="catalog_range_ordered"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item.slug}: {self.low_kyat} to {self.high_kyat} kyat a {self.base}"

    def clean(self) -> None:
        super().clean()
        if self.low_kyat is not None and self.low_kyat <= 0:
            raise ValidationError({"low_kyat": _("This must be more than zero.")})
        if self.low_kyat is not None and self.high_kyat is not None and self.high_kyat <= self.low_kyat:
            raise ValidationError({"high_kyat": _("The highest price must be above the lowest.")})


class Favourite(models.Model):
    """A person follows an item."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourite_items"
    )
    item = models.ForeignKey(Item, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("followed item")
        verbose_name_plural = _("followed items")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "item"], name="catalog_favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.item}"
