"""News from the apps below, each answered with one call."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from catalog.models import UnitFactor
from potato import clock
from prices import services
from prices.names.rows import KINDS, MODELS
from shops.signals import reference_changed


@receiver(reference_changed)
def names_changed(*, kind: str, ids: list[int], **_: Any) -> None:
    services.reference_changed(kind=kind, ids=ids, now=clock.now())


def name_changed(*, sender: type, instance: Any, raw: bool = False, **_: Any) -> None:
    services.reference_changed(kind=KINDS[sender], ids=[instance.pk], now=clock.now())


@receiver([post_save, post_delete], sender=UnitFactor)
def factor_changed(*, instance: UnitFactor, raw: bool = False, **_: Any) -> None:
    """Which item it was of before, nobody knows here; a factor holds for varieties too. So all items are told."""
    services.reference_changed(kind="unit", ids=[instance.unit_id], now=clock.now())


for model in MODELS.values():
    post_save.connect(name_changed, sender=model, dispatch_uid=f"names-save-{model.__name__}")
    post_delete.connect(name_changed, sender=model, dispatch_uid=f"names-delete-{model.__name__}")
