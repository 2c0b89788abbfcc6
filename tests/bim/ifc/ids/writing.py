"""Write the IDS files and the model that the tests run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import ifcopenshell
import ifcopenshell.guid

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<ids xmlns="http://standards.buildingsmart.org/IDS" xmlns:xs="http://www.w3.org/2001/XMLSchema"\n'
    ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">\n'
)
WALLS = "<entity><name><simpleValue>IFCWALL</simpleValue></name></entity>"
NAMED = "<attribute><name><simpleValue>Name</simpleValue></name></attribute>"


def specification(
    requirements: str, applicability: str = WALLS, *, versions: str = "IFC4", occurs: str = 'minOccurs="0" ',
    most: str = "unbounded", name: str = "Walls",
) -> str:  # fmt: skip
    """Return a specification's XML."""
    asked = f"<requirements>{requirements}</requirements>" if requirements else ""
    return (
        f'<specification name="{name}" ifcVersion="{versions}">\n<applicability {occurs}maxOccurs="{most}">'
        f"{applicability}</applicability>\n{asked}\n</specification>\n"
    )


def document(*specifications: str, info: str = "<title>Test</title>") -> str:
    """Return a whole IDS file."""
    return f"{HEAD}<info>{info}</info>\n<specifications>{''.join(specifications)}</specifications>\n</ids>\n"


def written(folder: Path, text: str | bytes, name: str = "test.ids") -> Path:
    """Write a file and return its path."""
    path = folder / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def walls(*names: str | None, schema: str = "IFC4") -> Any:
    """Return a model with a project and one wall per name, #2, #3 ..."""
    model = ifcopenshell.file(schema=schema)
    model.create_entity("IfcProject", GlobalId=ifcopenshell.guid.new(), Name="P")
    for name in names:
        model.create_entity("IfcWall", GlobalId=ifcopenshell.guid.new(), Name=name)
    return model
