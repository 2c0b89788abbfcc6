"""Faults of a BCF file by the official schemas of buildingSMART, where they have been laid beside the project.

The schemas are under CC BY-ND 4.0 and no part of the project. They are looked for in `var/bcf-schemas/2.1` and `/3.0`.
"""

from __future__ import annotations

import zipfile
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from django.conf import settings

SCHEMAS = Path(settings.BASE_DIR) / "var" / "bcf-schemas"
NAMES = {
    "bcf.version": "version.xsd",
    "project.bcfp": "project.xsd",
    "extensions.xml": "extensions.xsd",
    "documents.xml": "documents.xsd",
}
MISSING = f"WRITTEN BCF FILES ARE NOT HELD AGAINST THE OFFICIAL SCHEMAS: {SCHEMAS} does not exist."


def available() -> bool:
    """Return whether the schemas of both versions are there."""
    return all((SCHEMAS / version / "visinfo.xsd").is_file() for version in ("2.1", "3.0"))


@cache
def schema(version: str, name: str) -> Any:
    """Return a schema by its file name."""
    import xmlschema

    return xmlschema.XMLSchema(str(SCHEMAS / version / name))


def official_faults(content: bytes, version: str) -> list[str]:
    """Return a sentence per fault of any XML file in the archive; [] where all are valid."""
    found = []
    with zipfile.ZipFile(BytesIO(content)) as archive:
        for name in archive.namelist():
            kind = NAMES.get(name) or ("markup.xsd" if name.endswith("/markup.bcf") else "")
            kind = kind or ("visinfo.xsd" if name.endswith(".bcfv") else "")
            if kind:
                errors = schema(version, kind).iter_errors(archive.read(name).decode())
                found += [f"{name}: {error.path} {error.reason}" for error in errors]
    return found
