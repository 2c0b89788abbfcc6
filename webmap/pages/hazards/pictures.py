"""A form field for one to nine photos in one input."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

MOST_PHOTOS: Final = 9
LARGEST_PHOTO_BYTES: Final = 20 * 1024 * 1024


class PhotosInput(forms.ClearableFileInput):
    """A file input that takes several pictures."""

    allow_multiple_selected = True


class PhotosField(forms.FileField):
    """One to nine pictures; each an uploaded file. Whether it is a picture is decided by the operation."""

    widget = PhotosInput

    def __init__(self, *, required: bool = True, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Photos"))
        kwargs.setdefault("error_messages", {"required": _("Take at least one photo.")})
        super().__init__(required=required, **kwargs)
        self.widget.attrs.update({"accept": "image/jpeg,image/png,image/webp", "multiple": True})

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile]:
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files:
            super().clean(None, initial)
            return []
        if len(files) > MOST_PHOTOS:
            raise forms.ValidationError(
                ngettext("At most %(count)d photo.", "At most %(count)d photos.", MOST_PHOTOS) % {"count": MOST_PHOTOS}
            )
        for file in files:
            super().clean(file, initial)
            if file.size is not None and file.size > LARGEST_PHOTO_BYTES:
                raise forms.ValidationError(
                    _("%(name)s is larger than %(limit)d MB: take it with a lower resolution."),
                    params={"name": file.name, "limit": LARGEST_PHOTO_BYTES // 2**20},
                )
        return files
