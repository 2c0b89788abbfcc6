"""Tickets as BCF topics."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO
from uuid import UUID, uuid5

from PIL import Image, ImageOps, UnidentifiedImageError

from bim.ifc.placements import Candidate
from bim.models import Revision
from bim.queries import current_revisions, element_by_global_id
from spatial.hazards.models import Hazard, Photo
from spatial.media import BlobMissing, open_blob

from .cameras import UNSEEN_REACH_M, camera_at, middle_of, model_point, reach_of
from .models import ImportedComment, ImportedTopic
from .topics import Comment, Component, ModelFile, Topic, Viewpoint

LONGEST_TITLE = 120
WIDEST_SNAPSHOT_PX = 1_600
GRADE_PRIORITIES = {1: "Critical", 2: "High", 3: "Medium", 4: "Low"}
VIEW_SPACE = UUID("6f2a7d0e-54a2-4d5c-9f0e-2b8c1d7e9a31")


def topics_of(hazards: Iterable[Hazard], *, snapshot_px: int = WIDEST_SNAPSHOT_PX) -> list[Topic]:
    """Return a topic per ticket, ordered by number; the largest side of a snapshot is given in pixels."""
    return [topic_of(hazard, snapshot_px=snapshot_px) for hazard in sorted(hazards, key=lambda row: row.number)]


def topic_of(hazard: Hazard, *, snapshot_px: int = WIDEST_SNAPSHOT_PX) -> Topic:
    """Return a ticket as a topic: with its steps and the comments of other tools."""
    revision = _revision_of(hazard)
    first_line = hazard.description.strip().splitlines()[0]
    labels = [hazard.category, str(hazard.anchor.storey or "")]
    return Topic(
        guid=guid_of_ticket(hazard),
        title=f"{hazard.number} {first_line}"[:LONGEST_TITLE],
        type="Major hazard" if hazard.level == Hazard.Level.MAJOR else "Hazard",
        status=hazard.state.replace("_", " ").capitalize(),
        priority=_priority(hazard),
        labels=tuple(dict.fromkeys(label for label in labels if label)),
        creation_date=hazard.found_at,
        creation_author=_author(hazard.reporter),
        due_date=hazard.deadline,
        assigned_to=_author(hazard.rectifier) if hazard.rectifier else "",
        description=hazard.description,
        files=(_file(revision),) if revision else (),
        comments=_comments(hazard),
        viewpoints=(_viewpoint(hazard, revision, snapshot_px),),
    )


def guid_of_ticket(hazard: Hazard) -> str:
    """Return the GUID of a ticket's topic: the one it came with, else the ticket's id."""
    came = ImportedTopic.objects.filter(hazard=hazard).values_list("guid", flat=True).first()
    return str(came or hazard.id)


def _comments(hazard: Hazard) -> tuple[Comment, ...]:
    """Return a ticket's steps and the comments that came with BCF files, by time."""
    steps = hazard.transitions.select_related("actor").order_by("received_at", "id")
    made = [
        Comment(str(step.id), step.received_at, _author(step.actor), f"[{step.event}] {step.text}".strip())
        for step in steps
    ]
    came = ImportedComment.objects.filter(hazard=hazard)
    made += [Comment(str(one.guid), one.date, one.author, one.text) for one in came]
    return tuple(sorted(made, key=lambda one: one.date))


def _priority(hazard: Hazard) -> str:
    """Return the priority: critical for a major hazard, else by the residual grade of its risk point."""
    if hazard.level == Hazard.Level.MAJOR:
        return "Critical"
    grade = hazard.risk_point.residual_grade if hazard.risk_point else None
    return GRADE_PRIORITIES.get(grade or 0, "Medium")


def _author(user: object) -> str:
    if user is None:
        return "Twinwall"
    return getattr(user, "email", "") or str(user) or "Twinwall"


def _revision_of(hazard: Hazard) -> Revision | None:
    """Return the current revision of the model that the ticket stands on; else the site's only placed one."""
    anchor = hazard.anchor
    current = list(current_revisions(hazard.site))
    if anchor.model_id:
        return next((row for row in current if row.model_id == anchor.model_id), None)
    placed = [row for row in current if _candidate(row)]
    return placed[0] if len(placed) == 1 else None


def _file(revision: Revision) -> ModelFile:
    return ModelFile(
        name=revision.file_name,
        reference=f"urn:sha256:{revision.file_sha256}",
        date=revision.finished_at,
    )


def _candidate(revision: Revision) -> Candidate | None:
    data = (revision.georeference or {}).get("candidate") if revision.placed else None
    return Candidate.from_json(data) if data else None


def _viewpoint(hazard: Hazard, revision: Revision | None, snapshot_px: int) -> Viewpoint:
    anchor = hazard.anchor
    element = None
    if revision and anchor.element_global_id:
        element = element_by_global_id(revision, anchor.element_global_id)
    camera = None
    candidate = _candidate(revision) if revision else None
    if candidate:
        centre = anchor.geometry.centroid
        heights = [point[2] for point in _points(anchor.geometry.coords) if len(point) > 2]
        height = sum(heights) / len(heights) if heights else hazard.site.ground_height_m or 0.0
        target = model_point(candidate, centre.x, centre.y, height)
        box = element.model_box_m if element else None
        camera = camera_at(target, reach_of(target, box) if box else UNSEEN_REACH_M)
    elif element and element.model_box_m:
        middle = middle_of(element.model_box_m)
        camera = camera_at(middle, reach_of(middle, element.model_box_m))
    return Viewpoint(
        guid=str(uuid5(VIEW_SPACE, str(hazard.id))),
        selection=(Component(anchor.element_global_id),) if anchor.element_global_id else (),
        camera=camera,
        snapshot=_snapshot(hazard, snapshot_px),
        index=0,
    )


def _points(coordinates: tuple) -> list[tuple[float, ...]]:
    if coordinates and isinstance(coordinates[0], int | float):
        return [coordinates]
    return [point for part in coordinates for point in _points(part)]


def _snapshot(hazard: Hazard, largest_px: int) -> bytes:
    """Return the ticket's first photo as PNG without its metadata, b"" where there is none to be read."""
    photo = hazard.photos.filter(step=Photo.Step.BEFORE).order_by("received_at", "id").first()
    if photo is None:
        return b""
    try:
        with open_blob(photo.sha256) as blob, Image.open(blob) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (BlobMissing, UnidentifiedImageError, OSError):
        return b""
    upright.thumbnail((largest_px, largest_px))
    content = BytesIO()
    Image.frombytes("RGB", upright.size, upright.tobytes()).save(content, "PNG")
    return content.getvalue()
