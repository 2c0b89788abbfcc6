"""Make the next revision of an IFC file with a known change, and say which element became which."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import ifcopenshell.util.placement
import ifcopenshell.util.unit

SPATIAL = ("IfcProject", "IfcSite", "IfcBuilding", "IfcBuildingStorey")


@dataclass
class Truth:
    """{old GlobalId: new GlobalId} of every element that is still there, those deleted, and those changed."""

    became: dict[str, str] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    touched: set[str] = field(default_factory=set)
    steps_m: dict[str, tuple[float, float, float]] = field(default_factory=dict)


def mutate(source: Path, target: Path, kind: str, seed: int = 1, share: float = 0.2) -> Truth:
    """This function will write `source` to `target` with one kind of change and return the truth about it."""
    model = ifcopenshell.open(str(source))
    everyone = [row for row in model.by_type("IfcElement") if not row.is_a("IfcFeatureElement")]
    drawn = [row for row in everyone if row.Representation and row.ObjectPlacement]
    chance = random.Random(seed)
    count = max(1, round(len(drawn) * share))
    chosen = chance.sample(drawn, min(count, len(drawn)))
    truth = Truth(became={row.GlobalId: row.GlobalId for row in everyone}, touched={row.GlobalId for row in chosen})
    CHANGES[kind](model, everyone, chosen, truth, chance)
    model.write(str(target))
    return truth


def reissue(model: Any, rows: list[Any], truth: Truth) -> None:
    """Give rows new GlobalIds, as a tool does that mints them anew on each export."""
    for row in rows:
        was = row.GlobalId
        row.GlobalId = ifcopenshell.guid.new()
        if was in truth.became:
            truth.became[was] = row.GlobalId


def _reissue_all(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    reissue(model, model.by_type("IfcRoot"), truth)


def _move(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    scale = ifcopenshell.util.unit.calculate_unit_scale(model)
    for row in chosen:
        step = (chance.uniform(0.2, 0.6), chance.uniform(0.2, 0.6), 0.0)
        old = row.ObjectPlacement
        matrix = ifcopenshell.util.placement.get_local_placement(old)
        point = [float(matrix[axis, 3] + step[axis] / scale) for axis in range(3)]
        axes = model.create_entity(
            "IfcAxis2Placement3D",
            model.create_entity("IfcCartesianPoint", point),
            model.create_entity("IfcDirection", [float(value) for value in matrix[:3, 2]]),
            model.create_entity("IfcDirection", [float(value) for value in matrix[:3, 0]]),
        )
        row.ObjectPlacement = model.create_entity("IfcLocalPlacement", None, axes)
        truth.steps_m[row.GlobalId] = step


def _reissue_and_move(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    _move(model, everyone, chosen, truth, chance)
    reissue(model, model.by_type("IfcRoot"), truth)


def _rename(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    for row in chosen:
        row.Name = f"renamed {chance.randrange(10**9)}"


def _reissue_and_rename(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    _rename(model, everyone, chosen, truth, chance)
    reissue(model, model.by_type("IfcRoot"), truth)


def _delete(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    """Delete as a tool does: the element goes out of every relation, and relations that are empty go too."""
    for row in chosen:
        truth.deleted.add(row.GlobalId)
        truth.became.pop(row.GlobalId, None)
        _remove(model, row)


def _remove(model: Any, row: Any) -> None:
    for relation in model.get_inverse(row):
        if not relation.is_a("IfcRelationship"):
            continue
        for at, value in enumerate(relation):
            if value == row:
                model.remove(relation)
                break
            if isinstance(value, tuple) and row in value:
                rest = [other for other in value if other != row]
                if rest:
                    relation[at] = rest
                else:
                    model.remove(relation)
                break
    model.remove(row)


def _reissue_and_delete(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    _delete(model, everyone, chosen, truth, chance)
    reissue(model, model.by_type("IfcRoot"), truth)


def _split(model: Any, everyone: list[Any], chosen: list[Any], truth: Truth, chance: Any) -> None:
    """Replace each chosen element by two that share its shape's place, side by side, both with new GlobalIds."""
    for row in chosen:
        truth.deleted.add(row.GlobalId)
        truth.became.pop(row.GlobalId, None)
        values = {name: value for name, value in row.get_info(include_identifier=False).items() if name != "type"}
        for part in ("a", "b"):
            twin = model.create_entity(row.is_a(), **{**values, "GlobalId": ifcopenshell.guid.new()})
            twin.Name = f"{row.Name or ''} {part}".strip()
            for relation in getattr(row, "ContainedInStructure", ()):
                relation.RelatedElements = [*relation.RelatedElements, twin]
        _remove(model, row)


Mutation = Callable[[Any, list[Any], list[Any], Truth, Any], None]
CHANGES: dict[str, Mutation] = {
    "reissue": _reissue_all,
    "move": _move,
    "rename": _rename,
    "delete": _delete,
    "split": _split,
    "reissue and move": _reissue_and_move,
    "reissue and rename": _reissue_and_rename,
    "reissue and delete": _reissue_and_delete,
}
