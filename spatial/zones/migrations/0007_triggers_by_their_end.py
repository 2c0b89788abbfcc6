from django.db import migrations, models

# What was not over at a moment, of all sites, is one range of this index and is answered from it alone: the site sums
# (sql/inputs_sites.sql) ask for it in these words. A plain field cannot say it, since an open end is NULL.
BY_END = """
CREATE INDEX trigger_by_end ON zones_trigger (coalesce(ends_at, 'infinity'))
INCLUDE (site_id, kind, starts_at, ends_at, known_from, risk_point_id, floor) WHERE NOT withdrawn
"""


class Migration(migrations.Migration):

    dependencies = [
        ('zones', '0006_assembly_points_and_escape_ways'),
    ]

    operations = [
        migrations.RunSQL(BY_END, "DROP INDEX trigger_by_end"),
        migrations.RemoveIndex(model_name='trigger', name='trigger_that_goes_on'),
        migrations.AddIndex(
            model_name='trigger',
            index=models.Index(condition=models.Q(('ends_at__isnull', True), ('withdrawn', False)), fields=['site', 'kind'], include=['starts_at', 'source_kind'], name='trigger_that_goes_on'),
        ),
    ]
