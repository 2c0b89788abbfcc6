"""Frames and heights: exact numbers for GCJ-02, grids, ellipsoids and barometers, one by one and in columns."""

import json
import time
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.arrivals import Arrival, read_arrivals
from ingest.batches import Work
from ingest.decoders.binary_writing import encode_binary
from ingest.decoders.messages_json import decode_json
from ingest.directory import Directory
from ingest.pipeline import store
from spatial import crs
from spatial.devices.models import RefusedMessage
from spatial.devices.operations import register_device
from spatial.tracks.grid_rules import GridPlacement, GridPoint, GridRefused, fit_grid
from spatial.tracks.grids import place_grid, set_barometer_zero
from spatial.tracks.models import LatestPosition, Position, PositioningGrid
from spatial.tracks.storey_rules import likely_storey
from tests.ingest.cast import PIT_EAST, PIT_NORTH, START, Cast

pytestmark = pytest.mark.django_db
MS = int(START.timestamp() * 1000)


def send(cast: Cast, body: dict, *, sender=None, kind="messages"):
    """Read and store one message; returns what was read and what was refused."""
    sender = sender or cast.helmet
    payload = json.dumps({"v": 1, "boot": "c0ffee00", "seq": 1, **body}).encode()
    if kind == "binary":
        payload = encode_binary(decode_json(payload, sender_code=sender.code))
    topic = f"tw/v1/{cast.site.code}/{sender.code}/{kind}"
    received, refused = read_arrivals([Arrival(topic, payload, START)], Directory(time.monotonic))
    store([Work(item) for item in received], START)
    return received, refused


def fix(**changes) -> dict:
    return {
        "t": MS,
        "lon": 113.625,
        "lat": 34.7466,
        "h": 96.0,
        "h_ref": "yellow_sea",
        "acc": 0.3,
        "src": "UWB",
        **changes,
    }


@given(st.lists(st.tuples(st.floats(74, 135), st.floats(4, 53)), min_size=1, max_size=8))
def test_columns_of_gcj02_are_shifted_as_single_places_are(places):
    lon, lat = (np.array(values) for values in zip(*places, strict=True))
    back_lon, back_lat = crs.from_gcj02_columns(lon, lat)
    for number, place in enumerate(places):
        expected = crs.from_gcj02(*place)
        assert (back_lon[number], back_lat[number]) == pytest.approx(expected, abs=1e-9)  # 0.1 mm


def test_a_gcj02_fix_is_stored_where_it_really_is(cast):
    send(cast, {"crs": "GCJ-02", "fixes": [fix(lon=113.631046331, lat=34.745417014)]})
    stored = Position.objects.get()
    assert (stored.point.x, stored.point.y) == pytest.approx((113.625, 34.7466), abs=1e-8)  # spec 08, 8.4 Zhengzhou


def test_an_ellipsoid_height_passes_through_the_geoid_offset(cast):
    send(cast, {"crs": "WGS84", "fixes": [fix(h=83.0, h_ref="ellipsoid")]})
    assert Position.objects.get().point.z == 96.5  # H = h - N with N = -13.5


@pytest.mark.parametrize("kind", ["messages", "binary"])
def test_a_fix_on_a_grid_is_placed_by_its_rotation_scale_and_floor(cast, kind):
    placement = GridPlacement(PIT_EAST, PIT_NORTH, rotation_deg=90.0, scale=1.0, floor_height_m=90.0)
    place_grid(site=cast.site, code="B1", floor_height_m=90.0, placement=placement, actor=None, now=START)
    grid_fix = {"t": MS, "x": 5.0, "y": -7.0, "h": 1.2, "h_ref": "grid", "acc": 0.3, "src": "UWB"}
    send(cast, {"crs": "grid:B1", "fixes": [grid_fix]}, kind=kind)
    stored = Position.objects.get()
    plan = crs.transform_point(stored.point.x, stored.point.y, from_srid=4490, to_srid=4547)
    assert plan == pytest.approx((PIT_EAST + 7.0, PIT_NORTH + 5.0), abs=1e-4)
    assert stored.point.z == pytest.approx(91.2)
    assert LatestPosition.objects.get().storey == cast.basement


def test_an_unknown_grid_and_a_barometer_without_reference_are_refused_by_name(cast):
    grid_fix = {"t": MS, "x": 5.0, "y": 5.0, "h": 1.2, "h_ref": "grid", "acc": 0.3, "src": "UWB"}
    _, refused = send(cast, {"crs": "grid:B9", "fixes": [grid_fix]})
    assert refused[0].reason == f"crs: site {cast.site.code} has no positioning grid B9"
    _, refused = send(cast, {"fixes": [fix(h=5.0, h_ref="barometer")]})
    assert refused[0].reason == f"h_ref: site {cast.site.code} has not stated where its barometers read 0"
    assert Position.objects.count() == 0


