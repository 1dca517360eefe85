from django.db import migrations


class Migration(migrations.Migration):
    """Prices that were published before anybody could ask for alerts are no news."""

    dependencies = [
        ("alerts", "0001_initial"),
        ("prices", "0003_board_copy_entries"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE prices_ledgerrow SET followed_at = now() WHERE state = 'published' AND followed_at IS NULL",
            migrations.RunSQL.noop,
        ),
    ]
