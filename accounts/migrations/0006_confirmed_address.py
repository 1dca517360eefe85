"""Since when each address of an account is confirmed."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def begin_now(apps, schema_editor):
    """An unknown date makes no address trusted: those confirmed before count from now on."""
    confirmed = apps.get_model("accounts", "ConfirmedAddress")
    verified = apps.get_model("account", "EmailAddress").objects.filter(verified=True)
    now = timezone.now()
    confirmed.objects.bulk_create(
        [confirmed(address_id=pk, since=now) for pk in verified.values_list("pk", flat=True)],
        batch_size=1000,
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):

    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0005_sessions_and_address_undo"),
    ]

    operations = [
        migrations.CreateModel(
            name="ConfirmedAddress",
            fields=[
                ("address", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="confirmed", serialize=False, to="account.emailaddress")),
                ("since", models.DateTimeField()),
            ],
        ),
        migrations.RunPython(begin_now, migrations.RunPython.noop, elidable=True),
    ]
