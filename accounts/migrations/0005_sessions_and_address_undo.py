"""Sessions with the account that is signed in, and links that undo a changed address."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from potato.stores.sessions import SessionStore, account_of

OLD = "django_session"


def move_sessions(apps, schema_editor):
    """Nobody has to sign in again: sessions move from Django's table, which goes."""
    connection = schema_editor.connection
    if OLD not in connection.introspection.table_names():
        return
    session = apps.get_model("accounts", "Session")
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT session_key, session_data, expire_date FROM {OLD} WHERE expire_date > now()")
        for key, data, expires in cursor.fetchall():
            session.objects.create(
                session_key=key,
                session_data=data,
                expire_date=expires,
                account_id=account_of(SessionStore().decode(data)),
            )
        cursor.execute(f"DROP TABLE {OLD}")


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0004_cache_table'),
    ]

    operations = [
        migrations.CreateModel(
            name='Session',
            fields=[
                ('session_key', models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name='session key')),
                ('session_data', models.TextField(verbose_name='session data')),
                ('expire_date', models.DateTimeField(db_index=True, verbose_name='expire date')),
                ('account_id', models.BigIntegerField(db_index=True, null=True)),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'abstract': False,
            },
        ),
        migrations.RunPython(move_sessions, migrations.RunPython.noop, elidable=True),
        migrations.CreateModel(
            name='AddressUndo',
            fields=[
                ('token_hash', models.CharField(max_length=64, primary_key=True, serialize=False)),
                ('email', models.EmailField(max_length=254)),
                ('rank', models.BigIntegerField()),
                ('expires_at', models.DateTimeField(db_index=True)),
                ('used_at', models.DateTimeField(null=True)),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
    ]
