"""IfcOpenShell -> frozen dataclasses: the only importer of ifcopenshell. No Django."""
