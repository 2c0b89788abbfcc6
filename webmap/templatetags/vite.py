"""Template tag `{% vite 'name' %}`: the scripts and styles of one entry point, from Vite's manifest."""

import json
from functools import lru_cache
from pathlib import Path

from django import template
from django.contrib.staticfiles import finders
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from webmap.pages.script_words import address

register = template.Library()

MANIFEST = "build/manifest.json"


class FrontEndNotBuilt(RuntimeError):
    """The front end has to be built before a page can be served."""


@lru_cache(maxsize=4)
def _read_manifest(path: Path, changed_ns: int) -> dict[str, dict]:
    return json.loads(path.read_text(encoding="utf-8"))


def _manifest() -> dict[str, dict]:
    found = finders.find(MANIFEST)
    if not found:
        raise FrontEndNotBuilt(
            "The front end is not built: run `npm ci && npm run build` in webmap/frontend, or ./twin up."
        )
    return _read_manifest(Path(found), Path(found).stat().st_mtime_ns)


def _styles(manifest: dict[str, dict], key: str, seen: set[str]) -> list[str]:
    """Return the CSS files of a chunk and of everything that it imports, each once, imported ones first."""
    if key in seen:
        return []
    seen.add(key)
    chunk = manifest[key]
    found = [file for imported in chunk.get("imports", []) for file in _styles(manifest, imported, seen)]
    return found + [file for file in chunk.get("css", []) if file not in found]


@register.simple_tag
def script_words() -> str:
    """Return the address of the words that scripts show, in the active language."""
    return address()


@register.simple_tag
def vite(name: str) -> SafeString:
    """Return the tags that load `src/entrypoints/<name>.js` and its styles. Raises FrontEndNotBuilt."""
    manifest = _manifest()
    key = f"src/entrypoints/{name}.js"
    if key not in manifest:
        raise FrontEndNotBuilt(f"The front end has no entry point {key}: build it again.")
    styles = format_html_join(
        "\n",
        '<link rel="stylesheet" href="{}">',
        ((static(f"build/{file}"),) for file in _styles(manifest, key, set())),
    )
    source = static(f"build/{manifest[key]['file']}")
    return format_html('{}\n<script type="module" src="{}"></script>', styles, source)
