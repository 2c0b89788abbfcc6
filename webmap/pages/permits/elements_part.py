"""Elements of the model to choose from, as a part of a form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from webmap.access import visible_site
from webmap.pages.risks.elements import elements_found

MOST = 20


@require_GET
def elements_part(request: HttpRequest, code: str) -> HttpResponse:
    """Answer with the elements whose name, class or GlobalId holds what is typed."""
    site, text = visible_site(request.user, code), request.GET.get("element_q", "").strip()
    found = elements_found(site, text=text)[:MOST] if text else []
    return render(request, "parts/element_choice.html", {"site": site, "q": text, "elements": found})
