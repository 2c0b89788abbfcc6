"""GlobalIds that depend on a stable name only, so that a re-run of the writer gives the same file."""

from __future__ import annotations

from uuid import UUID, uuid5

import ifcopenshell.guid

NAMESPACE = UUID("6f1d9f3e-8f3c-5d0a-9a57-2d1b7c0e4547")


def global_id(key: str) -> str:
    """The 22-character IFC GlobalId of the thing that the demo project calls ``key``."""
    return ifcopenshell.guid.compress(uuid5(NAMESPACE, key).hex)
