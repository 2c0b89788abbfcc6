"""Read a PDF back: its text by page and line, its page sizes in millimetres, its codes."""

from __future__ import annotations

from ctypes import c_double

import pypdfium2
import zxingcpp

POINTS_PER_MM = 72 / 25.4


def pages_text(pdf: bytes) -> list[str]:
    """Return the text of each page as the file holds it."""
    document = pypdfium2.PdfDocument(pdf)
    return [page.get_textpage().get_text_range() for page in document]


def flat_text(pdf: bytes) -> str:
    """Return all text without line ends and spaces: a sentence is found wherever its lines break."""
    return "".join("".join(pages_text(pdf)).split())


def page_sizes_mm(pdf: bytes) -> list[tuple[float, float]]:
    """Return (width, height) of each page in whole millimetres."""
    document = pypdfium2.PdfDocument(pdf)
    return [(round(page.get_width() / POINTS_PER_MM), round(page.get_height() / POINTS_PER_MM)) for page in document]


def _origins(page: pypdfium2.PdfPage) -> list[tuple[str, float, float]]:
    """Return (character, x, baseline) of each visible character of a page, in points, in the file's order."""
    text = page.get_textpage()
    x, y, found = c_double(), c_double(), []
    for index in range(text.count_chars()):
        char = text.get_text_range(index, 1)
        if char.strip() and pypdfium2.raw.FPDFText_GetCharOrigin(text, index, x, y):
            found.append((char, x.value, y.value))
    return found


def line_starts(pdf: bytes) -> list[str]:
    """Return the first character of each piece of a line on all pages: another baseline, or a gap, begins one."""
    starts = []
    for page in pypdfium2.PdfDocument(pdf):
        before: tuple[float, float] | None = None
        for char, x, y in _origins(page):
            if before is None or abs(y - before[1]) > 1 or not 0 <= x - before[0] < 40:
                starts.append(char)
            before = (x, y)
    return starts


def codes(pdf: bytes, *, dpi: float = 150) -> list[str]:
    """Return the text of every QR code found on the rendered pages."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=dpi / 72).to_pil().convert("RGB")
        found += [code.text for code in zxingcpp.read_barcodes(picture)]
    return found
