"""Cards, boards and maps to hang on walls: to see, to print, and to open by a phone."""
