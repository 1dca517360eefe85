"""The table of the default cache, in which sign-in attempts are counted."""

from django.core.management import call_command
from django.db import migrations


def create(apps, schema_editor):
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_one_account_per_address")]

    operations = [migrations.RunPython(create, migrations.RunPython.noop, elidable=False)]
