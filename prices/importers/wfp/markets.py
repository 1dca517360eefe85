"""The World Food Programme's markets as shops: which there are, and where they lie."""

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from prices.importers.loading import Place
from prices.importers.wfp.items import NothingKnown
from prices.importers.wfp.reader import Observation
from prices.importers.wfp.townships import TownshipPoint, match_township
from shops.models import EAST, NORTH, SOUTH, WEST, Region, Shop, Township
from shops.services import shops_for_import
from shops.types import Market


class Markets:
    """Where the markets of one run lie. Two regions may each have one of a name.

    :param source: whose markets they are, as their shops say it.
    :raises NothingKnown: our regions are not there.
    """

    def __init__(self, *, source: str) -> None:
        self._source = source
        # Our region by WFP's name of it or of its part.
        self._regions = {name: region for region in Region.objects.all() for name in region.wfp_admin1}
        if not self._regions:
            raise NothingKnown("There are no regions yet: run manage.py load_reference first.")
        self._townships = _townships()
        # By market key.
        self._places: dict[str, Place] = {}

    @property
    def admin1_names(self) -> Collection[str]:
        """What WFP calls our regions, or parts of them."""
        return self._regions.keys()

    @property
    def without_township(self) -> int:
        """How many of the markets learned show their region only."""
        return sum(place.township_id is None for place in self._places.values())

    def key(self, observation: Observation) -> str:
        """The same for a market in every export."""
        return f"{self._regions[observation.admin1].iso_code}|{observation.market}"

    def place_of(self, observation: Observation) -> Place:
        """Where the price of a market that was learned lies."""
        return self._places[self.key(observation)]

    def places_by_shop(self) -> dict[int, Place]:
        """Where every market lies that ever came in, by its shop's id."""
        return _places(Shop.objects.filter(source=self._source))

    def learn(self, observations: Iterable[Observation], *, dry_run: bool) -> int:
        """Find the markets' shops, make those that are missing, and tell them what was not known of them yet.

        :param dry_run: make none; then a new one has no id.
        :return: how many were new.
        """
        markets: dict[str, Market] = {}
        for one in observations:
            key = self.key(one)
            if key not in markets or (markets[key].latitude is None and one.latitude is not None):
                markets[key] = self._market(key, one)
        shops = Shop.objects.filter(source=self._source, source_key__in=markets)
        there = dict(shops.values_list("source_key", "pk"))
        new = len(markets.keys() - there.keys() - self._places.keys())
        if dry_run:
            stored = _places(shops)
            for key, market in markets.items():
                place = stored[there[key]] if key in there else self._places.get(key)
                if place is None or place.township_id is None:
                    place = Place(0, market.name, market.region_id, "", market.township_id, "")
                self._places[key] = place
            return new
        ids = shops_for_import(source=self._source, markets=list(markets.values()))
        places = _places(Shop.objects.filter(pk__in=ids.values()))
        self._places.update((key, places[shop_id]) for key, shop_id in ids.items())
        return new

    def _market(self, key: str, observation: Observation) -> Market:
        region = self._regions[observation.admin1]
        position = None
        if observation.latitude is not None and observation.longitude is not None:
            position = (float(observation.latitude), float(observation.longitude))
            if not (SOUTH <= position[0] <= NORTH and WEST <= position[1] <= EAST):
                # A slip: a market of Myanmar's lies there. It would be drawn on no map, and be near nothing.
                position = None
        township = match_township(
            market=observation.market, position=position, townships=self._townships.get(region.pk, {})
        )
        return Market(
            key=key,
            name=observation.market,
            region_id=region.pk,
            township_id=self._townships[region.pk][township] if township else None,
            latitude=position[0] if position else None,
            longitude=position[1] if position else None,
        )


def _townships() -> dict[int, dict[TownshipPoint, int]]:
    """The townships of each region as they are matched, with their ids."""
    townships: dict[int, dict[TownshipPoint, int]] = {}
    for one in Township.objects.order_by("pcode"):
        point = TownshipPoint(
            one.pcode, one.name_en, one.point.y if one.point else None, one.point.x if one.point else None
        )
        townships.setdefault(one.region_id, {})[point] = one.pk
    return townships


def _places(shops: QuerySet[Shop]) -> dict[int, Place]:
    return {shop.pk: Place.of(shop) for shop in shops.select_related("region", "township")}
