"""What an alarm is called, how loud it is, and what it does to the colour of its zone. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, cast

Level = Literal["blue", "yellow", "orange", "red"]
LEVELS: tuple[Level, ...] = ("blue", "yellow", "orange", "red")
# Data older than this at receipt raises an alarm marked late: recorded, no sound, no live colour (spec 07).
LATE_AFTER = timedelta(seconds=60)


class RuleUnknown(LookupError):
    """The edition has no alarm rule with this id."""


def alarm_rule(table: Mapping[str, Any], rule: str) -> Mapping[str, Any]:
    """This function will return one rule (id, zh, en, level ...) of an edition's `alarm_rules` table."""
    for row in table["rules"]:
        if row["id"] == rule:
            return cast(Mapping[str, Any], row)
    raise RuleUnknown(f"The rule edition has no alarm rule {rule}.")


def level_of(row: Mapping[str, Any]) -> Level:
    """This function will return the level of a rule; where it names several, the first one."""
    for level in str(row["level"]).replace(";", "/").split("/"):
        word = level.strip().split(" ")[0].rstrip(":")
        if word in LEVELS:
            return cast(Level, word)
    raise RuleUnknown(f"The alarm rule {row['id']} has no level.")


def trigger_kind(level: str) -> str:
    """This function will return the kind of zone trigger (spec 02, 2.2) that an alarm of this level writes."""
    return f"ALARM_{level.upper()}"


def is_late(raised_at: datetime, received_at: datetime) -> bool:
    """This function will tell whether an alarm's fact was too old at receipt to be a live alarm."""
    return received_at - raised_at > LATE_AFTER


def subject_of(
    rule: str, *, device_id: Any = None, zone_id: Any = None, datastream_id: Any = None, key: str = ""
) -> str:
    """This function will return what an alarm is about: its rule, then device, zone, datastream and condition."""
    return ":".join(str(part or "") for part in (rule, device_id, zone_id, datastream_id, key)).rstrip(":")


def higher(first: str, second: str) -> str:
    """This function will return the higher of two levels."""
    return max(first, second, key=lambda level: LEVELS.index(cast(Level, level)))


def status_of(alarm: Any) -> str:
    """This function will return where an alarm is in its life.

    raised, acknowledged, handled, cleared, closed; or false_alarm or disproved, which end it apart.
    """
    if alarm.disproved_at:
        return "disproved"
    if alarm.false_reason:
        return "false_alarm"
    for name in ("closed", "cleared", "handled", "acknowledged"):
        if getattr(alarm, f"{name}_at"):
            return name
    return "raised"


def one_lower(level: str) -> str:
    """This function will return the next lower level; blue stays blue (spec 07, 7.2: where the height is unknown)."""
    return LEVELS[max(0, LEVELS.index(cast(Level, level)) - 1)]


def crowd_level(level: str, count: float | None, limit: int | None) -> str:
    """This function will return the level of a zone with too many people: red from 1.5 times the limit on (P-04)."""
    return "red" if count is not None and limit and count >= 1.5 * limit else level
