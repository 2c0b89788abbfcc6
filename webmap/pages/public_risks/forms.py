"""The form of a public risk point: facts, scores from the tables of the edition, and a place in a declared CRS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.contrib.gis.geos import Point
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from spatial import crs
from spatial.places.models import Region
from spatial.public_risks.models import PublicRisk
from spatial.public_risks.operations import Placed
from spatial.public_risks.queries import regulated_regions, tables_for
from spatial.public_risks.rules import SCORES_OF, CrsUnknown, GradingTables, RiskGiven, read_crs, to_storage
from webmap.wording.reader import reads_chinese

CRS_CHOICES = [
    ("EPSG:4490", "CGCS2000 (EPSG:4490)"),
    ("EPSG:4326", "WGS 84 (EPSG:4326)"),
    ("GCJ-02", gettext_lazy("GCJ-02 (Amap, Tencent)")),
    ("BD-09", gettext_lazy("BD-09 (Baidu)")),
    *[(f"EPSG:{4534 + step}", f"CGCS2000 3° CM {75 + 3 * step}° (EPSG:{4534 + step})") for step in range(21)],
]
SCORE_FIELDS = {
    ("LEC", "L"): "lec_l",
    ("LEC", "E"): "lec_e",
    ("LEC", "C"): "lec_c",
    ("LS", "L"): "ls_l",
    ("LS", "S"): "ls_s",
}


def _words(row: Mapping[str, Any]) -> str:
    chinese = reads_chinese()
    text = row.get("zh" if chinese else "en") or row.get("zh_short" if chinese else "en") or row.get("people", "")
    return f"{row['v']} · {text}" if text else str(row["v"])


class PointForm(forms.Form):
    """A public risk point as people type it; what is wrong is told at its field."""

    region = forms.ModelChoiceField(label=gettext_lazy("town"), queryset=Region.objects.none())
    code = forms.CharField(label=gettext_lazy("code"), max_length=40)
    name = forms.CharField(label=gettext_lazy("name"), max_length=160)
    kind = forms.ChoiceField(label=gettext_lazy("kind"), choices=PublicRisk.Kind.choices)
    crs = forms.ChoiceField(label=gettext_lazy("coordinate system"), choices=CRS_CHOICES)
    x = forms.FloatField(label=gettext_lazy("longitude or east"), widget=forms.NumberInput(attrs={"step": "any"}))
    y = forms.FloatField(label=gettext_lazy("latitude or north"), widget=forms.NumberInput(attrs={"step": "any"}))
    method = forms.ChoiceField(label=gettext_lazy("method"), choices=PublicRisk.Method.choices)
    lec_l = forms.ChoiceField(label="L", required=False)
    lec_e = forms.ChoiceField(label="E", required=False)
    lec_c = forms.ChoiceField(label="C", required=False)
    ls_l = forms.ChoiceField(label="L", required=False)
    ls_s = forms.ChoiceField(label="S", required=False)
    direct_reason = forms.ChoiceField(label=gettext_lazy("direct judgement"), required=False)
    responsible_unit = forms.CharField(label=gettext_lazy("responsible unit"), max_length=120)
    responsible_person = forms.CharField(label=gettext_lazy("responsible person"), max_length=60)
    phone = forms.CharField(label=gettext_lazy("phone"), max_length=20, required=False)
    measures = forms.CharField(
        label=gettext_lazy("measures"), max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
    next_check_on = forms.DateField(
        label=gettext_lazy("next check"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    photo = forms.FileField(label=gettext_lazy("photo"), required=False)

    def __init__(self, user: Any, today: date, *args: Any, keep_shape: PublicRisk | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.keep_shape = keep_shape
        regions = regulated_regions(user)
        self.fields["region"].queryset = regions  # type: ignore[attr-defined]
        first = keep_shape.region if keep_shape else regions.last()
        self.tables: GradingTables | None = tables_for(first, on=today)[1] if first else None
        if self.tables:
            self._offer(self.tables)
        if keep_shape is not None:
            for name in ("x", "y", "crs"):
                self.fields[name].required = False

    def _offer(self, tables: GradingTables) -> None:
        for (method, letter), name in SCORE_FIELDS.items():
            table = tables.lec if method == "LEC" else tables.ls
            choices = [("", "—"), *((str(row["v"]), _words(row)) for row in table[letter])]
            self.fields[name].choices = choices  # type: ignore[attr-defined]
        chinese = reads_chinese()
        rows = [row for row in tables.direct if row["id"] != "DJ-05"]
        named = [(row["id"], f"{row['id']} · {row['zh_short'] if chinese else row['en']}") for row in rows]
        self.fields["direct_reason"].choices = [("", "—"), *named]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Put the place into the storage CRS; a point that was drawn as line or area keeps its shape."""
        data = super().clean() or {}
        x, y, declared = data.get("x"), data.get("y"), data.get("crs") or "EPSG:4490"
        if x is None or y is None:
            if self.keep_shape is None and "x" not in self.errors and "y" not in self.errors:
                self.add_error("x", _("Click the map, or type both coordinates."))
            return data
        try:
            lon, lat = to_storage(x, y, read_crs(declared))
            data["place"] = Point(lon, lat, srid=crs.STORAGE_SRID)
        except (crs.CrsRefused, CrsUnknown) as error:
            self.add_error("x", str(error))
        return data

    def placed(self) -> Placed:
        """Return the point as given, for the operation."""
        data = self.cleaned_data
        scores = {}
        for letter in SCORES_OF[data["method"]]:
            text = data[SCORE_FIELDS[data["method"], letter]]
            if text:
                number = float(text)
                scores[letter] = int(number) if number.is_integer() else number
        names = ("code", "name", "kind", "method", "responsible_unit", "responsible_person", "phone", "measures")
        given = RiskGiven(
            **{name: data[name] for name in names},
            scores=scores,
            direct_reason=data["direct_reason"] if data["method"] == "direct" else "",
            next_check_on=data["next_check_on"],
        )
        if "place" in data or self.keep_shape is None:
            return Placed(data["region"], given, data["place"], data["crs"])
        return Placed(data["region"], given, self.keep_shape.geometry, self.keep_shape.source_crs)


def form_field(problem_field: str, method: str) -> str | None:
    """Return the form's field that a problem of the operation belongs to, or None for the whole form."""
    if (method, problem_field) in SCORE_FIELDS:
        return SCORE_FIELDS[method, problem_field]
    if problem_field == "geometry":
        return "x"
    return problem_field if problem_field in PointForm.base_fields else None


class ImportForm(forms.Form):
    """A file and the coordinate system that everything in it uses."""

    file = forms.FileField(label=gettext_lazy("file"))
    crs = forms.ChoiceField(label=gettext_lazy("coordinate system of the file"), choices=CRS_CHOICES)
