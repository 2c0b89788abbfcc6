"""Which add-ons a kind of device may carry, what each measures and makes possible: data, read once. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_FILE = Path(__file__).parent / "data" / "device_kinds.json"


@dataclass(frozen=True, slots=True)
class Measured:
    """A quantity that an add-on measures, in its own unit."""

    quantity: str
    unit: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class AddOnKind:
    """A part that can be added to a device."""

    code: str
    zh: str
    en: str
    capabilities: tuple[str, ...]
    quantities: tuple[Measured, ...]


@dataclass(frozen=True, slots=True)
class DeviceKind:
    """A kind of device: what may be added, what is fitted from the start, which papers it is to have."""

    code: str
    add_ons: tuple[str, ...]
    fitted: tuple[str, ...]
    papers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Kinds, add-ons, and capabilities with their words (Chinese, English)."""

    kinds: Mapping[str, DeviceKind]
    add_ons: Mapping[str, AddOnKind]
    capabilities: Mapping[str, tuple[str, str]]


@lru_cache(maxsize=1)
def catalogue() -> Catalogue:
    """Return what the data file says."""
    data = json.loads(_FILE.read_text(encoding="utf-8"))
    return Catalogue(
        kinds={code: DeviceKind(code, *(tuple(row[k]) for k in ("add_ons", "fitted", "papers")))
               for code, row in data["kinds"].items()},
        add_ons={
            code: AddOnKind(
                code, row["zh"], row["en"], tuple(row["capabilities"]), tuple(Measured(**q) for q in row["quantities"])
            )
            for code, row in data["add_ons"].items()
        },
        capabilities={code: (row["zh"], row["en"]) for code, row in data["capabilities"].items()},
    )  # fmt: skip


def may_carry(kind: str) -> tuple[AddOnKind, ...]:
    """Return the add-ons that a kind of device may carry."""
    held = catalogue()
    return tuple(held.add_ons[code] for code in held.kinds[kind].add_ons)


def capabilities_of(add_on_kinds: Iterable[str]) -> tuple[str, ...]:
    """Return what a device with these add-ons can do, each once, in the order of the data file."""
    held = catalogue()
    found = {name for code in add_on_kinds if code in held.add_ons for name in held.add_ons[code].capabilities}
    return tuple(code for code in held.capabilities if code in found)


def quantities() -> dict[str, Measured]:
    """Return every quantity that some add-on measures, by its code."""
    return {row.quantity: row for add_on in catalogue().add_ons.values() for row in add_on.quantities}
