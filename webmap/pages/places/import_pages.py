"""`/places/import/`: a file of places is sent, previewed with its columns and coordinates, imported with consent."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from ingest.vectors.places.headings import COLUMNS, guess_columns
from ingest.vectors.places.operations import (
    Answers,
    ImportRefused,
    import_places,
    keep_file,
    mapped_columns,
    preview,
    table_of,
)
from ingest.vectors.places.plan import Plan
from ingest.vectors.places.problems import FieldRefused, FileRefused
from ingest.vectors.places.reach import kinds_for, may_change_structure, structure_sites
from ingest.vectors.places.tables import MAX_BYTES, Table
from spatial.places.models import PlaceFile

from . import words
from .shapes import preview_shapes

SHOWN: Final = 200
SITES_OFFERED: Final = 300
MAP_SETTINGS: Final = {"MIN_ZOOM": 3, "MAX_ZOOM": 22}


class SendForm(forms.Form):
    """Which file, and what is in it."""

    kind = forms.ChoiceField(label=gettext_lazy("What is in the file"))
    site = forms.CharField(
        label=gettext_lazy("Site"),
        required=False,
        widget=forms.TextInput(attrs={"list": "structure-sites", "autocomplete": "off"}),
        help_text=gettext_lazy("The code of the site whose buildings, storeys and spaces these are."),
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("GeoPackage, GeoJSON, shapefile (zip), Excel (.xlsx) or CSV, up to 50 MB."),
        widget=forms.FileInput(attrs={"accept": ".gpkg,.geojson,.json,.zip,.xlsx,.csv"}),
    )

    def __init__(self, *args: Any, user: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        labels = dict(PlaceFile.Kind.choices)
        self.user = user
        self.fields["kind"].choices = [(kind, labels[kind]) for kind in kinds_for(user)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") == PlaceFile.Kind.STRUCTURE:
            site = structure_sites(self.user).filter(code=(given.get("site") or "").strip()).first()
            if site is None:
                self.add_error("site", _("Choose the site whose buildings these are."))
            given["site"] = site
        else:
            given["site"] = None
        file = given.get("file")
        if file is not None and (file.size or 0) > MAX_BYTES:
            self.add_error("file", _("The file is larger than %(limit)d MB.") % {"limit": MAX_BYTES >> 20})
        return given


@never_cache
@require_http_methods(["GET", "POST"])
def import_page(request: HttpRequest) -> HttpResponse:
    """Take a file of places; what comes of it is shown before anything is written."""
    user: Any = request.user
    kinds = kinds_for(user)
    if not kinds:
        raise Http404
    form = SendForm(request.POST or None, request.FILES or None, user=user,
                    initial={"kind": request.GET.get("kind"), "site": request.GET.get("site")})  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        kept = keep_file(kind=given["kind"], site=given["site"], content=given["file"].read(),
                         file_name=given["file"].name or "", actor=user, now=timezone.now())  # fmt: skip
        return redirect("places-preview", file_id=kept.pk)
    sent = PlaceFile.objects.exclude(kind=PlaceFile.Kind.DRAWING).select_related("site", "sent_by")
    if not user.is_superuser:
        sent = sent.filter(sent_by=user)
    labels = dict(PlaceFile.Kind.choices)
    sites = structure_sites(user).order_by("code").values_list("code", "name")[:SITES_OFFERED]
    context = {"form": form, "sites": sites, "templates": [(kind, labels[kind]) for kind in kinds], "sent": sent[:20]}
    return render(request, "pages/places_import.html", context, status=400 if form.errors else 200)


def _file_of(user: Any, file_id: UUID) -> PlaceFile:
    """Return a file that its sender, or a superuser, looks at. Raises Http404."""
    files = PlaceFile.objects.exclude(kind=PlaceFile.Kind.DRAWING).select_related("site__organisation", "sent_by")
    if not user.is_superuser:
        files = files.filter(sent_by=user)
    found = get_object_or_404(files, pk=file_id)
    if found.kind not in kinds_for(user):
        raise Http404
    if found.site is not None and not may_change_structure(user, found.site):
        raise Http404
    return found


def answers_of(kind: str, given: QueryDict, table: Table) -> Answers:
    """Return what was said about a file, or the best guess before anything was said."""
    if "asked" in given:
        posted = {column.key: given.get(f"col_{column.key}", "") for column in COLUMNS[kind]}
        mapping = mapped_columns(kind, posted, table.headings)
    else:
        labels = {column.key: _(column.label) for column in COLUMNS[kind]}
        mapping = guess_columns(kind, table.headings, chinese=labels)
    own = f"EPSG:{table.srid}" if table.srid else ""
    return Answers(table.name, mapping, given.get("datum", own).strip(), "repair" in given)


@never_cache
@require_http_methods(["GET", "POST"])
def preview_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """Show what an import would do; a POST is the consent to exactly that."""
    file = _file_of(request.user, file_id)
    given = request.POST if request.method == "POST" else request.GET
    context: dict[str, Any] = {"file": file, "map_settings": MAP_SETTINGS}
    try:
        table = table_of(file, given.get("sheet", ""))
    except FileRefused as refusal:
        return render(
            request, "pages/places_preview.html", {**context, "unreadable": words.refusal(refusal)}, status=422
        )
    answers = answers_of(file.kind, given, table)
    error, status = "", 200
    if request.method == "POST":
        try:
            done = import_places(file=file, answers=answers, digest=request.POST.get("digest", ""),
                                 actor=request.user, now=timezone.now())  # fmt: skip
        except (ImportRefused, FieldRefused) as refusal:
            error, status = words.refusal(refusal), 409
        else:
            messages.success(
                request, _("Imported: %(new)d new, %(changed)d changed, %(unchanged)d unchanged.") % done.counts
            )
            return redirect("site-places", code=file.site.code) if file.site else redirect("places")
    try:
        plan, _judge = preview(file, table, answers, request.user)
    except FieldRefused as refusal:
        plan, error, status = Plan(file.kind), words.refusal(refusal), 422
        plan.problems.append(refusal.problem)
    context |= {**_shown(file, table, answers, plan), "error": error}
    return render(request, "pages/places_preview.html", context, status=status)


def _shown(file: PlaceFile, table: Table, answers: Answers, plan: Plan) -> dict[str, Any]:
    columns = [(column, answers.mapping.get(column.key, "")) for column in COLUMNS[file.kind]]
    if table.has_shapes:
        columns = [(column, chosen) for column, chosen in columns if column.key not in ("wkt", "x", "y")]
    return {
        "table": table,
        "answers": answers,
        "columns": [(c.key, _(c.label), c.required, _(c.hint) if c.hint else "", chosen) for c, chosen in columns],
        "wants_datum": file.kind != PlaceFile.Kind.ORGANISATIONS,
        "datums": words.datum_choices(table.srid),
        "plan": plan,
        "counts": [(state, words.state_label(state), count) for state, count in plan.counts.items()],
        "steps": words.steps_shown(plan, SHOWN),
        "problems": [words.said(file.kind, problem) for problem in plan.problems[:SHOWN]],
        "warnings": [words.said(file.kind, warning) for warning in plan.warnings],
        "notes": [words.said(file.kind, note) for note in plan.notes[:20]],
        "may_import": bool(plan.writes) and not plan.problems and file.imported_at is None,
        "shapes": preview_shapes(plan),
    }
