"""Following shops and items: once, up to a limit, one request after the other."""

import threading

import pytest
from django.db import connections

from accounts import following
from catalog.models import Favourite as FollowedItem
from catalog.services import set_favourite as follow_item
from potato.errors import Refused
from potato.stores import member_documents
from shops.models import Favourite as FollowedShop
from shops.services import set_favourite as follow_shop
from tests.factories import make_item, make_shop, make_user


@pytest.mark.django_db
class TestSetFollowing:
    def test_follows_an_item_once_however_often_it_is_told(self):
        reader, rice = make_user(), make_item()

        changed = [follow_item(by=reader, item=rice, on=on) for on in (True, True, False, False, True)]

        assert changed == [True, False, True, False, True]
        assert following.ids_of("item", reader.pk) == [rice.pk]
        assert following.follows("item", rice.pk, by=reader)
        assert not following.follows("item", rice.pk, by=make_user())

    def test_refuses_one_more_than_the_limit_of_shops_and_items_together(self, settings):
        settings.MOST_FOLLOWS = 2
        reader, other, rice, shop, salt = make_user(), make_user(), make_item(), make_shop(), make_item()
        follow_item(by=reader, item=rice, on=True)
        follow_shop(by=reader, shop=shop, on=True)

        with pytest.raises(Refused, match="You follow 2 shops and items"):
            follow_item(by=reader, item=salt, on=True)
        # What is followed already is no more than before.
        assert not follow_shop(by=reader, shop=shop, on=True)
        assert follow_item(by=other, item=salt, on=True)
        follow_shop(by=reader, shop=shop, on=False)
        assert follow_item(by=reader, item=salt, on=True)

    def test_renews_the_members_document(self, django_capture_on_commit_callbacks):
        reader, rice, shop = make_user(), make_item(), make_shop()

        with django_capture_on_commit_callbacks(execute=True):
            follow_item(by=reader, item=rice, on=True)
            follow_shop(by=reader, shop=shop, on=True)

        document = member_documents.read(reader.pk)[0]
        assert document and document.follows == {"item": [rice.pk], "shop": [shop.pk]}


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_nobody_gets_beyond_the_limit(self, settings):
        settings.MOST_FOLLOWS = 3
        reader, subjects = make_user(), [make_item() for _ in range(4)]
        shops = [make_shop() for _ in range(4)]
        begin, refused = threading.Barrier(8), []

        def follow(act, **subject) -> None:
            begin.wait()
            try:
                act(by=reader, on=True, **subject)
            except Refused:
                refused.append(subject)
            finally:
                connections.close_all()

        threads = [
            *(
                threading.Thread(target=follow, args=[follow_item], kwargs={"item": item})
                for item in subjects
            ),
            *(threading.Thread(target=follow, args=[follow_shop], kwargs={"shop": shop}) for shop in shops),
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert FollowedItem.objects.count() + FollowedShop.objects.count() == 3
        assert len(refused) == 5
