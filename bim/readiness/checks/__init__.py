"""Checks of geometry and of stored rows, one module for each safety function: facts in, counts out. Pure."""
