
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0006_confirmed_address'),
        ('catalog', '0003_favourite'),
        ('shops', '0002_reference_rows'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AlertSettings',
            fields=[
                ('user', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='alert_settings', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('daily_cap', models.PositiveSmallIntegerField(default=10, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)], verbose_name='notifications a day')),
                ('has_quiet_hours', models.BooleanField(default=True, verbose_name='quiet hours')),
                ('quiet_from', models.PositiveSmallIntegerField(default=20, validators=[django.core.validators.MaxValueValidator(23)], verbose_name='quiet from')),
                ('quiet_until', models.PositiveSmallIntegerField(default=7, validators=[django.core.validators.MaxValueValidator(23)], verbose_name='quiet until')),
            ],
            options={
                'verbose_name': 'alert settings',
                'verbose_name_plural': 'alert settings',
            },
        ),
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('BELOW', 'at or below a price'), ('ABOVE', 'at or above a price'), ('CHANGE', 'a change of some percent'), ('LOW', 'lowest in 30 days'), ('HIGH', 'highest in 30 days'), ('ANY', 'any new price'), ('SILENCE', 'a price again after some days without')], max_length=7, verbose_name='kind')),
                ('type', models.CharField(choices=[('RETAIL', 'retail'), ('WHOLESALE', 'wholesale')], max_length=9)),
                ('base', models.CharField(choices=[('kg', 'kilogram'), ('l', 'litre'), ('pc', 'piece')], max_length=2)),
                ('amount', models.BigIntegerField(blank=True, null=True)),
                ('percent', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='percent')),
                ('days', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='days')),
                ('cooldown_hours', models.PositiveSmallIntegerField(default=24, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(720)], verbose_name='hours between two notifications')),
                ('is_paused', models.BooleanField(default=False, verbose_name='paused')),
                ('is_armed', models.BooleanField(default=True)),
                ('baseline', models.BigIntegerField(blank=True, null=True)),
                ('notified_at', models.DateTimeField(blank=True, null=True, verbose_name='last notified')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('item', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='catalog.item', verbose_name='item')),
                ('region', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shops.region', verbose_name='region')),
                ('shop', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shops.shop', verbose_name='shop')),
                ('township', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='shops.township', verbose_name='township')),
                ('unit', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='catalog.unit', verbose_name='unit')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alert_rules', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'alert rule',
                'verbose_name_plural': 'alert rules',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Notification',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('RULE', 'your rule'), ('SHOP', 'a shop you follow'), ('ITEM', 'an item you follow'), ('SUMMARY', 'more new prices')], max_length=8, verbose_name='kind')),
                ('created_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('day', models.DateField()),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read')),
                ('is_late', models.BooleanField(default=False, verbose_name='late')),
                ('entry_id', models.UUIDField(null=True)),
                ('item_id', models.BigIntegerField(null=True)),
                ('shop_id', models.BigIntegerField(null=True)),
                ('type', models.CharField(blank=True, max_length=9)),
                ('base', models.CharField(blank=True, max_length=2)),
                ('amount', models.BigIntegerField(null=True)),
                ('seen_at', models.DateTimeField(null=True)),
                ('entry_status', models.CharField(blank=True, max_length=11)),
                ('facts', models.JSONField(default=dict)),
                ('count', models.PositiveIntegerField(default=1)),
                ('rule', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='alerts.alertrule')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notifications', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'ordering': ['-pk'],
            },
        ),
        migrations.AddIndex(
            model_name='alertrule',
            index=models.Index(condition=models.Q(('is_paused', False), ('shop__isnull', False)), fields=['item', 'shop', 'type', 'base', 'kind', 'is_armed', 'amount'], name='alerts_rule_shop'),
        ),
        migrations.AddIndex(
            model_name='alertrule',
            index=models.Index(condition=models.Q(('is_paused', False), ('township__isnull', False)), fields=['item', 'township', 'type', 'base', 'kind', 'is_armed', 'amount'], name='alerts_rule_township'),
        ),
        migrations.AddIndex(
            model_name='alertrule',
            index=models.Index(condition=models.Q(('is_paused', False), ('region__isnull', False)), fields=['item', 'region', 'type', 'base', 'kind', 'is_armed', 'amount'], name='alerts_rule_region'),
        ),
        migrations.AddIndex(
            model_name='alertrule',
            index=models.Index(condition=models.Q(('is_paused', False), ('region', None), ('shop', None), ('township', None)), fields=['item', 'type', 'base', 'kind', 'is_armed', 'amount'], name='alerts_rule_nation'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('shop', None), ('township', None)), models.Q(('region', None), ('shop', None)), models.Q(('region', None), ('township', None)), _connector='OR'), name='alerts_rule_one_place'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), ('kind__in', ['BELOW', 'ABOVE'])), models.Q(('kind', 'CHANGE'), ('percent__gte', 1)), models.Q(('days__gte', 1), ('kind', 'SILENCE')), ('kind__in', ['LOW', 'HIGH', 'ANY']), _connector='OR'), name='alerts_rule_has_its_number'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['user', '-id'], name='alerts_notification_inbox'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(condition=models.Q(('read_at', None)), fields=['user'], name='alerts_notification_unread'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['user', 'day'], name='alerts_notification_day'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['entry_id'], name='alerts_notification_entry'),
        ),
        migrations.AddIndex(
            model_name='notification',
            index=models.Index(fields=['created_at'], name='alerts_notification_age'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(fields=('user', 'entry_id'), name='alerts_notification_once'),
        ),
        migrations.AddConstraint(
            model_name='notification',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'SUMMARY')), fields=('user', 'day'), name='alerts_notification_one_summary'),
        ),
    ]
