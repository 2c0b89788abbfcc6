from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('fences', '0006_zone_counts'),
    ]

    operations = [
        migrations.AddField(
            model_name='fenceprofile',
            name='receded_beyond_m',
            field=models.FloatField(default=1.0, verbose_name='over again so much farther out (m)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='crowded_after_s',
            field=models.PositiveSmallIntegerField(default=30, verbose_name='too many for (s)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='uncrowded_after_s',
            field=models.PositiveSmallIntegerField(default=60, verbose_name='no longer too many for (s)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='alone_after_s',
            field=models.PositiveSmallIntegerField(default=60, verbose_name='alone for (s)'),
        ),
        migrations.AddConstraint(
            model_name='fenceprofile',
            constraint=models.CheckConstraint(
                condition=models.Q(('receded_beyond_m__gt', 0), ('receded_beyond_m__lte', 50)),
                name='fence_is_left_beyond_its_warning',
            ),
        ),
    ]
