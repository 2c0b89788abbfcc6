"""Which settings of a fence go together. Pure: every refusal names the field and what to do."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from spatial.fences.schedules import ScheduleRefused, read_schedule

SETTINGS = frozenset(
    {
        "rule", "shape", "centre", "radius_m", "path", "width_m", "storey", "enter_fixes", "leave_fixes",
        "enter_probability", "leave_probability", "approach_m", "dwell_s", "person_limit", "lone_forbidden",
        "schedule", "admission", "allowed", "teams", "trades", "certificates", "needs_briefing", "needs_permit",
        "active", "receded_beyond_m", "crowded_after_s", "uncrowded_after_s", "alone_after_s",
    }
)  # fmt: skip
MOST_M = 50.0
LARGEST_M = 2000.0
MOST_FIXES = 60
LONGEST_STAY_S = 86_400
LONGEST_COUNT_S = 240


class FenceRefused(ValueError):
    """A fence cannot be stored as given; the message says which value and why, `code` and `field` say it to a page."""

    def __init__(self, message: str, *, code: str = "", field: str = "") -> None:
        super().__init__(message)
        self.code, self.field = code, field


def check_settings(
    values: Mapping[str, Any], *, rules: Collection[str], certificates: Collection[str], time_zone: str
) -> None:
    """This function will refuse settings that no engine could follow. Raises FenceRefused naming the field."""
    if values["rule"] not in rules:
        raise FenceRefused(f"{values['rule']} is not an alarm rule of the current edition.")
    _check_counts(values)
    _check_shape(values)
    _between(values, "approach_m", 0.0, MOST_M, "m", above=True)
    _between(values, "receded_beyond_m", 0.0, MOST_M, "m", above=True)
    for name in ("crowded_after_s", "uncrowded_after_s", "alone_after_s"):
        _between(values, name, 0, LONGEST_COUNT_S, "s")
    _between(values, "dwell_s", 0, LONGEST_STAY_S, "s")
    _between(values, "person_limit", 1, 10_000, "persons")
    try:
        read_schedule(values["schedule"], time_zone)
    except ScheduleRefused as refusal:
        raise FenceRefused(f"schedule: {refusal}", code="schedule", field="schedule") from refusal
    unknown = sorted(set(values["certificates"]) - set(certificates))
    if unknown:
        raise FenceRefused(f"certificates: {unknown[0]} is not a kind of certificate.")


def _check_counts(values: Mapping[str, Any]) -> None:
    if values["enter_fixes"] < 1 or values["leave_fixes"] < 1:
        raise FenceRefused("At least one fix must decide an entry and an exit.")
    if max(values["enter_fixes"], values["leave_fixes"]) > MOST_FIXES:
        raise FenceRefused(f"At most {MOST_FIXES} fixes may decide an entry or an exit.")
    if not 0 <= values["leave_probability"] < values["enter_probability"] <= 1:
        raise FenceRefused(
            "The probability to leave must be below the one to enter, both within 0 to 1.",
            code="probabilities",
            field="leave_probability",
        )


def _check_shape(values: Mapping[str, Any]) -> None:
    wanted = {"circle": ("centre", "radius_m"), "corridor": ("path", "width_m"), "storey": ("storey",), "outline": ()}
    if values["shape"] not in wanted:
        raise FenceRefused(f"shape: {values['shape']!r} is unknown; known are {', '.join(sorted(wanted))}.")
    for name in wanted[values["shape"]]:
        if values[name] is None:
            raise FenceRefused(f"{name}: a fence of the shape {values['shape']} needs it.", code="measure", field=name)
    for name in ("radius_m", "width_m"):
        _between(values, name, 0.0, LARGEST_M, "m", above=True)


def _between(values: Mapping[str, Any], name: str, low: float, high: float, unit: str, *, above: bool = False) -> None:
    value = values[name]
    if value is None:
        return
    if value > high or value < low or (above and value == low):
        raise FenceRefused(f"{name}: must be {'above' if above else 'from'} {low:g} and at most {high:g} {unit}.")
