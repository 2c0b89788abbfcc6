"""What machines must stay away from: stored, refused with nothing stored, and taken back for good."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.gis.geos import LineString, Polygon

from spatial.alarms.models import Alarm
from spatial.machines.dangers import add_obstacle, describe_pit_edge, forbid_swing, withdraw_danger
from spatial.machines.following import follow_machines
from spatial.machines.models import MachineEvent, Obstacle, Watch
from spatial.machines.motion import MachineNews
from spatial.machines.operations import MachineRefused
from spatial.machines.queries import scene_of
from tests.spatial.conftest import LAT, LON

pytestmark = pytest.mark.django_db


def test_what_cranes_may_not_reach(yard, cast, zone_of_site):
    square = Polygon.from_bbox((LON, LAT, LON + 0.0002, LAT + 0.0002))
    square.srid = 4490
    forbid_swing(site=cast.site, name="小学", outline=square, actor=cast.officer, now=cast.now)
    wire = LineString((LON, LAT, 120), (LON + 0.001, LAT, 120), srid=4490)
    add_obstacle(site=cast.site, name="10 kV", wire=wire, voltage_kv=10, actor=cast.officer, now=cast.now)
    add_obstacle(site=cast.site, name="宿舍", outline=square, top_m=112, actor=cast.officer, now=cast.now)
    describe_pit_edge(zone=zone_of_site, depth_m=6, supported=False, actor=cast.officer, now=cast.now)
    scene = scene_of(cast.site)
    assert (len(scene.bans), len(scene.lines), len(scene.structures), len(scene.pits)) == (1, 1, 1, 1)
    assert scene.pits[0].no_vehicle_m == 6.0
    assert scene.structures[0].bottom_m == 100.0  # the site's ground
    with pytest.raises(MachineRefused, match="structure"):
        add_obstacle(site=cast.site, name="?", outline=square, actor=None, now=cast.now)
    assert Obstacle.objects.count() == 2


def test_a_sector_that_is_taken_back_stays_so_when_news_comes_late(yard, cast):
    def follow(*seconds: float) -> None:
        news = [
            MachineNews(
                yard.crane.pk,
                cast.now + timedelta(seconds=second),
                {"slew_angle": 90.0, "trolley_position": 30.0, "hook_height": 40.0, "hoist_load": 2.0},
            )
            for second in seconds
        ]
        follow_machines(site=cast.site, news=news, places=[], received_at=cast.now + timedelta(seconds=30))

    north = Polygon.from_bbox((LON - 0.0001, LAT + 0.0002, LON + 0.0001, LAT + 0.0004))
    north.srid = 4490
    school = forbid_swing(site=cast.site, name="小学", outline=north, actor=cast.officer, now=cast.now)
    follow(0, 10)
    assert Alarm.objects.get(rule="TC-06").cleared_at is None
    taken_back = cast.now + timedelta(seconds=20)
    withdraw_danger(row=school, actor=cast.officer, now=taken_back)
    follow(5)
    assert Alarm.objects.get(rule="TC-06").cleared_at == taken_back
    assert not Watch.objects.filter(rule="TC-06").exists()
    assert MachineEvent.objects.filter(rule="TC-06").count() == 1
