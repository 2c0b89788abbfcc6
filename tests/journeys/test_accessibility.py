"""No page keeps anybody out: axe-core finds nothing serious or critical on the main pages (WCAG 2.2, A and AA)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.tools.node import TOOLS

from .conftest import SITE, until

pytestmark = pytest.mark.journey

AXE = TOOLS / "node_modules" / "axe-core" / "axe.min.js"
RUN = """async () => {
    const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
    // where a mark stands on a map is essential (WCAG 2.5.8): marks may be small, touch each other, and come and go
    const size = { runOnly: { type: "rule", values: ["target-size"] }, resultTypes: ["violations"] };
    const rest = { runOnly: { type: "tag", values: tags }, rules: { "target-size": { enabled: false } } };
    const found = [await axe.run({ exclude: [[".leaflet-pane"]] }, size), await axe.run(document, rest)];
    return found.flatMap(one => one.violations).filter(one => ["serious", "critical"].includes(one.impact))
        .flatMap(one => one.nodes.map(node => `${one.id} ${node.target.join(" ")}: ${node.failureSummary}`));
}"""
BASE = f"/sites/{SITE}"
LIVE = ["alarms", "alarm-rules", "measurements", "replay", "nearby", "muster", "cameras", "people", "attendance",
        "permits", "commands", "privacy", "major-hazards", "devices", "machines"]  # fmt: skip
PAGES = {
    "region": ("regulator", ["/region/"]),
    "site": ("project_manager", [f"{BASE}/?testprofile", f"{BASE}/map/", f"{BASE}/zones/", f"{BASE}/hazards/",
                                 f"{BASE}/risks/", f"{BASE}/hazards/new/"]),
    "live": ("safety_officer", [f"{BASE}/live/{name}/" for name in LIVE]),
}  # fmt: skip


def violations(page: Any) -> list[str]:
    """Return what axe-core finds on the page as it stands."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    return page.evaluate(RUN)


@pytest.mark.parametrize("width", [1440, 390])
def test_the_control_room_keeps_nobody_out(at_page: Any, width: int) -> None:
    page = at_page("safety_officer", f"{BASE}/live/", width=width, height=900)
    until(page, "() => window.twinwall?.state() && window.twinwall.people().length > 20")
    found = violations(page)
    for tab in ("places", "roll", "sensors"):
        page.click(f"#tab-{tab}")
        until(page, "() => document.querySelector('#pane table tbody tr')")
        found += violations(page)
    assert found == []
    page.evaluate("document.getElementById('find').placeholder = ''")
    page.evaluate("document.querySelector('label[for=find]').remove()")
    page.evaluate(
        """document.querySelectorAll("button").forEach(one => {
            one.style.cssText = "all: unset; display: inline-block; width: 8px; height: 8px; overflow: hidden";
        })"""
    )
    faults = {fault.split()[0] for fault in violations(page)}
    assert faults == {"label", "target-size"}, "a field without a name and buttons too small to hit are found"


@pytest.mark.parametrize("group", PAGES)
def test_no_page_keeps_anybody_out(at_page: Any, whole_product: Any, group: str) -> None:
    role, paths = PAGES[group]
    page = at_page(role, paths[0], width=1440, height=900)
    found: dict[str, list[str]] = {}
    for path in paths:
        page.goto(whole_product.url + path)
        page.wait_for_load_state("load")
        if faults := violations(page):
            found[path] = faults
    assert found == {}
