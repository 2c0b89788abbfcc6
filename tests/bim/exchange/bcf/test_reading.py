"""BCF files of others: whole, broken, and hostile."""

from __future__ import annotations

import random
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pytest

from bim.exchange.bcf import archive
from bim.exchange.bcf.faults import BcfUnreadable
from bim.exchange.bcf.fitting import VERSIONS, fit
from bim.exchange.bcf.reading import read_bcf
from bim.exchange.bcf.topics import (
    Attachment,
    BcfFile,
    BimSnippet,
    Comment,
    Document,
    DocumentReference,
    Extensions,
    ModelFile,
    OrthogonalCamera,
    Topic,
)
from bim.exchange.bcf.viewpoints import (
    Bitmap,
    Camera,
    ClippingPlane,
    Coloring,
    Component,
    Line,
    Viewpoint,
    ViewSetupHints,
    Visibility,
)
from bim.exchange.bcf.writing import write_bcf, write_file

from .differences import differences
from .official import MISSING, available, official_faults
from .schema import faults

FIRST = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c70"
SECOND = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c80"
DOCUMENT = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c90"
VIEW = "0190a3c1-5d2e-7b14-8c55-3d1a2f4b6c71"
AT = datetime(2026, 3, 1, 0, 0, 0, 123456, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n and more"
WALL, SLAB = Component("1hqIFTRjfV6AWq_bMtnZwI", "Tool", "wall 7"), Component("2oL7X5mKr9bwjp_qoAJBRw")
CAMERA = Camera((1.5, -2.25, 3e-17), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 50.0, 1.25)
FULL = Topic(
    guid=FIRST, title="临边 <open> & unguarded", type="Hazard", status="Open", creation_date=AT,
    creation_author="li@example.com", priority="High", labels=("a", "高处"), due_date=AT, assigned_to="wang",
    description="first line\nsecond line", index=3, stage="Shell", modified_date=AT, modified_author="zhao",
    server_assigned_id="17", reference_links=("https://example.com/1",), related=(SECOND,),
    snippet=BimSnippet("IFC4", "part.ifc", "https://example.com/schema"),
    files=(ModelFile("tower.ifc", "../tower.ifc", AT, "3sNneo5Gv8wgOKGFd5KAZX", "23B$bNeGHFQuMYJzvUX0FD", False),),
    documents=(DocumentReference(DOCUMENT, url="https://example.com/d", description="d"),),
    comments=(Comment(FIRST, AT, "li", "see\nthere", VIEW, AT, "wang"), Comment(SECOND, AT, "li", "")),
    viewpoints=(
        Viewpoint(
            VIEW, (WALL,), Visibility(False, (SLAB, WALL)), ViewSetupHints(True, False, True),
            (Coloring("FF00AA80", (SLAB,)),), CAMERA, None, (Line((0.0, 0.0, 0.0), (0.0, 0.0, 1.0)),),
            (ClippingPlane((0.0, 0.0, 3.0), (0.0, 0.0, 1.0)),),
            (Bitmap("PNG", "pic.png", (1.0, 2.0, 3.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 2.5),), PNG, 0,
        ),
        Viewpoint(SECOND, orthogonal=OrthogonalCamera((0.0, 0.0, 9.0), (0.0, 0.0, -1.0), (0.0, 1.0, 0.0), 12.5, 2.0)),
        Viewpoint(DOCUMENT, visibility=None, snapshot=b"\xff\xd8\xff\xe0 jpeg"),
    ),
)  # fmt: skip
BARE = Topic(SECOND, "second", "Hazard", "Open", AT, "li")
WHOLE = BcfFile(
    topics=(FULL, BARE),
    project_id="p1",
    project_name="Tower",
    extensions=Extensions(("Hazard",), ("Open",), ("High",), ("a", "高处"), ("li", "wang"), ("IFC4",), ("Shell",)),
    documents=(Document(DOCUMENT, "plan.pdf", "the plan", b"%PDF"),),
    attachments=(
        Attachment(f"{FIRST}/part.ifc", b"ISO"),
        Attachment(f"{FIRST}/pic.png", PNG),
        Attachment("tower.ifc", b"I"),
    ),
)


def packed(*entries: tuple[str, bytes | str]) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries:
            made.writestr(name, data)
    return content.getvalue()


def unpacked(content: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(BytesIO(content)) as made:
        return [(info.filename, made.read(info)) for info in made.infolist()]


def changed(content: bytes, name: str, data: bytes | None) -> bytes:
    """Return the file with one entry replaced, or without it."""
    return packed(*[(n, data if n == name else d) for n, d in unpacked(content) if n != name or data is not None])


TWO = write_bcf([FULL, BARE], "2.1")


def test_everything_that_3_0_holds_is_read_as_it_was_written() -> None:
    content = write_file(WHOLE, "3.0")
    again, (fitted, losses) = read_bcf(content), fit(WHOLE, "3.0")
    assert again == fitted and faults(content, "3.0") == []
    assert differences(WHOLE, again) == {(loss.topic, loss.field) for loss in losses} == {("", "extensions")}


def test_what_2_1_cannot_hold_is_listed() -> None:
    content = write_file(WHOLE, "2.1")
    again, (fitted, losses) = read_bcf(content), fit(WHOLE, "2.1")
    assert again == fitted and faults(content, "2.1") == []
    assert (
        differences(WHOLE, again)
        == {(loss.topic, loss.field) for loss in losses}
        == {
            (FIRST, "server_assigned_id"),
            (FIRST, "viewpoints.camera.aspect_ratio"),
            (FIRST, "viewpoints.orthogonal.aspect_ratio"),
            ("", "documents"),
        }
    )


def test_a_document_inside_a_file_goes_from_one_version_to_the_other_and_back() -> None:
    new = replace(BARE, documents=(DocumentReference(FIRST, document=DOCUMENT, description="plan"),))
    old = read_bcf(write_file(replace(WHOLE, topics=(new,), attachments=()), "2.1"))
    assert [one.path for one in old.topics[0].documents] == [f"../documents/{DOCUMENT}/plan.pdf"]
    assert [(one.path, one.content) for one in old.attachments] == [(f"documents/{DOCUMENT}/plan.pdf", b"%PDF")]
    again = read_bcf(write_file(old, "3.0"))
    assert [(one.filename, one.content) for one in again.documents] == [("plan.pdf", b"%PDF")]
    assert again.topics[0].documents[0].document == again.documents[0].guid


def test_a_viewpoint_without_a_camera_gets_one_in_3_0_and_it_is_listed() -> None:
    topic = replace(BARE, viewpoints=(Viewpoint(VIEW, (WALL,)),))
    _, losses = fit(BcfFile((topic,)), "3.0")
    assert [(loss.topic, loss.field) for loss in losses] == [(SECOND, "viewpoints.camera")]
    assert faults(write_bcf([topic], "3.0"), "3.0") == []
    assert read_bcf(write_bcf([topic], "2.1")).topics == (topic,)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "not a whole zip"),
        (b"<html>", "not a whole zip"),
        (TWO[: len(TWO) // 2], "not a whole zip"),
        (packed(("readme.txt", "hello")), "no topic"),
        (packed(("markup.bcf", "<Markup/>")), "no topic"),
    ],
)
def test_what_is_no_bcf_file_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(BcfUnreadable, match=says):
        read_bcf(content)


@pytest.mark.parametrize(
    ("markup", "line", "says"),
    [
        (b"<Markup>\n<Topic Guid='x'\n</Markup>", 3, "The XML is broken"),
        (b"<?xml version='1.0'?>\n<Other/>", 2, "The root element is Other, not Markup"),
        (b"<Markup>\n</Markup>", 1, "no Topic"),
        (b"", 1, "The XML is broken"),
        (b"<!DOCTYPE m [<!ENTITY a 'b'>]><Markup>&a;</Markup>", 1, "document type"),
        (b"<!DOCTYPE m SYSTEM 'file:///etc/passwd'><Markup/>", 1, "document type"),
        (b"<Markup>" + b"<a>" * 60 + b"</a>" * 60 + b"</Markup>", 1, "more elements"),
    ],
)
def test_one_bad_topic_is_listed_with_its_line_and_costs_itself_only(markup: bytes, line: int, says: str) -> None:
    bcf = read_bcf(changed(TWO, f"{FIRST}/markup.bcf", markup))
    assert [topic.guid for topic in bcf.topics] == [SECOND]
    (fault,) = bcf.faults
    assert (fault.file, fault.line, fault.lost) == (f"{FIRST}/markup.bcf", line, "topic")
    assert says in str(fault)


def test_a_broken_guid_is_taken_from_the_folder_and_else_refused() -> None:
    broken = dict(unpacked(TWO))[f"{FIRST}/markup.bcf"].replace(f'<Topic Guid="{FIRST}"'.encode(), b'<Topic Guid="7"')
    bcf = read_bcf(changed(TWO, f"{FIRST}/markup.bcf", broken))
    assert [topic.guid for topic in bcf.topics] == [FIRST, SECOND]
    assert [(fault.lost, fault.message % fault.values) for fault in bcf.faults] == [
        ("value", "'7' is not a GUID: export the topic again."),
        *(
            ("value", f"{name} is named here, but it is not in the file.")
            for name in ("../tower.ifc", "part.ifc", "pic.png")
        ),
    ]
    alone = read_bcf(
        packed(("somewhere/markup.bcf", broken), (f"{SECOND}/markup.bcf", dict(unpacked(TWO))[f"{SECOND}/markup.bcf"]))
    )
    assert [topic.guid for topic in alone.topics] == [SECOND]
    assert [fault.lost for fault in alone.faults] == ["topic"]


def test_broken_comments_views_and_values_cost_themselves_only() -> None:
    markup = dict(unpacked(TWO))[f"{FIRST}/markup.bcf"].decode()
    markup = markup.replace(f'<Comment Guid="{SECOND}">', '<Comment Guid="nothing">')
    markup = markup.replace("<DueDate>2026-03-01T00:00:00.123456Z</DueDate>", "<DueDate>soon</DueDate>")
    markup = markup.replace("<Index>3</Index>", "<Index>three</Index>")
    view = (
        dict(unpacked(TWO))[f"{FIRST}/viewpoint-{VIEW}.bcfv"].decode().replace("<FieldOfView>50.0", "<FieldOfView>NaN")
    )
    content = changed(TWO, f"{FIRST}/markup.bcf", markup.encode())
    content = changed(content, f"{FIRST}/viewpoint-{VIEW}.bcfv", view.encode())
    content = changed(content, f"{FIRST}/snapshot-{VIEW}.png", None)
    content = changed(content, f"{FIRST}/viewpoint-{SECOND}.bcfv", b"<VisualizationInfo")
    bcf = read_bcf(content)
    topic = bcf.topics[0]
    assert (len(topic.comments), topic.due_date, topic.index) == (1, None, None)
    assert [view.guid for view in topic.viewpoints] == [VIEW, DOCUMENT]
    assert topic.viewpoints[0].camera is None and topic.viewpoints[0].snapshot == b""
    assert topic.viewpoints[0].global_ids() == (WALL.global_id,)
    assert sorted(fault.lost for fault in bcf.faults if "is named here" not in str(fault)) == [
        "comment", "picture", "value", "value", "value", "viewpoint",
    ]  # fmt: skip


def test_the_second_topic_of_a_guid_and_a_name_twice_are_listed() -> None:
    markup = dict(unpacked(TWO))[f"{SECOND}/markup.bcf"]
    bcf = read_bcf(packed((f"{SECOND}/markup.bcf", markup), ("copy/markup.bcf", markup)))
    assert len(bcf.topics) == 1 and [(fault.file, fault.lost) for fault in bcf.faults] == [("copy/markup.bcf", "topic")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        content = packed((f"{SECOND}/markup.bcf", markup), (f"{SECOND}/markup.bcf", markup), ("x/markup.bcf", markup))
    bcf = read_bcf(content)
    assert len(bcf.topics) == 1 and [fault.file for fault in bcf.faults] == [f"{SECOND}/markup.bcf"]


@pytest.mark.parametrize("name", ["../evil/markup.bcf", "/etc/markup.bcf", "C:/x/markup.bcf", "a/../../markup.bcf"])
def test_paths_out_of_the_archive_are_listed_and_not_read(name: str) -> None:
    markup = dict(unpacked(TWO))[f"{SECOND}/markup.bcf"]
    bcf = read_bcf(packed((f"{SECOND}/markup.bcf", markup), (name, markup)))
    assert len(bcf.topics) == 1 and [fault.file for fault in bcf.faults] == [name]


def test_a_snapshot_named_out_of_its_archive_is_not_followed() -> None:
    markup = dict(unpacked(TWO))[f"{FIRST}/markup.bcf"].replace(f"snapshot-{VIEW}.png".encode(), b"../../../etc/passwd")
    bcf = read_bcf(changed(TWO, f"{FIRST}/markup.bcf", markup))
    assert bcf.topics[0].viewpoints[0].snapshot == b""
    assert any("../../../etc/passwd is not in the file" in str(fault) for fault in bcf.faults)


def test_paths_of_windows_are_read() -> None:
    content = packed(*[(name.replace("/", "\\"), data) for name, data in unpacked(write_bcf([BARE], "2.1"))])
    assert read_bcf(content).topics == (BARE,)


def test_a_bomb_costs_its_own_topic_and_no_more_than_the_limit_is_unpacked() -> None:
    bomb = b"<Markup>" + b" " * (archive.MOST_XML_BYTES + 1)
    content = changed(TWO, f"{FIRST}/markup.bcf", bomb)
    assert len(content) < 100_000
    bcf = read_bcf(content)
    assert [topic.guid for topic in bcf.topics] == [SECOND]
    assert "larger than 16 MB" in str(bcf.faults[0])


def test_many_files_of_much_xml_end_at_the_limit_of_all_xml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_XML_TOTAL_BYTES", 100_000)
    topics = [
        replace(BARE, guid=f"0190a3c1-5d2e-7b14-8c55-3d1a2f4b60{n:02}", description="x" * 30_000) for n in range(9)
    ]
    bcf = read_bcf(write_bcf(topics, "2.1"))
    assert len(bcf.topics) == 3
    assert [fault.lost for fault in bcf.faults if fault.file.endswith("markup.bcf")] == ["topic"] * 6


def test_many_bombs_end_at_the_limit_of_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MOST_TOTAL_BYTES", 3_000_000)
    pictures = tuple(
        Viewpoint(f"0190a3c1-5d2e-7b14-8c55-3d1a2f4b60{n:02}", visibility=None, snapshot=PNG + bytes(1_000_000))
        for n in range(10)
    )
    bcf = read_bcf(write_bcf([replace(BARE, viewpoints=pictures), FULL], "2.1"))
    assert sum(len(view.snapshot) > 0 for view in bcf.topics[0].viewpoints) == 2
    assert sum(fault.lost == "picture" for fault in bcf.faults) >= 8


@pytest.mark.parametrize("version", VERSIONS)
def test_200_damaged_files_are_read_or_refused_and_nothing_else_happens(version: str) -> None:
    whole = write_file(WHOLE, version)
    luck = random.Random(20_260_301)
    read = refused = lost = 0
    for _ in range(200):
        content = damaged(whole, luck)
        try:
            bcf = read_bcf(content)
        except BcfUnreadable:
            refused += 1
            continue
        read += 1
        lost += len(bcf.topics) < 2
        assert len(bcf.topics) == 2 or bcf.faults, "a topic went without a word"
        if bcf.topics:
            assert read_bcf(write_file(bcf, version)).topics == fit(bcf, version)[0].topics
    assert read > 100 and lost > 20, (read, refused, lost)


def damaged(whole: bytes, luck: random.Random) -> bytes:
    """Return the file with bytes flipped, cut or doubled in its zip, or in one of its entries packed again."""
    if luck.random() < 0.3:
        return scrambled(whole, luck)
    entries = unpacked(whole)
    place = luck.randrange(len(entries))
    name, data = entries[place]
    entries[place] = (name, scrambled(data, luck)) if data else (f"{name}?", data)
    return packed(*entries)


def scrambled(data: bytes, luck: random.Random) -> bytes:
    at = luck.randrange(len(data))
    kind = luck.randrange(4)
    if kind == 0:
        return data[:at]
    if kind == 1:
        return data[:at] + luck.randbytes(4) + data[at + 4 :]
    if kind == 2:
        return data[:at] + data[at + luck.randrange(1, 60) :]
    return data[:at] + data[max(0, at - luck.randrange(1, 60)) :]


@pytest.mark.skipif(not available(), reason=MISSING)
@pytest.mark.parametrize("version", VERSIONS)
def test_the_fullest_file_is_as_the_official_schemas_demand_and_a_wrong_one_is_found(version: str) -> None:
    assert official_faults(write_file(WHOLE, version), version) == []
    assert official_faults(write_bcf([FULL, BARE], version), version) == []
    view = next(name for name, _ in unpacked(write_bcf([FULL], version)) if name.endswith(".bcfv"))
    wrong = changed(write_bcf([FULL], version), view, b"<VisualizationInfo><Lines/></VisualizationInfo>")
    assert any("Guid" in fault for fault in official_faults(wrong, version))
    broken = replace(FULL, viewpoints=(Viewpoint(VIEW, (Component("short"),), camera=CAMERA),))
    assert any("IfcGuid" in fault for fault in official_faults(write_bcf([broken], version), version))
