"""The reference of quantities and conditions as Markdown: `python -m spatial.alarms.reference` writes it."""

from __future__ import annotations

import json
from pathlib import Path

from spatial.alarms.catalogue import clock, conditions_of_rules, policy
from spatial.alarms.conditions import Condition
from spatial.observations.quantities import all_quantities

PAGE = Path(__file__).parents[2] / "docs/reference/quantities-and-alarm-rules.md"
RULES = Path(__file__).parents[1] / "rulebook/data/alarm_rules.json"
HEAD = """# Quantities and alarm rules

Made of `spatial/observations/data/quantities.json`, `spatial/alarms/data/conditions.json`, `policy.json` and the table
`alarm_policy` of the national edition by `python -m spatial.alarms.reference`; a test compares.
Marks: A published text, B recalled or a standard's own value to be checked against the book, C practice. Every limit
can be [set otherwise on a site](../how-to/set-alarm-rules.md), every number of signals and of time
[by a company in its own edition](../how-to/set-rules.md).

## Quantities

A reading names a quantity by its code and gives its value in this unit (UCUM). A value outside the bounds is refused.

| code | Chinese | English | unit | from | to |
| --- | --- | --- | --- | --- | --- |
"""


def page() -> str:
    """This function will return the whole page."""
    quantities = [
        f"| `{row.code}` | {row.zh} | {row.en} | `{row.unit}` | {row.low:g} | {row.high:g} |"
        for row in all_quantities().values()
    ]
    rules = json.loads(RULES.read_text(encoding="utf-8"))["rules"]
    names = {row["id"]: row for row in rules}
    lines = [_line(row, names[row.rule]) for row in conditions_of_rules(names).values()]
    return "\n".join([HEAD + "\n".join(quantities), "", _CONDITIONS, *lines, "", *_others()])


_CONDITIONS = """## Conditions on readings

`10.8 · 60 s` is a limit that must be reached for 60 s. `%` refers to the design limit (basis design) or the rate limit
per day (basis rate) of the datastream; for the items of GB 50497-2019 they come from its table by class, wall and depth
unless the monitoring design's own are set.

| condition | rule | looks at | limits | cleared | active | mark |
| --- | --- | --- | --- | --- | --- | --- |"""


def _line(condition: Condition, rule: dict[str, str]) -> str:
    unit = "%" if condition.basis != "value" else ""
    steps = "; ".join(
        f"{step.level} {step.operator} {step.limit:g}{unit}" + (f" · {step.hold_s:g} s" if step.hold_s else "")
        for step in condition.steps
    )
    looks_at = f"`{condition.quantity}`"
    looks_at += f", {condition.aggregate}" if condition.aggregate != "value" else ""
    looks_at += f", {condition.basis}" if condition.basis != "value" else ""
    looks_at += ", size" if condition.absolute else ""
    looks_at += f" ({', '.join(sorted(condition.device_kinds))})" if condition.device_kinds else ""
    cleared: str = condition.clearing
    if condition.clearing == "limit" or (condition.clearing == "hand" and condition.clear_limit is not None):
        limit = condition.steps[0].limit if condition.clear_limit is None else condition.clear_limit
        sign = {">=": "<", ">": "<=", "<=": ">", "<": ">="}[condition.steps[0].operator]
        cleared = "hand, once " if condition.clearing == "hand" else ""
        cleared += f"{sign} {limit:g}{unit}" + (f" · {condition.clear_hold_s:g} s" if condition.clear_hold_s else "")
    periods = ", ".join(f"{clock(row.start)}-{clock(row.end)}" for row in condition.periods) or "always"
    active = periods if condition.enabled else "switched off"
    return (
        f"| `{condition.key}` | {rule['zh']} {rule['en']} | {looks_at} | {steps} | {cleared} | {active} "
        f"| {rule['conf']} |"
    )


COUNTS = {"on_shift": "on shift", "worn": "while worn", "at_work": "not in a place of rest"}


def _zones(kinds: list[str]) -> str:
    return f"of kind {' or '.join(f'`{kind}`' for kind in kinds)}"


def _others() -> list[str]:
    rule = policy()
    lines = ["## Signals", "", "| signal | rule | alarm | counts | ends |", "| --- | --- | --- | --- | --- |"]
    for kind, spec in rule["signals"].items():
        steps = "; ".join(f"{step['level']} after {step['after_s']} s" for step in spec["steps"])
        ends = "by people only" if spec["clearing"] == "hand" else f"{spec['clear_after_s']} s after its end"
        steps += f"; {spec['higher']} in zones {_zones(rule['places']['exposed'])}" if spec.get("higher") else ""
        counts = ", ".join(COUNTS[need] for need in spec.get("counts_while", ())) or "always"
        lines.append(f"| `{kind}` | {spec['rule']} | {steps} | {counts} | {ends} |")
    lines += ["", f"A place of rest is a zone {_zones(rule['places']['resting'])}, or outside of the site."]
    lines += ["", "## What time does to an alarm", ""]
    lines += ["| level | told to the next role after | said again every |", "| --- | --- | --- |"]
    for level, clocks in rule["escalation"].items():
        after, again = (f"{value} s" if value else "–" for value in (clocks["after_s"], clocks["remind_s"]))
        lines.append(f"| {level} | {after} | {again} |")
    draft = rule["draft"]
    lines += [
        "",
        f"Roles, one after the other: {', '.join(rule['steps'])}. A red alarm that is not cleared in "
        f"{draft['red_not_cleared_s'] // 60} min, or the same orange alarm {draft['orange_times']} times in "
        f"{draft['shift_h']} h, opens a hazard draft; so does P-09 {draft['often']['P-09']['times']} times in "
        f"{draft['often']['P-09']['within_h']} h. All of it has mark {rule['conf']} ({rule['source']}).",
        "",
    ]
    return lines


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
