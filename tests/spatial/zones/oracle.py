# ruff: noqa
# mypy: ignore-errors
# A copy of the specification's oracle, kept as it is; the product shares no code with it.
"""Reference model of the zone-colour algebra (section 2). Pure functions, stdlib only, no I/O.
Grades: 1 low/blue 2 general/yellow 3 considerable/orange 4 major/red. 0 = nothing to show (grey).
Time is in seconds. This file is the specification's oracle, not product code."""
import math

KINDS = {
 # code: (floor while active, lift 0/1, hold_s after clear, step_s of decay, one grade per step; 0 = drop at once)
 "HAZ_GENERAL_OPEN":      (2, 0, 0, 0),
 "HAZ_GENERAL_MANY":      (2, 1, 0, 0),        # >=3 open general hazards on one risk point
 "HAZ_GENERAL_OVERDUE":   (4, 1, 0, 0),        # past deadline: the zone turns red (the mission's rule)
 "HAZ_GENERAL_OVERDUE7":  (4, 1, 0, 0),        # more than 7 days past deadline: same colour, next escalation
 "HAZ_MAJOR_SUSPECTED":   (3, 0, 0, 0),        # reported as major, not yet judged
 "HAZ_MAJOR_OPEN":        (4, 0, 0, 86400),    # judged major, until sign-off; then 24 h per grade
 "ALARM_RED":             (4, 0, 1800, 1800),
 "ALARM_ORANGE":          (3, 0, 900, 900),
 "ALARM_YELLOW":          (2, 0, 600, 600),
 "ALARM_BLUE":            (0, 0, 0, 0),
 "CONTROL_MISSED":        (0, 1, 0, 0),        # planned patrol / control check missed by more than one period
 "SENSOR_LOST":           (0, 1, 0, 0),        # a monitor named as a control measure is silent > 30 min, residual >= 3
 "WEATHER_LIMIT":         (3, 0, 1800, 1800),  # weather past the stop-work limit of this work kind, work not yet stopped
 "MANUAL_RAISE":          (0, 0, 0, 0),        # floor carried in the trigger itself, expires after 24 h
}

def inherent(point):
    g = max([s["grade"] for s in point["sources"]], default=0)
    return 4 if point.get("direct_major") else g

def residual(point):
    i = inherent(point)
    if point.get("direct_major") and point.get("state", "active") == "active":
        return 4
    r = point.get("residual")
    r = i if r is None else r
    return min(r, i)              # a control never makes the graded risk higher than inherent

def effective_floor(tr, now):
    floor, _, hold, step = KINDS[tr["kind"]]
    floor = tr.get("floor", floor)
    if now < tr["start"]:
        return 0
    end = tr.get("end")
    if tr["kind"] == "MANUAL_RAISE":
        return floor if now < min(end if end is not None else math.inf, tr["start"] + 86400) else 0
    if end is None or now < end + hold:
        return floor
    if step == 0:
        return 0
    return max(0, floor - 1 - int((now - end - hold) // step))

def lifted(tr, now):
    return bool(KINDS[tr["kind"]][1]) and tr["start"] <= now and (tr.get("end") is None or now < tr["end"])

def current(point, triggers, now):
    st = point.get("state", "active")
    if st in ("closed", "planned"):
        return 0
    r = residual(point)
    lift = min(2, len({t["kind"].replace("OVERDUE7", "OVERDUE") for t in triggers if lifted(t, now)}))
    floor = max([effective_floor(t, now) for t in triggers], default=0)
    return min(4, max(r + lift if r else 0, floor))

def zone(points, triggers_by_point, zone_triggers, now, children=()):
    g = max([current(p, triggers_by_point.get(p["id"], []), now) for p in points], default=0)
    f = max([effective_floor(t, now) for t in zone_triggers], default=0)
    return max([g, f, *children])

def zone_index(grades):
    """0..100, for ordering zones of the same colour only; never changes the colour."""
    w = {4: .40, 3: .15, 2: .05, 1: .01, 0: 0}
    p = 1.0
    for x in grades:
        p *= 1 - w[x]
    return round(100 * (1 - p), 2)

def region(sites):
    """sites: [{'grade':1..4,'weight':>0,'supervised_overdue':bool,'fatal_30d':bool}] -> (grade, score)"""
    sites = [x for x in sites if x["grade"]]
    if not sites:
        return 0, 0.0
    v = {4: 1.0, 3: .6, 2: .3, 1: .1, 0: 0}
    s = 100 * sum(x["weight"] * v[x["grade"]] for x in sites) / sum(x["weight"] for x in sites)
    g = 4 if s >= 60 else 3 if s >= 40 else 2 if s >= 20 else 1
    if any(x.get("supervised_overdue") for x in sites): g = max(g, 3)
    if any(x.get("fatal_30d") for x in sites): g = 4
    return g, round(s, 2)
