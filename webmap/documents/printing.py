"""HTML to PDF by WeasyPrint: nothing is fetched, a sheet is exactly one page, and many sheets are one file."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, Final, NoReturn

import pypdfium2
from django.template.loader import render_to_string
from django.utils import translation
from PIL import Image, ImageFile
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher

_STYLE = Path(__file__).resolve().parent / "document.css"
logging.getLogger("weasyprint").setLevel(logging.WARNING)  # it tells every step of every page otherwise
ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint lets the whole process take pictures that are cut off
_PDFIUM = Lock()  # PDFium may be used by one thread at a time
POINTS_PER_INCH: Final = 72


@dataclass(frozen=True)
class Fit:
    """How tightly a sheet is set: the scale of its type, most lines of a list, most characters of a text."""

    scale: float = 1.0
    lines: int = 99
    characters: int = 600

    def text(self, words: str) -> str:
        """Return a text cut to what may be shown."""
        if len(words) <= self.characters:
            return words
        return re.sub("[、,;。 ]+$", "", words[: self.characters - 1]) + "…"

    def shown(self, rows: Sequence[Any]) -> list[Any]:
        """Return the rows of a list that may be shown."""
        return list(rows[: self.lines])

    def hidden(self, rows: Sequence[Any]) -> int:
        """Return how many rows of a list are left out."""
        return max(0, len(rows) - self.lines)


FITS: Final = (
    *(Fit(scale) for scale in (1.0, 0.94, 0.88, 0.82, 0.76)),
    Fit(0.74, 40, 300),
    Fit(0.74, 24, 200),
    Fit(0.74, 14, 150),
    Fit(0.72, 8, 110),
    Fit(0.7, 5, 80),
    Fit(0.7, 3, 50),
    Fit(0.7, 1, 30),
)


class SheetTooLong(ValueError):
    """A sheet does not fit its page even when it is set as tightly as it may be."""


@cache
def _style() -> CSS:
    return CSS(string=_STYLE.read_text(encoding="utf-8"), font_config=FontConfiguration())


def render_sheet(template: str, context: dict[str, Any], *, language: str, fit: Fit | None = None) -> str:
    """Return a document's HTML in a language."""
    with translation.override(language):
        return render_to_string(template, {**context, "fit": fit or Fit(), "language": language})


def lay_out(html: str) -> list[Any]:
    """Return the laid-out pages of a document; only `data:` addresses inside it are read, nothing is fetched."""
    document = HTML(string=html, url_fetcher=URLFetcher(allowed_protocols=("data",)))
    rendered = document.render(stylesheets=[_style()])
    return [(rendered, page) for page in rendered.pages]


def one_page(build: Callable[[Fit], str], *, larger: Sequence[float] = ()) -> Any:
    """Return a sheet laid out on one page: its type shrinks first, then its longest lists and texts are cut.

    `larger` are scales of type to try first, for a sheet that shall fill its page.

    Raises SheetTooLong when nothing helps.
    """
    for fit in (*map(Fit, larger), *FITS):
        pages = lay_out(build(fit))
        if len(pages) == 1:
            return pages[0]
    raise SheetTooLong("The sheet does not fit one page; shorten the names and measures it holds.")


class FetchRefused(ValueError):
    """A paper asked for something outside itself."""


class _Nothing(URLFetcher):
    """Fetches nothing: a paper stands for itself."""

    def fetch(self, url: str, headers: Any = None) -> NoReturn:
        raise FetchRefused(f"A paper loads nothing, not {url}.")


def pdf_of(html: str, identifier: str) -> bytes:
    """Return a PDF of HTML that brings its own style; nothing is fetched, and the same HTML gives the same bytes."""
    return HTML(string=html, url_fetcher=_Nothing()).write_pdf(pdf_identifier=identifier.encode()) or b""


def write_pdf(sheets: Sequence[Any], *, title: str) -> bytes:
    """Return the PDF of laid-out sheets, in their order."""
    first = sheets[0][0]
    document = first.copy([page for _, page in sheets])
    document.metadata.title = title
    document.metadata.generator = "Twinwall"
    return bytes(document.write_pdf())


def page_pictures(pdf: bytes, *, dpi: float) -> Iterator[Image.Image]:
    """Yield each page of a PDF as a picture."""
    with _PDFIUM:
        document = pypdfium2.PdfDocument(pdf)
        try:
            pictures = [page.render(scale=dpi / POINTS_PER_INCH).to_pil() for page in document]
        finally:
            document.close()
    yield from pictures
