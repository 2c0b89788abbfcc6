"""What two readings of BCF differ in, field by field; shares nothing with the list of losses held against it."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from bim.exchange.bcf.topics import BcfFile, Extensions

PARTED = ("camera", "orthogonal")


def differences(before: BcfFile, after: BcfFile) -> set[tuple[str, str]]:
    """Return (topic GUID, field) for each field that differs; ("", field) for those of the file."""
    found = {("", name) for name in ("project_id", "project_name", "documents") if _differ(before, after, name)}
    if sorted(before.attachments, key=str) != sorted(after.attachments, key=str):
        found.add(("", "attachments"))
    if before.extensions not in (Extensions(), after.extensions):
        found.add(("", "extensions"))
    assert [topic.guid for topic in before.topics] == [topic.guid for topic in after.topics]
    for old, new in zip(before.topics, after.topics, strict=True):
        found |= {(old.guid, name) for name in _fields(old, new, ("comments", "viewpoints"))}
        for group in ("comments", "viewpoints"):
            pairs = zip(getattr(old, group), getattr(new, group), strict=True)
            found |= {(old.guid, f"{group}.{name}") for one, other in pairs for name in _fields(one, other, ())}
    return found


def _differ(one: Any, other: Any, name: str) -> bool:
    return getattr(one, name) != getattr(other, name)


def _fields(one: Any, other: Any, but: tuple[str, ...]) -> set[str]:
    found = set()
    for field in fields(one):
        name, old, new = field.name, getattr(one, field.name), getattr(other, field.name)
        if name in but or old == new:
            continue
        if name in PARTED and old is not None and new is not None:
            found |= {f"{name}.{part}" for part in _fields(old, new, ())}
        else:
            found.add(name)
    return found
