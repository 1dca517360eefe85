import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("shops", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Category",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=120, verbose_name="English name")),
                ("name_my", models.CharField(blank=True, max_length=120, verbose_name="Burmese name")),
                ("slug", models.SlugField(unique=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "category",
                "verbose_name_plural": "categories",
                "ordering": ["position", "name_en"],
            },
        ),
        migrations.CreateModel(
            name="Unit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=120, verbose_name="English name")),
                ("name_my", models.CharField(blank=True, max_length=120, verbose_name="Burmese name")),
                ("code", models.SlugField(max_length=20, unique=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("mass", "mass"),
                            ("volume", "volume"),
                            ("count", "count"),
                            ("container", "container"),
                        ],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                (
                    "to_base",
                    models.DecimalField(
                        blank=True, decimal_places=9, max_digits=18, null=True, verbose_name="in base units"
                    ),
                ),
                (
                    "base",
                    models.CharField(
                        blank=True,
                        choices=[("kg", "kilogram"), ("l", "litre"), ("pc", "piece")],
                        max_length=2,
                        verbose_name="base unit",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "verbose_name": "unit",
                "verbose_name_plural": "units",
                "ordering": ["position", "code"],
            },
        ),
        migrations.CreateModel(
            name="Item",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name_en", models.CharField(max_length=120, verbose_name="English name")),
                ("name_my", models.CharField(blank=True, max_length=120, verbose_name="Burmese name")),
                ("slug", models.SlugField(unique=True)),
                (
                    "aliases",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="other names",
                    ),
                ),
                (
                    "base",
                    models.CharField(
                        choices=[("kg", "kilogram"), ("l", "litre"), ("pc", "piece")],
                        max_length=2,
                        verbose_name="main base unit",
                    ),
                ),
                ("is_active", models.BooleanField(default=True, verbose_name="in use")),
                ("position", models.PositiveSmallIntegerField(default=100)),
                (
                    "category",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="items",
                        to="catalog.category",
                        verbose_name="category",
                    ),
                ),
                (
                    "variety_of",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="varieties",
                        to="catalog.item",
                        verbose_name="variety of",
                    ),
                ),
                (
                    "default_unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.unit",
                        verbose_name="usual unit",
                    ),
                ),
                (
                    "usual_units",
                    models.ManyToManyField(
                        blank=True, related_name="+", to="catalog.unit", verbose_name="usual units"
                    ),
                ),
            ],
            options={
                "verbose_name": "item",
                "verbose_name_plural": "items",
                "ordering": ["position", "name_en"],
            },
        ),
        migrations.CreateModel(
            name="PriceRange",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "base",
                    models.CharField(
                        choices=[("kg", "kilogram"), ("l", "litre"), ("pc", "piece")],
                        max_length=2,
                        verbose_name="base unit",
                    ),
                ),
                (
                    "low_kyat",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="lowest, kyat"),
                ),
                (
                    "high_kyat",
                    models.DecimalField(decimal_places=2, max_digits=12, verbose_name="highest, kyat"),
                ),
                ("source", models.CharField(blank=True, max_length=200, verbose_name="source")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="ranges",
                        to="catalog.item",
                        verbose_name="item",
                    ),
                ),
            ],
            options={
                "verbose_name": "plausible range",
                "verbose_name_plural": "plausible ranges",
                "constraints": [
                    models.UniqueConstraint(fields=("item", "base"), name="catalog_range_once"),
                    models.CheckConstraint(
                        condition=models.Q(("high_kyat__gt", models.F("low_kyat"))),
                        name="catalog_range_ordered",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="UnitFactor",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "to_base",
                    models.DecimalField(decimal_places=9, max_digits=18, verbose_name="in base units"),
                ),
                (
                    "base",
                    models.CharField(
                        choices=[("kg", "kilogram"), ("l", "litre"), ("pc", "piece")],
                        max_length=2,
                        verbose_name="base unit",
                    ),
                ),
                ("source", models.CharField(max_length=200, verbose_name="source")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="factors",
                        to="catalog.item",
                        verbose_name="item",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="shops.region",
                        verbose_name="region",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="factors",
                        to="catalog.unit",
                        verbose_name="unit",
                    ),
                ),
            ],
            options={
                "verbose_name": "unit factor",
                "verbose_name_plural": "unit factors",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("unit", "item", "region"),
                        name="catalog_factor_once_per_scope",
                        nulls_distinct=False,
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("to_base__gt", 0)), name="catalog_factor_positive"
                    ),
                ],
            },
        ),
    ]
