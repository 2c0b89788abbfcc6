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


def entry_title(rule_name: str, person: str, zone: str, storey: str) -> str:
    """This function will return the title of an entry alarm: rule, person, zone and storey."""
    place = f"{zone}（{storey}）" if storey else zone
    return f"{rule_name}：{person} · {place}"
