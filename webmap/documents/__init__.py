"""Printed documents: cards, boards, charts and maps as pages of PDF."""
