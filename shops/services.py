"""What is done with places and shops: reference tables, following, figures, markets of imports."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.contrib.gis.geos import Point
from django.db import connection, transaction

from potato.tables import TableRow, only_once, read_table
from shops import signals
from shops.models import (
    EAST,
    NORTH,
    SOUTH,
    WEST,
    ReferenceRow,
    Region,
    Shop,
    ShopStatistics,
    Township,
)
from shops.types import Market, ShopFigures

REFERENCE = Path(__file__).parent / "reference"
REGION_COLUMNS = (
    "iso_code slug name_en name_my kind mimu_pcodes wfp_admin1"
    " latitude longitude min_lon min_lat max_lon max_lat"
)
TOWNSHIP_COLUMNS = "pcode region slug name_en name_my district latitude longitude"


def load_places(*, folder: Path = REFERENCE, overwrite: bool = False) -> dict[str, int]:
    """Fill regions and townships from their tables, and return how many rows of each were written.

    Only rows that are new or changed in the table since they were last loaded are written, so what staff
    changed (or deleted) stays until the table itself says something new about that row. Rows that left a
    table stay.

    :param overwrite: write every row, over what staff changed.
    :raises TableError: a table has a mistake; then nothing is written.
    """
    region_rows = read_table(folder / "regions.csv", columns=REGION_COLUMNS)
    township_rows = read_table(folder / "townships.csv", columns=TOWNSHIP_COLUMNS)
    only_once(region_rows, "slug")
    with transaction.atomic():
        regions = _write_regions(changed_rows("regions", region_rows, key=("iso_code",), overwrite=overwrite))
        townships = _write_townships(
            changed_rows("townships", township_rows, key=("pcode",), overwrite=overwrite)
        )
        tell("region", regions)
        tell("township", townships)
    return {"regions": len(regions), "townships": len(townships)}


def changed_rows(
    table: str, rows: Sequence[TableRow], *, key: tuple[str, ...], overwrite: bool = False
) -> list[TableRow]:
    """Return the rows that are new or changed since this was last asked, and remember all. Needs a
    transaction.

    :param key: the columns that name a row for ever.
    :raises TableError: two rows have the same key.
    """
    only_once(rows, *key)
    with connection.cursor() as cursor:
        # Two processes that load at the same time go one after the other.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('potato reference tables'))")
    known = dict(ReferenceRow.objects.filter(table=table).values_list("key", "digest"))
    changed, remembered = [], []
    for row in rows:
        name, digest = "/".join(row.optional(field, longest=50) for field in key), row.digest
        if known.get(name) != digest:
            remembered.append(ReferenceRow(table=table, key=name, digest=digest))
        if overwrite or known.get(name) != digest:
            changed.append(row)
    ReferenceRow.objects.bulk_create(
        remembered, update_conflicts=True, unique_fields=["table", "key"], update_fields=["digest"]
    )
    return changed


def tell(kind: str, ids: Iterable[int]) -> None:
    """Send ``reference_changed``, once, if anything changed."""
    if changed := sorted(set(ids)):
        signals.reference_changed.send(sender=None, kind=kind, ids=changed)


def upsert(rows: Sequence[Any], *, key: tuple[str, ...], but: tuple[str, ...] = ()) -> Sequence[Any]:
    """Write model rows by their natural key, and return them with their primary keys.

    :param but: fields that an existing row keeps.
    """
    if not rows:
        return rows
    fields = [field.name for field in rows[0]._meta.concrete_fields if not field.primary_key]
    return type(rows[0])._default_manager.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=list(key),
        update_fields=[field for field in fields if field not in key and field not in but],
    )


def set_statistics(figures: Sequence[ShopFigures]) -> set[int]:
    """Store the figures of several shops in one statement, and return the ids of those that were written.

    Refused are figures that are not newer (by ``rev``) than what is stored, and of shops that are gone.
    """
    newest: dict[int, ShopFigures] = {}
    for one in figures:
        if one.shop_id not in newest or newest[one.shop_id].rev < one.rev:
            newest[one.shop_id] = one
    rows = [newest[shop_id] for shop_id in sorted(newest)]
    if not rows:
        return set()
    with connection.cursor() as cursor:
        # The join leaves out shops that are gone; in this order no two writers wait for each other crosswise.
        cursor.execute(
            """
            INSERT INTO shops_shopstatistics AS stored
                (shop_id, entries, items, contributors, last_seen_at, rev)
            SELECT new.* FROM unnest(
                %s::bigint[], %s::int[], %s::int[], %s::int[], %s::timestamptz[], %s::bigint[]
            ) AS new (shop_id, entries, items, contributors, last_seen_at, rev)
            JOIN shops_shop ON shops_shop.id = new.shop_id
            ORDER BY new.shop_id
            ON CONFLICT (shop_id) DO UPDATE SET
                entries = EXCLUDED.entries, items = EXCLUDED.items, contributors = EXCLUDED.contributors,
                last_seen_at = EXCLUDED.last_seen_at, rev = EXCLUDED.rev
            WHERE stored.rev < EXCLUDED.rev
            RETURNING shop_id
            """,
            [
                [row.shop_id for row in rows],
                [row.entries for row in rows],
                [row.items for row in rows],
                [row.contributors for row in rows],
                [row.last_seen_at for row in rows],
                [row.rev for row in rows],
            ],
        )
        return {shop_id for (shop_id,) in cursor.fetchall()}


def shops_for_import(*, source: str, markets: Sequence[Market], is_demo: bool = False) -> dict[str, int]:
    """Return the shop's id for every market's key, making shops where there are none yet.

    A shop that is there keeps everything; it only gains what nobody knew before: a point and, with it, the
    township (a point says more than a name, so both orders of two files lead to the same shop), or a township
    alone.
    """
    wanted = {market.key: market for market in markets}
    with transaction.atomic():
        there = set(
            Shop.objects.filter(source=source, source_key__in=wanted).values_list("source_key", flat=True)
        )
        Shop.objects.bulk_create(
            [
                Shop(
                    shop_name=market.name[:160],
                    shop_name_my=market.name_my[:160],
                    region_id=market.region_id,
                    township_id=market.township_id,
                    point=_market_point(market),
                    kind=market.kind,
                    source=source,
                    source_key=market.key,
                    is_demo=is_demo,
                )
                for key, market in sorted(wanted.items())
                if key not in there
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
        shops = list(
            Shop.objects.filter(source=source, source_key__in=wanted).select_for_update().order_by("pk")
        )
        learned = [shop for shop in shops if _learn(shop, wanted[shop.source_key])]
        Shop.objects.bulk_update(learned, ["point", "township"], batch_size=500)
        tell(
            "shop",
            [shop.pk for shop in [*learned, *(shop for shop in shops if shop.source_key not in there)]],
        )
    return {shop.source_key: shop.pk for shop in shops}


def remove_demo_shops() -> int:
    """Delete the demo's shops with who follows them, and return how many there were."""
    shops = Shop.objects.filter(is_demo=True)
    ids = list(shops.values_list("pk", flat=True))
    shops.filter(pk__in=ids).delete()
    return len(ids)


