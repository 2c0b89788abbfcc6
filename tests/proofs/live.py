"""`./twin prove live`: how long until an open page knows, and whether it misses anything while it is cut off.

Alerts: from before the deciding fix is published over MQTT until the durable event is in the page (2D and 3D).
Red: from a ticket's due time until the zone has taken the colour in the page, half of them without worker and beat.
Cut: the web service is gone for a minute while people walk in and out of a danger zone.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from datetime import datetime
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.conftest import Product
from tests.journeys.conftest import SITE, rectify_and_recheck, report_and_assign
from tests.journeys.test_red_when_overdue import quiet_zone

from . import _sheet
from ._sheet import Row
from ._stage import People, event_ids, fleet_of, machine, open_pages, second_product
from ._walker import STEP_S, Crowd, Walker, edge_of_zone
from ._watch import differences, event_seen, grade_seen, ids_seen, settle, wait, watch, watch_zone

WITHIN_S = 2.0
Pages = dict[str, Page]
PATHS = {
    "2D page": ("safety_officer", f"/sites/{SITE}/map/"),
    "3D page": ("project_manager", f"/sites/{SITE}/?testprofile"),
}


def prove_alerts(pages: Pages, walker: Walker, count: int) -> list[Row]:
    """Measure `count` entries into a danger zone, each at another moment of the product's own rhythm."""
    delays: dict[str, list[float]] = {name: [] for name in pages}
    for round_ in range(count):
        settle(random.uniform(0, 0.6))
        walker.near()
        published = walker.enter()
        for name, page in pages.items():
            delays[name].append(event_seen(page, "alarm_raised", walker.helmet.code, since_s=published) - published)
        walker.leave()
        for page in pages.values():
            event_seen(page, "alarm_cleared", walker.helmet.code, since_s=published)
        if round_ % 10 == 9:
            print(f"  {round_ + 1} alerts", flush=True)
    return [
        Row(
            f"alert: deciding fix published to event in the open {name}",
            _sheet.spread(found),
            f"p99 < {WITHIN_S:g} s",
            _sheet.percentile(found, 0.99) < WITHIN_S,
        )
        for name, found in delays.items()
    ]


