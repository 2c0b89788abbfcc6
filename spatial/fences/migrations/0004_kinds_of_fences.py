"""Kinds and rules of fences, what events say of them, and checkpoints of the engine."""

import django.contrib.gis.db.models.fields
import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
CREATE TRIGGER fences_count AFTER INSERT OR UPDATE OR DELETE ON fences_fenceprofile_teams
    FOR EACH ROW EXECUTE FUNCTION fences_allowed_changed();
"""
BACKWARD = "DROP TRIGGER fences_count ON fences_fenceprofile_teams;"


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0001_devices'),
        ('fences', '0003_count_fence_changes'),
        ('people', '0002_employers_shifts_certificates_briefings'),
        ('places', '0004_spaces_drawings_and_files'),
        ('zones', '0006_assembly_points_and_escape_ways'),
    ]

    operations = [
        migrations.CreateModel(
            name='FenceCheckpoint',
            fields=[
                ('id', models.BigAutoField(primary_key=True, serialize=False)),
                ('at', models.DateTimeField(verbose_name='after the fix of')),
                ('state', models.JSONField(verbose_name='engine state')),
            ],
            options={
                'verbose_name': 'checkpoint of the fence engine',
                'verbose_name_plural': 'checkpoints of the fence engine',
            },
        ),
        migrations.RemoveConstraint(
            model_name='fenceevent',
            name='fence_event_once',
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='breaches',
            field=models.JSONField(default=list, verbose_name='rules broken'),
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='late',
            field=models.BooleanField(default=False, verbose_name='found late'),
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='possible',
            field=models.BooleanField(default=False, verbose_name='height not known'),
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='rule',
            field=models.CharField(blank=True, default='', max_length=8, verbose_name='alarm rule'),
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='value',
            field=models.FloatField(null=True, verbose_name='metres, seconds or persons'),
        ),
        migrations.AddField(
            model_name='fenceevent',
            name='withdrawn_at',
            field=models.DateTimeField(null=True, verbose_name='withdrawn'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='admission',
            field=models.CharField(choices=[('listed', 'Forbidden except for those named'), ('anybody', 'Open to who meets the conditions')], default='listed', max_length=8, verbose_name='who may enter'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='approach_m',
            field=models.FloatField(blank=True, null=True, verbose_name='warn within (m)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='centre',
            field=django.contrib.gis.db.models.fields.PointField(blank=True, null=True, srid=4490, verbose_name='centre'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='certificates',
            field=models.JSONField(blank=True, default=list, verbose_name='certificates needed'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='dwell_s',
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name='longest stay (s)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='lone_forbidden',
            field=models.BooleanField(default=False, verbose_name='nobody alone'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='needs_briefing',
            field=models.BooleanField(default=False, verbose_name='only after a briefing'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='needs_permit',
            field=models.BooleanField(default=False, verbose_name='only with a work permit'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='path',
            field=django.contrib.gis.db.models.fields.LineStringField(blank=True, null=True, srid=4490, verbose_name='line'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='person_limit',
            field=models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='most persons'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='radius_m',
            field=models.FloatField(blank=True, null=True, verbose_name='radius (m)'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='revised_at',
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name='revised'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='schedule',
            field=models.JSONField(blank=True, default=list, verbose_name='in force'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='shape',
            field=models.CharField(choices=[('outline', 'Outline of the zone'), ('circle', 'Circle'), ('corridor', 'Corridor along a line'), ('storey', 'Whole storey')], default='outline', max_length=8, verbose_name='shape'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='storey',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='places.storey', verbose_name='storey'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='teams',
            field=models.ManyToManyField(blank=True, related_name='+', to='people.team', verbose_name='allowed teams'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='trades',
            field=models.JSONField(blank=True, default=list, verbose_name='allowed trades'),
        ),
        migrations.AddField(
            model_name='fenceprofile',
            name='width_m',
            field=models.FloatField(blank=True, null=True, verbose_name='width of the corridor (m)'),
        ),
        migrations.AlterField(
            model_name='fenceevent',
            name='kind',
            field=models.CharField(choices=[('entered', 'Entered'), ('left', 'Left'), ('approaching', 'Approaching'), ('receded', 'No longer near'), ('dwelling', 'Stays too long'), ('dwelling_ended', 'Long stay ended'), ('lost', 'Fell silent inside'), ('found', 'Heard of again inside'), ('crowded', 'Too many persons'), ('uncrowded', 'No longer too many'), ('alone', 'Alone'), ('accompanied', 'No longer alone')], max_length=16, verbose_name='kind'),
        ),
        migrations.AddIndex(
            model_name='fenceevent',
            index=models.Index(fields=['zone', 'fix_time'], name='fence_event_of_zone_by_time'),
        ),
        migrations.AddConstraint(
            model_name='fenceevent',
            constraint=models.UniqueConstraint(condition=models.Q(('withdrawn_at__isnull', True)), fields=('device', 'zone', 'kind', 'fix_time'), name='fence_event_once'),
        ),
        migrations.AddConstraint(
            model_name='fenceprofile',
            constraint=models.CheckConstraint(condition=models.Q(('approach_m__isnull', True), models.Q(('approach_m__gt', 0), ('approach_m__lte', 50)), _connector='OR'), name='fence_approach_is_a_distance'),
        ),
        migrations.AddConstraint(
            model_name='fenceprofile',
            constraint=models.CheckConstraint(condition=models.Q(('person_limit__isnull', True), ('person_limit__gte', 1), _connector='OR'), name='fence_limits_to_at_least_one_person'),
        ),
        migrations.AddConstraint(
            model_name='fenceprofile',
            constraint=models.CheckConstraint(condition=models.Q(('shape', 'outline'), models.Q(('centre__isnull', False), ('radius_m__gt', 0), ('shape', 'circle')), models.Q(('path__isnull', False), ('shape', 'corridor'), ('width_m__gt', 0)), models.Q(('shape', 'storey'), ('storey__isnull', False)), _connector='OR'), name='fence_shape_has_its_measures'),
        ),
        migrations.AddField(
            model_name='fencecheckpoint',
            name='device',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='devices.device'),
        ),
        migrations.AddConstraint(
            model_name='fencecheckpoint',
            constraint=models.UniqueConstraint(fields=('device', 'at'), name='fence_checkpoint_once'),
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
