"""Where: states and regions, townships, shops, and who follows them."""

from typing import ClassVar

from django.conf import settings
from django.contrib.gis.db import models
from django.contrib.gis.geos import Point
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

# Generous: everything inside and a little sea. It catches swapped numbers and slips of the hand on the map.
WEST, SOUTH, EAST, NORTH = 91.5, 9.0, 101.5, 28.8


def check_in_myanmar(point: Point | None) -> None:
    """Make sure that a position is somewhere in Myanmar.

    :raises ValidationError: at the field ``point``.
    """
    if point is not None and not (WEST <= point.x <= EAST and SOUTH <= point.y <= NORTH):
        raise ValidationError({"point": _("This position is not in Myanmar.")})


class Named(models.Model):
    """Something with an English and, where known, a Burmese name."""

    name_en = models.CharField(_("English name"), max_length=120)
    name_my = models.CharField(_("Burmese name"), max_length=120, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language, where there is one."""
        return (self.name_my or self.name_en) if get_language() == "my" else self.name_en


class Region(Named):
    """One of the 15 states, regions and the union territory."""

    class Kind(models.TextChoices):
        STATE = "STATE", pgettext_lazy("kind of region", "State")
        REGION = "REGION", pgettext_lazy("kind of region", "Region")
        TERRITORY = "TERRITORY", _("Union territory")

    iso_code = models.CharField(_("ISO 3166-2 code"), max_length=6, unique=True)
    slug = models.SlugField(unique=True)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    # MIMU and WFP count some regions in parts (Bago 2, Shan 3): every part's code and name leads here.
    mimu_pcodes = models.JSONField(_("MIMU P-codes"), default=list)
    wfp_admin1 = models.JSONField(_("WFP names"), default=list)
    point = models.PointField(_("point inside"), geography=True, null=True, blank=True)
    bounds = models.JSONField(
        _("bounding box"), default=list, help_text=_("West, south, east, north in degrees.")
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering: ClassVar = ["name_en"]

    def get_absolute_url(self) -> str:
        return reverse("region", args=[self.slug])


class Township(Named):
    """A township, by its MIMU place code."""

    pcode = models.CharField(_("P-code"), max_length=12, unique=True)
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="townships"
    )
    slug = models.SlugField()
    district = models.CharField(_("district"), max_length=120, blank=True)
    point = models.PointField(_("point inside"), geography=True, null=True, blank=True)

    class Meta:
        verbose_name = _("township")
        verbose_name_plural = _("townships")
        ordering: ClassVar = ["name_en"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["region", "slug"], name="shops_township_slug_per_region")
        ]

    def clean(self) -> None:
        super().clean()
        if (
            self.pk
            and self.region_id
            and Shop.objects.filter(township=self).exclude(region=self.region_id).exists()
        ):
            raise ValidationError(
                {"region": _("There are shops in this township: it cannot move to another region with them.")}
            )
        check_in_myanmar(self.point)

    def get_absolute_url(self) -> str:
        return reverse("township", args=[self.region.slug, self.slug])


class ShopQuerySet(models.QuerySet["Shop"]):
    def open(self) -> "ShopQuerySet":
        """Shops that prices may be submitted for."""
        return self.filter(status=Shop.Status.OPEN)


class Shop(models.Model):
    """A shop, stall or market where prices are seen."""

    class Kind(models.TextChoices):
        MARKET = "MARKET", _("Market")
        SHOP = "SHOP", _("Shop")
        STALL = "STALL", _("Stall")
        SUPERMARKET = "SUPERMARKET", _("Supermarket")
        WHOLESALE = "WHOLESALE", _("Wholesale centre")

    class Status(models.TextChoices):
        OPEN = "OPEN", _("Open")
        PAUSED = "PAUSED", _("Closed for now")
        CLOSED = "CLOSED", _("Closed for good")

    shop_name = models.CharField(_("name"), max_length=160)
    shop_name_my = models.CharField(_("Burmese name"), max_length=160, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("owner"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="shops",
    )
    region = models.ForeignKey(
        Region, verbose_name=_("region"), on_delete=models.PROTECT, related_name="shops"
    )
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="shops",
    )
    point = models.PointField(_("position"), geography=True, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices, default=Kind.SHOP)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.OPEN)
    phone = models.CharField(_("phone"), max_length=40, blank=True)
    opening_hours = models.CharField(_("opening hours"), max_length=120, blank=True)
    # Where an import found it: the same market is found again, whatever it is called by now.
    source = models.CharField(_("source"), max_length=12, blank=True, editable=False)
    source_key = models.CharField(max_length=200, blank=True, editable=False)
    is_demo = models.BooleanField(_("demo"), default=False, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    objects = ShopQuerySet.as_manager()

    class Meta:
        verbose_name = _("shop")
        verbose_name_plural = _("shops")
        ordering: ClassVar = ["shop_name", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["source", "source_key"], condition=~models.Q(source=""), name="shops_shop_source_key"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        if self.region_id and self.township and self.township.region_id != self.region_id:
            raise ValidationError(
                {
                    "township": _("%(township)s lies in %(region)s. Choose that region, or another township.")
                    % {"township": self.township.name, "region": self.township.region.name}
                }
            )
        # A price says in which region it was seen, and stays in that region's figures.
        priced = ShopStatistics.objects.filter(shop=self.pk, entries__gt=0)
        if self.pk and self.region_id and priced.exclude(shop__region=self.region_id).exists():
            raise ValidationError(
                {"region": _("There are prices from this shop: it cannot move to another region with them.")}
            )
        check_in_myanmar(self.point)

    @property
    def name(self) -> str:
        """The name in the reader's language, where there is one."""
        return (self.shop_name_my or self.shop_name) if get_language() == "my" else self.shop_name

    def get_absolute_url(self) -> str:
        return reverse("shop", args=[self.pk])


class Favourite(models.Model):
    """A person follows a shop."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="favourites")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("favourite")
        verbose_name_plural = _("favourites")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "shop"], name="shops_favourite_once")
        ]

    def __str__(self) -> str:
        return f"{self.user} – {self.shop}"


class ShopStatistics(models.Model):
    """What is known of a shop's prices; computed again from raw entries, never counted up."""

    shop = models.OneToOneField(Shop, primary_key=True, on_delete=models.CASCADE, related_name="statistics")
    entries = models.PositiveIntegerField(_("published prices"), default=0)
    items = models.PositiveIntegerField(_("items"), default=0)
    contributors = models.PositiveIntegerField(_("contributors"), default=0)
    last_seen_at = models.DateTimeField(_("newest price"), null=True)
    rev = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("shop statistics")
        verbose_name_plural = _("shop statistics")

    def __str__(self) -> str:
        return f"{self.shop_id}: {self.entries}"


class ReferenceRow(models.Model):
    """A row of a reference table as it was last loaded: loading again leaves alone what staff changed
    since."""

    table = models.CharField(max_length=20)
    key = models.CharField(max_length=160)
    digest = models.CharField(max_length=64)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["table", "key"], name="shops_reference_row_once")
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"
