"""Rows for tests. Everything is a keyword, everything has a default, names are unique by a counter."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from django.contrib.auth.models import Permission
from django.contrib.gis.geos import Point

from accounts.models import Role, User
from catalog.models import Base, Category, Item, Unit
from potato.stores.member_documents import MemberDocument
from prices.coordination.ids import uuid7
from prices.types import Judgement, PriceEntry, Submitter
from shops.models import Region, Shop, Township

_numbers = count(1)


def make_user(*, role: str = Role.USER, **fields: Any) -> User:
    """A person; the password is "correct horse battery" unless told. ``is_superuser=True`` implies staff."""
    number = next(_numbers)
    if fields.get("is_superuser"):
        role = Role.ADMIN
    return User.objects.create_user(
        **{
            "email": f"person{number}@example.com",
            "password": "correct horse battery",
            "display_name": f"Person {number}",
            "role": role,
            **fields,
        }
    )


def make_moderator(**fields: Any) -> User:
    """One of the staff who may moderate prices, and is no superuser."""
    moderator = make_user(role=Role.ADMIN, **fields)
    moderator.user_permissions.add(
        Permission.objects.get(content_type__app_label="prices", codename="change_ledgerrow")
    )
    return User.objects.get(pk=moderator.pk)


def make_member_document(**fields: Any) -> MemberDocument:
    """What Redis has of a member, not stored: May, who follows nothing and has read everything."""
    return MemberDocument(
        **{
            "id": 1,
            "rev": 1,
            "session_digest": "a",
            "name": "May",
            "role": "USER",
            "follows": {},
            "unread": 0,
            **fields,
        }
    )


def make_region(**fields: Any) -> Region:
    number = next(_numbers)
    return Region.objects.create(
        **{
            "iso_code": f"X-{number:03}"[-6:],
            "slug": f"region-{number}",
            "name_en": f"Region {number}",
            "name_my": f"တိုင်း {number}",
            "kind": Region.Kind.REGION,
            "point": Point(96.15, 16.8),
            **fields,
        }
    )


def make_township(*, region: Region | None = None, **fields: Any) -> Township:
    number = next(_numbers)
    return Township.objects.create(
        **{
            "pcode": f"T{number:06}",
            "slug": f"township-{number}",
            "name_en": f"Township {number}",
            "name_my": f"မြို့နယ် {number}",
            "region": region or make_region(),
            "point": Point(96.15, 16.8),
            **fields,
        }
    )


def make_shop(
    *,
    region: Region | None = None,
    township: Township | None = None,
    townshipless: bool = False,
    **fields: Any,
) -> Shop:
    """A shop in a township of its region; ``townshipless=True`` makes one that nobody has placed yet."""
    number = next(_numbers)
    if township is None and not townshipless:
        township = make_township(region=region)
    if region is None:
        region = township.region if township else make_region()
    return Shop.objects.create(
        **{
            "shop_name": f"Shop {number}",
            "region": region,
            "township": township,
            "kind": Shop.Kind.SHOP,
            **fields,
        }
    )


def make_category(**fields: Any) -> Category:
    number = next(_numbers)
    return Category.objects.create(
        **{
            "slug": f"category-{number}",
            "name_en": f"Category {number}",
            "name_my": f"အမျိုးအစား {number}",
            **fields,
        }
    )


def make_unit(**fields: Any) -> Unit:
    """A unit; a kilogram under another code unless told."""
    number = next(_numbers)
    unit = Unit.objects.create(
        **{
            "code": f"unit-{number}",
            "name_en": f"Unit {number}",
            "name_my": f"ယူနစ် {number}",
            "kind": Unit.Kind.MASS,
            "to_base": 1,
            "base": Base.KG,
            **fields,
        }
    )
    # Sizes as they are stored, however they were written here.
    unit.refresh_from_db()
    return unit


def make_item(
    *,
    category: Category | None = None,
    default_unit: Unit | None = None,
    usual_units: list[Unit] | None = None,
    **fields: Any,
) -> Item:
    """An item priced per kilogram; its default unit is always among its usual ones."""
    number = next(_numbers)
    default_unit = default_unit or make_unit()
    item = Item.objects.create(
        **{
            "slug": f"item-{number}",
            "name_en": f"Item {number}",
            "name_my": f"ကုန်စည် {number}",
            "category": category or make_category(),
            "base": Base.KG,
            "default_unit": default_unit,
            **fields,
        }
    )
    item.usual_units.set([default_unit, *(usual_units or [])])
    return item


def make_entry(*, shop: Shop | None = None, **fields: Any) -> PriceEntry:
    """A published price entry, not stored: 2,400 kyat a kilogram, seen at noon UTC of 2026-11-20 and clean.

    ``shop`` places it; without, it is in shop 1 of region 1, township 1. ``last_seen_at`` and ``received_at`` follow
    ``seen_at`` unless given.
    """
    entry = PriceEntry(
        id=str(uuid7()),
        item_id=1,
        shop_id=1,
        shop_name="Shop 1",
        region_id=1,
        region_name="Region 1",
        township_id=1,
        township_name="Township 1",
        price=Decimal(2400),
        quantity=Decimal(1),
        unit="kg",
        amount=240_000,
        base="kg",
        type="RETAIL",
        seen_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        submitter=Submitter(1, "Daw Mya", "CONTRIBUTOR"),
        body_hash="as sent",
        source="CROWD",
        status="published",
        judgement=Judgement("fine"),
        received_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        published_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        last_seen_at=datetime(2026, 11, 20, 12, tzinfo=UTC),
        dirty=False,
    )
    if shop is not None:
        entry = replace(
            entry,
            shop_id=shop.pk,
            shop_name=shop.shop_name,
            region_id=shop.region_id,
            region_name=shop.region.name_en,
            township_id=shop.township_id,
            township_name=shop.township.name_en if shop.township else "",
        )
    if "seen_at" in fields:
        fields = {"received_at": fields["seen_at"], "last_seen_at": fields["seen_at"]} | fields
    return replace(entry, **fields)
