"""Which schema a file is read under: this IfcOpenShell knows three names, real files use many."""

from __future__ import annotations

READABLE = ("IFC2X3", "IFC4", "IFC4X3_ADD2")

_NEAREST = {
    "IFC2X": "IFC2X3",
    "IFC2X_FINAL": "IFC2X3",
    "IFC2X2": "IFC2X3",
    "IFC2X2_FINAL": "IFC2X3",
    "IFC2X2_ADD1": "IFC2X3",
    "IFC2X3_FINAL": "IFC2X3",
    "IFC2X3_TC1": "IFC2X3",
    "IFC2X4": "IFC4",
    "IFC4_ADD1": "IFC4",
    "IFC4_ADD2": "IFC4",
    "IFC4_ADD2_TC1": "IFC4",
    "IFC4X1": "IFC4X3_ADD2",
    "IFC4X1_FINAL": "IFC4X3_ADD2",
    "IFC4X2": "IFC4X3_ADD2",
    "IFC4X3": "IFC4X3_ADD2",
    "IFC4X3_TC1": "IFC4X3_ADD2",
    "IFC4X3_ADD1": "IFC4X3_ADD2",
    "IFC4X3_RC1": "IFC4X3_ADD2",
    "IFC4X3_RC2": "IFC4X3_ADD2",
    "IFC4X3_RC3": "IFC4X3_ADD2",
    "IFC4X3_RC4": "IFC4X3_ADD2",
}

_SAME_MEANING = {"IFC2X3_FINAL", "IFC2X3_TC1", "IFC4_ADD1", "IFC4_ADD2", "IFC4_ADD2_TC1", "IFC4X3", "IFC4X3_TC1"}


def nearest_schema(declared: str) -> str | None:
    """Return the schema this IfcOpenShell reads that fits the declared name best, or None where none does."""
    name = declared.strip().upper()
    return name if name in READABLE else _NEAREST.get(name)


def may_mean_otherwise(declared: str, used: str) -> bool:
    """Return whether a file's records may mean something else under the schema it is read under."""
    name = declared.strip().upper()
    return name not in (used, *_SAME_MEANING)


def schema_warning(declared: str, used: str) -> str | None:
    """Return the sentence for the verdict where a file is read under another name than its own, else None."""
    name = declared.strip().upper()
    if name == used:
        return None
    sentence = f"The file says schema {declared}; it was read as {used}, the nearest schema that can be read."
    if name in _SAME_MEANING:
        return sentence
    return sentence + " Curves and linear placement may mean something else there: check them."
