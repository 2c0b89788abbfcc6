"""Why a message was refused is told in the reader's language, for every reason that the decoders can give."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

from tests.webmap.pages.test_languages import ROOT
from webmap.pages.devices.line_sentences import line_words
from webmap.pages.devices.message_reasons import known_reason, refusal_reason, without_numbers

REFUSALS = {
    "FieldInvalid", "FieldMissing", "FieldUnknown", "VersionUnknown", "PayloadNotReadable", "PayloadTooLarge",
    "ReceiptRefused", "FrameRefused", "_refuse_first",
}  # fmt: skip
TO_TERMINALS = ("text: ", "body: 7 bytes, more than")  # about what we send, never about a refused message


def text_of(node: ast.expr) -> str | None:
    """Return a literal or f-string as it could read, or None for what is computed elsewhere."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "7" for part in node.values)
    return None


def reasons_in(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS and node.args:
            text = text_of(node.args[-1])
            if text and not text.startswith(TO_TERMINALS):
                yield text


def test_every_reason_that_the_decoders_can_give_has_a_sentence():
    files = [*(ROOT / "ingest").rglob("*.py"), ROOT / "spatial" / "commands" / "rules.py"]
    found = {reason for file in files for reason in reasons_in(file)}
    assert len(found) > 70
    assert sorted(reason for reason in found if known_reason(reason) is None) == []


@pytest.mark.parametrize(
    ("english", "chinese"),
    [
        ("fixes[3].t: 86 s ahead of the server's clock", "fixes[3].t：比服务器时钟快 86 秒"),
        ("fixes[3].t: 412 days old", "fixes[3].t：已过去 412 天"),
        ("not UTF-8 JSON (JSONDecodeError)", "不是 UTF-8 编码的 JSON（JSONDecodeError）"),
        ("parts[2].device: H-9 is unknown or out of use", "parts[2].device：H-9 未登记或已停用"),
        ("item 0x14: is cut off", "item 0x14：被截断"),
        ("boot: must be 4 to 32 lower-case hexadecimal digits", "boot：必须是 4 至 32 位小写十六进制数字"),
        (
            "settlement: value: 9000 mm is outside what settlement can be (-500 to 500 mm).",
            "settlement：value：9000 mm 超出 settlement 可能的范围（-500 to 500 mm）。",
        ),
        ("fixes[0].acc: must be a number from 0.01 to 1000", "fixes[0].acc：必须是 0.01 至 1000 的数"),
        ("seq: must be a whole number from 0 to 9007199254740991", "seq：必须是 0 至 9007199254740991 的整数"),
        ("binary: version: must be 2", "binary：version：必须为 2"),
        ("fixes: 900 fixes, more than 500", "fixes：900 个定位点，超过 500"),
        ("internal: DataError", "内部错误：DataError"),
        ("a reason of tomorrow", "a reason of tomorrow"),
    ],
)
def test_a_reason_keeps_its_field_and_parts_in_chinese(english, chinese):
    with translation.override("zh-hans"):
        assert refusal_reason(english) == chinese
    with translation.override("en"):
        assert refusal_reason(english) == english


def test_a_kind_of_reason_is_told_without_its_numbers():
    kind = without_numbers("fixes[3].acc: must be a number from 0.01 to 1000")
    assert kind == "fixes[…].acc: must be a number from … to …"
    with translation.override("zh-hans"):
        assert refusal_reason(kind) == "fixes[…].acc：必须是 … 至 … 的数"
        kind = "boot: must be … to … lower-case hexadecimal digits"
        assert refusal_reason(kind) == "boot：必须是 … 至 … 位小写十六进制数字"


def test_a_line_of_a_file_is_told_as_a_message_is_where_files_have_no_words_of_their_own():
    with translation.override("zh-hans"):
        assert line_words("fixes[3].acc: must be a number from 0.01 to 1000") == (
            "acc 须为 0.01 至 1000 之间的数",
            True,
        )
        assert line_words("fixes[3].t: 412 days old") == ("fixes[3].t：已过去 412 天", True)
        assert line_words("a reason of tomorrow") == ("a reason of tomorrow", False)
