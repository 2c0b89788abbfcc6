"""The findings of a check as BCF topics: one for each requirement that something fails, its elements selected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from bim.exchange.bcf.cameras import camera_at, middle_of, reach_of
from bim.exchange.bcf.topics import Camera, Component, ModelFile, Topic, Viewpoint
from bim.models import Element

from .models import Check, Finding
from .queries import findings_of
from .words import applicability_words, reason_words, requirement_words

MOST_SELECTED: Final = 300
MOST_NAMED: Final = 20
LONGEST_TITLE: Final = 120
SPACE: Final = UUID("3f7c6f0b-0d53-4c9a-9a53-7b1d6c0e58b4")


def topics_of_check(check: Check) -> list[Topic]:
    """Return a topic per failed requirement, in the IDS's order; the same check gives the same GUIDs.

    At most MOST_SELECTED elements are selected in a topic, and its description says how many there are.
    """
    return [_topic(check, at, position) for at, position in _failed(check)]


def _failed(check: Check) -> Iterator[tuple[int, int]]:
    for at, result in enumerate(check.results):
        for position, requirement in enumerate(result["requirements"]):
            if requirement["failed"]:
                yield at, position


def _topic(check: Check, at: int, position: int) -> Topic:
    asked = check.document.content["specifications"][at]
    requirement = check.results[at]["requirements"][position]
    sentence = requirement_words(requirement["kind"], requirement["facet"])
    rows = findings_of(check).filter(specification=at, requirement=position)
    selected = list(dict.fromkeys(rows.exclude(global_id="").values_list("global_id", flat=True)))
    shown = selected[:MOST_SELECTED]
    guid = uuid5(SPACE, f"{check.pk}/{at}/{position}")
    author = _author(check.started_by)
    return Topic(
        guid=str(guid),
        title=f"{asked['name']}: {sentence}"[:LONGEST_TITLE],
        type="IDS",
        status="Open",
        priority="Medium",
        labels=(check.document.title,),
        creation_date=check.finished_at or datetime.now().astimezone(),
        creation_author=author,
        description=_description(check, asked, requirement, sentence, list(rows[:MOST_NAMED]), len(shown)),
        files=(
            ModelFile(
                name=check.revision.file_name, reference=f"urn:sha256:{check.revision.file_sha256}",
                date=check.revision.finished_at,
            ),
        ),
        viewpoints=(
            Viewpoint(
                guid=str(uuid5(guid, "view")),
                selection=tuple(Component(global_id) for global_id in shown),
                camera=_camera(check, shown),
            ),
        ),
    )  # fmt: skip


def _description(
    check: Check, asked: dict[str, Any], requirement: dict[str, Any], sentence: str, rows: list[Finding], shown: int
) -> str:
    lines = [
        f"{check.document.title} {check.document.version}".strip(),
        _("Applies to: %(what)s") % {"what": applicability_words(asked["applicability"])},
        _("Requirement: %(what)s") % {"what": sentence},
        _("%(failed)d of %(all)d fail; %(shown)d are selected here.")
        % {"failed": requirement["failed"], "all": requirement["failed"] + requirement["passed"], "shown": shown},
    ]
    for row in rows:
        reason = reason_words(row.reason, row.actual, row.expected, requirement["kind"])
        lines.append(f"- {row.ifc_class} {row.name} {row.global_id}: {reason}")
    if requirement["failed"] > len(rows):
        lines.append("…")
    return "\n".join(lines)


def _author(user: Any) -> str:
    return (getattr(user, "email", "") or str(user)) if user is not None else "Twinwall"


def _camera(check: Check, global_ids: list[str]) -> Camera | None:
    """Return a camera on the box of the selected elements, None where none of them has a shape."""
    found = Element.objects.filter(revision=check.revision, global_id__in=global_ids).exclude(model_box_m=None)
    boxes = [list(box) for box in found.values_list("model_box_m", flat=True) if box is not None]
    if not boxes:
        return None
    around = [min(box[axis] for box in boxes) for axis in range(3)] + [
        max(box[axis] for box in boxes) for axis in (3, 4, 5)
    ]
    middle = middle_of(around)
    return camera_at(middle, reach_of(middle, around))
