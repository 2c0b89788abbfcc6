"""Whether newest fixes and segments stated their height; without one the points lie on the site's ground."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tracks", "0005_grid_history")]

    operations = [
        migrations.AddField(
            model,
            "height_known",
            models.BooleanField(db_default=True, default=True, verbose_name="its height was stated"),
        )
        for model in ("latestposition", "tracksegment")
    ]