def prove_red(pages: Pages, people: People, product: Product, count: int) -> list[Row]:
    """Measure tickets that come due in a quiet zone: the first half as the demo runs, then without worker and beat."""
    zone, (lon, lat), height_m = quiet_zone(people)
    kinds = ("all services running", "worker and beat stopped")
    delays: dict[tuple[str, str], list[float]] = {}
    for number in range(count):
        kind = kinds[number * 2 // count]
        if number == (count + 1) // 2:
            product.stop_service("worker")
            product.stop_service("beat")
        for page in pages.values():
            watch_zone(page, zone["id"])
        ticket = report_and_assign(people, lon=lon, lat=lat, height_m=height_m, due_in_s=random.uniform(4, 5))
        due = datetime.fromisoformat(ticket["deadline"]).timestamp()
        for name, page in pages.items():
            delays.setdefault((name, kind), []).append(grade_seen(page, 4) - due)
        rectify_and_recheck(people, ticket["id"])
        for page in pages.values():
            grade_seen(page, zone["grade"])
        print(
            f"  ticket {number + 1}: "
            + ", ".join(f"{key[0]} {v[-1]:.3f} s" for key, v in delays.items() if key[1] == kind)
        )
    product.start_service("worker")
    product.start_service("beat")
    return [
        Row(
            f"red: ticket due to red zone in the open {name}, {kind}",
            f"min {min(found):.3f} s, {_sheet.spread(found)}",
            f"0 to {WITHIN_S:g} s, each",
            min(found) > -0.01 and max(found) < WITHIN_S,
        )
        for (name, kind), found in delays.items()
    ]


def prove_cut(pages: Pages, people: People, product: Product, walkers: list[Walker], cut_s: float) -> list[Row]:
    """Take the web service away while events happen; compare what the pages have with what the database has."""
    before = max(event_ids(product, after=0))
    loaded = {name: page.evaluate("window.twinwall.loadedAt") for name, page in pages.items()}
    with Crowd(walkers):
        settle(8)
        product.stop_service("web")
        cut_at = max(event_ids(product, after=0))
        settle(cut_s)
        back_at = max(event_ids(product, after=0))
        product.start_service("web")
        started = time.time()
        for page in pages.values():
            _has(page, back_at)
        back_s = time.time() - started
        settle(5)
    settle(STEP_S)
    everything = event_ids(product, after=before)
    missed = [each for each in everything if cut_at < each <= back_at]
    rows = [
        Row(
            "cut: durable events while the web service was away",
            f"{len(missed)} in {cut_s:g} s",
            ">= 20",
            len(missed) >= 20,
        )
    ]
    for name, page in pages.items():
        _has(page, everything[-1])
        wrong = differences(everything, ids_seen(page, after=before))
        if page.evaluate("window.twinwall.loadedAt") != loaded[name]:
            wrong.append("the page was loaded again")
        twice = page.evaluate("Object.values(window.proof.toasts).filter((count) => count > 1).length")
        if twice:
            wrong.append(f"{twice} alerts came up twice")
        said = "; ".join(wrong) or f"all {len(everything)} events once, in order; no alert came up twice"
        rows.append(Row(f"cut: what the {name} has when it is back", said, "each once, in order", not wrong))
    rows.append(Row("cut: service started to pages caught up", f"{back_s:.1f} s"))
    return rows + _controls(people, cut_at, [each for each in everything if each > cut_at])


def _has(page: Page, event_id: int) -> None:
    wait(page, "(id) => window.twinwall.events().some((event) => event.id === id)", event_id, timeout_s=60)


def _controls(people: People, cut_at: int, expected: list[int]) -> list[Row]:
    """The same comparison on a client that resumes by hand, and on one that ignores the cursor and must fail."""
    with_cursor = differences(expected, read_stream(people, {"Last-Event-ID": str(cut_at)}, seconds=6))
    without = differences(expected, read_stream(people, {}, seconds=6))
    return [
        Row(
            "cut: a client that resumes with Last-Event-ID",
            "; ".join(with_cursor) or f"all {len(expected)} events once, in order",
            "each once, in order",
            not with_cursor,
        ),
        Row(
            "cut, negative control: a client that ignores the cursor",
            "; ".join(without) or "nothing missing",
            "the comparison notices",
            bool(without),
        ),
    ]


def read_stream(people: People, headers: dict[str, str], *, seconds: float) -> list[int]:
    """Return the ids of the durable events that a fresh connection is given within some seconds."""
    http: Any = people("project_manager").http
    found: list[int] = []
    end, last_id = time.time() + seconds, 0
    try:
        with http.stream("GET", f"/api/v1/sites/{SITE}/stream", headers=headers, timeout=seconds) as answer:
            for line in answer.iter_lines():
                if line.startswith("id: "):
                    last_id = int(line[4:])
                elif line == "event: event":
                    found.append(last_id)
                if time.time() > end:
                    break
    except httpx.ReadTimeout:
        pass
    return found


def main() -> int:
    """Run the three proofs, write the sheet, and return 1 when a promise is broken."""
    parser = argparse.ArgumentParser(prog="./twin prove live", description=__doc__)
    parser.add_argument("--alerts", type=int, default=110)
    parser.add_argument("--tickets", type=int, default=12)
    parser.add_argument("--cut", type=float, default=60, help="seconds without the web service")
    asked = parser.parse_args()
    with second_product() as product:
        product.stop_service("simulator")
        people = People(product)
        fleet = fleet_of(product)
        _, inside, outside = edge_of_zone(people, SITE)
        walkers = [Walker(fleet, index, inside, outside) for index in (20, 21, 22)]
        conditions = f"Both pages in one headless Chromium, software WebGL, simulator stopped. Started {machine()}."
        with open_pages(product, PATHS) as pages:
            for page in pages.values():
                watch(page)
            rows = prove_alerts(pages, walkers[0], asked.alerts)
            rows += prove_red(pages, people, product, asked.tickets)
            rows += prove_cut(pages, people, product, walkers, asked.cut)
    _sheet.write(
        "live",
        "Alerts, red zones and cut-off pages (`./twin prove live`)",
        f"{conditions} Ended {machine()}.",
        rows,
    )
    return 0 if all(row.holds is not False for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
