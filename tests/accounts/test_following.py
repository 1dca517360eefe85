"""Following shops and items: once, up to a limit, one request after the other."""

import threading

import pytest
from django.db import connections

from accounts import following
from accounts.following import set_following
from catalog.models import Favourite as FollowedItem
from potato.errors import Refused
from potato.stores import member_documents
from shops.models import Favourite as FollowedShop
from tests.factories import make_item, make_shop, make_user


@pytest.mark.django_db
class TestSetFollowing:
    def test_follows_an_item_once_however_often_it_is_told(self):
        reader, rice = make_user(), make_item()

        changed = [
            set_following("item", rice.pk, by=reader, on=on) for on in (True, True, False, False, True)
        ]

        assert changed == [True, False, True, False, True]
        assert following.ids_of("item", reader.pk) == [rice.pk]
        assert following.follows("item", rice.pk, by=reader)
        assert not following.follows("item", rice.pk, by=make_user())

    def test_refuses_one_more_than_the_limit_of_shops_and_items_together(self, settings):
        settings.MOST_FOLLOWS = 2
        reader, other, rice, shop, salt = make_user(), make_user(), make_item(), make_shop(), make_item()
        set_following("item", rice.pk, by=reader, on=True)
        set_following("shop", shop.pk, by=reader, on=True)

        with pytest.raises(Refused, match="You follow 2 shops and items"):
            set_following("item", salt.pk, by=reader, on=True)
        # What is followed already is no more than before.
        assert not set_following("shop", shop.pk, by=reader, on=True)
        assert set_following("item", salt.pk, by=other, on=True)
        set_following("shop", shop.pk, by=reader, on=False)
        assert set_following("item", salt.pk, by=reader, on=True)

    def test_renews_the_members_document(self, django_capture_on_commit_callbacks):
        reader, rice, shop = make_user(), make_item(), make_shop()

        with django_capture_on_commit_callbacks(execute=True):
            set_following("item", rice.pk, by=reader, on=True)
            set_following("shop", shop.pk, by=reader, on=True)

        document = member_documents.read(reader.pk)[0]
        assert document and document.follows == {"item": [rice.pk], "shop": [shop.pk]}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_nobody_gets_beyond_the_limit(self, settings):
        settings.MOST_FOLLOWS = 3
        reader, subjects = make_user(), [make_item() for _ in range(4)]
        shops = [make_shop() for _ in range(4)]
        begin, refused = threading.Barrier(8), []

        def follow(kind, id) -> None:
            begin.wait()
            try:
                set_following(kind, id, by=reader, on=True)
            except Refused:
                refused.append(id)
            finally:
                connections.close_all()

        threads = [
            *(threading.Thread(target=follow, args=["item", item.pk]) for item in subjects),
            *(threading.Thread(target=follow, args=["shop", shop.pk]) for shop in shops),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert FollowedItem.objects.count() + FollowedShop.objects.count() == 3
        assert len(refused) == 5
