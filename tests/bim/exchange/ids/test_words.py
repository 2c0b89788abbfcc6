"""Requirements and reasons are sentences in both languages."""

from __future__ import annotations

import pytest
from django.utils.translation import override

from bim.exchange.ids.words import (
    applicability_words,
    problem_words,
    reason_words,
    requirement_words,
    value_words,
    why_words,
)

PSET = {"propertySet": {"value": "Pset_WallCommon"}, "baseName": {"value": "FireRating"}}


def facet(kind: str, cardinality: str = "required", **values: dict) -> dict:
    return {"kind": kind, "cardinality": cardinality, "values": values, "instructions": ""}


@pytest.mark.parametrize(
    ("asked", "english", "chinese"),
    [
        (
            facet("property", **PSET, dataType={"value": "IFCLABEL"}),
            "Property FireRating in the set Pset_WallCommon shall be given (data type IFCLABEL)",
            "属性集 Pset_WallCommon 中应有属性 FireRating（数据类型 IFCLABEL）",
        ),
        (
            facet("property", "optional", **PSET, value={"base": "string", "enumeration": ["1h", "2h"]}),
            "Property FireRating in the set Pset_WallCommon, where given, shall be one of “1h”, “2h”",
            "属性集 Pset_WallCommon 中的属性 FireRating 若有值，应为“1h”、“2h”之一",
        ),
        (
            facet("attribute", "prohibited", name={"value": "Name"}, value={"base": "string", "pattern": ["X.*", "Y"]}),
            "Attribute Name shall not be text that matches X.* or Y",
            "特性 Name 不应为符合 X.* 或 Y 的文字",
        ),
        (
            facet("attribute", name={"value": "Elevation"}, value={"base": "double", "minInclusive": "0"}),
            "Attribute Elevation shall be ≥ 0",
            "特性 Elevation 应为≥ 0",
        ),
        (
            facet("partOf", name={"value": "IFCSPACE"}, relation={"value": "IFCRELCONTAINEDINSPATIALSTRUCTURE"}),
            "Shall be part of IFCSPACE (by spatial containment)",
            "应属于 IFCSPACE（空间包含关系）",
        ),
        (facet("material"), "A material shall be given", "应有材料"),
    ],
)
def test_a_requirement_is_a_sentence(asked, english, chinese):
    with override("en"):
        assert requirement_words(asked["kind"], asked) == english
    with override("zh-hans"):
        assert requirement_words(asked["kind"], asked) == chinese


def test_long_lists_are_cut():
    with override("en"):
        words = value_words({"base": "string", "enumeration": [str(n) for n in range(30)]})
        assert words.startswith("one of 30 values: “0”, “1”") and words.endswith("“7” …")
        assert value_words({"base": "string", "minLength": "2", "maxLength": "5"}) == (
            "text of at least 2 characters and text of at most 5 characters"
        )


def test_applicability_reasons_and_whys():
    facets = [facet("entity", name={"value": "IFCWALL"}), facet("attribute", name={"value": "Name"})]
    with override("en"):
        assert applicability_words(facets) == "IFCWALL; attribute Name is given"
        assert reason_words("VALUE", "二级", "", "property") == "The value is 二级."
        assert reason_words("NOVALUE", "", "", "material") == "It has no material."
        assert why_words("not_checked", "schema", "IFC4", ["IFC2X3"]) == (
            "Not checked: it is written for IFC2X3, and the model is IFC4."
        )
        assert why_words("pass", "", "", []) == ""
    with override("zh-hans"):
        assert (
            problem_words("schema", 5, "x", "") == "第 5 行：不符合 IDS 1.0 的要求（x）。请在编写该文件的软件中改正。"
        )
        assert reason_words("DATATYPE", "IFCTEXT", "IFCLABEL", "property") == "数据类型是 IFCTEXT，而不是 IFCLABEL。"
