"""Acts of the installation itself (accounts, regions) have a chain of their own: organisation is empty."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_acts")]

    operations = [
        migrations.AlterField(
            model_name="act",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="places.organisation",
            ),
        ),
        migrations.RemoveConstraint(model_name="act", name="act_number_once_per_chain"),
        migrations.AddConstraint(
            model_name="act",
            constraint=models.UniqueConstraint(
                fields=("organisation", "sequence"), name="act_number_once_per_chain", nulls_distinct=False
            ),
        ),
    ]
