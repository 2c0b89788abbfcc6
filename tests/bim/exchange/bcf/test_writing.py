"""Topics as BCF 2.1 and 3.0 files."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from io import BytesIO
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bim.exchange.bcf.topics import Camera, Comment, Component, ModelFile, Topic, Viewpoint
from bim.exchange.bcf.writing import VERSIONS, write_bcf

from .schema import faults

GUID = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c70"
WALL = "1hqIFTRjfV6AWq_bMtnZwI"
AT = datetime(2026, 3, 1, 8, 0, tzinfo=timezone(timedelta(hours=8)))
VIEW = Viewpoint(
    "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c71",
    (Component(WALL),),
    camera=Camera((1.5, -2.0, 3.25), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0)),
    snapshot=b"\x89PNG\r\n\x1a\n",
)
TOPIC = Topic(
    guid=GUID,
    title="YH-1 临边防护缺失",
    type="Hazard",
    status="Assigned",
    creation_date=AT,
    creation_author="li@example.com",
    priority="High",
    labels=("高处作业", "3F"),
    due_date=AT + timedelta(days=3),
    assigned_to="wang@example.com",
    description="Edge <open> & unguarded",
    files=(ModelFile("tower.ifc", "urn:sha256:00", AT, "3sNneo5Gv8wgOKGFd5KAZX"),),
    comments=(Comment("0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c72", AT, "li@example.com", "[submit] seen"),),
    viewpoints=(VIEW,),
)
BARE = Topic("0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c80", "t", "Hazard", "Draft", AT, "li")


def entry(content: bytes, name: str) -> ElementTree.Element:
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return ElementTree.fromstring(archive.read(name))


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("topic", [TOPIC, BARE], ids=["full", "bare"])
def test_every_file_of_the_archive_is_valid(topic: Topic, version: str) -> None:
    assert faults(write_bcf([topic], version), version) == []


def test_the_check_of_validity_finds_what_is_wrong() -> None:
    wrong = replace(TOPIC, guid="NOT-A-GUID", viewpoints=(replace(VIEW, selection=(Component("short"),)),))
    found = faults(write_bcf([wrong], "3.0"), "3.0")
    assert any("Topic@Guid 'NOT-A-GUID'" in fault for fault in found)
    assert any("Component@IfcGuid" in fault for fault in found)
    assert faults(write_bcf([TOPIC], "2.1"), "3.0") != []
    assert faults(write_bcf([TOPIC], "3.0"), "2.1") != []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_same_topics_give_the_same_bytes(version: str) -> None:
    assert write_bcf([TOPIC, BARE], version) == write_bcf([TOPIC, BARE], version)


@pytest.mark.parametrize(("version", "label"), [("2.1", "Topic/Labels"), ("3.0", "Topic/Labels/Label")])
def test_a_topic_says_what_the_ticket_says(version: str, label: str) -> None:
    content = write_bcf([TOPIC], version)
    markup = entry(content, f"{GUID}/markup.bcf")
    assert markup.findtext("Topic/Title") == "YH-1 临边防护缺失"
    assert markup.findtext("Topic/CreationDate") == "2026-03-01T00:00:00.000Z"
    assert markup.findtext("Topic/DueDate") == "2026-03-04T00:00:00.000Z"
    assert markup.findtext("Topic/Description") == "Edge <open> & unguarded"
    assert [node.text for node in markup.findall(label)] == ["高处作业", "3F"]
    assert next(markup.iter("File")).get("IfcProject") == "3sNneo5Gv8wgOKGFd5KAZX"
    assert [node.findtext("Comment") for node in markup.iter("Comment") if node.get("Guid")] == ["[submit] seen"]
    view = entry(content, f"{GUID}/viewpoint-{VIEW.guid}.bcfv")
    assert [node.get("IfcGuid") for node in view.findall("Components/Selection/Component")] == [WALL]
    position = view.find("PerspectiveCamera/CameraViewPoint")
    assert position is not None and [float(node.text or "") for node in position] == [1.5, -2.0, 3.25]


def test_another_version_is_refused() -> None:
    with pytest.raises(ValueError, match=r"BCF '2\.0' is not written; choose one of 2\.1, 3\.0"):
        write_bcf([TOPIC], "2.0")


@given(st.text(min_size=1), st.sampled_from(VERSIONS))
def test_any_text_gives_a_file_that_can_be_read(text: str, version: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    topic = Topic(GUID, f"x{text}", "Hazard", "Draft", moment, "li", description=text, labels=("a",))
    assert entry(write_bcf([topic], version), f"{GUID}/markup.bcf").findtext("Topic/Title", "").startswith("x")
