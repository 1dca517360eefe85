from decimal import Decimal

import pytest

from prices.charts import nice_step
from prices.charts.scale import Scale
from prices.rules.units import VISS_IN_KG


class TestNiceStep:
    @pytest.mark.parametrize(
        ("span", "step"), [(5, 1), (6, 2), (11, 5), (26, 10), (141_000, 50_000), (501, 200)]
    )
    def test_is_round_and_fits_five_times_at_most(self, span, step):
        assert nice_step(span, least=1) == step

    def test_is_never_finer_than_asked(self):
        assert nice_step(1, least=100) == 100


class TestScale:
    @pytest.mark.parametrize("to_base", [Decimal(1), VISS_IN_KG, VISS_IN_KG / 8, Decimal("31.25")])
    def test_is_round_in_the_unit_shown(self, to_base):
        scale = Scale.of(171_500, 192_700, to_base=to_base)

        assert scale.step in {int(f"{digit}{'0' * zeros}") for digit in (1, 2, 5) for zeros in range(2, 8)}
        assert scale.floor % scale.step == 0
        assert scale.floor <= 171_500 * to_base < 192_700 * to_base < scale.top

    def test_begins_at_zero_unless_that_would_hide_the_movement(self):
        assert Scale.of(100_000, 200_000, to_base=Decimal(1)).floor == 0
        assert Scale.of(100_100, 200_000, to_base=Decimal(1)).floor > 0
