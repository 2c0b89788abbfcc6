"""The one object that an import answers with, on the command line and in `Revision.verdict`."""

from __future__ import annotations

from typing import Any, TypedDict

IMPORTED, IMPORTED_WITH_GAPS, REFUSED = "imported", "imported_with_gaps", "refused"


class Gap(TypedDict):
    """An element with a body that no engine could mesh."""

    global_id: str
    ifc_class: str
    reason: str


class Verdict(TypedDict):
    """What became of a file. `reason` says why it was refused, or what an importer should know of a file it took."""

    verdict: str
    schema: str | None
    elements: int
    meshed: int
    gaps: list[Gap]
    storeys: int
    georeference: dict[str, Any]
    tileset: str | None
    seconds: float
    reason: str | None


def verdict_of_result(result: dict[str, Any], tileset: str, seconds: float) -> Verdict:
    """Return the verdict of a pipeline result (result.json)."""
    gaps = [Gap(global_id=g["global_id"], ifc_class=g["ifc_class"], reason=g["reason"]) for g in result["gaps"]]
    return Verdict(
        verdict=IMPORTED_WITH_GAPS if gaps else IMPORTED,
        schema=result["schema"],
        elements=result["elements"],
        meshed=result["meshed"],
        gaps=gaps,
        storeys=len(result["storeys"]),
        georeference=result["georeference"],
        tileset=tileset,
        seconds=round(seconds, 3),
        reason=" ".join(result["warnings"]) or None,
    )


def refusal_verdict(reason: str, seconds: float) -> Verdict:
    """Return the verdict of a file that was not imported: nothing of it is kept."""
    return Verdict(
        verdict=REFUSED, schema=None, elements=0, meshed=0, gaps=[], storeys=0, georeference={"placed": False},
        tileset=None, seconds=round(seconds, 3), reason=reason,
    )  # fmt: skip


def verdict_of_row(stored: dict[str, Any]) -> Verdict:
    """Return a verdict that was kept in the database (which forgets the order of keys) as it was given first."""
    return Verdict(**{key: stored[key] for key in Verdict.__annotations__})  # type: ignore[typeddict-item]
