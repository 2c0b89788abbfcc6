"""One large IFC2X3 model out of many copies of small real ones, merged as text.

Every copy gets new instance numbers, new GlobalIds and a cell of its own on a grid. There is one project, one
unit assignment, one geometric context of each kind, and one georeferenced site of which the copies' sites are parts.
Sources are in millimetres; the angles of trimmed arcs and revolved solids of one in radians are turned into degrees.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid
import ifcopenshell.util.placement
import ifcopenshell.util.unit

from .step_text import Instance, read_instances, split_arguments

SCHEMA = "IFC2X3"
GAP_MM = 20_000.0
_DEGREE = math.pi / 180
_PARAMETER = re.compile(r"(IFCPARAMETERVALUE\()([^)]+)\)")
_LAST = re.compile(r"(,\s*)([0-9.E+-]+)\s*\)$")
LATITUDE, LONGITUDE = "(34,44,47,0)", "(113,37,30,0)"  # a construction site in Zhengzhou
OWN = 100  # instance numbers up to here are the merged model's own


@dataclass(frozen=True)
class Source:
    """A small model: its instances in order, and where its elements stand (mm): lower corner and extent, x and y."""

    name: str
    instances: tuple[Instance, ...]
    lower: tuple[float, float]
    extent: tuple[float, float]

    def of_class(self, *names: str) -> list[Instance]:
        return [row for row in self.instances if row.ifc_class in names]

    def by_number(self, reference: str) -> Instance:
        """Return the instance that `#number` names."""
        return self.numbered[int(reference[1:])]

    @cached_property
    def numbered(self) -> dict[int, Instance]:
        return {row.number: row for row in self.instances}

    def only(self, name: str) -> Instance:
        rows = self.of_class(name)
        if len(rows) != 1:
            raise ValueError(f"{self.name} has {len(rows)} {name} and not one.")
        return rows[0]


@dataclass(frozen=True)
class Merged:
    """What was written: products (IfcProduct), rooted instances, copies, bytes."""

    products: int
    rooted: int
    copies: int
    file_bytes: int


def read_source(path: Path) -> Source:
    """Read a small model; ValueError where it cannot be merged as it stands."""
    model = ifcopenshell.open(str(path))
    if model.schema != SCHEMA:
        raise ValueError(f"{path.name} is {model.schema} and not {SCHEMA}.")
    units = ifcopenshell.util.unit
    length = units.calculate_unit_scale(model, "LENGTHUNIT")
    angle = units.calculate_unit_scale(model, "PLANEANGLEUNIT")
    if round(length, 9) != 0.001:
        raise ValueError(f"{path.name} is not in millimetres.")
    for context in model.by_type("IfcGeometricRepresentationContext", include_subtypes=False):
        axes = context.WorldCoordinateSystem
        if any(axes.Location.Coordinates) or (axes.RefDirection and axes.RefDirection.DirectionRatios[0] != 1.0):
            raise ValueError(f"{path.name} has a world coordinate system of its own.")
    placed = [row for row in model.by_type("IfcElement") if row.ObjectPlacement]
    at = [ifcopenshell.util.placement.get_local_placement(row.ObjectPlacement)[:2, 3] for row in placed]
    (x, y) = zip(*((float(point[0]), float(point[1])) for point in at), strict=True)
    instances = tuple(read_instances(path.read_text(encoding="latin-1")))
    if round(angle, 6) != round(_DEGREE, 6):
        instances = _in_degrees(instances, model)
    return Source(path.name, instances, (min(x), min(y)), (max(x) - min(x), max(y) - min(y)))


def _in_degrees(instances: tuple[Instance, ...], model: ifcopenshell.file) -> tuple[Instance, ...]:
    """Return the instances of a model in radians with the angles of its trimmed circles in degrees, and so its unit."""
    if model.by_type("IfcSweptDiskSolid"):
        raise ValueError("A model in radians with swept disks is not supported.")
    arcs = {row.id() for row in model.by_type("IfcTrimmedCurve") if row.BasisCurve.is_a("IfcConic")}
    angles = {**dict.fromkeys(arcs, _PARAMETER), **{row.id(): _LAST for row in model.by_type("IfcRevolvedAreaSolid")}}

    [assignment] = model.by_type("IfcUnitAssignment")
    [radian] = [row.id() for row in assignment.Units if getattr(row, "UnitType", "") == "PLANEANGLEUNIT"]
    degree = [row.id() for row in model.by_type("IfcConversionBasedUnit") if row.UnitType == "PLANEANGLEUNIT"]
    if not degree:
        raise ValueError("A model in radians that does not know degrees is not supported.")

    def degrees(match: re.Match[str]) -> str:
        return f"{match[1]}{math.degrees(float(match[2]))!r})"

    def changed(row: Instance) -> Instance:
        if row.number in angles:
            return replace(row, texts=tuple(angles[row.number].sub(degrees, text) for text in row.texts))
        if row.number == assignment.id():
            return replace(row, references=tuple(degree[0] if unit == radian else unit for unit in row.references))
        return row

    return tuple(changed(row) for row in instances)


def write_merged(target: Path, copies: Sequence[Source], seed: int) -> Merged:
    """Write the copies as one model (a source may come several times) and return its counts."""
    cell = [max(source.extent[axis] for source in copies) + GAP_MM for axis in (0, 1)]
    columns = math.ceil(math.sqrt(len(copies)))
    frame = _Frame(seed)
    count = _Count()
    part = target.with_suffix(".part")
    with part.open("w", encoding="latin-1", newline="\n") as file:
        file.write(_HEADER)
        first = OWN + 1
        for number, source in enumerate(copies):
            at = tuple(number % columns * cell[0] if axis == 0 else number // columns * cell[1] for axis in (0, 1))
            shift = (at[0] - source.lower[0], at[1] - source.lower[1])
            copy = _Copy(source, first, frame, f"{seed}/{number}")
            file.writelines(copy.lines(shift, count))
            first = copy.following
        file.writelines(frame.lines())
        file.write("ENDSEC;\nEND-ISO-10303-21;\n")
    part.rename(target)
    return Merged(count.products + 1, count.rooted + len(frame.rooted), len(copies), target.stat().st_size)


@dataclass
class _Count:
    products: int = 0
    rooted: int = 0


@dataclass
class _Frame:
    """What all copies share: project, site, units, contexts; numbers 1 to OWN."""

    seed: int
    owner: int = 0
    units: int = 0
    subcontexts: dict[tuple[str, str, str], int] = field(default_factory=dict)
    sites: list[int] = field(default_factory=list)
    applications: dict[str, int] = field(default_factory=dict)

    PROJECT, SITE, PLACEMENT, MODEL, PLAN, RELATION, PARTS = 1, 2, 3, 4, 5, 6, 7
    rooted = (PROJECT, SITE, RELATION, PARTS)

    def context(self, arguments: list[str]) -> int:
        """Return the shared context for one of a copy's."""
        return self.MODEL if arguments[1].strip("'").lower() == "model" else self.PLAN

    def subcontext(self, arguments: list[str]) -> int:
        """Return the shared subcontext for one of a copy's: one for each identifier, type and view."""
        key = (arguments[0], arguments[1], arguments[8])
        return self.subcontexts.setdefault(key, 20 + len(self.subcontexts))

    def lines(self) -> Iterator[str]:
        guid = {number: global_id(f"{self.seed}/shared/{number}") for number in self.rooted}
        owner = f"#{self.owner}"
        yield "#10=IFCCARTESIANPOINT((0.,0.,0.));\n#11=IFCAXIS2PLACEMENT3D(#10,$,$);\n"
        yield f"#{self.PLACEMENT}=IFCLOCALPLACEMENT($,#11);\n"
        yield f"#{self.MODEL}=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Model',3,1.E-05,#11,$);\n"
        yield f"#{self.PLAN}=IFCGEOMETRICREPRESENTATIONCONTEXT($,'Annotation',3,1.E-05,#11,$);\n"
        for (identifier, kind, view), number in self.subcontexts.items():
            parent = self.MODEL if kind.strip("'").lower() == "model" else self.PLAN
            text = f"({identifier},{kind},*,*,*,*,#{parent},$,{view},$)"
            yield f"#{number}=IFCGEOMETRICREPRESENTATIONSUBCONTEXT{text};\n"
        contexts = f"(#{self.MODEL},#{self.PLAN})"
        project = f"('{guid[self.PROJECT]}',{owner},'Merged',$,$,$,$,{contexts},#{self.units})"
        yield f"#{self.PROJECT}=IFCPROJECT{project};\n"
        site = (
            f"('{guid[self.SITE]}',{owner},'Merged',$,$,#{self.PLACEMENT},$,$,.COMPLEX.,{LATITUDE},{LONGITUDE},0.,$,$)"
        )
        yield f"#{self.SITE}=IFCSITE{site};\n"
        relation = f"('{guid[self.RELATION]}',{owner},$,$,#{self.PROJECT},(#{self.SITE}))"
        yield f"#{self.RELATION}=IFCRELAGGREGATES{relation};\n"
        parts = ",".join(f"#{number}" for number in self.sites)
        yield f"#{self.PARTS}=IFCRELAGGREGATES('{guid[self.PARTS]}',{owner},$,$,#{self.SITE},({parts}));\n"


