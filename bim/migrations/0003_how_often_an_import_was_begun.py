from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bim", "0002_elements_in_full_and_hand_placements")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="starts",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="times begun"),
        ),
    ]
