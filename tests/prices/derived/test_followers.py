"""Counting who follows what."""

import pytest

from accounts.following import set_following
from catalog.models import Favourite as FollowedItem
from prices import tasks
from prices.derived import followers
from prices.store import boards
from prices.types import followers_key
from shops.models import Favourite as FollowedShop
from tests.factories import make_item, make_shop, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mongo_store")]


class TestCount:
    def test_writes_what_changed_alone(self):
        rice, shop, people = make_item(), make_shop(), [make_user() for _ in range(3)]
        for person in people:
            set_following("item", rice.pk, by=person, on=True)
        set_following("shop", shop.pk, by=people[0], on=True)
        rice_key, shop_key = followers_key("item", rice.pk), followers_key("shop", shop.pk)

        assert tasks.count_followers() == 2
        first = boards.get_many([rice_key, shop_key])
        assert tasks.count_followers() == 0
        set_following("item", rice.pk, by=people[0], on=False)
        assert tasks.count_followers() == 1

        second = boards.get_many([rice_key, shop_key])
        assert (first[rice_key].data, second[rice_key].data) == ({"n": 3}, {"n": 2})
        assert second[rice_key].rev > first[rice_key].rev
        assert second[shop_key] == first[shop_key] and first[shop_key].data == {"n": 1}

    def test_says_nobody_where_the_last_one_left_or_all_is_gone(self):
        rice, shop, person = make_item(), make_shop(), make_user()
        set_following("item", rice.pk, by=person, on=True)
        set_following("shop", shop.pk, by=person, on=True)
        followers.count()
        FollowedItem.objects.all().delete()
        FollowedShop.objects.all().delete()

        assert followers.count() == 2

        assert set(boards.followers().values()) == {0}
        assert followers.count() == 0

    def test_leaves_to_a_newer_count_what_that_has_written(self, monkeypatch):
        rice, person, late = make_item(), make_user(), make_user()
        set_following("item", rice.pk, by=person, on=True)
        counted = followers._counted
        runs = []

        def overtaken() -> dict[str, int]:
            found = counted()
            if not runs:
                # Between the count and its writing somebody follows, and another run counts and writes.
                runs.append(found)
                set_following("item", rice.pk, by=late, on=True)
                followers.count()
            return found

        monkeypatch.setattr(followers, "_counted", overtaken)

        followers.count()

        assert boards.followers() == {followers_key("item", rice.pk): 2}
