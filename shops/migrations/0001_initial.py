import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=120, verbose_name="English name")),
                ("name_my", models.CharField(blank=True, max_length=120, verbose_name="Burmese name")),
                ("iso_code", models.CharField(max_length=6, unique=True, verbose_name="ISO 3166-2 code")),
                ("slug", models.SlugField(unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[("STATE", "State"), ("REGION", "Region"), ("TERRITORY", "Union territory")],
                        max_length=9,
                        verbose_name="kind",
                    ),
                ),
                ("mimu_pcodes", models.JSONField(default=list, verbose_name="MIMU P-codes")),
                ("wfp_admin1", models.JSONField(default=list, verbose_name="WFP names")),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, srid=4326, verbose_name="point inside"
                    ),
                ),
                (
                    "bounds",
                    models.JSONField(
                        default=list,
                        help_text="West, south, east, north in degrees.",
                        verbose_name="bounding box",
                    ),
                ),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ["name_en"],
            },
        ),
        migrations.CreateModel(
            name="Shop",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("shop_name", models.CharField(max_length=160, verbose_name="name")),
                ("shop_name_my", models.CharField(blank=True, max_length=160, verbose_name="Burmese name")),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, srid=4326, verbose_name="position"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("MARKET", "Market"),
                            ("SHOP", "Shop"),
                            ("STALL", "Stall"),
                            ("SUPERMARKET", "Supermarket"),
                            ("WHOLESALE", "Wholesale centre"),
                        ],
                        default="SHOP",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("OPEN", "Open"),
                            ("PAUSED", "Closed for now"),
                            ("CLOSED", "Closed for good"),
                        ],
                        default="OPEN",
                        max_length=8,
                        verbose_name="status",
                    ),
                ),
                ("phone", models.CharField(blank=True, max_length=40, verbose_name="phone")),
                ("opening_hours", models.CharField(blank=True, max_length=120, verbose_name="opening hours")),
                (
                    "source",
                    models.CharField(blank=True, editable=False, max_length=12, verbose_name="source"),
                ),
                ("source_key", models.CharField(blank=True, editable=False, max_length=200)),
                ("is_demo", models.BooleanField(default=False, editable=False, verbose_name="demo")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="shops",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="owner",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="shops",
                        to="shops.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "shop",
                "verbose_name_plural": "shops",
                "ordering": ["shop_name", "pk"],
            },
        ),
        migrations.CreateModel(
            name="ShopStatistics",
            fields=[
                (
                    "shop",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="statistics",
                        serialize=False,
                        to="shops.shop",
                    ),
                ),
                ("entries", models.PositiveIntegerField(default=0, verbose_name="published prices")),
                ("items", models.PositiveIntegerField(default=0, verbose_name="items")),
                ("contributors", models.PositiveIntegerField(default=0, verbose_name="contributors")),
                ("last_seen_at", models.DateTimeField(null=True, verbose_name="newest price")),
                ("rev", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name": "shop statistics",
                "verbose_name_plural": "shop statistics",
            },
        ),
        migrations.CreateModel(
            name="Township",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=120, verbose_name="English name")),
                ("name_my", models.CharField(blank=True, max_length=120, verbose_name="Burmese name")),
                ("pcode", models.CharField(max_length=12, unique=True, verbose_name="P-code")),
                ("slug", models.SlugField()),
                ("district", models.CharField(blank=True, max_length=120, verbose_name="district")),
                (
                    "point",
                    django.contrib.gis.db.models.fields.PointField(
                        blank=True, geography=True, null=True, srid=4326, verbose_name="point inside"
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="townships",
                        to="shops.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "township",
                "verbose_name_plural": "townships",
                "ordering": ["name_en"],
            },
        ),
        migrations.AddField(
            model_name="shop",
            name="township",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="shops",
                to="shops.township",
                verbose_name="township",
            ),
        ),
        migrations.CreateModel(
            name="Favourite",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "shop",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="favourites",
                        to="shops.shop",
                    ),
                ),
            ],
            options={
                "verbose_name": "favourite",
                "verbose_name_plural": "favourites",
                "constraints": [
                    models.UniqueConstraint(fields=("user", "shop"), name="shops_favourite_once")
                ],
            },
        ),
        migrations.AddConstraint(
            model_name="township",
            constraint=models.UniqueConstraint(
                fields=("region", "slug"), name="shops_township_slug_per_region"
            ),
        ),
        migrations.AddConstraint(
            model_name="shop",
            constraint=models.UniqueConstraint(
                condition=models.Q(("source", ""), _negated=True),
                fields=("source", "source_key"),
                name="shops_shop_source_key",
            ),
        ),
    ]
