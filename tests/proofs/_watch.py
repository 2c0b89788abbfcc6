"""Watching an open page from inside: when each durable event and each colour of a zone came, by the machine's clock."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any

from playwright.sync_api import Page

LOOK_MS = 5

WATCH = """(lookMs) => {
    const seen = { events: [], colours: [], zone: null, toasts: {} };
    window.proof = seen;
    let told = window.twinwall.events().length;
    const look = () => {
        const events = window.twinwall.events();
        for (; told < events.length; told += 1) {
            const { id, kind, payload } = events[told];
            seen.events.push({ id, kind, device: payload.device ?? null, at: Date.now() });
        }
        if (seen.zone) {
            const grade = window.twinwall.zoneColour(seen.zone)?.grade ?? null;
            const last = seen.colours.at(-1);
            if (!last || last.grade !== grade) seen.colours.push({ grade, at: Date.now() });
        }
        setTimeout(look, lookMs);
    };
    look();
    new MutationObserver((changes) => {
        for (const node of changes.flatMap((change) => [...change.addedNodes])) {
            const key = node.dataset?.key;
            if (key) seen.toasts[key] = (seen.toasts[key] ?? 0) + 1;
        }
    }).observe(document.getElementById('toasts'), { childList: true });
}"""

WAIT = """async ([arg, ms]) => {
    const end = Date.now() + ms;
    for (;;) {
        const found = FIND(arg);
        if (found) return found;
        if (Date.now() > end) return null;
        await new Promise((resume) => setTimeout(resume, 20));
    }
}"""


def watch(page: Page) -> None:
    """Begin to note what comes to the page; its clock is `Date.now()`, this machine's."""
    wait(page, "() => Boolean(window.twinwall?.state?.())", None, timeout_s=120)
    page.evaluate(WATCH, LOOK_MS)


def wait(page: Page, find: str, arg: Any, *, timeout_s: float) -> Any:
    """Return what the JavaScript function `find(arg)` returns as soon as that is true in the page."""
    found = page.evaluate(WAIT.replace("FIND", f"({find})"), [arg, timeout_s * 1000])
    if found is None:
        raise AssertionError(f"not within {timeout_s} s: {find} of {arg}")
    return found


def event_seen(page: Page, kind: str, device: str, *, since_s: float, timeout_s: float = 30) -> float:
    """Return when (epoch seconds) the event of this kind and device came to the page."""
    find = "([kind, device, at]) => window.proof.events.find(e => e.kind === kind && e.device === device && e.at >= at)"
    since_ms = int(since_s * 1000)
    found = wait(page, find, [kind, device, since_ms], timeout_s=timeout_s)
    return float(found["at"]) / 1000


def watch_zone(page: Page, zone_id: str) -> None:
    """Note the colours of one zone from now on."""
    page.evaluate("(id) => { window.proof.colours.length = 0; window.proof.zone = id; }", zone_id)


def grade_seen(page: Page, grade: int, *, timeout_s: float = 30) -> float:
    """Return when (epoch seconds) the watched zone took the grade that it has now."""
    find = "(grade) => { const last = window.proof.colours.at(-1); return last?.grade === grade ? last : null; }"
    return float(wait(page, find, grade, timeout_s=timeout_s)["at"]) / 1000


def ids_seen(page: Page, *, after: int) -> list[int]:
    """Return the ids of the durable events in the page, in the order in which they came."""
    ids: list[int] = page.evaluate("(after) => window.twinwall.events().map(e => e.id).filter(id => id > after)", after)
    return ids


def differences(expected: Sequence[int], received: Iterable[int]) -> list[str]:
    """Say what is wrong with the received ids: missing, twice, unknown, out of order. Empty when nothing is."""
    got = list(received)
    found = []
    if missing := sorted(set(expected) - set(got)):
        found.append(f"{len(missing)} missing: {missing[:10]}")
    if unknown := sorted(set(got) - set(expected)):
        found.append(f"{len(unknown)} unknown: {unknown[:10]}")
    if len(got) != len(set(got)):
        found.append(f"{len(got) - len(set(got))} came twice")
    if got != sorted(got):
        found.append("out of order")
    return found


def settle(seconds: float) -> None:
    """Let time pass between two measurements, so that they do not follow the product's own rhythm."""
    time.sleep(seconds)
