"""The demo's model: written by our own writer, then imported by the same operation that users have."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from bim.ifc.demo_project.write import FILE_NAME, write_demo_project
from bim.models import Model, Revision
from bim.operations import import_file
from bim.queries import current_revision
from spatial.places.models import Site

MODEL_NAME = "郑东示范塔楼"


class DemoModelRefused(RuntimeError):
    """The demo's own model was refused by the import; the message is the import's reason."""


def ensure_model_file(folder: Path, now: datetime) -> Path:
    """This function will write the IFC file where it is not there yet, and return its path."""
    path = folder / FILE_NAME
    if not path.is_file():
        draft = path.with_suffix(".ifc.part")
        write_demo_project(draft, now)
        draft.replace(path)
    return path


def ensure_model(site: Site, path: Path) -> Revision:
    """This function will import the file as a model of the site, and return its current revision."""
    model = site_model(site)
    if model is not None and (revision := current_revision(model)) is not None:
        return revision
    verdict = import_file(path=path, site_code=site.code, model_name=MODEL_NAME)
    if verdict["verdict"] == "refused":
        raise DemoModelRefused(str(verdict["reason"]))
    model = site_model(site)
    revision = current_revision(model) if model is not None else None
    if revision is None:
        raise DemoModelRefused("The import left no revision.")
    return revision


def site_model(site: Site) -> Model | None:
    """This function will return the site's demo model, or None."""
    return Model.objects.filter(site=site, name=MODEL_NAME).first()
