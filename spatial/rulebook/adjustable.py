"""Which values of an edition an organisation may set otherwise, and what a whole edition must hold. Pure.

The answers of a form become differences only after everything was checked together: bands without gap or overlap
that rise with the value, control levels that are lifted and never lowered, periods and deadlines within limits.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .machine_limits import TABLE as MACHINE_LIMITS
from .machine_limits import limit_settings, step_faults
from .tenant_numbers import TABLES as NUMBER_TABLES
from .tenant_numbers import LimitSetting, number_settings, order_faults

GRADES = (4, 3, 2, 1)
LEVELS = ("company", "project", "team", "post")
MIN_DAYS, MAX_DAYS = 0, 365


@dataclass(frozen=True)
class Fault:
    """Why answers cannot be published: a field of the form, a code of the sentence, and its parts."""

    field: str
    code: str
    parts: Mapping[str, Any]


class EditionRefused(ValueError):
    """An edition cannot be published as given; `faults` says for each field what is wrong."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = list(faults)
        super().__init__("; ".join(f"{row.field}: {row.code} {dict(row.parts)}" for row in self.faults))


@dataclass(frozen=True)
class Setting:
    """A whole number that may be set: its field, where it stands, and its limits."""

    field: str
    table: str
    path: str
    low: int
    high: int


def settings_of(tables: Mapping[str, Any]) -> list[Setting]:
    """Return the numbers of an edition's deadlines and hazard settings that may be set."""
    days = tables["hazard_workflow"]["content"]["deadlines_days"]
    rows = [
        Setting(f"deadline_{row['path']}_{row['class']}", "hazard_workflow", f"/deadlines_days/{at}/days", 0, 365)
        for at, row in enumerate(days)
    ]
    limits = {
        "returned_clock_hours": (1, 720),
        "max_returns": (1, 10),
        "max_extensions": (0, 10),
        "reopen_within_days": (0, 3650),
    }
    present = tables["hazard_settings"]["content"]
    rows.extend(
        Setting(name, "hazard_settings", f"/{name}", low, high)
        for name, (low, high) in limits.items()
        if name in present
    )
    return rows


def _number(field: str, text: Any, faults: list[Fault]) -> float | None:
    try:
        value = float(str(text).strip())
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.append(Fault(field, "not_a_number", {"value": str(text)}))
        return None
    return int(value) if value == int(value) else value


def _thresholds(answers: Mapping[str, Any], names: Sequence[str], faults: list[Fault]) -> list[float] | None:
    """Return the lower ends of bands from the highest, strictly falling and above zero; None with faults."""
    values = [_number(name, answers[name], faults) for name in names]
    if any(value is None for value in values):
        return None
    numbers = [value for value in values if value is not None]
    for name, value, above in zip(names[1:], numbers[1:], numbers, strict=False):
        if value >= above:
            faults.append(Fault(name, "not_below", {"value": value, "above": above}))
            return None
    if numbers[-1] <= 0:
        faults.append(Fault(names[-1], "not_positive", {"value": numbers[-1]}))
        return None
    return numbers


def _reached(
    names: Sequence[str],
    bands: Sequence[Mapping[str, Any]],
    products: Iterable[float],
    faults: list[Fault],
    inside: Callable[[float, Mapping[str, Any]], bool],
) -> None:
    """Every grade must be reached by a product of the pick lists: a band that nothing falls in is a mistake."""
    values = list(products)
    for grade in GRADES:
        if not any(inside(value, band) for value in values for band in bands if band["grade"] == grade):
            name = names[min(GRADES.index(grade), len(names) - 1)]
            faults.append(Fault(name, "grade_never_reached", {"grade": grade}))


def _in_lec(value: float, band: Mapping[str, Any]) -> bool:
    above = value >= band["lo"] if band["lo_incl"] else value > band["lo"]
    return above and (band["hi"] is None or (value <= band["hi"] if band["hi_incl"] else value < band["hi"]))


def lec_fields(table: Mapping[str, Any]) -> list[str]:
    """Return the fields of the LEC boundaries, from the highest: one for the lower end of each band but the last."""
    return [f"lec_{index}" for index in range(len(table["bands"]) - 1)]


def lec_bands(answers: Mapping[str, Any], table: Mapping[str, Any], faults: list[Fault]) -> list[dict[str, Any]]:
    """Return the LEC bands with the lower ends that were given; the end above follows, so no value lies between."""
    names = lec_fields(table)
    numbers = _thresholds(answers, names, faults)
    if numbers is None:
        return list(table["bands"])
    bands, hi, hi_incl = [], None, False
    for index, old in enumerate(table["bands"]):
        last = index == len(names)
        lo, incl = (0, True) if last else (numbers[index], bool(answers[f"{names[index]}_incl"]))
        bands.append({**old, "lo": lo, "lo_incl": incl, "hi": hi, "hi_incl": hi_incl})
        hi, hi_incl = lo, not incl
    products = {
        round(low["v"] * often["v"] * harm["v"], 6) for low in table["L"] for often in table["E"] for harm in table["C"]
    }
    _reached(names, bands, products, faults, _in_lec)
    return bands


