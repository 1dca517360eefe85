"""Counting who follows what."""

import pytest

from catalog.models import Favourite as FollowedItem
from catalog.services import set_favourite as follow_item
from prices import tasks
from prices.derived import followers
from prices.store import boards
from prices.types import followers_key
from shops.models import Favourite as FollowedShop
from shops.services import set_favourite as follow_shop
from tests.factories import make_item, make_shop, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestCount:
    def test_writes_what_changed_alone(self):
        rice, shop, people = make_item(), make_shop(), [make_user() for _ in range(3)]
        for person in people:
            follow_item(by=person, item=rice, on=True)
        follow_shop(by=people[0], shop=shop, on=True)
        rice_key, shop_key = followers_key("item", rice.pk), followers_key("shop", shop.pk)

        assert tasks.count_followers() == 2
        first = boards.get_many([rice_key, shop_key])
        assert tasks.count_followers() == 0
        follow_item(by=people[0], item=rice, on=False)
        assert tasks.count_followers() == 1

        second = boards.get_many([rice_key, shop_key])
        assert (first[rice_key].data, second[rice_key].data) == ({"n": 3}, {"n": 2})
        assert second[rice_key].rev > first[rice_key].rev
        assert second[shop_key] == first[shop_key] and first[shop_key].data == {"n": 1}

    def test_says_nobody_where_the_last_one_left_or_all_is_gone(self):
        rice, shop, person = make_item(), make_shop(), make_user()
        follow_item(by=person, item=rice, on=True)
        follow_shop(by=person, shop=shop, on=True)
        followers.count()
        FollowedItem.objects.all().delete()
        FollowedShop.objects.all().delete()

        assert followers.count() == 2

        assert set(boards.followers().values()) == {0}
        assert followers.count() == 0

    def test_leaves_to_a_newer_count_what_that_has_written(self, monkeypatch):
        rice, person, late = make_item(), make_user(), make_user()
        follow_item(by=person, item=rice, on=True)
        counted = followers._counted
        runs = []

        def overtaken() -> dict[str, int]:
            found = counted()
            if not runs:
                # Between the count and its writing somebody follows, and another run counts and writes.
                runs.append(found)
                follow_item(by=late, item=rice, on=True)
                followers.count()
            return found

        monkeypatch.setattr(followers, "_counted", overtaken)

        followers.count()

        assert boards.followers() == {followers_key("item", rice.pk): 2}
