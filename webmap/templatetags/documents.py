"""Template tags of printed documents: drawings of our own functions, and the size of type that fits."""

from typing import Any

from django import template
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def drawing(svg: str) -> SafeString:
    """Return an SVG made by `webmap.documents`, whose functions escape every text of people, as it is."""
    return mark_safe(svg)


@register.simple_tag
def root_size(points: float, fit: Any) -> str:
    """Return the size of the root's type in points: everything in rem follows it."""
    return f"{points * fit.scale:.2f}"
