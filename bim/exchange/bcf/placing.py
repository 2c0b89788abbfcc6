"""Where a topic is on a site: at its first element that stands in a model, else at what its camera looks at."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal
from uuid import UUID

import numpy as np
from django.contrib.gis.geos import Point

from bim.ifc.placements import Candidate
from bim.models import Element, Revision
from bim.pipeline.placing import to_geodetic
from bim.queries import current_revisions
from spatial.places.models import Site, Storey
from spatial.places.queries import storey_at

from .cameras import middle_of
from .showing import shown_of
from .topics import Camera, OrthogonalCamera, Topic, Vector

SEEN_AT_M: Final = 5.0
FARTHEST_SEEN_M: Final = 300.0
NOT_SEEN: Final = ("IfcSpace", "IfcSite", "IfcBuilding", "IfcBuildingStorey", "IfcOpeningElement", "IfcProject")
LonLatHeight = tuple[float, float, float]


@dataclass(frozen=True)
class TopicPlace:
    """A place on the map (EPSG:4490 degrees, Yellow Sea metres), found by an element or by a camera's view."""

    lon: float
    lat: float
    height_m: float
    how: Literal["element", "view"]
    storey: Storey | None
    inside_site: bool
    model_id: UUID | None = None
    element_global_id: str = ""
    element_name: str = ""


class SiteModels:
    """The models that stand on a site now, and where their coordinates are on the map."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.revisions = list(current_revisions(site))
        self._boxes: dict[UUID, np.ndarray] = {}
        self._elements: dict[str, list[Element]] = {}

    def load(self, topics: Sequence[Topic]) -> None:
        """This function will look up every component that these topics point at."""
        views = [view for topic in topics for view in topic.viewpoints]
        wanted = {one for view in views for one in view.global_ids()}
        wanted |= {one.global_id for view in views if view.visibility for one in view.visibility.exceptions}
        rows = Element.objects.filter(revision__in=self.revisions, global_id__in=wanted).defer("properties")
        for element in rows.select_related("revision").order_by("index"):
            self._elements.setdefault(element.global_id, []).append(element)

    def elements(self, topic: Topic) -> list[Element]:
        """Return the elements of the models that a topic points at, in its order; one per GlobalId."""
        asked = dict.fromkeys(one for view in topic.viewpoints for one in view.global_ids())
        return [self._elements[one][0] for one in asked if one in self._elements]

    def place(self, topic: Topic) -> TopicPlace | None:
        """Return where a topic is; None where neither an element nor a camera tells."""
        for element in self.elements(topic):
            box, candidate = element.model_box_m, _candidate(element.revision)
            if box and candidate:
                return self._at(to_map(candidate, middle_of(box)), element)
        found = self.seen(topic)
        return self._at(found[1], None) if found else None

    def seen(self, topic: Topic) -> tuple[LonLatHeight, LonLatHeight] | None:
        """Return where a topic's first camera stands and the point that it looks at, on the map."""
        revision = self._revision_of(topic)
        cameras = [view.camera or view.orthogonal for view in topic.viewpoints]
        camera = next((camera for camera in cameras if camera), None)
        candidate = _candidate(revision) if revision else None
        if revision is None or candidate is None or camera is None or not any(camera.direction):
            return None
        return to_map(candidate, camera.position), to_map(candidate, self._target(revision, camera))

    def shown(self, topic: Topic) -> dict[str, Any]:
        """Return what the 3D page can show of a topic's viewpoint beside its camera; {} where no model tells."""
        revision = self._revision_of(topic)
        candidate = _candidate(revision) if revision else None
        return shown_of(topic, candidate, self._elements) if candidate else {}

    def _revision_of(self, topic: Topic) -> Revision | None:
        """Return the placed revision that a topic's cameras are in: by its elements, by its files, else the only one.

        A topic that names components, none of which is here, talks of another model: it is in none.
        """
        placed = [revision for revision in self.revisions if _candidate(revision)]
        for element in self.elements(topic):
            if element.revision in placed:
                return element.revision
        for revision in placed:
            if _is_named(revision, topic):
                return revision
        elsewhere = any(view.global_ids() for view in topic.viewpoints)
        return placed[0] if len(placed) == 1 and not elsewhere else None

    def has_files_of(self, topic: Topic) -> bool:
        """Return whether a topic is about models that are here: by its elements or its files, or as it names none."""
        if self.elements(topic) or not topic.files:
            return True
        return any(_is_named(revision, topic) for revision in self.revisions)

    def _target(self, revision: Revision, camera: Camera | OrthogonalCamera) -> Vector:
        """Return where the middle of the picture meets the box of an element, else the point 5 m in front."""
        if revision.pk not in self._boxes:
            rows = revision.elements.exclude(model_box_m=None).exclude(ifc_class__in=NOT_SEEN)
            self._boxes[revision.pk] = np.array(list(rows.values_list("model_box_m", flat=True)), float).reshape(-1, 6)
        start, direction = np.array(camera.position), np.array(camera.direction, float)
        direction /= np.linalg.norm(direction)
        x, y, z = start + direction * first_hit(self._boxes[revision.pk], start, direction)
        return float(x), float(y), float(z)

    def _at(self, where: LonLatHeight, element: Element | None) -> TopicPlace:
        lon, lat, height_m = where
        inside = self.site.boundary is None or self.site.boundary.intersects(Point(lon, lat, srid=4490))
        named: dict[str, Any] = {"how": "view"}
        if element is not None:
            named = {
                "how": "element",
                "model_id": element.revision.model_id,
                "element_global_id": element.global_id,
                "element_name": element.name,
            }
        return TopicPlace(lon, lat, height_m, storey=storey_at(self.site, height_m), inside_site=inside, **named)


def first_hit(boxes: np.ndarray, start: np.ndarray, direction: np.ndarray) -> float:
    """Return how far (m) a ray runs to the first box (n, 6) that it enters from outside; 5 m where it meets none."""
    if len(boxes) == 0:
        return SEEN_AT_M
    with np.errstate(divide="ignore", invalid="ignore"):
        near = (boxes[:, :3] - start) / direction
        far = (boxes[:, 3:] - start) / direction
    enters = np.nanmax(np.minimum(near, far), axis=1)
    leaves = np.nanmin(np.maximum(near, far), axis=1)
    met = enters[(enters > 0) & (enters <= leaves) & (enters <= FARTHEST_SEEN_M)]
    return float(met.min()) if len(met) else SEEN_AT_M


def to_map(candidate: Candidate, point: Vector) -> LonLatHeight:
    """Return longitude, latitude (CGCS2000 degrees) and height (Yellow Sea m) of a point in the model's metres."""
    lon, lat, height = to_geodetic(candidate, np.array([point], float))[0]
    return float(lon), float(lat), float(height)


def _candidate(revision: Revision) -> Candidate | None:
    data = (revision.georeference or {}).get("candidate") if revision.placed else None
    return Candidate.from_json(data) if data else None


def _is_named(revision: Revision, topic: Topic) -> bool:
    """Return whether a topic names a revision's file, by its hash or by its name."""
    hashes = {file.reference.removeprefix("urn:sha256:") for file in topic.files}
    names = {_stem(name) for file in topic.files for name in (file.name, file.reference)} - {""}
    return revision.file_sha256 in hashes or _stem(revision.file_name) in names


def _stem(name: str) -> str:
    """Return a file's name without folders and ending, in small letters."""
    return posixpath.splitext(posixpath.basename(name.replace("\\", "/")))[0].casefold()
