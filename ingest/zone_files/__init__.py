"""Zones out of files that people draw elsewhere: GeoJSON, GeoPackage, DXF."""
