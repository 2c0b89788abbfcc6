"""`/hazards/<id>/`: one ticket, what happened to it, and the acts that this user may do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from bim.exchange.bcf.models import ImportedComment, ImportedTopic
from spatial.hazards import queries
from spatial.hazards.models import Hazard
from spatial.people.queries import users_on
from spatial.scope import uuid7
from webmap.wording.hazard_words import STEPS, category_label, event_label, state_label

from .act_forms import FORMS, ActForm, perform
from .place_words import describe_place
from .refusals import REFUSALS, refusal_field, refusal_sentence, refusal_status


@dataclass(frozen=True)
class Act:
    """An act that is open to the user now, with its form (bound when it was refused)."""

    event: str
    form: ActForm
    opened: bool


@never_cache
@require_GET
def ticket_page(request: HttpRequest, hazard_id: UUID) -> HttpResponse:
    """Show a ticket; with the header `X-Part: ticket` only its changing part."""
    hazard = find_ticket(request.user, hazard_id)
    template = "pages/hazard_ticket.html" if request.headers.get("X-Part") == "ticket" else "pages/hazard.html"
    return render(request, template, _context(request, hazard))


@require_POST
def do_act(request: HttpRequest, hazard_id: UUID, event: str) -> HttpResponse:
    """Do one act on a ticket; a refused one answers 409 (or 422 at its field) and changes nothing."""
    hazard = find_ticket(request.user, hazard_id)
    form, status = try_act(hazard, event, request)
    if status == 200:
        return redirect("hazard", hazard_id=hazard.id)
    hazard = find_ticket(request.user, hazard_id)
    return render(request, "pages/hazard.html", _context(request, hazard, refused=(event, form)), status=status)


def try_act(hazard: Hazard, event: str, request: HttpRequest) -> tuple[ActForm, int]:
    """This function will try an act with what was posted; returns its form (errors inside) and an HTTP status.

    Times without a zone are the site's. Raises Http404 for an event that has no form.
    """
    if event not in FORMS:
        raise Http404
    with timezone.override(hazard.site.time_zone):
        form = act_form(event, hazard, data=request.POST, files=request.FILES)
        if not form.is_valid():
            return form, 422
    try:
        perform(event, hazard=hazard, form=form, actor=request.user, now=timezone.now())
    except REFUSALS as error:
        form.add_error(refusal_field(error, form), refusal_sentence(error))
        return form, refusal_status(error)
    return form, 200


def find_ticket(user: Any, hazard_id: UUID) -> Hazard:
    """Return a ticket that the user may see. Raises Http404 for any other, whether it exists or not."""
    rows = queries.visible(user).select_related(
        "site__organisation", "anchor__storey", "reporter", "rectifier", "rechecker", "acceptance_person"
    )
    return get_object_or_404(rows, id=hazard_id)


def act_form(event: str, hazard: Hazard, *, data: Any = None, files: Any = None) -> ActForm:
    """Return the form of an act on a ticket, with the people of its site to choose from."""
    form_class = FORMS[event]
    people = users_on(hazard.site) if form_class.needs_people else None
    initial = {"client_event_id": str(uuid7())}
    return form_class(data, files, people=people, initial=initial, prefix=None, auto_id=f"id_{event}_%s")


def _context(request: HttpRequest, hazard: Hazard, refused: tuple[str, ActForm] | None = None) -> dict[str, Any]:
    now = timezone.now()
    events = [event for event in queries.next_events(hazard, request.user, now=now) if event in FORMS]
    forms = [(event, act_form(event, hazard)) for event in events]
    acts = [Act(event, form, opened=form.main and len(events) == 1) for event, form in forms]
    acts.sort(key=lambda act: not act.form.main)
    if refused:
        acts = [Act(refused[0], refused[1], opened=True), *(a for a in acts if a.event != refused[0])]
    steps = list(hazard.transitions.select_related("actor").order_by("received_at"))
    overdue = queries.is_overdue(hazard, now)
    return {
        "site": hazard.site,
        "hazard": hazard,
        "state": state_label(hazard.state),
        "category": category_label(hazard.category),
        "acts": acts,
        "refused": refused is not None,
        "steps": [(step, event_label(step.event), state_label(step.to_state)) for step in reversed(steps)],
        "photos": [
            (label, [photo for photo in hazard.photos.all().order_by("received_at") if photo.step == step])
            for step, label in STEPS.items()
        ],
        "bcf_topic": (topic := ImportedTopic.objects.filter(hazard=hazard).first()),
        "bcf_view": viewpoint_query(hazard, topic),
        "bcf_comments": list(ImportedComment.objects.filter(hazard=hazard).select_related("source")),
        "overdue": overdue,
        "overdue_days": queries.overdue_days(hazard, now) if overdue else 0,
        "place": _place(hazard, now),
        "point": hazard.anchor.geometry.centroid,
        "now": now,
    }


def viewpoint_query(hazard: Hazard, topic: ImportedTopic | None) -> str:
    """Return what the 3D page's address asks for to show a topic's viewpoint and element, "" without one."""
    if topic is None or not topic.viewpoint:
        return ""
    numbers = [*topic.viewpoint["position"], *topic.viewpoint["target"]]
    query = {"camera": ",".join(f"{value:.8f}" for value in numbers), "viewpoint": str(hazard.pk)}
    if hazard.anchor.element_global_id:
        query |= {"model": str(hazard.anchor.model_id), "element": hazard.anchor.element_global_id}
    return urlencode(query, safe=",")


def _place(hazard: Hazard, now: Any) -> Any:
    anchor = hazard.anchor
    point = anchor.geometry if anchor.geometry.geom_type == "Point" else anchor.geometry.centroid
    return describe_place(
        hazard.site,
        lon=point.x,
        lat=point.y,
        height_m=point.z if point.hasz else hazard.site.ground_height_m,
        storey=anchor.storey,
        model_id=anchor.model_id,
        element_global_id=anchor.element_global_id,
        now=now,
    )
