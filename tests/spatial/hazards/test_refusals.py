"""Every refusal speaks both languages, with the same values in it."""

from __future__ import annotations

import ast
import re
import subprocess
from gettext import GNUTranslations
from pathlib import Path

import pytest
from django.utils.translation import override

from spatial.hazards.refusals import ActorRefused, TransitionRefused, refuse
from spatial.hazards.rules import Refusal

APP = Path(__file__).parents[3] / "spatial/hazards"
CATALOGUE = APP / "locale/zh_Hans/LC_MESSAGES/django.po"


def sentences() -> set[str]:
    """Return every sentence that the app marks for translation."""
    calls = (node for file in APP.glob("*.py") for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
    return {
        ast.literal_eval(node.args[0])
        for node in calls
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "gettext_noop"
    }


@pytest.fixture
def chinese(tmp_path) -> GNUTranslations:
    """The app's Chinese catalogue, compiled as `./twin up` compiles it."""
    compiled = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "-o", str(compiled), str(CATALOGUE)], check=True)
    with compiled.open("rb") as file:
        return GNUTranslations(file)


def test_every_sentence_has_its_chinese_with_the_same_values(chinese):
    assert len(sentences()) == 29
    for english in sentences():
        translated = chinese.gettext(english)
        assert translated != english
        assert set(re.findall(r"%\(\w+\)s", english)) == set(re.findall(r"%\(\w+\)s", translated)), english


def test_a_refusal_is_told_in_the_language_of_the_request(chinese, monkeypatch):
    sentence = "It was returned %(count)s times: approve it, void it or judge it as major now."
    refusal = Refusal("transition", sentence, {"count": 3})
    error = TransitionRefused(refusal)
    with override("en"):
        assert str(error) == "It was returned 3 times: approve it, void it or judge it as major now."
    monkeypatch.setattr("spatial.hazards.refusals.gettext", chinese.gettext)
    assert str(error) == "已退回 3 次：现在须审核通过、作废或按重大隐患判定。"


def test_each_kind_of_refusal_is_an_exception_of_its_own():
    with pytest.raises(ActorRefused) as refused:
        refuse(Refusal("role", "Such a thing is refused.", field_name="rechecker"))
    assert isinstance(refused.value, PermissionError)
    assert refused.value.field == "rechecker"
    assert not isinstance(refused.value, ValueError)
    with pytest.raises(ValueError, match="Such a thing is refused"):
        refuse(Refusal("transition", "Such a thing is refused."))
