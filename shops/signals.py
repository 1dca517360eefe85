"""News from the places and the catalogue, for the apps above."""

from django.dispatch import Signal

reference_changed = Signal()
"""Names or points changed in bulk.

Arguments: ``kind`` ("item", "category", "unit", "region", "township", "shop"), ``ids`` (list of primary
keys). Single saves are told by Django's own ``post_save``."""
