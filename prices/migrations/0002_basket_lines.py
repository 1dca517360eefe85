import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0002_factor_for_varieties"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("prices", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="BasketLine",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("quantity", models.DecimalField(decimal_places=3, max_digits=9, verbose_name="quantity")),
                ("unit", models.CharField(max_length=20, verbose_name="unit")),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "item",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.item"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="basket_lines",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "line of a list",
                "verbose_name_plural": "lines of lists",
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(fields=("user", "item"), name="prices_basket_line_once")
                ],
            },
        ),
    ]
