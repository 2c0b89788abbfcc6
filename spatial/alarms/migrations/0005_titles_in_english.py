"""What alarms and hazard drafts are called in English; earlier ones keep their Chinese title only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("alarms", "0004_silences")]

    operations = [
        migrations.AddField(
            model_name="alarm",
            name="title_en",
            field=models.CharField(blank=True, default="", max_length=200, verbose_name="title in English"),
        ),
        migrations.AddField(
            model_name="hazarddraft",
            name="description_en",
            field=models.TextField(blank=True, default="", verbose_name="description in English"),
        ),
    ]
