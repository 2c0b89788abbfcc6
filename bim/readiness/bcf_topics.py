"""What is missing as BCF topics: one for each check that lowers a grade, with the elements that fail selected."""

from __future__ import annotations

from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from bim.exchange.bcf.cameras import camera_at, middle_of, reach_of
from bim.exchange.bcf.topics import Camera, Component, ModelFile, Topic, Viewpoint
from bim.models import Element

from .models import ReadinessCheck, ReadinessReport
from .queries import checks_of_report, failing_elements
from .words import CHECK_WORDS, FUNCTION_WORDS

SPACE = UUID("0f0c7c36-6d1b-4bb2-9b8b-0a54a0b6f3d1")
MOST_SELECTED = 500
AUTHOR = "Twinwall"


def topics_of_report(report: ReadinessReport) -> list[Topic]:
    """Return the topics in the language of the reader. A check of a model keeps its topic over all revisions."""
    rows = [row for row in checks_of_report(report) if row.outcome in ("B", "C") and row.identifier in CHECK_WORDS]
    return [_topic(report, row) for row in sorted(rows, key=lambda row: (row.outcome != "C", row.position))]


def _topic(report: ReadinessReport, row: ReadinessCheck) -> Topic:
    revision, words = report.revision, CHECK_WORDS[row.identifier]
    guid = uuid5(SPACE, f"{revision.model_id}:{row.identifier}")
    counted = _("%(failed)s of %(checked)s") % {"failed": row.failed, "checked": row.checked}
    elements = failing_elements(row, MOST_SELECTED) if row.elements else []
    return Topic(
        guid=str(guid),
        title=f"{row.identifier} {words.name}",
        type="Request",
        status="Open",
        priority="High" if row.outcome == "C" else "Normal",
        labels=(str(FUNCTION_WORDS[row.function].name),),
        creation_date=report.finished_at,
        creation_author=AUTHOR,
        description=f"{words.why}\n{words.todo}\n{counted if row.checked else _('none there')}",
        files=(ModelFile(revision.file_name, f"urn:sha256:{revision.file_sha256}", revision.finished_at),),
        viewpoints=(_view(guid, elements, camera),) if (camera := _camera(elements)) else (),
    )


def _view(guid: UUID, elements: list[Element], camera: Camera) -> Viewpoint:
    selected = tuple(Component(element.global_id) for element in elements)
    return Viewpoint(guid=str(uuid5(guid, "view")), selection=selected, camera=camera, index=0)


def _camera(elements: list[Element]) -> Camera | None:
    """Return a camera before the first element with a shape; None without one (3.0 has no view without a camera)."""
    for element in elements:
        if box := element.model_box_m:
            middle = middle_of(box)
            return camera_at(middle, reach_of(middle, box))
    return None
