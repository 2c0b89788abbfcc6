"""IDS files are read and run in the sandboxed child; what breaks there comes back as a sentence."""

from __future__ import annotations

import pytest

from bim.ifc.ids.xml_tree import IdsRefusal
from bim.pipeline.ids_run import IdsWatch, check_documents, read_document
from bim.pipeline.supervise import Cancelled
from tests.bim.ifc.ids.writing import NAMED, document, specification, walls, written


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "model.ifc"
    walls("W1", None).write(str(path))
    return path


def _work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    return folder


def test_one_opening_of_the_model_answers_several_files(tmp_path, model):
    asked = [
        written(tmp_path, document(specification(NAMED)), "a.ids"),
        written(tmp_path, document(specification(NAMED, versions="IFC2X3")), "b.ids"),
    ]
    heard = []
    watch = IdsWatch(on_progress=lambda stage, percent: heard.append((stage, percent)))
    first, second = check_documents(model, asked, _work(tmp_path), watch)
    assert (first.status, first.specifications[0].requirements[0].failed_count) == ("fail", 1)
    assert (second.status, second.specifications[0].why) == ("not_checked", "schema")
    assert [stage for stage, _percent in heard[:2]] == ["open", "check"]
    assert [percent for _stage, percent in heard] == sorted(percent for _stage, percent in heard)


def test_a_broken_ids_file_comes_back_with_code_and_line(tmp_path):
    source = written(tmp_path, document(specification(NAMED, versions="IFC9")))
    with pytest.raises(IdsRefusal) as caught:
        read_document(source, _work(tmp_path))
    assert (caught.value.code, caught.value.line) == ("schema", 5)


def test_a_model_that_cannot_be_read_is_said(tmp_path):
    broken = tmp_path / "broken.ifc"
    broken.write_text("ISO-10303-21;\n")
    with pytest.raises(IdsRefusal) as caught:
        check_documents(broken, [written(tmp_path, document(specification(NAMED)))], _work(tmp_path))
    assert (caught.value.code, caught.value.reason.startswith("The file is cut off")) == ("model", True)


def test_a_check_can_be_cancelled(tmp_path, model):
    watch = IdsWatch(is_cancelled=lambda: True)
    with pytest.raises(Cancelled):
        check_documents(model, [written(tmp_path, document(specification(NAMED)))], _work(tmp_path), watch)
