"""Checks of models by Information Delivery Specifications: documents, checks, findings."""
