"""When the head-count of a zone was taken and is due again, so that it is not taken with every batch."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fences", "0005_traces_and_memories")]

    operations = [
        migrations.CreateModel(
            name="ZoneCount",
            fields=[
                (
                    "zone",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="zones.zone",
                    ),
                ),
                ("version", models.BigIntegerField(verbose_name="version of the fences")),
                ("looked_at", models.DateTimeField(verbose_name="counted up to")),
                ("due_at", models.DateTimeField(null=True, verbose_name="due again at")),
            ],
            options={"verbose_name": "head-count of a zone", "verbose_name_plural": "head-counts of zones"},
        )
    ]
