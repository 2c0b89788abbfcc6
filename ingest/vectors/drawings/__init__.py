"""Plans of lines, DXF or GeoJSON: read by layers, placed by their coordinates or by control points."""
