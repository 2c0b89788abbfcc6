"""Devices in Excel files: the template, reading with every problem by row and column, importing whole or not at all."""
