"""Another implementation, bcf-client, opens what we write and finds the same in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from bim.exchange.bcf.writing import write_file

from .test_reading import FIRST, SECOND, VIEW, WALL, WHOLE


def opened(path: Path, version: str) -> Any:
    if version == "2.1":
        from bcf.v2.bcfxml import BcfXml
    else:
        from bcf.v3.bcfxml import BcfXml
    return BcfXml.load(path)


@pytest.mark.parametrize("version", ["2.1", "3.0"])
def test_another_reader_finds_the_same_topics_comments_views_and_pictures(tmp_path: Path, version: str) -> None:
    file = tmp_path / "whole.bcf"
    file.write_bytes(write_file(WHOLE, version))
    found = opened(file, version)
    assert found.version.version_id == version
    assert found.project.name == "Tower"
    assert list(found.topics) == [FIRST, SECOND]
    full, mine = found.topics[FIRST], WHOLE.topics[0]
    topic = full.topic
    assert (topic.title, topic.topic_type, topic.topic_status) == (mine.title, mine.type, mine.status)
    assert (topic.priority, topic.stage, topic.assigned_to) == ("High", "Shell", "wang")
    assert topic.description == mine.description
    labels = topic.labels if version == "2.1" else topic.labels.label
    assert tuple(labels) == mine.labels
    assert topic.due_date.to_datetime() == mine.due_date
    assert [(one.guid, one.author) for one in full.comments] == [(one.guid, one.author) for one in mine.comments]
    assert full.comments[0].comment == "see\nthere"
    assert [one.ifc_project for one in full.header.file] if version == "2.1" else full.header.files.file
    view = next(view for view in full.viewpoints.values() if view.guid == VIEW)
    info = view.visualization_info
    assert [one.ifc_guid for one in info.components.selection.component] == [WALL.global_id]
    camera = info.perspective_camera.camera_view_point
    assert mine.viewpoints[0].camera and (camera.x, camera.y, camera.z) == mine.viewpoints[0].camera.position
    assert len(info.components.visibility.exceptions.component) == 2
    assert view.snapshot == mine.viewpoints[0].snapshot
