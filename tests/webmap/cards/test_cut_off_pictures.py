"""Making PDFs does not make the product accept pictures that are cut off: an upload is refused as before."""

from __future__ import annotations

import importlib
import io
from importlib.util import find_spec

import pytest
from PIL import Image


@pytest.mark.parametrize("module", ["webmap.documents.printing", "webmap.pages.planning.paper"])
def test_a_picture_that_is_cut_off_is_refused_also_where_pdfs_are_made(module):
    assert find_spec("weasyprint") is not None
    importlib.reload(importlib.import_module(module))
    whole = io.BytesIO()
    Image.effect_noise((200, 200), 60).save(whole, "PNG")
    cut = Image.open(io.BytesIO(whole.getvalue()[:2000]))
    with pytest.raises(OSError, match="truncated"):
        cut.load()
