"""Hypothesis strategies that make cases in the form of zone_algebra_cases.json, with times in seconds."""

from __future__ import annotations

from hypothesis import strategies as st

from .oracle import KINDS

DAY = 86400
GRADES = st.integers(1, 4)
# round moments meet often, so that boundaries are tried, not only what lies between them
MOMENTS = st.one_of(
    st.sampled_from([0, 1, 599, 600, 899, 900, 1799, 1800, 1801, 3600, 5400, DAY - 1, DAY, DAY + 1, 3 * DAY]),
    st.integers(0, 5 * DAY),
)


@st.composite
def triggers(draw: st.DrawFn) -> dict:
    """One trigger; its end is never before its start."""
    kind = draw(st.sampled_from(sorted(KINDS)))
    start = draw(MOMENTS)
    row = {"kind": kind, "start": start, "end": draw(st.none() | MOMENTS.map(lambda more: start + more))}
    if kind == "MANUAL_RAISE":
        row["floor"] = draw(GRADES)
    return row


@st.composite
def points(draw: st.DrawFn, name: str = "p1") -> dict:
    """One risk point in any state, with 0 to 3 sources."""
    return {
        "id": name,
        "sources": [{"grade": grade} for grade in draw(st.lists(GRADES, max_size=3))],
        "residual": draw(st.none() | GRADES),
        "direct_major": draw(st.booleans()),
        "state": draw(st.sampled_from(["active", "active", "suspended", "planned", "closed"])),
    }


@st.composite
def point_cases(draw: st.DrawFn) -> dict:
    """A point with 0 to 5 triggers, without an expectation."""
    rows = draw(st.lists(triggers(), max_size=5))
    return {"type": "point", "point": draw(points()), "triggers": rows, "now": draw(MOMENTS), "expect": {}}


@st.composite
def zone_cases(draw: st.DrawFn) -> dict:
    """A zone with 0 to 4 points, triggers on them and on itself, and child zones."""
    members = [draw(points(f"p{number}")) for number in range(draw(st.integers(0, 4)))]
    return {
        "type": "zone",
        "points": members,
        "triggers_by_point": {point["id"]: draw(st.lists(triggers(), max_size=3)) for point in members},
        "zone_triggers": draw(st.lists(triggers(), max_size=3)),
        "children": draw(st.lists(st.integers(0, 4), max_size=3)),
        "now": draw(MOMENTS),
        "expect": {},
    }


@st.composite
def region_cases(draw: st.DrawFn) -> dict:
    """A region of 0 to 8 sites."""
    site = st.fixed_dictionaries(
        {
            "grade": st.integers(0, 4),
            "weight": st.integers(1, 500),
            "supervised_overdue": st.booleans(),
            "fatal_30d": st.booleans(),
        }
    )
    return {"type": "region", "sites": draw(st.lists(site, max_size=8)), "expect": {}}
