"""Taking an uploaded model file: who may, how large, of which kind."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, Final, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from bim.models import Revision
from bim.operations import queue_revision
from spatial.people.models import Role
from spatial.people.queries import roles_on
from spatial.places.models import Site

UPLOADERS: Final = frozenset({Role.BIM_ENGINEER, Role.PROJECT_MANAGER})
SUFFIXES: Final = (".ifc", ".ifczip")
LARGEST_BYTES: Final = int(getattr(settings, "TWINWALL_MODEL_LIMIT_BYTES", 1 << 30))


class UploadRefused(ValueError):
    """A file that is not taken; the message says why and what to do. `status` is the HTTP status."""

    def __init__(self, message: str, status: int = 422) -> None:
        super().__init__(message)
        self.status = status


def may_upload(user: Any, site: Site) -> bool:
    """Return whether a user may import models on a site."""
    return bool(user.is_superuser or roles_on(user, site) & UPLOADERS)


def take_upload(*, site: Site, file: UploadedFile | None, name: str, actor: Any, now: datetime) -> Revision:
    """This function will queue the import of an uploaded file. Raises UploadRefused."""
    if not may_upload(actor, site):
        raise UploadRefused(_("Only the BIM engineer and the project manager may import models here."), 403)
    if file is None or not file.name:
        raise UploadRefused(_("Choose an .ifc or .ifczip file."))
    if Path(file.name).suffix.lower() not in SUFFIXES:
        raise UploadRefused(
            _("%(name)s is not an .ifc or .ifczip file: export the model as IFC from the authoring tool.")
            % {"name": file.name}
        )
    if not file.size:
        raise UploadRefused(_("%(name)s is empty.") % {"name": file.name})
    if file.size > LARGEST_BYTES:
        raise UploadRefused(
            _("%(name)s is larger than %(limit)d MB: split the model by building or discipline.")
            % {"name": file.name, "limit": LARGEST_BYTES >> 20},
            413,
        )
    return queue_revision(
        site=site,
        content=cast(BinaryIO, file),
        file_name=file.name,
        model_name=name,
        actor=actor,
        now=now,
    )
