"""Making PDFs does not make the product accept pictures that are cut off: an upload is refused as before."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from webmap.documents.printing import pdf_of


def test_a_picture_that_is_cut_off_is_refused_also_after_a_pdf_was_made():
    assert pdf_of("<p>风险告知卡</p>", "card").startswith(b"%PDF-")
    whole = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(whole, "PNG")
    cut = Image.open(io.BytesIO(whole.getvalue()[:2000]))
    with pytest.raises(OSError, match="truncated"):
        cut.load()
