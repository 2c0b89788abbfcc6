"""The past is played as it was: who was where, at the speed chosen, in the colours of then, not those of now."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from deploy.supervision import wait_until

from .conftest import SITE, until
from .helmets import Helmet, fenced_zone

pytestmark = pytest.mark.journey
ZONE = ZoneInfo("Asia/Shanghai")
SPEED = 10
PACE = """async () => {
    const replay = window.twinwall.replay;
    replay.play();
    const [at, time] = [replay.at, performance.now()];
    while (performance.now() - time < 2000 || replay.waiting) await new Promise(requestAnimationFrame);
    replay.pause();
    return (replay.at - at) / (performance.now() - time);
}"""


def test_an_entry_of_a_moment_ago_is_replayed_with_trail_speed_and_the_colour_of_then(
    account: Any, at_page: Any, fleet: dict[str, Any]
) -> None:
    feature, inside = fenced_zone(account, below_grade=3)
    zone_id, name = str(feature.get("id") or feature["properties"]["id"]), feature["properties"]["name"]
    manager, helmet = account("project_manager"), Helmet(fleet, 22)

    def alarm_of_zone() -> dict[str, Any] | None:
        alarms = manager.get(f"/sites/{SITE}/state")["alarms"]
        return next((one for one in alarms if one["zone_id"] == zone_id), None)

    def grade_now() -> int:
        return next(z["grade"] for z in manager.get(f"/sites/{SITE}/state")["zones"] if z["id"] == zone_id)

    quiet = grade_now()
    helmet.walk(inside, inside, inside, inside)
    assert wait_until(lambda: alarm_of_zone() is not None, 15)
    alarm = alarm_of_zone()
    assert alarm is not None
    alarmed = grade_now()
    assert alarmed > quiet
    helmet.close()

    page = at_page("safety_officer", f"/sites/{SITE}/live/replay/", width=1440, height=900)
    until(page, "() => window.twinwall?.replay.layer")
    raised = datetime.fromisoformat(alarm["raised_at"])
    for field, moment in (("from", raised - timedelta(minutes=1)), ("until", raised + timedelta(minutes=2))):
        page.fill(f"#{field}", f"{moment.astimezone(ZONE):%Y-%m-%dT%H:%M}")
    page.click("#period button[type=submit]")
    until(page, "id => document.getElementById('alarm-' + id)", arg=alarm["id"])

    colour = "([zone, grade]) => window.twinwall.replay.map.drawnZone(zone)?.grade === grade"
    until(page, colour, arg=[zone_id, quiet], timeout_s=15)
    assert grade_now() == alarmed, "now the zone is still in the alarm's colour; then it was not"
    page.locator(f"#alarm-{alarm['id']} button").first.click()
    until(page, "() => window.twinwall.drawn().some(one => one.alarmed)")
    page.click("#forward")
    until(page, colour, arg=[zone_id, alarmed], timeout_s=15)
    assert name in page.locator(f"#alarm-{alarm['id']}").inner_text()
    assert page.evaluate("window.twinwall.replay.tracks.trails(window.twinwall.replay.at, 90000).length") > 10

    page.select_option("#speed", str(SPEED))
    page.evaluate("window.twinwall.replay.seek(window.twinwall.replay.start)")
    assert page.evaluate(PACE) == pytest.approx(SPEED, rel=0.25)
