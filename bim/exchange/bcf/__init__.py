"""BIM Collaboration Format (BCF 2.1 and 3.0): tickets as topics for BIM tools."""
