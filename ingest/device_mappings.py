"""Versions of a tenant's mappings: checked before they are kept, never changed after."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import transaction

from ingest.decoders.mapped import MAX_PAYLOAD_BYTES
from ingest.decoders.mapping_form import MappingRefused, read_mapping
from spatial.devices.models import Mapping, MappingVersion
from spatial.ledger.operations import record_act


def mapping_body(text: str) -> Any:
    """This function will read the text of a mapping. Raises MappingRefused."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        where = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "too deep"
        raise MappingRefused("", f"is not JSON ({where})") from error


@transaction.atomic
def save_mapping(*, site: Any, name: str, text: str, example: str, actor: Any | None, now: datetime) -> MappingVersion:
    """This function will keep a mapping as the newest version of its name; the same text again is no new version.

    Raises MappingRefused, naming the key that is wrong.
    """
    name = name.strip()
    if not 1 <= len(name) <= 80:
        raise MappingRefused("name", "1 to 80 characters")
    if len(example.encode()) > MAX_PAYLOAD_BYTES:
        raise MappingRefused("example", f"larger than {MAX_PAYLOAD_BYTES // 1024} KiB")
    body = mapping_body(text)
    read_mapping(body)
    mapping, _ = Mapping.objects.select_for_update(of=("self",)).get_or_create(
        site=site, name=name, defaults={"organisation": site.organisation}
    )
    newest = mapping.versions.order_by("-number").first()
    if newest is not None and newest.body == body and newest.example == example:
        return newest
    version = MappingVersion.objects.create(
        organisation=site.organisation,
        site=site,
        mapping=mapping,
        number=newest.number + 1 if newest else 1,
        body=body,
        example=example,
        recorded_by=actor,
    )
    record_act(
        organisation=site.organisation,
        site=site,
        actor=actor,
        verb="save_mapping",
        subject_kind="mapping",
        subject_id=mapping.pk,
        details={"name": name, "version": version.number},
        occurred_at=now,
        received_at=now,
    )
    return version
