"""The samples of buildingSMART and of real projects: read, written as 2.1 and 3.0, read again.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from bim.exchange.bcf.fitting import VERSIONS, fit
from bim.exchange.bcf.reading import read_bcf
from bim.exchange.bcf.topics import BcfFile
from bim.exchange.bcf.writing import write_file
from tests.bim.exchange.bcf.differences import differences
from tests.bim.exchange.bcf.official import MISSING, available, official_faults
from tests.bim.exchange.bcf.schema import faults

SAMPLES = Path(__file__).resolve().parents[3] / "shared" / "data" / "bcf"

if not SAMPLES.is_dir():
    warnings.warn(f"BCF SAMPLES ARE NOT TESTED: {SAMPLES} does not exist.", stacklevel=1)
if not available():
    warnings.warn(MISSING, stacklevel=1)

pytestmark = pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"BCF SAMPLES ARE NOT TESTED: {SAMPLES} does not exist.")

# part of the name, version, stated, topics, comments, viewpoints, components that the viewpoints point at
READ = [
    ("realproject_HHS", "1.0", False, 3, 5, 3, 6),
    ("Controle_FEK", "1.0", False, 3, 3, 3, 0),
    ("Controle_Jordahl", "1.0", False, 3, 3, 3, 3),
    ("Controle_Multicom", "1.0", False, 2, 2, 2, 3),
    ("Controle_Ytong", "1.0", False, 2, 2, 2, 2),
    ("ROOT-Compleet", "2.0", True, 6, 6, 6, 21),
    ("CommentsWithoutViewpoints_", "2.0", True, 1, 3, 1, 0),
    ("v2.1_Markup_MaximumInformation", "2.1", True, 2, 4, 3, 15),
    ("v3.0_Markup_Related_topics", "3.0", True, 2, 1, 0, 0),
    ("v3.0_Visualization_All_parts_of_decomposed", "3.0", True, 1, 0, 1, 36),
]
ALL = sorted(SAMPLES.glob("*.bcf*"))


def sample(part: str) -> BcfFile:
    (file,) = [file for file in ALL if part in file.name]
    return read_bcf(file.read_bytes())


def test_all_34_samples_are_there() -> None:
    assert len(ALL) == 34


@pytest.mark.parametrize(("part", "version", "stated", "topics", "comments", "views", "components"), READ)
def test_a_sample_is_read_whole(part, version, stated, topics, comments, views, components) -> None:
    bcf = sample(part)
    assert (bcf.version, bcf.version_stated, bcf.faults) == (version, stated, ())
    assert len(bcf.topics) == topics
    assert sum(len(topic.comments) for topic in bcf.topics) == comments
    found = [view for topic in bcf.topics for view in topic.viewpoints]
    assert (len(found), sum(len(view.global_ids()) for view in found)) == (views, components)


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem[:60])
def test_what_is_written_is_valid_and_read_again_as_it_was_but_for_what_is_listed(file: Path, version: str) -> None:
    bcf = read_bcf(file.read_bytes())
    assert bcf.faults == ()
    content = write_file(bcf, version)
    again = read_bcf(content)
    fitted, losses = fit(bcf, version)
    assert again == fitted
    assert differences(bcf, again) == {(loss.topic, loss.field) for loss in losses}
    assert faults(content, version) == []
    assert write_file(again, version) == content


def test_a_file_written_in_its_own_version_loses_nothing() -> None:
    """Some 3.0 samples use types that their own lists do not name: those are added."""
    own = [bcf for bcf in (read_bcf(file.read_bytes()) for file in ALL) if bcf.version in VERSIONS]
    assert len(own) == 23
    assert {loss.field for bcf in own for loss in fit(bcf, bcf.version)[1]} == {"extensions"}


def test_the_fullest_sample_says_all_that_it_says() -> None:
    bcf = sample("v2.1_Markup_MaximumInformation")
    topic = bcf.topics[0]
    assert (topic.title, topic.type, topic.status, topic.priority) == ("Maximum Content", "Structural", "Open", "High")
    assert (topic.labels, topic.stage) == (("Structural", "IT Development"), "Construction Start")
    assert (topic.assigned_to, topic.index) == ("linhard@iabi.eu", 0)
    assert topic.related == ("d1068c81-af04-4546-b63c-348810f6c716",)
    assert topic.snippet and (topic.snippet.type, topic.snippet.reference) == ("JSON", "JsonElement.json")
    assert [one.url or one.path for one in topic.documents] == [
        "https://github.com/BuildingSMART/BCF-XML",
        "../markup.xsd",
    ]
    assert (topic.files[0].ifc_project, topic.files[0].external) == ("0M6o7Znnv7hxsbWgeu7oQq", False)
    first = topic.viewpoints[0]
    assert (len(first.selection), len(first.coloring), first.coloring[0].color) == (5, 1, "3498DB")
    assert (len(first.lines), len(first.clipping_planes), len(first.bitmaps)) == (3, 2, 2)
    assert first.visibility and len(first.visibility.exceptions) == 5 and first.hints and first.hints.openings
    assert first.camera and first.camera.position == (0.43079984188079834, 69.52057647705078, 10.666350364685059)
    assert bcf.extensions.users == ("dangl@iabi.eu", "linhard@iabi.eu")
    assert (bcf.project_id, bcf.project_name) == ("F338B6F0-A93E-40FF-A4D6-6117CD21EC2A", "BCF API Implementation")
    assert [(one.path, len(one.content)) for one in bcf.attachments][-2:] == [
        ("IfcPile_01.ifc", 796229),
        ("markup.xsd", 7983),
    ]


@pytest.mark.skipif(not available(), reason=MISSING)
@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("file", ALL, ids=lambda file: file.stem[:60])
def test_every_sample_is_written_as_the_official_schemas_demand(file: Path, version: str) -> None:
    assert official_faults(write_file(read_bcf(file.read_bytes()), version), version) == []