def forget_statistics() -> None:
    """Forget every shop's figures: all prices are being taken away."""
    ShopStatistics.objects.all().delete()


def _learn(shop: Shop, market: Market) -> bool:
    point = _market_point(market)
    if shop.region_id != market.region_id:
        return False
    if shop.point is None and point is not None:
        shop.point = point
        shop.township_id = market.township_id or shop.township_id
        return True
    if shop.township_id is None and market.township_id is not None:
        shop.township_id = market.township_id
        return True
    return False


def _market_point(market: Market) -> Point | None:
    if market.longitude is None or market.latitude is None:
        return None
    return Point(market.longitude, market.latitude, srid=4326)


def _write_regions(rows: Sequence[TableRow]) -> list[int]:
    """Write rows of ``regions.csv`` and return the regions' ids.

    :raises TableError: also an address that another region has.
    """
    addresses = dict(Region.objects.values_list("slug", "iso_code"))
    for row in rows:
        if addresses.setdefault(row.cells["slug"], row.cells["iso_code"]) != row.cells["iso_code"]:
            raise row.wrong("slug", f"{row.cells['slug']!r} is another region's")
    regions = [
        Region(
            iso_code=row.text("iso_code", longest=6),
            slug=row.slug("slug"),
            name_en=row.text("name_en", longest=120),
            name_my=row.optional("name_my", longest=120),
            kind=row.choice("kind", Region.Kind.values),
            mimu_pcodes=row.texts("mimu_pcodes"),
            wfp_admin1=row.texts("wfp_admin1"),
            point=_point(row),
            bounds=_bounds(row),
        )
        for row in rows
    ]
    return [region.pk for region in upsert(regions, key=("iso_code",))]


def _write_townships(rows: Sequence[TableRow]) -> list[int]:
    """Write rows of ``townships.csv`` and return the townships' ids.

    :raises TableError: unknown region, an address that another township has, or a township that would take
        its shops to another region (their prices are filed under the old one).
    """
    if not rows:
        return []
    regions = dict(Region.objects.values_list("iso_code", "pk"))
    addresses = {
        (region, slug): pcode
        for region, slug, pcode in Township.objects.values_list("region_id", "slug", "pcode")
    }
    shops_in = set(
        Shop.objects.filter(township__isnull=False).values_list("township__pcode", "region_id").distinct()
    )
    townships = []
    for row in rows:
        region_id = regions.get(row.text("region"))
        if region_id is None:
            raise row.wrong("region", f"there is no region {row.cells['region']!r}")
        township = Township(
            pcode=row.text("pcode", longest=12),
            region_id=region_id,
            slug=row.slug("slug"),
            name_en=row.text("name_en", longest=120),
            name_my=row.optional("name_my", longest=120),
            district=row.optional("district", longest=120),
            point=_point(row),
        )
        if addresses.setdefault((township.region_id, township.slug), township.pcode) != township.pcode:
            raise row.wrong("slug", f"{township.slug!r} is another township's of the same region")
        if any(pcode == township.pcode and region != township.region_id for pcode, region in shops_in):
            raise row.wrong("region", "the township has shops, so it cannot move to another region")
        townships.append(township)
    return [township.pk for township in upsert(townships, key=("pcode",))]


def _point(row: TableRow) -> Point | None:
    latitude, longitude = (row.degrees("latitude", limit=90), row.degrees("longitude", limit=180))
    if latitude is None and longitude is None:
        return None
    if latitude is None:
        raise row.wrong("latitude", "is empty, but there is a longitude")
    if longitude is None:
        raise row.wrong("longitude", "is empty, but there is a latitude")
    if not (SOUTH <= latitude <= NORTH and WEST <= longitude <= EAST):
        raise row.wrong("latitude, longitude", f"{latitude}, {longitude} is not in Myanmar")
    return Point(longitude, latitude, srid=4326)


def _bounds(row: TableRow) -> list[float]:
    limits = {"min_lon": 180, "min_lat": 90, "max_lon": 180, "max_lat": 90}
    bounds = [row.degrees(field, limit=limit) for field, limit in limits.items()]
    known = [bound for bound in bounds if bound is not None]
    if not known:
        return []
    if len(known) < 4 or known[0] >= known[2] or known[1] >= known[3]:
        raise row.wrong(", ".join(limits), "are not west, south, east, north of a box")
    return known
