"""Five steps of colour for the prices of a map. Pure rules, no I/O."""

from collections.abc import Sequence
from dataclasses import dataclass

STEPS = 5


@dataclass(frozen=True, slots=True)
class Step:
    """One colour, 1 to 5, and the lowest and highest price that have it."""

    number: int
    low: int
    high: int


def steps_of(amounts: Sequence[int]) -> list[int]:
    """The step of each amount, in their order: about as many in each step, and the same step for the same amount.

    Up to five different amounts have a step each, as far apart as they can be; a single one has the middle step.
    """
    different = sorted(set(amounts))
    if len(different) == 1:
        return [(STEPS + 1) // 2] * len(amounts)
    if len(different) <= STEPS:
        last = len(different) - 1
        number = {amount: 1 + round((STEPS - 1) * at / last) for at, amount in enumerate(different)}
    else:
        ordered = sorted(amounts)
        number = {amount: 1 + STEPS * ordered.index(amount) // len(ordered) for amount in different}
    return [number[amount] for amount in amounts]


def key_of(amounts: Sequence[int]) -> list[Step]:
    """What each step in use stands for, the cheapest first."""
    found: dict[int, list[int]] = {}
    for amount, number in zip(amounts, steps_of(amounts), strict=True):
        found.setdefault(number, []).append(amount)
    return [Step(number, min(some), max(some)) for number, some in sorted(found.items())]