def ls_fields(table: Mapping[str, Any]) -> list[str]:
    """Return the fields of the lower ends of the LS bands, from the highest, the last band excepted."""
    return [f"ls_{index}" for index in range(len(table["bands"]) - 1)]


def ls_bands(answers: Mapping[str, Any], table: Mapping[str, Any], faults: list[Fault]) -> list[dict[str, Any]]:
    """Return the LS bands with the lower ends that were given; each ends at the last product below the next."""
    names = ls_fields(table)
    numbers = _thresholds(answers, names, faults)
    if numbers is None:
        return list(table["bands"])
    products = sorted({low["v"] * harm["v"] for low in table["L"] for harm in table["S"]})
    bands: list[dict[str, Any]] = []
    above = math.inf
    for old, name, lo in zip(table["bands"], [*names, names[-1]], [*numbers, products[0]], strict=True):
        members = [value for value in products if lo <= value < above]
        if not members:
            faults.append(Fault(name, "band_empty", {"value": lo}))
            return list(table["bands"])
        bands.append({**old, "lo": members[0], "hi": members[-1]})
        above = lo
    return bands


def ls_matrix(table: Mapping[str, Any], bands: Sequence[Mapping[str, Any]]) -> list[list[dict[str, Any]]]:
    """Return the printed 5x5 matrix graded by bands, so that what one picks from and what one gets agree."""
    return [
        [
            {**cell, "grade": next(band["grade"] for band in bands if band["lo"] <= cell["R"] <= band["hi"])}
            for cell in row
        ]
        for row in table["matrix"]
    ]


def _ranks(levels: Mapping[str, Any]) -> dict[str, int]:
    return {row["code"]: row["rank"] for row in levels["control_levels"]}


def lead_levels(answers: Mapping[str, Any], levels: Mapping[str, Any], faults: list[Fault]) -> dict[int, str]:
    """Return the lead level of each grade: a grade may be led from higher up than inherited, never from lower."""
    ranks, chosen = _ranks(levels), {}
    for row in levels["scale"]:
        field, level = f"lead_{row['grade']}", str(answers[f"lead_{row['grade']}"])
        if level not in ranks:
            faults.append(Fault(field, "not_a_level", {"value": level}))
            level = row["lead_level"]
        elif ranks[level] < ranks[row["lead_level"]]:
            faults.append(Fault(field, "level_lowered", {"grade": row["grade"], "level": row["lead_level"]}))
            level = row["lead_level"]
        chosen[row["grade"]] = level
    for grade in (4, 3, 2):
        if ranks[chosen[grade]] < ranks[chosen[grade - 1]]:
            faults.append(Fault(f"lead_{grade}", "level_below_lower_grade", {"grade": grade}))
    return chosen


def patrol_fields() -> list[tuple[int, str, str]]:
    """Return (grade, level, field) of every period that a form may ask for."""
    return [(grade, level, f"patrol_{grade}_{level}") for grade in GRADES for level in LEVELS]


def patrols(
    answers: Mapping[str, Any],
    table: Mapping[str, Any],
    leads: Mapping[int, str],
    levels: Mapping[str, Any],
    faults: list[Fault],
) -> dict[str, dict[str, str]]:
    """Return the patrol periods: some level of each grade patrols, none above its lead, lower ones as often or more."""
    hours = {row["code"]: row["hours"] for row in table["periods"]}
    ranks, result = _ranks(levels), {}
    for grade in GRADES:
        periods: dict[str, str] = {}
        longest = math.inf
        for level in LEVELS:
            field, code = f"patrol_{grade}_{level}", str(answers.get(f"patrol_{grade}_{level}") or "")
            if not code:
                continue
            if code not in hours:
                faults.append(Fault(field, "not_a_period", {"value": code}))
            elif ranks[level] > ranks.get(leads.get(grade, ""), 0):
                faults.append(Fault(field, "level_above_lead", {"grade": grade}))
            elif hours[code] > longest:
                faults.append(Fault(field, "patrolled_less_often", {"grade": grade}))
            else:
                longest = hours[code]
            periods[level] = code
        if not periods:
            faults.append(Fault(f"patrol_{grade}_{leads.get(grade, 'post')}", "nobody_patrols", {"grade": grade}))
        result[str(grade)] = periods
    return result


