"""A whole second Twinwall with its demo, people signed in at its API, and pages open in headless Chromium."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from deploy.ports import free_port
from tests.conftest import BROWSER_FLAGS, CHROMIUM, Product
from tests.journeys.conftest import SITE, Account

EVENT_IDS = """
import json
from spatial.notices.models import Event
found = Event.objects.filter(site__code={site!r}, id__gt={after}).order_by("id")
print(json.dumps(list(found.values_list("id", flat=True))))
"""


@contextmanager
def second_product() -> Iterator[Product]:
    """This function will start a whole Twinwall with the demo by `./twin up`, and stop it at the end."""
    product = Product(Path(os.environ["TWINWALL_TEST_FOLDER"]) / "whole" / "var")
    product.var.mkdir(parents=True)
    try:
        product.up("--port", str(free_port()))
        yield product
    finally:
        product.twin("down")


def event_ids(product: Product, *, after: int) -> list[int]:
    """Return the ids of the durable events of the demo's site in the database, in order."""
    found: list[int] = product.manage_json("shell", "-v", "0", "-c", EVENT_IDS.format(site=SITE, after=after))
    return found


def fleet_of(product: Product) -> dict[str, Any]:
    """Return the device simulator's file: broker, codes and passwords."""
    place = product.data_root / "demo" / "fleet.json"
    fleet: dict[str, Any] = json.loads(place.read_text(encoding="utf-8"))
    return fleet


@dataclass
class People:
    """Sessions at the API, one per role of the demo."""

    product: Product
    sessions: dict[str, Account] = field(default_factory=dict)

    def __call__(self, role: str) -> Account:
        if role not in self.sessions:
            self.sessions[role] = Account(self.product.url, *self.product.logins[role])
        return self.sessions[role]


@contextmanager
def open_pages(product: Product, paths: dict[str, tuple[str, str]]) -> Iterator[dict[str, Page]]:
    """This function will open a page per name, each of `(role, path)`, in one headless Chromium."""
    with sync_playwright() as playwright:
        program = str(CHROMIUM) if CHROMIUM.exists() else None
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=BROWSER_FLAGS)
        try:
            yield {name: _open(browser, product, role, path) for name, (role, path) in paths.items()}
        finally:
            browser.close()


def _open(browser: Browser, product: Product, role: str, path: str) -> Page:
    page = browser.new_context(viewport={"width": 1280, "height": 800}, locale="zh-CN").new_page()
    username, password = product.logins[role]
    page.goto(f"{product.url}/login/")
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.click("form[method=post] button[type=submit] >> nth=0")
    page.wait_for_load_state()
    page.goto(f"{product.url}{path}")
    return page


def machine() -> str:
    """Return cores, memory, load and the time of now, for the head of a table."""
    memory = next(line for line in Path("/proc/meminfo").read_text().splitlines() if line.startswith("MemTotal"))
    gigabytes = int(memory.split()[1]) / 1024**2
    now = datetime.now().astimezone().isoformat(timespec="minutes")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    busy = "loaded" if os.getloadavg()[0] > (os.cpu_count() or 1) else "quiet"
    return f"{now}, {os.cpu_count()} cores, {gigabytes:.0f} GB, {busy} (load averages {load})"