def test_a_barometer_height_becomes_a_storey_with_its_probability(cast):
    set_barometer_zero(site=cast.site, height_m=90.0, place="门卫室", actor=None, now=START)
    send(cast, {"fixes": [fix(h=2.0, h_ref="barometer", h_acc=2.0)]})
    latest = LatestPosition.objects.get()
    assert (latest.point.z, latest.storey) == (92.0, cast.basement)
    assert latest.storey_probability == pytest.approx(0.9857, abs=2e-3)  # 92 +- 1.02 within 89.5..94.5


def test_a_height_between_two_storeys_names_none():
    class Storey:
        def __init__(self, elevation_m, top_m):
            self.elevation_m, self.top_m = elevation_m, top_m

    storeys = [Storey(90.0, 95.0), Storey(95.0, 100.0)]
    guess = likely_storey(storeys, 94.5, 2.0)
    assert guess is not None and guess.probability == pytest.approx(0.5, abs=1e-6)
    assert likely_storey(storeys, 94.5, None).number == 1
    assert likely_storey(storeys, 120.0, None) is None


def test_an_unknown_height_is_stored_at_the_ground_and_marked(cast):
    body = fix(h_ref="none")
    del body["h"]
    send(cast, {"fixes": [body]})
    stored = Position.objects.get()
    assert (stored.point.z, stored.height_accuracy_m) == (cast.site.ground_height_m, -1.0)
    assert LatestPosition.objects.get().storey is None


def square(error: float = 0.0) -> list[GridPoint]:
    corners = [(0, 0), (400, 0), (400, 300), (0, 300)]
    placement = GridPlacement(478_950.0, 3_848_600.0, rotation_deg=12.5, scale=1.0001)
    points = [GridPoint(x, y, *placement.to_plan(x, y)) for x, y in corners]
    last = points[-1]
    return [*points[:-1], GridPoint(last.x_m, last.y_m, last.east_m + error, last.north_m)]


def test_control_points_place_a_grid_with_residuals(cast):
    grid = place_grid(site=cast.site, code="F1", floor_height_m=95.0, points=square(0.04), actor=None, now=START)
    assert (grid.rotation_deg, grid.scale) == (pytest.approx(12.5, abs=0.01), pytest.approx(1.0001, abs=1e-4))
    assert [row["residual_m"] for row in grid.control_points] == pytest.approx([0.01, 0.01, 0.01, 0.02], abs=0.01)
    assert 0.0 < grid.rms_m < 0.05


def test_bad_control_points_are_refused_and_nothing_is_stored(cast):
    with pytest.raises(GridRefused, match="the worst is number 4"):
        place_grid(site=cast.site, code="F1", floor_height_m=95.0, points=square(0.4), actor=None, now=START)
    exact = square()
    in_feet = [GridPoint(p.x_m / 0.3048, p.y_m / 0.3048, p.east_m, p.north_m) for p in exact]
    with pytest.raises(GridRefused, match="stretched by"):
        place_grid(site=cast.site, code="F1", floor_height_m=95.0, points=in_feet, actor=None, now=START)
    with pytest.raises(GridRefused, match="at least two"):
        fit_grid(square()[:1], floor_height_m=0.0, rms_limit_m=0.05, scale_tolerance=3e-4)
    assert PositioningGrid.objects.count() == 0


def gateway_of(cast, code="G-1"):
    facts = {"report_interval_s": 5, "actor": None, "now": START, "site": cast.site}
    gateway, _ = register_device(code=f"{code}-{cast.site.code[-4:]}", name="网关", kind="gateway", **facts)
    tag, _ = register_device(code=f"T-{code}-{cast.site.code[-4:]}", name="标签", kind="tag", **facts)
    return gateway, tag


def test_a_gateway_speaks_for_many_and_what_is_unknown_is_left_out(cast):
    gateway, tag = gateway_of(cast)
    parts = [{"device": code, "fixes": [fix()]} for code in (tag.code, "T-unknown", cast.helmet.code)]
    received, refused = send(cast, {"parts": parts}, sender=gateway)
    assert received[0].left_out == ("parts[1].device: T-unknown is unknown or out of use",)
    assert set(Position.objects.values_list("device", flat=True)) == {tag.pk, cast.helmet.pk}
    assert refused == []


def test_a_helmet_does_not_speak_for_another_device(cast):
    _, tag = gateway_of(cast, "G-2")
    _, refused = send(cast, {"parts": [{"device": tag.code, "fixes": [fix()]}]})
    reason = f"parts[0].device: {tag.code} is another device, and only a gateway or terminal speaks for others"
    assert refused[0].reason == reason
    assert Position.objects.count() == 0


def test_a_heartbeat_is_heard_and_moves_nobody(cast):
    send(cast, {"battery": 80, "fixes": [fix()]})
    later = START + timedelta(seconds=60)
    topic = f"tw/v1/{cast.site.code}/{cast.helmet.code}/messages"
    payload = json.dumps({"v": 1, "boot": "c0ffee00", "seq": 2, "battery": 60}).encode()
    received, _ = read_arrivals([Arrival(topic, payload, later)], Directory(time.monotonic))
    store([Work(item) for item in received], later)
    latest = LatestPosition.objects.get()
    assert (latest.fix_time, latest.received_at, latest.battery_percent) == (START, later, 60)
    assert RefusedMessage.objects.count() == 0