class _Copy:
    """One source with its numbers moved to `first` and following; its topmost placements are shifted and hang on the
    merged site's."""

    def __init__(self, source: Source, first: int, frame: _Frame, key: str) -> None:
        self.source, self.frame, self.key = source, frame, key
        self.tops = [row for row in source.of_class("IFCLOCALPLACEMENT") if row.arguments[0] == "$"]
        begin = first + 2 * len(self.tops)  # each has a point and an axis placement of its own
        self.shifted = {row.number: first + 2 * index for index, row in enumerate(self.tops)}
        self.numbers = {row.number: begin + index for index, row in enumerate(source.instances)}
        self.following = begin + len(source.instances)
        self.site = source.only("IFCSITE")
        self.frame.sites.append(self.numbers[self.site.number])
        self.dropped: set[int] = set()
        self._share()

    def _share(self) -> None:
        project, units = self.source.only("IFCPROJECT"), self.source.only("IFCUNITASSIGNMENT")
        if not self.frame.units:
            self.frame.units = self.numbers[units.number]
            self.frame.owner = self.numbers[self.source.of_class("IFCOWNERHISTORY")[0].number]
        else:
            self.dropped.add(units.number)
        shared = {project.number: _Frame.PROJECT, units.number: self.frame.units}
        for row in self.source.of_class("IFCGEOMETRICREPRESENTATIONCONTEXT"):
            shared[row.number] = self.frame.context(row.arguments)
        for row in self.source.of_class("IFCGEOMETRICREPRESENTATIONSUBCONTEXT"):
            shared[row.number] = self.frame.subcontext(row.arguments)
        for row in self.source.of_class("IFCAPPLICATION"):  # the schema wants their identifiers unique
            number = self.numbers[row.number]
            if (kept := self.frame.applications.setdefault(row.arguments[3], number)) != number:
                shared[row.number] = kept
        self.dropped |= shared.keys() - {units.number}
        for row in self.source.of_class("IFCRELAGGREGATES"):
            if row.arguments[4] == f"#{project.number}":
                if row.arguments[5] != f"(#{self.site.number})":
                    raise ValueError(f"{self.source.name} has more than its site below its project.")
                self.dropped.add(row.number)
        self.numbers.update(shared)

    def lines(self, shift_mm: tuple[float, float], count: _Count) -> Iterator[str]:
        """Yield the copy's instances, its shifted points and axes first."""
        for row in self.tops:
            yield from self._shifted(row, shift_mm)
        for row in self.source.instances:
            if row.number in self.dropped:
                continue
            body = row.body(self.numbers.__getitem__)
            if row.number in self.shifted:
                body = f"(#{_Frame.PLACEMENT},#{self.shifted[row.number]})"
            kind = kind_of(row.ifc_class)
            if kind != "resource":
                body = _with_global_id(body, global_id(f"{self.key}/{row.number}"))
                count.rooted += 1
                count.products += kind == "product"
            if row is self.site:
                values = split_arguments(body)
                body = (
                    f"({','.join([*values[:9], '$', '$', '$', *values[12:]])})"  # one georeference, the merged site's
                )
            yield f"#{self.numbers[row.number]}={row.ifc_class}{body};\n"

    def _shifted(self, top: Instance, shift_mm: tuple[float, float]) -> Iterator[str]:
        """Yield the axis placement of a topmost placement, moved."""
        number = self.shifted[top.number]
        axes = self.source.by_number(top.arguments[1]).arguments
        point = self.source.by_number(axes[0]).arguments[0]
        x, y, z = (float(value) for value in point.strip("() ").split(","))
        directions = [f"#{self.numbers[int(axis[1:])]}" if axis != "$" else "$" for axis in axes[1:]]
        yield f"#{number}=IFCAXIS2PLACEMENT3D(#{number + 1},{','.join(directions)});\n"
        yield f"#{number + 1}=IFCCARTESIANPOINT(({x + shift_mm[0]!r},{y + shift_mm[1]!r},{z!r}));\n"


