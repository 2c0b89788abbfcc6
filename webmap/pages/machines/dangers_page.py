"""What cranes and vehicles must stay away from: forbidden sectors, structures, power lines, pit edges. Drawn here."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.gis.geos import GEOSException, LineString, Polygon
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from spatial.machines.dangers import add_obstacle, describe_pit_edge, forbid_swing, forget_pit_edge, withdraw_danger
from spatial.machines.models import Machine, Obstacle, PitEdge, SwingBan
from spatial.machines.operations import MachineRefused
from spatial.machines.queries import may_keep
from spatial.places.models import Site
from spatial.zones.models import Zone
from webmap.access import visible_site

KINDS = {
    "ban": gettext_lazy("Forbidden swing sector (area)"),
    "structure": gettext_lazy("Structure (area with its top)"),
    "wire": gettext_lazy("Power line (line with voltage)"),
}
NUMBER = forms.NumberInput({"step": "any"})


class DangerForm(forms.Form):
    """One thing to stay away from; the outline or the line comes from the map."""

    what = forms.ChoiceField(label=gettext_lazy("Kind of obstacle"), choices=KINDS.items())
    name = forms.CharField(label=gettext_lazy("Name"), max_length=80)
    machine = forms.ModelChoiceField(
        Machine.objects.none(),
        label=gettext_lazy("Only for the crane"),
        required=False,
        empty_label=gettext_lazy("all"),
    )
    bottom_m = forms.FloatField(label=gettext_lazy("Bottom (m)"), required=False, widget=NUMBER)
    top_m = forms.FloatField(
        label=gettext_lazy("Top, or height of the wire (m)"),
        required=False,
        widget=NUMBER,
        help_text=gettext_lazy("Yellow Sea 1985. A structure and a power line need it."),
    )
    voltage_kv = forms.FloatField(label=gettext_lazy("Voltage (kV)"), required=False, min_value=0, widget=NUMBER)
    geometry = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cranes = Machine.objects.filter(site=site, active=True, kind=Machine.Kind.TOWER_CRANE)
        self.fields["machine"].queryset = cranes  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Check that what was drawn fits what it is."""
        data = super().clean() or {}
        what, top = data.get("what"), data.get("top_m")
        try:
            shape = json.loads(data.get("geometry") or "")
            kind, coordinates = shape["type"], shape["coordinates"]
            if what == "wire" and kind == "LineString" and top is not None:
                data["wire"] = LineString([(*corner[:2], top) for corner in coordinates], srid=4490)
            elif what in ("ban", "structure") and kind == "Polygon":
                data["outline"] = Polygon([tuple(corner[:2]) for corner in coordinates[0]], srid=4490)
        except (ValueError, KeyError, TypeError, IndexError, GEOSException) as error:
            raise forms.ValidationError(_("Draw it on the map first.")) from error
        if (what == "wire" and top is None) or (what == "structure" and top is None):
            self.add_error("top_m", _("Say how high it is."))
        elif what == "wire" and not data.get("voltage_kv"):
            self.add_error("voltage_kv", _("Say its voltage: the distance to keep follows from it."))
        elif what is not None and "wire" not in data and "outline" not in data:
            message = _("A power line is drawn as a line.") if what == "wire" else _("It is drawn as an area.")
            raise forms.ValidationError(message)
        elif "outline" in data and not data["outline"].valid:
            raise forms.ValidationError(_("The outline crosses itself; draw it anew."))
        return data


class PitForm(forms.Form):
    """How deep a pit is, and whether its walls are supported."""

    zone = forms.ModelChoiceField(Zone.objects.none(), label=gettext_lazy("Zone of the pit"))
    depth_m = forms.FloatField(label=gettext_lazy("Depth (m)"), min_value=0.01, max_value=100, widget=NUMBER)
    supported = forms.BooleanField(label=gettext_lazy("Its walls are supported"), required=False)

    def __init__(self, site: Site, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = Zone.objects.filter(site=site, active=True).order_by("code")
        self.fields["zone"].queryset = zones  # type: ignore[attr-defined]


@never_cache
@require_http_methods(["GET", "POST"])
def dangers_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show what is kept away from, and take a new one, or take one back."""
    site, now = visible_site(request.user, code), timezone.now()
    keeper = may_keep(request.user, site)
    danger, pit = DangerForm(site), PitForm(site, initial={"supported": True})
    status = 200
    if request.method == "POST":
        if not keeper:
            raise PermissionDenied
        act = request.POST.get("act", "")
        if act == "withdraw":
            _withdraw(request, site, now)
            return redirect("machines-dangers", code=code)
        form: DangerForm | PitForm
        if act == "pit":
            form = pit = PitForm(site, request.POST)
        else:
            form = danger = DangerForm(site, request.POST)
        if form.is_valid() and _store(request, site, form, now):
            return redirect("machines-dangers", code=code)
        status = 422
    rows: dict[str, Any] = {
        "bans": SwingBan.objects.filter(site=site, active=True).select_related("machine").order_by("name"),
        "obstacles": Obstacle.objects.filter(site=site, active=True).order_by("name"),
        "pits": PitEdge.objects.filter(site=site, zone__active=True).select_related("zone").order_by("zone__code"),
    }
    shapes = [json.loads(row.outline.geojson) for row in rows["bans"]]
    shapes += [json.loads((row.outline or row.wire).geojson) for row in rows["obstacles"]]
    context = {"site": site, "may_keep": keeper, "danger": danger, "pit": pit, **rows,
               "settings": {"site": site.code, "shape": None, "known": shapes}}  # fmt: skip
    return render(request, "pages/machines_dangers.html", context, status=status)


def _store(request: HttpRequest, site: Site, form: DangerForm | PitForm, now: datetime) -> bool:
    """Store what a checked form says; what the domain refuses becomes an error of the form."""
    data, by = form.cleaned_data, dict[str, Any](actor=request.user, now=now)
    try:
        if isinstance(form, PitForm):
            describe_pit_edge(zone=data["zone"], depth_m=data["depth_m"], supported=data["supported"], **by)
        elif data["what"] == "ban":
            forbid_swing(site=site, name=data["name"], outline=data["outline"], machine=data["machine"], **by)
        elif data["what"] == "structure":
            add_obstacle(site=site, name=data["name"], outline=data["outline"], bottom_m=data["bottom_m"],
                         top_m=data["top_m"], **by)  # fmt: skip
        else:
            add_obstacle(site=site, name=data["name"], wire=data["wire"], voltage_kv=data["voltage_kv"], **by)
    except MachineRefused:
        form.add_error(None, _("It cannot be stored so: check name, outline and numbers."))
        return False
    messages.success(request, _("Stored: machines keep away from it from now on."))
    return True


def _withdraw(request: HttpRequest, site: Site, now: datetime) -> None:
    models: dict[str, Any] = {"ban": SwingBan, "obstacle": Obstacle, "pit": PitEdge}
    model = models.get(request.POST.get("kind", ""))
    if model is None:
        raise Http404
    try:
        number = UUID(request.POST.get("id", ""))
    except ValueError as error:
        raise Http404 from error
    row = get_object_or_404(model.objects.select_related("site__organisation", "site__region"), site=site, pk=number)
    if isinstance(row, PitEdge):
        forget_pit_edge(edge=row, actor=request.user, now=now)
    else:
        withdraw_danger(row=row, actor=request.user, now=now)
    messages.success(request, _("Taken back; it stays in the ledger."))
