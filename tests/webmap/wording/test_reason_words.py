"""What an import says of a file, in Chinese and in English."""

from __future__ import annotations

from django.utils.translation import override

from bim.ifc.schema_names import schema_warning
from webmap.pages.imports.reason_words import reason_words


def test_a_refusal_with_its_line_is_said_in_chinese() -> None:
    with override("zh-hans"):
        said = reason_words("The file is cut off: it ends at line 12437 without END-ISO-10303-21;.")
    assert said == "文件不完整：在第 12437 行结束，缺少 END-ISO-10303-21;。"


def test_warnings_one_after_another_are_translated_each_and_an_unknown_one_stays() -> None:
    text = (
        f"{schema_warning('IFC4X1', 'IFC4X3_ADD2')} Names are written as raw Shift-JIS instead of STEP escapes; they "
        "were read as Shift-JIS. Something that nobody has translated. "
        "3 elements share a GlobalId with another element."
    )
    with override("zh-hans"):
        said = reason_words(text)
    assert said == (
        "文件写明的模式是 IFC4X1，已按最接近的可读模式 IFC4X3_ADD2 读取。 其中曲线和线性定位的含义可能不同，请核对。 "
        "名称直接以 Shift-JIS 写入而未用 STEP 转义，已按该编码读取。 Something that nobody has translated. "
        "3 个构件的 GlobalId 与其他构件重复。"
    )


def test_english_stays_as_it_came_and_nothing_gives_nothing() -> None:
    with override("en"):
        for text in ("The file is empty (0 bytes).", "The zip holds 2 models (a.ifc, b.ifc); import them one by one."):
            assert reason_words(text) == text
        stopped = "The import was stopped at its limit of 6 s, in the stage mesh at 40 %."
        assert reason_words(stopped) == stopped
    assert reason_words(None) == reason_words("") == ""
