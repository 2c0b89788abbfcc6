"""Every sentence that an import can say of a file or an element is known in Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from bim.pipeline.hand_over import DAMAGED
from bim.pipeline.limits import TIME_UP
from webmap.pages.imports.reason_words import reason_words

BIM = Path(__file__).resolve().parents[3] / "bim"
SPEAKERS = (
    "ifc/container.py", "ifc/parser_log.py", "ifc/reading.py", "ifc/schema_names.py", "ifc/schema_fit.py",
    "ifc/meshers/port.py", "ifc/meshers/opencascade.py", "ifc/meshers/linear.py",
    "pipeline/child.py", "pipeline/supervise.py",
    "pipeline/child_lines.py", "pipeline/usage.py", "pipeline/sandbox.py", "pipeline/mesh_stage.py",
    "pipeline/assembly.py", "operations.py",
)  # fmt: skip
PARTS = {
    "Line 7: 7",
    "Line 7: 7 stands inside a statement.",
    "The parser says: 7",
    "7 (7)",
    "7 7 7",
    "IfcOpenShell 7 with OpenCASCADE",
}
"""Texts that begin like a sentence and are parts of one, or are shown to nobody."""


def texts(path: Path) -> Iterator[str]:
    """Yield each text of a module that is no docstring, with 7 for whatever is put into it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    silent |= {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if id(node) in silent:
            continue
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def sentences() -> list[str]:
    found = {
        text for name in SPEAKERS for text in texts(BIM / name) if re.match(r"([A-Z7]|bubblewrap ).* .*[.7]$", text)
    }
    return sorted(text for text in found if "%s" not in text and text not in PARTS and "\\" not in text)


def test_the_sentences_are_found() -> None:
    assert len(sentences()) > 40
    assert "The mesher left it out." in sentences()


@pytest.mark.parametrize("sentence", [*sentences(), DAMAGED.format("tiles is missing"), TIME_UP.format(7, 7)])
def test_the_sentence_is_said_in_chinese(sentence: str) -> None:
    with override("zh-hans"):
        said = reason_words(sentence.replace("left out: 7.", "left out: IfcX (7)."))
    assert re.search("[\u4e00-\u9fff]{3}", said), said
    assert not re.search(r"[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}", said.replace("tiles is missing", "")), said


def test_the_cause_within_a_gaps_reason_is_said_in_chinese() -> None:
    with override("zh-hans"):
        said = [
            reason_words("OpenCASCADE did not survive it: the process ended with SIGSEGV."),
            reason_words("OpenCASCADE did not survive it: it gave no sign of life within its time."),
            reason_words("OpenCASCADE could not mesh it: Failed to process shape"),
        ]
    assert said == [
        "OpenCASCADE 处理该构件时中断：进程因 SIGSEGV 结束。",
        "OpenCASCADE 处理该构件时中断：在规定时间内没有响应。",
        "OpenCASCADE 无法生成其几何形状：Failed to process shape",
    ]
