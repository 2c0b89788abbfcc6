"""The control room at work: an entry is heard, seen on the map and in the counts, and noted, all by keyboard."""

from __future__ import annotations

from typing import Any

import pytest
from shapely.geometry import Point, shape

from .conftest import SITE, until
from .helmets import Helmet, fenced_zone

pytestmark = pytest.mark.journey

ALARM_OF = "([person, zone]) => window.twinwall.state()?.alarms.find(a => a.person === person && a.zone_id === zone)"
HERE = "name => [...document.querySelectorAll('#pane tr')].find(r => r.cells[0].innerText === name)?.cells[1].innerText"


def test_an_entry_sounds_stands_on_the_map_and_is_noted_without_a_mouse(
    account: Any, at_page: Any, fleet: dict[str, Any]
) -> None:
    feature, inside = fenced_zone(account)
    zone_id, name = str(feature.get("id") or feature["properties"]["id"]), feature["properties"]["name"]
    page = at_page("safety_officer", f"/sites/{SITE}/live/", width=1440, height=900)
    until(page, "() => window.twinwall?.state() && window.twinwall.people().length > 20")
    helmet = Helmet(fleet, 21)
    (someone,) = page.evaluate("code => window.twinwall.people().filter(p => p.code === code)", helmet.code)

    page.keyboard.press("s")
    until(page, "() => document.getElementById('sound').getAttribute('aria-pressed') === 'true'")
    page.locator("#tab-people").focus()
    page.keyboard.press("ArrowRight")
    until(page, "() => document.querySelector('#pane table')")
    before = int(page.locator("#alarm-count").inner_text())
    here = int(page.evaluate(HERE, name) or 0)

    helmet.walk(inside, inside, inside, inside)
    until(page, ALARM_OF, arg=[someone["name"], zone_id], timeout_s=15)
    alarm = page.evaluate(ALARM_OF, [someone["name"], zone_id])
    until(page, "id => document.getElementById('alarm-' + id)?.dataset.noted === 'false'", arg=alarm["id"])
    row = page.locator(f"#alarm-{alarm['id']}")
    assert all(word in row.inner_text() for word in (alarm["title"], someone["name"], name))
    assert int(page.locator("#alarm-count").inner_text()) == before + 1
    until(page, "level => window.twinwall.sounded().some(one => one.level === level)", arg=alarm["level"], timeout_s=5)
    until(page, f"([name, count]) => Number(({HERE})(name)) === count", arg=[name, here + 1])
    mark = page.evaluate("id => window.twinwall.drawn().find(one => one.id === id)", someone["id"])
    assert mark["alarmed"] and shape(feature["geometry"]).contains(Point(mark["lon"], mark["lat"]))

    for _ in range(before + 1):
        page.keyboard.press("n")
        if page.evaluate("window.twinwall.current()") == alarm["id"]:
            break
    page.keyboard.press("a")
    until(page, "id => document.getElementById('alarm-' + id)?.dataset.noted === 'true'", arg=alarm["id"], timeout_s=10)
    noted = account("project_manager").get(f"/sites/{SITE}/state")["alarms"]
    assert next(one for one in noted if one["id"] == alarm["id"])["acknowledged_at"]
    helmet.close()
