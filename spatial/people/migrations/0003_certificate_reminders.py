"""Reminders of certificates of people, once per level."""

import django.db.models.deletion
from django.db import migrations, models

import spatial.scope


class Migration(migrations.Migration):

    dependencies = [
        ('places', '0004_spaces_drawings_and_files'),
        ('people', '0002_employers_shifts_certificates_briefings'),
    ]

    operations = [
        migrations.CreateModel(
            name='CertificateReminder',
            fields=[
                ('id', models.UUIDField(default=spatial.scope.uuid7, editable=False, primary_key=True, serialize=False)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('level', models.CharField(max_length=8, verbose_name='level')),
                ('reminded_on', models.DateField(verbose_name='reminded on')),
                ('certificate', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='reminders', to='people.certificate')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.organisation')),
                ('site', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.site')),
            ],
            options={
                'verbose_name': 'reminder of a certificate',
                'verbose_name_plural': 'reminders of certificates',
                'constraints': [models.UniqueConstraint(fields=('certificate', 'level'), name='certificate_reminded_once_per_level')],
            },
        ),
    ]
