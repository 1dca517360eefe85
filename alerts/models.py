"""Who wants to know what: rules, notifications, and how a person likes to be notified.

That somebody follows a shop or an item stands in ``shops.Favourite`` and ``catalog.Favourite``.
"""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models import Base, Item, Unit
from shops.models import Region, Shop, Township

COOLDOWN_HOURS = 24
DAILY_CAP = 10
QUIET_FROM, QUIET_UNTIL = 20, 7
"""Hours in Yangon."""
KEEP_DAYS = 180


class AlertRule(models.Model):
    """A person wants to know when the price of an item does something in a place.

    The place is one of shop, township and region; none of them: the whole country.
    """

    class Kind(models.TextChoices):
        BELOW = "BELOW", _("at or below a price")
        ABOVE = "ABOVE", _("at or above a price")
        CHANGE = "CHANGE", _("a change of some percent")
        LOW = "LOW", _("lowest in 30 days")
        HIGH = "HIGH", _("highest in 30 days")
        ANY = "ANY", _("any new price")
        SILENCE = "SILENCE", _("a price again after some days without")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="alert_rules")
    kind = models.CharField(_("kind"), max_length=7, choices=Kind.choices)
    item = models.ForeignKey(Item, verbose_name=_("item"), on_delete=models.CASCADE, related_name="+")
    region = models.ForeignKey(
        Region, verbose_name=_("region"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    township = models.ForeignKey(
        Township,
        verbose_name=_("township"),
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="+",
    )
    shop = models.ForeignKey(
        Shop, verbose_name=_("shop"), null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    type = models.CharField(max_length=9, choices=[("RETAIL", _("retail")), ("WHOLESALE", _("wholesale"))])
    base = models.CharField(max_length=2, choices=Base.choices)
    unit = models.ForeignKey(Unit, verbose_name=_("unit"), on_delete=models.PROTECT, related_name="+")
    """In which its owner reads prices; ``base`` is what it measures."""
    amount = models.BigIntegerField(null=True, blank=True)
    """BELOW and ABOVE: the limit, in pya per base unit."""
    percent = models.PositiveSmallIntegerField(_("percent"), null=True, blank=True)
    days = models.PositiveSmallIntegerField(_("days"), null=True, blank=True)
    cooldown_hours = models.PositiveSmallIntegerField(
        _("hours between two notifications"),
        default=COOLDOWN_HOURS,
        validators=[MinValueValidator(1), MaxValueValidator(30 * 24)],
    )
    is_paused = models.BooleanField(_("paused"), default=False)
    is_armed = models.BooleanField(default=True)
    """A rule that has notified is armed again when the price has gone back by some more than it had to."""
    baseline = models.BigIntegerField(null=True, blank=True)
    """CHANGE: the typical price of the place when its owner was last notified, or made the rule; pya per base unit."""
    notified_at = models.DateTimeField(_("last notified"), null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        verbose_name = _("alert rule")
        verbose_name_plural = _("alert rules")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="alerts_rule_one_place",
                condition=(
                    Q(shop=None, township=None) | Q(shop=None, region=None) | Q(township=None, region=None)
                ),
            ),
            models.CheckConstraint(
                name="alerts_rule_has_its_number",
                condition=(
                    Q(kind__in=["BELOW", "ABOVE"], amount__gt=0)
                    | Q(kind="CHANGE", percent__gte=1)
                    | Q(kind="SILENCE", days__gte=1)
                    | Q(kind__in=["LOW", "HIGH", "ANY"])
                ),
            ),
        ]
        indexes: ClassVar = [
            # "Whose rule does this price meet?", by place.
            *(
                models.Index(
                    fields=[
                        "item",
                        *([place] if place else []),
                        "type",
                        "base",
                        "kind",
                        "is_armed",
                        "amount",
                    ],
                    condition=Q(is_paused=False, **condition),
                    name=f"alerts_rule_{place or 'nation'}",
                )
                for place, condition in (
                    ("shop", {"shop__isnull": False}),
                    ("township", {"township__isnull": False}),
                    ("region", {"region__isnull": False}),
                    ("", {"shop": None, "township": None, "region": None}),
                )
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.item_id}"


class AlertSettings(models.Model):
    """How a person likes to be notified. Who has no row has the defaults."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="alert_settings"
    )
    daily_cap = models.PositiveSmallIntegerField(
        _("notifications a day"),
        default=DAILY_CAP,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
    )
    has_quiet_hours = models.BooleanField(_("quiet hours"), default=True)
    quiet_from = models.PositiveSmallIntegerField(
        _("quiet from"), default=QUIET_FROM, validators=[MaxValueValidator(23)]
    )
    quiet_until = models.PositiveSmallIntegerField(
        _("quiet until"), default=QUIET_UNTIL, validators=[MaxValueValidator(23)]
    )
    """Hours in Yangon. Open pages show nothing then; the inbox fills all the same."""

    class Meta:
        verbose_name = _("alert settings")
        verbose_name_plural = _("alert settings")

    def __str__(self) -> str:
        return str(self.user_id)


class Notification(models.Model):
    """A line of a person's inbox. Written once; what changes later is whether it is read, and what became of its price."""

    class Kind(models.TextChoices):
        RULE = "RULE", _("your rule")
        SHOP = "SHOP", _("a shop you follow")
        ITEM = "ITEM", _("an item you follow")
        # When it grows it is the newest again, under another id.
        SUMMARY = "SUMMARY", _("more new prices")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications")
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    created_at = models.DateTimeField(db_default=Now())
    """Real time."""
    day = models.DateField()
    """In Yangon, of ``created_at``: a cap counts these."""
    read_at = models.DateTimeField(_("read"), null=True, blank=True)
    is_late = models.BooleanField(_("late"), default=False)
    """Matched more than six hours after its price was published: it is in the inbox, and nowhere else."""

    entry_id = models.UUIDField(null=True)
    item_id = models.BigIntegerField(null=True)
    shop_id = models.BigIntegerField(null=True)
    type = models.CharField(max_length=9, blank=True)
    base = models.CharField(max_length=2, blank=True)
    amount = models.BigIntegerField(null=True)
    """Of the price: pya per base unit."""
    seen_at = models.DateTimeField(null=True)
    entry_status = models.CharField(max_length=11, blank=True)
    """Empty while the price counts; else what became of it: ``removed``, ``withdrawn``, ``corrected``, ``quarantined``."""

    rule = models.ForeignKey(AlertRule, null=True, on_delete=models.SET_NULL, related_name="+")
    facts = models.JSONField(default=dict)
    """RULE: what the rule was (``kind, amount, percent, days, unit, region, township, shop``), ``typical`` of its
    place, and ``before``: what it compares with. Else ``before`` is the shop's price before this one, if any. In pya. SUMMARY: ``shops`` (ids)."""
    count = models.PositiveIntegerField(default=1)
    """SUMMARY: how many prices."""

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering: ClassVar = ["-pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "entry_id"], name="alerts_notification_once"),
            models.UniqueConstraint(
                fields=["user", "day"], condition=Q(kind="SUMMARY"), name="alerts_notification_one_summary"
            ),
        ]
        indexes: ClassVar = [
            # The inbox, newest first; and what came after the last one that an open page knows.
            models.Index(fields=["user", "-id"], name="alerts_notification_inbox"),
            # How many are unread.
            models.Index(fields=["user"], condition=Q(read_at=None), name="alerts_notification_unread"),
            # How many a person got on a day.
            models.Index(fields=["user", "day"], name="alerts_notification_day"),
            # What became of a price.
            models.Index(fields=["entry_id"], name="alerts_notification_entry"),
            # What is older than is kept.
            models.Index(fields=["created_at"], name="alerts_notification_age"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"
