"""Read suggestions from the current models of a site: by the words of elements, and from surveyed fall edges."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bim.fall_edges.models import FallEdge
from bim.queries import current_revisions
from spatial.control_lists import library
from spatial.control_lists.models import SuggestionVerdict
from spatial.control_lists.rules import EntryData, PlaceData

from .elements import Found, placed_elements
from .suggestion_rules import group_name, rule_for

_MOST = 300


@dataclass(frozen=True)
class Suggestion:
    """A risk point that the model calls for: why, from which template, and where."""

    key: str
    kind: str
    name: str
    because: str
    template: str
    place: PlaceData
    height_m: float

    def as_row(self, list_kind: str, code: str) -> EntryData:
        """Return the suggestion as a new row of a draft."""
        template = next((one for one in library.templates(list_kind) if one.data.name == self.template), None)
        data = library.as_row(template, code=code, over_scale=False) if template else EntryData(code=code, name="")
        return EntryData(
            code=code, name=self.name[:160], columns=data.columns, sources=data.sources, place=self.place
        )  # fmt: skip


def suggestions(site: Any, list_kind: str) -> list[Suggestion]:
    """Return the suggestions for a list that nobody has decided on yet: things by their names, then fall edges."""
    decided = set(SuggestionVerdict.objects.filter(site=site).values_list("key", flat=True))
    found = [*_from_elements(site, list_kind), *_from_edges(site, list_kind)]
    return [one for one in found if one.key not in decided][:_MOST]


def _from_elements(site: Any, list_kind: str) -> Iterator[Suggestion]:
    seen: set[tuple[str, str, Any]] = set()
    rows = placed_elements(site).only(
        "global_id", "name", "type_name", "ifc_class", "footprint", "box_min_z_m", "box_max_z_m", "storey", "revision",
        "local_min_x_m", "local_min_y_m", "local_min_z_m", "local_max_x_m", "local_max_y_m", "local_max_z_m",
    )  # fmt: skip
    for element in rows.iterator(chunk_size=2000):
        rule = rule_for(element.ifc_class, element.name, element.type_name)
        template = (rule.facility if list_kind == "facility" else rule.activity) if rule else ""
        if rule is None or not template:
            continue
        group = (rule.kind, group_name(element.name), element.storey_id if rule.kind != "crane" else None)
        if group in seen:
            continue
        seen.add(group)
        found = Found(element, str(element.revision.model_id))
        where = f" · {element.storey.name}" if element.storey else ""
        yield Suggestion(
            key=f"{list_kind}:{rule.kind}:{element.global_id}",
            kind=rule.kind,
            name=f"{group_name(element.name)}{where}",
            because=f"{element.ifc_class} {element.name}",
            template=template,
            place=found.place(),
            height_m=found.height_m,
        )


def _from_edges(site: Any, list_kind: str) -> Iterator[Suggestion]:
    edges = FallEdge.objects.filter(revision__in=current_revisions(site), decision=FallEdge.Decision.OPEN)
    edges = edges.exclude(geometry=None).select_related("storey", "revision").order_by("-drop_m", "number")
    template = "楼层临边与洞口防护" if list_kind == "facility" else "临边洞口作业"
    for edge in edges:
        host = edge.host_global_ids[0] if edge.host_global_ids else ""
        geometry: Any = edge.geometry
        centre = geometry.centroid
        storey = edge.storey.name if edge.storey else ""
        yield Suggestion(
            key=f"{list_kind}:edge:{host}:{edge.kind}:{centre.x:.6f}:{centre.y:.6f}",
            kind=str(edge.kind),
            name=f"{storey} {edge.get_kind_display()} {edge.number}".strip(),
            because=f"{edge.length_m:.1f} m, ↓ {edge.drop_m:.1f} m",
            template=template,
            place=PlaceData(
                geometry=geometry.ewkt, storey_id=str(edge.storey_id or ""),
                model_id=str(edge.revision.model_id), element_global_id=host, element_name=storey,
            ),
            height_m=edge.drop_m,
        )  # fmt: skip
