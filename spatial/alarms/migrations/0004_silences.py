"""Which silence of a device was looked at, so that the watch asks only for new ones."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alarms", "0003_life_conditions_and_signals"), ("devices", "0005_boot_of_sighting")]

    operations = [
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "device",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="devices.device",
                    ),
                ),
                ("last_packet_at", models.DateTimeField(verbose_name="last packet")),
            ],
            options={"verbose_name": "silence of a device", "verbose_name_plural": "silences of devices"},
        )
    ]
