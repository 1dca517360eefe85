"""What was promised: the ledger of submissions, imports, the boards' copies, demo or real; and members' lists of items.

Prices themselves live in MongoDB (``prices/store``). These are the only relational tables of the app.
"""

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from prices.coordination.sequences import NextSeq


class LedgerRow(models.Model):
    """Something that a person did to prices, accepted when this row is committed."""

    class Kind(models.TextChoices):
        PRICE = "PRICE", _("price")
        CONFIRM = "CONFIRM", _("confirmation")
        CORRECT = "CORRECT", _("correction")
        WITHDRAW = "WITHDRAW", _("withdrawal")
        REPORT = "REPORT", _("report")
        MODERATE = "MODERATE", _("moderation")
        REFERENCE = "REFERENCE", _("names and places")

    class State(models.TextChoices):
        ACCEPTED = "accepted", _("accepted")
        PUBLISHED = "published", _("published")
        PARKED = "parked", _("parked")

    id = models.UUIDField(primary_key=True)
    seq = models.BigIntegerField(unique=True, db_default=NextSeq("prices_ledger_seq"), editable=False)
    kind = models.CharField(_("kind"), max_length=9, choices=Kind.choices)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("author"),
        null=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    item_id = models.BigIntegerField(_("item"), null=True)
    # The entry (or, for REFERENCE, the "shop:12") that the act is about: rows of one target keep their order.
    target = models.CharField(_("target"), max_length=64)
    payload = models.JSONField(default=dict)
    body_hash = models.CharField(max_length=64)
    is_demo = models.BooleanField(default=False)
    # When readers see that it came in (clock.now()); accepted_at is real time, for limits.
    received_at = models.DateTimeField(_("received"))
    accepted_at = models.DateTimeField(db_default=Now())
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.ACCEPTED)
    tries = models.PositiveIntegerField(_("tries"), default=0)
    # Real time, on PostgreSQL's clock: never clock.now().
    next_try_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    published_at = models.DateTimeField(_("published"), null=True)
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    followed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("ledger row")
        verbose_name_plural = _("ledger")
        ordering: ClassVar = ["-seq"]
        indexes: ClassVar = [
            # The relay's queue.
            models.Index(
                fields=["item_id", "seq"], condition=models.Q(state="accepted"), name="prices_ledger_queue"
            ),
            # "Does an earlier act on this target wait?"
            models.Index(fields=["target", "seq"], name="prices_ledger_target"),
            # "My prices", and the limits on how many a person sends.
            models.Index(fields=["author", "-accepted_at"], name="prices_ledger_author"),
            models.Index(
                fields=["seq"],
                condition=models.Q(state="published", followed_at=None),
                name="prices_ledger_unfollowed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


PRICE_KINDS = (LedgerRow.Kind.PRICE, LedgerRow.Kind.CORRECT)
"""Rows that hold a price, and become an entry of their own."""
STORE_UNAVAILABLE = "a store is unavailable"
"""Why a row waits: the relay notes it, and moderators read it in words."""
CHANGED_MEANWHILE = "changed meanwhile"
"""Why a moderator's row was parked: the price had another status than the moderator saw."""


class ImportBatch(models.Model):
    """One file, or one run of demo data, on its way in."""

    class State(models.TextChoices):
        LOADING = "loading", _("loading")
        LOADED = "loaded", _("loaded")
        REFRESHED = "refreshed", _("refreshed")

    source = models.CharField(_("source"), max_length=12)
    file_name = models.CharField(_("file"), max_length=255)
    file_hash = models.CharField(max_length=64)
    state = models.CharField(_("state"), max_length=9, choices=State.choices, default=State.LOADING)
    counts = models.JSONField(_("counts"), default=dict)
    item_ids = models.JSONField(default=list, editable=False)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering: ClassVar = ["-started_at"]

    def __str__(self) -> str:
        return f"{self.source} {self.file_name}"


class EntriesOfBoard(models.Func):
    """The ids of the price entries in a board's rows, as a JSON array."""

    template = "jsonb_path_query_array(%(expressions)s, '$.rows[*].entry')"
    output_field = models.JSONField()


class BoardCopy(models.Model):
    """A board again, for the time without MongoDB."""

    key = models.CharField(primary_key=True, max_length=80)
    rev = models.BigIntegerField()
    data = models.JSONField()
    copied_at = models.DateTimeField()

    class Meta:
        verbose_name = _("board copy")
        verbose_name_plural = _("board copies")
        indexes: ClassVar = [
            # "On which shop's board is this price?", in ``prices.selectors.find_entry``.
            GinIndex(
                EntriesOfBoard("data"),
                condition=models.Q(key__startswith="shop:"),
                name="prices_boardcopy_entries",
            )
        ]

    def __str__(self) -> str:
        return self.key


class BasketLine(models.Model):
    """An item of the list that a member keeps, with how much of it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="basket_lines")
    item = models.ForeignKey("catalog.Item", on_delete=models.CASCADE, related_name="+")
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=3)
    unit = models.CharField(_("unit"), max_length=20)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name = _("line of a list")
        verbose_name_plural = _("lines of lists")
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "item"], name="prices_basket_line_once")
        ]

    def __str__(self) -> str:
        return f"{self.item_id}: {self.quantity} {self.unit}"


class Installation(models.Model):
    """Whether this installation shows demo or real prices, and the day its boards were made for. One row."""

    class Mode(models.TextChoices):
        EMPTY = "empty", _("no prices yet")
        DEMO = "demo", _("demo prices")
        REAL = "real", _("real prices")

    mode = models.CharField(max_length=5, choices=Mode.choices, default=Mode.EMPTY)
    boards_day = models.DateField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="prices_installation_one_row")
        ]

    def __str__(self) -> str:
        return self.mode
