"""Template tag for pages of a site that are also a step of the guide to the first site."""

from typing import Any

from django import template

from spatial.places.models import Site
from webmap.pages.first_site.steps import PLAN, guide_steps, guides

register = template.Library()


@register.inclusion_tag("parts/setup_steps.html", takes_context=True)
def site_guide(context: dict[str, Any], site: Site, current: int) -> dict[str, Any]:
    """Return the guide's steps for its owner while it is not finished, else nothing."""
    if not guides(context["request"].user, site):
        return {"steps": []}
    steps = guide_steps(current, site)
    following = steps[current] if current < PLAN else None
    return {"steps": steps, "following": following}
