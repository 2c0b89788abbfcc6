"""Every BCF sample on a site's page: seen in both languages, what can be taken is taken, once.

The files are never copied into the project. Without them these tests are skipped, loudly.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from bim.exchange.bcf.incoming import file_of, incoming_topics
from bim.exchange.bcf.models import BcfImport, ImportedTopic
from spatial.hazards.models import Hazard
from tests.webmap.hazards.conftest import cast, logged_in, ticket
from tests.webmap.hazards.test_bcf_files import stand_on_wall

from .test_bcf_samples import ALL, SAMPLES

__all__ = ["cast", "logged_in", "ticket"]
pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"BCF SAMPLES ARE NOT TESTED: {SAMPLES} does not exist."),
]


def test_every_sample_is_shown_and_what_can_be_taken_comes_once(cast: Any, ticket: Hazard, logged_in: Any) -> None:
    stand_on_wall(ticket)
    browser = logged_in(cast.worker)
    topics = expected = 0
    for file in ALL:
        given = SimpleUploadedFile(file.name, file.read_bytes(), "application/octet-stream")
        answer = browser.post(f"/sites/{cast.site.code}/bcf/", {"file": given})
        assert answer.status_code == 302, file.name
        for language in ("en", "zh-hans"):
            cast.worker.language = language
            cast.worker.save()
            assert browser.get(answer.url).status_code == 200, file.name
        rows = incoming_topics(cast.site, file_of(BcfImport.objects.latest("created_at").sha256))
        topics += len(rows)
        chosen = [row.topic.guid for row in rows if not row.obstacle and row.snapshot]
        expected += sum(row.hazard is None and row.topic.guid in chosen for row in rows)
        if chosen:
            taken = browser.post(answer.url, {"topic": chosen, "category": "other"})
            assert taken.status_code == 302, (file.name, taken.content.decode()[:3000])
        after = Hazard.objects.count()
        browser.post(answer.url, {"topic": [row.topic.guid for row in rows], "category": "other"})
        assert Hazard.objects.count() == after
    assert (len(ALL), BcfImport.objects.count(), topics) == (34, 34, 52)
    assert ImportedTopic.objects.count() == Hazard.objects.count() - 1 == expected == 24
