"""`/sites/{code}/hazards`, `/hazards/{id}`: tickets and the acts on them.

Acts and reports are multipart forms (photos come as `photos`, several times). `client_event_id` makes a repeated
request harmless: it answers the same ticket and changes nothing. A step that the transition table does not allow
answers 409 with the reason, a person who may not 403, a value that cannot be taken 422 with its `field`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from bim.exchange.bcf.models import ImportedTopic
from spatial.hazards import queries
from spatial.hazards.models import Hazard, Photo
from spatial.people.queries import roles_on, users_on
from webmap.access import visible_site
from webmap.pages.hazards.act_forms import FORMS
from webmap.pages.hazards.refusals import REFUSALS, refusal_field, refusal_sentence, refusal_status
from webmap.pages.hazards.report_form import ReportForm
from webmap.pages.hazards.report_page import submit_report
from webmap.pages.hazards.ticket_list import is_mine
from webmap.pages.hazards.ticket_page import find_ticket, try_act
from webmap.wording.hazard_words import FINISHED, event_label, state_label

router = Router(tags=["hazards"])


class PersonOut(Schema):
    id: UUID
    name: str


class AssignableOut(PersonOut):
    """Somebody who may be named on a ticket of the site, with the roles that reach it."""

    roles: list[str]


class HazardOut(Schema):
    """A ticket; the place in degrees of EPSG:4490 and Yellow Sea metres."""

    id: UUID
    number: str
    state: str
    state_text: str
    level: str
    category: str
    description: str
    deadline: datetime | None
    overdue: bool
    overdue_days: int
    found_at: datetime
    received_at: datetime
    closed_at: datetime | None
    lon: float
    lat: float
    h: float | None
    storey: str
    model_id: UUID | None
    global_id: str
    reporter: PersonOut | None
    rectifier: PersonOut | None
    rechecker: PersonOut | None
    acceptance_person: PersonOut | None
    rule_edition: str
    url: str


class PhotoOut(Schema):
    id: UUID
    step: str
    url: str
    thumbnail_url: str
    taken_at: datetime | None
    flagged: str


class StepOut(Schema):
    """One transition: `occurred_at` by the client's clock, `received_at` by the server's."""

    transition: str
    event: str
    event_text: str
    from_state: str
    to_state: str
    actor: str
    text: str
    occurred_at: datetime
    received_at: datetime


class TicketOut(HazardOut):
    """A ticket in full, with the acts that are open to the asking user now."""

    measure: str
    next_events: list[str]
    photos: list[PhotoOut]
    steps: list[StepOut]


class RefusalOut(Schema):
    detail: str
    field: str = ""


REFUSED = {403: RefusalOut, 409: RefusalOut, 422: RefusalOut}


@router.get("/sites/{code}/hazards", response=list[HazardOut], summary="Tickets of a site, newest first")
def list_hazards(
    request: HttpRequest,
    code: str,
    state: str = Query("open", description="open, all, or one state"),
    overdue: bool = False,
    mine: bool = False,
) -> list[HazardOut]:
    site, now = visible_site(request.user, code), timezone.now()
    rows = _related(queries.visible(request.user).filter(site=site)).order_by("-received_at")
    if state == "open":
        rows = rows.exclude(state__in=FINISHED)
    elif state != "all":
        rows = rows.filter(state=state)
    found = [row for row in rows if not mine or is_mine(row, request.user)]
    return [HazardOut(**_facts(row, now)) for row in found if not overdue or queries.is_overdue(row, now)]


@router.post("/sites/{code}/hazards", response={201: TicketOut, **REFUSED}, summary="Report a hazard (multipart)")
def report(request: HttpRequest, code: str) -> Status:
    """Fields: photos (1 to 9), description, category, lon, lat, height_m?, storey?, model_id?, element_global_id?,
    found_at?, client_event_id."""
    site = visible_site(request.user, code)
    form = ReportForm(request.POST, request.FILES, site=site)
    if not form.is_valid():
        return Status(422, _first_error(form))
    try:
        hazard = submit_report(form, actor=request.user)
    except REFUSALS as error:
        field = refusal_field(error, form) or ""
        return Status(refusal_status(error), RefusalOut(detail=refusal_sentence(error), field=field))
    return Status(201, _ticket(request, hazard.id))


@router.get("/sites/{code}/assignable", response=list[AssignableOut], summary="Who may be named on a ticket")
def list_assignable(request: HttpRequest, code: str) -> list[AssignableOut]:
    site = visible_site(request.user, code)
    return [AssignableOut(id=user.pk, name=str(user), roles=sorted(roles_on(user, site))) for user in users_on(site)]


@router.get("/hazards/{hazard_id}", response=TicketOut, summary="One ticket in full")
def read_hazard(request: HttpRequest, hazard_id: UUID) -> TicketOut:
    return _ticket(request, hazard_id)


class ViewpointOut(Schema):
    """What the 3D page shows of the viewpoint that a ticket came in with: GlobalIds of selected elements; everything is
    visible, or nothing is, but for the exceptions; the height (Yellow Sea m) above which the models are cut away."""

    selection: list[str]
    visible: bool
    exceptions: list[str]
    cut_height_m: float | None
    planes_left_out: int
    left_out: int


@router.get("/hazards/{hazard_id}/viewpoint", response=ViewpointOut, summary="What a ticket's BCF viewpoint shows")
def read_viewpoint(request: HttpRequest, hazard_id: UUID) -> ViewpointOut:
    hazard = get_object_or_404(queries.visible(request.user), id=hazard_id)
    view = get_object_or_404(ImportedTopic, hazard=hazard).viewpoint
    return ViewpointOut(
        selection=view.get("selection", []),
        visible=view.get("visible", True),
        exceptions=view.get("exceptions", []),
        cut_height_m=view.get("cut_height_m"),
        planes_left_out=view.get("planes_left_out", 0),
        left_out=view.get("left_out", 0),
    )


Act = Literal[
    "approve_general", "return", "void", "resubmit", "submit_fix", "request_extension", "approve_extension",
    "reject_extension", "reassign", "recheck_pass", "recheck_fail", "review_close", "review_reject", "auto_close",
]  # fmt: skip
assert set(Act.__args__) == set(FORMS)  # type: ignore[attr-defined]


@router.post("/hazards/{hazard_id}/acts/{event}", response={200: TicketOut, **REFUSED}, summary="Do an act")
def act(request: HttpRequest, hazard_id: UUID, event: Act) -> Status:
    """The fields are those of the act's form on the ticket's page, and client_event_id."""
    hazard = find_ticket(request.user, hazard_id)
    form, status = try_act(hazard, event, request)
    if status != 200:
        return Status(status, _first_error(form))
    return Status(200, _ticket(request, hazard_id))


def _first_error(form: Any) -> RefusalOut:
    field, errors = next(iter(form.errors.items()))
    return RefusalOut(detail=str(errors[0]), field="" if field == "__all__" else field)


def _related(rows: Any) -> Any:
    return rows.select_related(
        "anchor__storey", "reporter", "rectifier", "rechecker", "acceptance_person", "rule_edition"
    ).defer("rule_edition__tables")


def _facts(row: Hazard, now: datetime) -> dict[str, Any]:
    anchor, point = row.anchor, row.anchor.geometry.centroid
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "state_text": str(state_label(row.state)),
        "level": row.level,
        "category": row.category,
        "description": row.description,
        "deadline": row.deadline,
        "overdue": queries.is_overdue(row, now),
        "overdue_days": queries.overdue_days(row, now),
        "found_at": row.found_at,
        "received_at": row.received_at,
        "closed_at": row.closed_at,
        "lon": point.x,
        "lat": point.y,
        "h": anchor.geometry.z if anchor.geometry.geom_type == "Point" else None,
        "storey": anchor.storey.name if anchor.storey else "",
        "model_id": anchor.model_id,
        "global_id": anchor.element_global_id,
        "rule_edition": str(row.rule_edition),
        "url": f"/hazards/{row.id}/",
        **{
            name: PersonOut(id=person.pk, name=str(person)) if (person := getattr(row, name)) else None
            for name in ("reporter", "rectifier", "rechecker", "acceptance_person")
        },
    }


def _ticket(request: HttpRequest, hazard_id: UUID) -> TicketOut:
    row, now = find_ticket(request.user, hazard_id), timezone.now()
    steps = row.transitions.select_related("actor").order_by("received_at")
    return TicketOut(
        **_facts(row, now),
        measure=row.measure,
        next_events=queries.next_events(row, request.user, now=now),
        photos=[_photo(photo) for photo in row.photos.order_by("received_at")],
        steps=[
            StepOut(
                transition=step.transition,
                event=step.event,
                event_text=str(event_label(step.event)),
                from_state=step.from_state,
                to_state=step.to_state,
                actor=str(step.actor or ""),
                text=step.text,
                occurred_at=step.occurred_at,
                received_at=step.received_at,
            )
            for step in steps
        ],
    )


def _photo(photo: Photo) -> PhotoOut:
    address = f"/photos/{photo.id}/"
    return PhotoOut(
        id=photo.id,
        step=photo.step,
        url=address,
        thumbnail_url=f"{address}?size=thumbnail",
        taken_at=photo.taken_at,
        flagged=photo.flagged,
    )
