"""Frozen dataclasses and arrays -> glTF and 3D Tiles 1.1. No Django, no ifcopenshell."""
