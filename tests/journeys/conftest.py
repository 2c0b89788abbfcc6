"""People at their browsers, in front of a whole second Twinwall (never the running demo)."""

from __future__ import annotations

import io
import json
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from PIL import Image
from playwright.sync_api import Page

from deploy.supervision import wait_until

SITE = "ZD-TOWER"
LONGEST_WALK_S = 5


def until(page: Page, predicate: str, arg: Any = None, *, timeout_s: float = 60) -> None:
    """Wait until a JavaScript predicate of `arg` holds in the page.

    Playwright's own wait evaluates text inside the page, which our Content-Security-Policy rightly refuses.
    """
    held = page.evaluate(
        f"""async ([arg, until]) => {{
            const predicate = {predicate};
            const end = Date.now() + until;
            while (Date.now() < end) {{
                if (predicate(arg)) return true;
                await new Promise(resume => setTimeout(resume, 100));
            }}
            return false;
        }}""",
        [arg, timeout_s * 1000],
    )
    assert held, f"not within {timeout_s} s: {predicate} of {arg}"


def photo(seed: int) -> bytes:
    """Return the bytes of a small JPEG that no other test has made."""
    picture = Image.effect_noise((320, 240), 40 + seed % 40).convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", comment=uuid.uuid4().bytes)
    return out.getvalue()


class Account:
    """One person's session at the product's API, as a phone would have it."""

    def __init__(self, url: str, username: str, password: str) -> None:
        self.url, self.username, self.password = url, username, password
        self.http = httpx.Client(base_url=url, follow_redirects=True, timeout=30)
        self.http.get("/login/")
        answer = self.http.post(
            "/login/",
            data={
                "username": username,
                "password": password,
                "csrfmiddlewaretoken": self.http.cookies["csrftoken"],
            },
            headers={"Referer": f"{url}/login/"},
        )
        assert answer.status_code == 200, answer.text[:300]
        assert "sessionid" in self.http.cookies, f"{username} could not sign in"

    def get(self, path: str) -> Any:
        answer = self.http.get(f"/api/v1{path}")
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json()

    def post(self, path: str, *, data: dict[str, Any] | None = None, files: Any = None) -> httpx.Response:
        return self.http.post(
            f"/api/v1{path}",
            data=data,
            files=files,
            headers={"X-CSRFToken": self.http.cookies["csrftoken"], "Referer": self.url + "/"},
        )


@pytest.fixture(scope="session")
def account(whole_product: Any) -> Callable[[str], Account]:
    """Sign a role of the demo in at the API; one session per role."""
    sessions: dict[str, Account] = {}

    def sign_in(role: str) -> Account:
        if role not in sessions:
            sessions[role] = Account(whole_product.url, *whole_product.logins[role])
        return sessions[role]

    return sign_in


@pytest.fixture
def at_page(whole_product: Any, browser: Any) -> Iterator[Callable[..., Page]]:
    """Open a page as a role of the demo; every request that leaves our origin fails the test."""
    contexts = []
    strays: list[str] = []

    def watch(request: Any) -> None:
        if not request.url.startswith((whole_product.url, "data:", "blob:")):
            strays.append(request.url)

    def open_page(role: str, path: str, *, width: int = 1280, height: int = 800) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, locale="zh-CN")
        contexts.append(context)
        context.on("request", watch)
        page = context.new_page()
        username, password = whole_product.logins[role]
        page.goto(f"{whole_product.url}/login/")
        page.fill("input[name=username]", username)
        page.fill("input[name=password]", password)
        page.click("form[method=post] button[type=submit] >> nth=0")
        page.wait_for_load_state()
        page.goto(f"{whole_product.url}{path}")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert strays == [], f"requests left our origin: {strays}"


@pytest.fixture
def fleet(whole_product: Any, account: Callable[[str], Account]) -> Iterator[dict[str, Any]]:
    """The demo's devices with their passwords; they keep still while the test runs.

    A walk of a few seconds that ends now would stand between what the simulator said in those seconds, at places
    nobody reaches in time; so the walks begin once its last word is older than they are long.
    """
    whole_product.stop_service("simulator")

    def silent() -> bool:
        items = account("project_manager").get(f"/sites/{SITE}/positions")["items"]
        return datetime.now(UTC).timestamp() - max(item["t"] for item in items) / 1000 > LONGEST_WALK_S

    try:
        assert wait_until(silent, 30)
        yield json.loads((whole_product.data_root / "demo" / "fleet.json").read_text(encoding="utf-8"))
    finally:
        whole_product.start_service("simulator")


def report_and_assign(
    account: Callable[[str], Account], *, lon: float, lat: float, height_m: float, due_in_s: float
) -> dict[str, Any]:
    """The worker reports a hazard at a place, the safety officer assigns it, due in a few seconds."""
    now = datetime.now(UTC)
    reported = account("worker").post(
        f"/sites/{SITE}/hazards",
        data={
            "description": "临边防护缺失",
            "category": "edge_protection",
            "lon": lon,
            "lat": lat,
            "height_m": height_m,
            "found_at": now.isoformat(),
            "client_event_id": str(uuid.uuid4()),
        },
        files=[("photos", ("before.jpg", photo(1), "image/jpeg"))],
    )
    assert reported.status_code in (200, 201), reported.text
    ticket = reported.json()
    staff = account("safety_officer").get(f"/sites/{SITE}/assignable")
    people = {role: person["id"] for person in staff for role in person["roles"]}
    assigned = account("safety_officer").post(
        f"/hazards/{ticket['id']}/acts/approve_general",
        data={
            "rectifier": people["worker"],
            "rechecker": people["site_safety"],
            "acceptance_person": people["project_manager"],
            "measure": "恢复防护栏杆",
            "deadline": (datetime.now(UTC) + timedelta(seconds=due_in_s)).replace(microsecond=0).isoformat(),
            "client_event_id": str(uuid.uuid4()),
        },
    )
    assert assigned.status_code == 200, assigned.text
    return assigned.json()


def rectify_and_recheck(account: Callable[[str], Account], ticket_id: str) -> None:
    """The worker hands in a photo, the safety officer rechecks, and the ticket closes."""
    fixed = account("worker").post(
        f"/hazards/{ticket_id}/acts/submit_fix",
        data={
            "text": "已恢复",
            "client_event_id": str(uuid.uuid4()),
        },
        files=[("photos", ("after.jpg", photo(2), "image/jpeg"))],
    )
    assert fixed.status_code == 200, fixed.text
    passed = account("safety_officer").post(
        f"/hazards/{ticket_id}/acts/recheck_pass",
        data={"conclusion": "合格", "client_event_id": str(uuid.uuid4())},
        files=[("photos", ("recheck.jpg", photo(3), "image/jpeg"))],
    )
    assert passed.status_code == 200, passed.text
    if json.loads(passed.text)["state"] == "RECHECK_PASSED":
        closed = account("safety_officer").post(
            f"/hazards/{ticket_id}/acts/auto_close", data={"client_event_id": str(uuid.uuid4())}
        )
        assert closed.status_code == 200, closed.text
