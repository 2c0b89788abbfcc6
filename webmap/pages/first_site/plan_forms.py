"""What the guide asks for the site plan and the zones."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ingest.rasters.operations import MAX_BYTES as PICTURE_BYTES
from ingest.vectors.zones_geojson import MAX_BYTES as ZONES_BYTES

SEPARATOR: Final = re.compile(r"[,，;；\s]+")
FEWEST_POINTS: Final = 3


def read_points(text: str) -> list[dict[str, Any]]:
    """This function will return control points from lines of `x y E N` (pixels, metres). Raises ValidationError."""
    points = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        words = [word for word in SEPARATOR.split(line) if word]
        try:
            x, y, east, north = (float(word) for word in words)
        except ValueError as error:
            raise forms.ValidationError(
                _("Line %(line)d must hold four numbers: x, y in the picture, then east and north in metres.")
                % {"line": number}
            ) from error
        points.append({"pixel": [x, y], "map": [east, north]})
    if len(points) < FEWEST_POINTS:
        raise forms.ValidationError(
            _("Three control points are needed at least, four or more show mistakes; here are %(count)d.")
            % {"count": len(points)}
        )
    return points


def check_size(file: UploadedFile, limit_bytes: int) -> None:
    """Refuse a file above a limit. Raises ValidationError."""
    if (file.size or 0) > limit_bytes:
        raise forms.ValidationError(_("The file is larger than %(limit)d MB.") % {"limit": limit_bytes >> 20})


class SitePlanForm(forms.Form):
    """A picture of the site plan and the points that place it."""

    prefix = "plan"
    name = forms.CharField(label=gettext_lazy("Name of the plan"), max_length=120)
    image = forms.FileField(
        label=gettext_lazy("Picture"),
        help_text=gettext_lazy("PNG, JPEG, TIFF, WebP or BMP, up to 200 MB."),
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg,.tif,.tiff,.webp,.bmp"}),
    )
    points = forms.CharField(
        label=gettext_lazy("Control points"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "placeholder": "120 80 478900.00 3848600.00"}),
        help_text=gettext_lazy(
            "One line for each point: x, y in the picture (pixels from the upper left corner), then east and north "
            "in metres. A click on the picture begins a line."
        ),
    )

    def clean_image(self) -> UploadedFile:
        check_size(self.cleaned_data["image"], PICTURE_BYTES)
        return self.cleaned_data["image"]

    def clean_points(self) -> list[dict[str, Any]]:
        return read_points(self.cleaned_data["points"])


class ZonesForm(forms.Form):
    """A file of zones."""

    prefix = "zones"
    file = forms.FileField(
        label=gettext_lazy("Zones (GeoJSON)"),
        help_text=gettext_lazy("A FeatureCollection of polygons, up to 20 MB. All zones of the file come in, or none."),
        widget=forms.FileInput(attrs={"accept": ".geojson,.json"}),
    )

    def clean_file(self) -> UploadedFile:
        check_size(self.cleaned_data["file"], ZONES_BYTES)
        return self.cleaned_data["file"]
