"""Public risk points from files: an Excel sheet or GeoJSON, read into rows with every problem by row and field."""
