"""Turning folium's page into one file that asks nobody for anything.

folium 0.20 writes 14 references to foreign hosts into a page. Here each one is replaced by the bytes that it stands
for (Leaflet from django-leaflet's own files, and a two-line stand-in for the one jQuery call that folium's popups
make) or dropped where the report uses nothing of it. A content security policy in the page forbids the rest.
"""

from __future__ import annotations

import base64
import mimetypes
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders

POLICY: Final = (
    "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'"
)
MARKUP_FUNCTION: Final = (
    "function $(markup){var t=document.createElement('template');t.innerHTML=markup.trim();"
    "return Array.from(t.content.children);}"
)
_EXTERNAL = re.compile(
    r"""<script\s+src=["'](?P<script>[^"']+)["']\s*>\s*</script>|<link\s[^>]*href=["'](?P<link>[^"']+)["'][^>]*/?>""",
    re.IGNORECASE,
)
_CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)["']?\s*\)""")
LOADING_ATTRIBUTES: Final = {"src", "srcset", "poster", "data", "background", "action", "formaction"}


class OutsideReference(ValueError):
    """The page would load something from outside; the message names what."""


def inline_assets(page: str) -> str:
    """This function will return folium's HTML with every script and style sheet inside it and a policy on top.

    Raises OutsideReference when folium refers to something that this module does not know.
    """
    inlined = _EXTERNAL.sub(_replacement, page)
    policy = f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
    return inlined.replace("<head>", f"<head>{policy}", 1)


def refuse_outside_references(page: str) -> str:
    """Return the page itself, or raise OutsideReference naming what it would load."""
    if outside := outside_references(page):
        raise OutsideReference(f"The report would load {', '.join(outside)}.")
    return page


def _replacement(match: re.Match[str]) -> str:
    address = match["script"] or match["link"]
    name = address.rsplit("/", 1)[-1]
    if name == "leaflet.js":
        return f"<script>{_script_text('leaflet/leaflet.js')}</script>"
    if name == "leaflet.css":
        return f"<style>{_style_text('leaflet/leaflet.css')}</style>"
    if name.startswith("jquery"):
        return f"<script>{MARKUP_FUNCTION}</script>"
    if re.match(r"(bootstrap|leaflet\.awesome|all\.min\.css)", name, re.IGNORECASE):
        return ""
    raise OutsideReference(f"folium refers to {address}, which the report does not know how to carry.")


def _static_file(name: str) -> Path:
    found = finders.find(name)
    if not found:
        raise FileNotFoundError(f"The static file {name} is missing; is django-leaflet installed?")
    return Path(str(found))


def _script_text(name: str) -> str:
    text = _static_file(name).read_text(encoding="utf-8")
    text = re.sub(r"//# sourceMappingURL=.*", "", text)
    return text.replace("</script", "<\\/script")


def _style_text(name: str) -> str:
    path = _static_file(name)

    def as_data(match: re.Match[str]) -> str:
        target = match[1]
        if target.startswith(("#", "data:")):
            return match[0]
        return f"url({data_uri((path.parent / target).read_bytes(), mimetypes.guess_type(target)[0])})"

    return _CSS_URL.sub(as_data, path.read_text(encoding="utf-8"))


def data_uri(content: bytes, media_type: str | None) -> str:
    """Return the bytes as a `data:` address."""
    return f"data:{media_type or 'application/octet-stream'};base64,{base64.b64encode(content).decode('ascii')}"


class _Loads(HTMLParser):
    """Collects each address that a browser would load while showing the page (links to follow do not count)."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._in_style = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._in_style = tag == "style"
        for name, value in attrs:
            loads = name in LOADING_ATTRIBUTES or (name in ("href", "xlink:href") and tag not in ("a", "area"))
            if loads and value and not value.startswith(("data:", "#")):
                self.found.append(value)
            if name == "style" and value:
                self._styles(value)

    def handle_endtag(self, tag: str) -> None:
        self._in_style = False

    def handle_data(self, data: str) -> None:
        if self._in_style:
            self._styles(data)

    def _styles(self, text: str) -> None:
        self.found += [u for u in _CSS_URL.findall(text) if not u.startswith(("data:", "#"))]
        self.found += re.findall(r"@import\s+[\"']([^\"']+)", text)


def outside_references(page: str) -> list[str]:
    """Return what showing this page would load from anywhere but the page itself."""
    parser = _Loads()
    parser.feed(page)
    parser.close()
    return parser.found
