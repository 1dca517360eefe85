import pytest

from prices.rules.distance import distance_km


class TestDistanceKm:
    def test_knows_the_way_from_yangon_to_mandalay(self):
        assert distance_km((16.8661, 96.1951), (21.9588, 96.0891)) == pytest.approx(566, abs=1)

    def test_is_half_the_way_around_between_opposite_points(self):
        assert distance_km((0, 0), (0, 180)) == pytest.approx(20_015, abs=1)