def _settings(answers: Mapping[str, Any], tables: Mapping[str, Any], faults: list[Fault]) -> dict[Setting, int]:
    chosen = {}
    for row in settings_of(tables):
        value = _number(row.field, answers[row.field], faults)
        if value is None:
            continue
        if value != int(value) or not row.low <= value <= row.high:
            faults.append(Fault(row.field, "out_of_limits", {"value": value, "low": row.low, "high": row.high}))
            continue
        chosen[row] = int(value)
    days = [chosen.get(row) for row in settings_of(tables) if row.field.startswith("deadline_general_")]
    if None not in days and days != sorted(day for day in days if day is not None):
        faults.append(Fault("deadline_general_long", "deadlines_do_not_rise", {}))
    return chosen


def _limits(answers: Mapping[str, Any], tables: Mapping[str, Any], faults: list[Fault]) -> list[tuple[str, str, Any]]:
    """Return what the numbers with bounds shall be; those of the base are the bounds of what is inherited."""
    chosen: dict[str, float] = {}
    for row in bounded_settings(tables):
        value = _number(row.field, answers[row.field], faults)
        if value is None:
            continue
        if not row.low <= value <= row.high:
            faults.append(Fault(row.field, "out_of_bounds", {"value": value, "low": row.low, "high": row.high}))
            continue
        if row.whole and value != int(value):
            faults.append(Fault(row.field, "out_of_limits", {"value": value, "low": row.low, "high": row.high}))
            continue
        chosen[row.field] = value
    if MACHINE_LIMITS in tables:
        wrong = step_faults(tables[MACHINE_LIMITS]["content"], chosen)
        faults.extend(Fault(field, "graver_from_farther", {}) for field in wrong)
    for name in NUMBER_TABLES:
        called = {row.field: row for row in number_settings(name, tables[name]["content"])} if name in tables else {}
        for field, other, limit in order_faults(name, tables[name]["content"], chosen) if called else ():
            parts = {"value": chosen[field], "limit": limit, "other_zh": called[other].zh, "other_en": called[other].en}
            faults.append(Fault(field, "above_the_other", parts))
    return [(row.table, row.path, chosen[row.field]) for row in bounded_settings(tables) if row.field in chosen]


def bounded_settings(tables: Mapping[str, Any]) -> list[LimitSetting]:
    """Return the numbers of an edition that may be set within bounds: of moving danger, of alarms, of permits."""
    found = limit_settings(tables[MACHINE_LIMITS]["content"]) if MACHINE_LIMITS in tables else []
    for name in NUMBER_TABLES:
        if name in tables:
            found += number_settings(name, tables[name]["content"])
    return found


def answers_of(tables: Mapping[str, Any]) -> dict[str, Any]:
    """Return the form's answers that say what an edition says already."""
    lec, ls, levels = (tables[name]["content"] for name in ("lec", "ls", "risk_levels"))
    answers: dict[str, Any] = {}
    for name, band in zip(lec_fields(lec), lec["bands"], strict=False):
        answers[name], answers[f"{name}_incl"] = band["lo"], band["lo_incl"]
    for name, band in zip(ls_fields(ls), ls["bands"], strict=False):
        answers[name] = band["lo"]
    answers.update({f"lead_{row['grade']}": row["lead_level"] for row in levels["scale"]})
    if "patrol_periods" in tables:
        by_grade = tables["patrol_periods"]["content"]["by_grade"]
        for grade, level, field in patrol_fields():
            answers[field] = by_grade.get(str(grade), {}).get(level, "")
    rows: list[Setting | LimitSetting] = [*settings_of(tables), *bounded_settings(tables)]
    for row in rows:
        content = tables[row.table]["content"]
        for part in row.path.split("/")[1:]:
            content = content[int(part)] if isinstance(content, list) else content[part]
        answers[row.field] = content
    return answers


def values_of(answers: Mapping[str, Any], tables: Mapping[str, Any]) -> list[tuple[str, str, Any]]:
    """Return (table, path, value) of everything the answers say otherwise than the edition. Raises EditionRefused."""
    faults: list[Fault] = []
    lec, ls, levels = (tables[name]["content"] for name in ("lec", "ls", "risk_levels"))
    answers = {**answers_of(tables), **answers}
    bands, squares = lec_bands(answers, lec, faults), ls_bands(answers, ls, faults)
    leads = lead_levels(answers, levels, faults)
    wanted: list[tuple[str, str, Any]] = [("lec", "/bands", bands), ("ls", "/bands", squares)]
    if "patrol_periods" in tables:
        rounds = patrols(answers, tables["patrol_periods"]["content"], leads, levels, faults)
        wanted.extend(("patrol_periods", f"/by_grade/{grade}", periods) for grade, periods in rounds.items())
    numbers = _settings(answers, tables, faults)
    limits = _limits(answers, tables, faults)
    if faults:
        raise EditionRefused(faults)
    wanted.append(("ls", "/matrix", ls_matrix(ls, squares)))
    wanted.extend(
        ("risk_levels", f"/scale/{at}/lead_level", leads[row["grade"]]) for at, row in enumerate(levels["scale"])
    )
    wanted.extend((row.table, row.path, value) for row, value in numbers.items())
    return wanted + limits
