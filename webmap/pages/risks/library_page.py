"""Take rows from the library into a draft: typical activities or facilities, and dangerous works with thresholds."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from spatial.control_lists import library, queries
from spatial.control_lists.operations import ListForbidden, ListRefused, save_entry
from spatial.control_lists.rules import entry_grades, grade
from spatial.rulebook.queries import table

from .reach import draft_of

PARAMETERS: dict[str, Any] = {
    "depth_m": gettext_lazy("depth (m)"),
    "height_m": gettext_lazy("height (m)"),
    "span_m": gettext_lazy("span (m)"),
    "load_kn_m2": gettext_lazy("total load (kN/m²)"),
    "line_kn_m": gettext_lazy("line load (kN/m)"),
    "point_kn": gettext_lazy("point load (kN)"),
    "single_kn": gettext_lazy("weight of one piece (kN)"),
    "lift_m": gettext_lazy("lifting height (m)"),
    "segment_m": gettext_lazy("height of a segment (m)"),
    "weight_kn": gettext_lazy("weight (kN)"),
}
THRESHOLDS: dict[str, Any] = {"any": gettext_lazy("any"), "cond": gettext_lazy("by its conditions"), "": "–"}


def _work(row: dict[str, str]) -> dict[str, Any]:
    """Return a dangerous work with its thresholds and the name of its parameter in words."""
    danger, over = row["danger_threshold"], row["over_threshold"]
    words = {"danger": THRESHOLDS.get(danger, danger), "over": THRESHOLDS.get(over, over)}
    return {**row, **words, "parameter_words": PARAMETERS.get(row["parameter"], "")}


@require_http_methods(["GET", "POST"])
def library_page(request: HttpRequest, code: str, version_id: UUID) -> HttpResponse:
    """Show the library, or take one template into the draft."""
    version = draft_of(request.user, code, version_id)
    if request.method == "POST":
        return _take(request, version)
    tables = queries.tables_of(version.rule_edition)
    works = {row["id"]: _work(row) for row in table(version.rule_edition, "dangerous_works")}
    rows: list[dict[str, Any]] = [
        {
            "template": template,
            "grades": entry_grades(grade(source, tables) for source in template.data.sources),
            "work": works.get(template.dangerous_work),
        }
        for template in library.templates(version.kind)
    ]
    source, conf = library.source_and_mark()
    context = {
        "site": version.site,
        "version": version,
        "groups": [(name, list(group)) for name, group in groupby(rows, key=lambda row: row["template"].work_type)],
        "works": works.values(),
        "source": source,
        "conf": conf,
    }
    return render(request, "pages/control_list_library.html", context)


def _take(request: HttpRequest, version: Any) -> HttpResponse:
    key = request.POST.get("template", "")
    template = next((one for one in library.templates(version.kind) if one.key == key), None)
    if template is None:
        raise Http404("There is no such template.")
    over = _is_over_scale(request, version, template)
    data = library.as_row(template, code=queries.next_code(version), over_scale=over)
    try:
        entry = save_entry(version=version, data=data, actor=request.user, now=timezone.now())
    except (ListRefused, ListForbidden) as error:
        messages.error(request, str(error))
        return redirect("control-list-library", code=version.site.code, version_id=version.pk)
    messages.success(request, _("%(row)s was taken from the library: check its scores, people and place.")
                     % {"row": str(entry)})  # fmt: skip
    return redirect("control-list-row", code=version.site.code, version_id=version.pk, entry_id=entry.pk)


def _is_over_scale(request: HttpRequest, version: Any, template: library.Template) -> bool:
    """Return whether a person said so, or the value of the parameter is at or over the second threshold."""
    if request.POST.get("over_scale"):
        return True
    text = request.POST.get("value", "").strip()
    work = next((row for row in table(version.rule_edition, "dangerous_works") if row["id"] == template.dangerous_work),
                None)  # fmt: skip
    try:
        value = float(text) if text else None
    except ValueError:
        return False
    return bool(work and value is not None and library.scale_of(work, value) == "over_scale")
