"""`./twin pictures [FOLDER]`: photograph the running demo's pages, desktop and phone, Chinese and English.

The README's picture is `site-3d.png` of the default folder, `docs/images`.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from tests.conftest import BROWSER_FLAGS, CHROMIUM

ROOT = Path(__file__).resolve().parent.parent
SITE = "ZD-TOWER"
DESK, PHONE = (1440, 900), (390, 844)
PAGES = [
    ("region", "regulator", "/region/"),
    ("site-3d", "project_manager", f"/sites/{SITE}/"),
    ("site-2d", "project_manager", f"/sites/{SITE}/map/"),
    ("heat", "project_manager", f"/sites/{SITE}/heat/"),
    ("hazards", "safety_officer", f"/sites/{SITE}/hazards/"),
    ("report-a-hazard", "worker", f"/sites/{SITE}/hazards/new/"),
    ("models", "bim_engineer", f"/sites/{SITE}/models/"),
]


def sign_in(browser: Browser, status: dict[str, Any], role: str, size: tuple[int, int], language: str) -> Page:
    """Open a browser window of this size, signed in as a role of the demo, in a language."""
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, locale="en-GB" if language == "en" else "zh-CN"
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{status['url']}/login/")
    username, password = status["logins"][role]
    page.fill("input[name=username]", username)
    page.fill("input[name=password]", password)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(lambda url: "/login/" not in url)
    switch = page.get_by_role("button", name="English" if language == "en" else "中文", exact=True)
    if switch.count():  # the account remembers its language; the button offers the other one
        switch.click()
        page.wait_for_load_state()
    return page


def photograph(page: Page, url: str, file: Path) -> None:
    """Open an address, wait until the page says it is drawn, and keep the picture."""
    page.goto(url)
    page.wait_for_load_state("load")
    page.evaluate("async () => { if (window.twinwall?.ready) await window.twinwall.ready }")
    page.wait_for_timeout(6000)
    page.screenshot(path=file)
    print(file, flush=True)


def main(arguments: list[str]) -> int:
    """Take every picture into the folder given (default docs/images); a second argument picks names."""
    folder = Path(arguments[0]) if arguments else ROOT / "docs" / "images"
    chosen = set(arguments[1:])
    folder.mkdir(parents=True, exist_ok=True)
    said = subprocess.run([str(ROOT / "twin"), "status", "--json"], capture_output=True, text=True, check=True)
    status = json.loads(said.stdout)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), headless=True, args=BROWSER_FLAGS)
        for name, role, path in PAGES:
            if chosen and name not in chosen:
                continue
            for size, language, suffix in (
                (DESK, "zh-hans", ""),
                (DESK, "en", "-en"),
                (PHONE, "zh-hans", "-phone"),
            ):
                page = sign_in(browser, status, role, size, language)
                photograph(page, status["url"] + path, folder / f"{name}{suffix}.png")
                page.context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