def _with_global_id(body: str, given: str) -> str:
    opened = body.index("'")
    closed = body.index("'", opened + 1)
    if closed - opened != 23:
        raise ValueError(f"No GlobalId stands first in {body[:60]!r}.")
    return f"{body[: opened + 1]}{given}{body[closed:]}"


def global_id(key: str) -> str:
    """Return a GlobalId that depends on the key alone."""
    return str(ifcopenshell.guid.compress(hashlib.sha256(key.encode()).hexdigest()[:32]))


@cache
def kind_of(ifc_class: str) -> str:
    """Return `product`, `rooted` (has a GlobalId) or `resource` for a class of the schema."""
    declared: Any = ifcopenshell.schema_by_name(SCHEMA).declaration_by_name(ifc_class)
    above = set()
    while declared is not None:
        above.add(declared.name())
        declared = declared.supertype()
    return "product" if "IfcProduct" in above else "rooted" if "IfcRoot" in above else "resource"


_HEADER = f"""ISO-10303-21;
HEADER;
FILE_DESCRIPTION(('ViewDefinition [CoordinationView]'),'2;1');
FILE_NAME('merged.ifc','2026-01-01T00:00:00',(''),(''),'Twinwall benchmark','Twinwall benchmark','');
FILE_SCHEMA(('{SCHEMA}'));
ENDSEC;
DATA;
"""
