"""What has to be there before anything is measured: entries, signed-in contributors, and what they may send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from itertools import count
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Role, User
from catalog.models import Item
from catalog.selectors import units_for
from potato import clock
from prices.coordination.ids import uuid7
from prices.importers import bars
from prices.importers.demo import seed
from prices.importers.demo.goods import GOODS
from prices.types import RETAIL
from shops.models import Region, Shop

DAYS = 400
# Each sends from several accounts in turn, so that no account reaches its limit of prices an hour.
ACCOUNTS_A_CLIENT = 24
ITEMS = 16
SHOPS = 12
CSRF = "b" * 32


@dataclass(frozen=True, slots=True)
class Offer:
    """A price that may be sent: an item in a shop, for a believable price."""

    item: Item
    shop: Shop
    unit: str
    price: int


@dataclass(frozen=True, slots=True)
class Form:
    """A filled form, ready to be posted."""

    submission_id: str
    body: str


class Contributor:
    """Somebody at a browser who sends prices of one item, from several shops of a region in turn."""

    def __init__(self, *, cookies: list[str], offers: list[Offer]) -> None:
        self._cookies, self.offers = cookies, offers
        self._sent = count()
        first = offers[0]
        query = {"region": first.shop.region.slug, "type": "retail", "sort": "newest"}
        self.item_page = f"{reverse('item', args=[first.item.slug])}?{urlencode(query)}"

    def next_form(self) -> tuple[Form, Mapping[str, str]]:
        """The next price, and the headers of the account that sends it."""
        number = next(self._sent)
        offer = self.offers[number % len(self.offers)]
        submission_id = str(uuid7())
        fields = {
            "submission_id": submission_id,
            "csrfmiddlewaretoken": CSRF,
            "item": offer.item.pk,
            "shop": offer.shop.pk,
            # Another one each time, within a hundredth.
            "price": offer.price + number % 17,
            "quantity": "1",
            "unit": offer.unit,
            "type": RETAIL,
            "seen": "now",
            "note": "",
        }
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Cookie": self._cookies[number % len(self._cookies)],
        }
        return Form(submission_id, urlencode(fields)), headers


def load_entries(wanted: int) -> seed.Told:
    """Fill the installation with demo prices."""
    return seed.seed(entries_wanted=wanted, days=DAYS, now=clock.now(), bar=bars.on_stderr)


def accounts(clients: int) -> list[list[str]]:
    """Accounts for each client: what their browsers send as cookies."""
    return [
        [cookie_of(f"bench-{number}-{account}@example.com") for account in range(ACCOUNTS_A_CLIENT)]
        for number in range(clients)
    ]


def one_item_each(cookies: Sequence[list[str]]) -> list[Contributor]:
    """Contributors who each send prices of an item of their own, from shops of one region."""
    items, places = _items(), _places()
    return [
        Contributor(
            cookies=some,
            offers=[_offer(items[number % len(items)], shop) for shop in places[number % len(places)]],
        )
        for number, some in enumerate(cookies)
    ]


def everything(cookies: Sequence[list[str]]) -> list[Contributor]:
    """Contributors who send prices of many items from many shops of all regions, one after the other."""
    items, places = _items(), _places()
    offers = [_offer(item, shop) for shops in zip(*places, strict=True) for shop in shops for item in items]
    share = len(offers) // len(cookies)
    return [
        Contributor(cookies=some, offers=offers[number * share :] + offers[: number * share])
        for number, some in enumerate(cookies)
    ]


def visitors_pages() -> list[str]:
    """The pages of some items, in the country and in regions, as a visitor opens them."""
    return [
        reverse("item", args=[item.slug]) + query
        for item, shops in zip(_items()[:8], _places(), strict=False)
        for query in ("", f"?region={shops[0].region.slug}")
    ]


def cookie_of(email: str) -> str:
    """Make a contributor and sign them in. :return: what their browser sends as its cookies."""
    # No password: nobody signs in by the form here, and hashing hundreds takes long.
    user = User.objects.create_user(email, display_name=email.partition("@")[0], role=Role.CONTRIBUTOR)
    browser = Client()
    browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    cookies: SimpleCookie = browser.cookies
    session = cookies[settings.SESSION_COOKIE_NAME].value
    return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={CSRF}"


def _items() -> list[Item]:
    """The items that are bought and sold most."""
    often = sorted(
        (slug for slug, goods in GOODS.items() if RETAIL in goods.sold),
        key=lambda slug: -GOODS[slug].often,
    )
    found = {item.slug: item for item in Item.objects.filter(slug__in=often, is_active=True)}
    return [found[slug] for slug in often if slug in found][:ITEMS]


def _places() -> list[list[Shop]]:
    """Some shops of each region that has enough of them."""
    every = [
        list(Shop.objects.open().filter(region=region).select_related("region").order_by("pk")[:SHOPS])
        for region in Region.objects.order_by("name_en")
    ]
    return [shops for shops in every if len(shops) == SHOPS]


def _offer(item: Item, shop: Shop) -> Offer:
    priced = next(
        one for one in units_for(item_id=item.pk, region_id=shop.region_id) if one.base == item.base
    )
    return Offer(item, shop, priced.unit.code, round(GOODS[item.slug].kyat * priced.to_base))
