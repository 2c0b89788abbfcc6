"""On the plan no name of a zone covers another: what has no room shows its sign or waits for a nearer look."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import SITE, until

pytestmark = pytest.mark.journey

LABELS = """() => [...document.querySelectorAll('.leaflet-zone-names-pane [data-room]')]
    .filter((label) => label.style.opacity !== '0')  // those of before fade away
    .map((label) => {
        const { left, right, top, bottom } = label.getBoundingClientRect();
        return { room: label.dataset.room, words: label.querySelector('.words').textContent, left, right, top, bottom };
    })"""
CHOSEN = "name => window.twinwall.state().zones.find(zone => zone.name === name).id"
ALL_AT_ONCE = "() => document.querySelectorAll('[data-room]').forEach((label) => { label.dataset.room = 'words'; })"


def overlapping(labels: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return pairs of shown labels that cover each other."""
    shown = [label for label in labels if label["room"] != "none"]
    return [
        (one["words"], other["words"])
        for at, one in enumerate(shown)
        for other in shown[at + 1 :]
        if min(one["right"], other["right"]) > max(one["left"], other["left"])
        and min(one["bottom"], other["bottom"]) > max(one["top"], other["top"])
    ]


@pytest.mark.parametrize("width", [1440, 390])
def test_names_of_zones_do_not_cover_each_other_and_the_chosen_zone_keeps_its_name(at_page: Any, width: int) -> None:
    page = at_page("project_manager", f"/sites/{SITE}/map/", width=width, height=900)
    until(page, f"() => window.twinwall?.state() && ({LABELS})().length > 20")
    labels = page.evaluate(LABELS)
    assert overlapping(labels) == []
    assert {label["room"] for label in labels} == {"words", "sign", "none"}
    hidden = next(label["words"] for label in labels if label["room"] == "none")

    page.evaluate(f"name => window.twinwall.selectZone(({CHOSEN})(name))", hidden)

    until(page, f"name => ({LABELS})().some(one => one.words === name && one.room === 'words')", arg=hidden)
    assert overlapping(page.evaluate(LABELS)) == []
    page.evaluate(ALL_AT_ONCE)
    assert len(overlapping(page.evaluate(LABELS))) > 5  # the control: all names at once do
