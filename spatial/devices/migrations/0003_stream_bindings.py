import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('devices', '0002_registry'),
    ]

    operations = [
        migrations.RenameModel('Datastream', 'StreamBinding'),
        migrations.AlterModelOptions(
            name='streambinding',
            options={'ordering': ['stream_id'], 'verbose_name': 'binding of a datastream', 'verbose_name_plural': 'bindings of datastreams'},
        ),
        migrations.RemoveField('sighting', 'delays_ms'),
        migrations.AddField(
            model_name='sighting',
            name='delays_ms',
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(), default=list, size=None, verbose_name='delays (ms)'
            ),
        ),
    ]
