"""Drop tests of hoists are papers of their own (H-05)."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('machines', '0002_words_of_events'),
    ]

    operations = [
        migrations.AlterField(
            model_name='machinedocument',
            name='kind',
            field=models.CharField(choices=[('property', 'Property certificate'), ('filing', 'Filing'), ('use', 'Use registration'), ('installation', 'Installation'), ('inspection', 'Inspection'), ('acceptance', 'Acceptance'), ('fall_arrester', 'Fall arrester test'), ('drop_test', 'Drop test on site'), ('insurance', 'Insurance')], max_length=16, verbose_name='kind'),
        ),
    ]
