"""How old a price may be, for templates of other apps that show when one was seen."""

from datetime import datetime

from django import template

from potato import clock
from prices.rules import typical_price

register = template.Library()


@register.filter
def is_fresh(seen_at: datetime | None) -> bool:
    """Tell whether a price seen then counts today."""
    return seen_at is not None and typical_price.is_fresh(seen_at, now=clock.now())
