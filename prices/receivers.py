"""News from the apps below, each answered with one call."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from catalog.models import Item, UnitFactor
from potato import clock
from prices import services
from prices.reference_rows import KINDS, MODELS
from shops.signals import reference_changed


@receiver(reference_changed)
def names_changed(*, kind: str, ids: list[int], **_: Any) -> None:
    services.reference_changed(kind=kind, ids=ids, now=clock.now())


def name_changed(*, sender: type, instance: Any, raw: bool = False, **_: Any) -> None:
    services.reference_changed(kind=KINDS[sender], ids=[instance.pk], now=clock.now())


@receiver([post_save, post_delete], sender=UnitFactor)
def factor_changed(*, instance: UnitFactor, raw: bool = False, **_: Any) -> None:
    """An item's name carries the units that it may be priced in, and so do those of its varieties."""
    varieties = Item.objects.filter(variety_of=instance.item_id).values_list("pk", flat=True)
    services.reference_changed(kind="item", ids=[instance.item_id, *varieties], now=clock.now())


for model in MODELS.values():
    post_save.connect(name_changed, sender=model, dispatch_uid=f"names-save-{model.__name__}")
    post_delete.connect(name_changed, sender=model, dispatch_uid=f"names-delete-{model.__name__}")
