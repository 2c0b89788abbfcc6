"""Tiles: sent to those who may see the site, and only tiles, and only of that revision."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from bim.models import Revision
from bim.queries import tileset_folder

from .conftest import Cast


def leaf_of(cast: Cast) -> str:
    """The name of one GLB of the revision."""
    return next(iter(sorted(tileset_folder(cast.revision.id).glob("*.glb")))).name


def body_of(response: Any) -> bytes:
    """The bytes that were sent, unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    return gzip.decompress(body) if response.headers.get("Content-Encoding") == "gzip" else body


def test_the_tileset_is_sent_as_json_that_the_users_own_browser_may_keep_for_ever(
    cast: Cast, as_manager: Client
) -> None:
    response = as_manager.get(f"/tiles/{cast.revision.id}/tileset.json")

    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert set(response["Cache-Control"].split(", ")) == {"private", "max-age=31536000", "immutable"}
    assert set(response["Vary"].split(", ")) >= {"Cookie", "Accept-Encoding"}
    assert json.loads(body_of(response))["asset"]["version"] == "1.1"


def test_a_glb_comes_gzipped_to_a_browser_that_takes_gzip_and_is_the_same_file(cast: Cast, as_manager: Client) -> None:
    name = leaf_of(cast)
    file = tileset_folder(cast.revision.id) / name

    packed = as_manager.get(f"/tiles/{cast.revision.id}/{name}", headers={"accept-encoding": "gzip, br"})
    plain = as_manager.get(f"/tiles/{cast.revision.id}/{name}")

    assert packed["Content-Encoding"] == "gzip"
    assert packed["Content-Type"] == plain["Content-Type"] == "model/gltf-binary"
    assert "Content-Encoding" not in plain.headers
    assert body_of(packed) == body_of(plain) == file.read_bytes()


def test_a_stranger_gets_404_for_a_tile_that_exists(cast: Cast, as_stranger: Client) -> None:
    for name in ("tileset.json", leaf_of(cast)):
        assert as_stranger.get(f"/tiles/{cast.revision.id}/{name}").status_code == 404


def test_somebody_who_is_not_logged_in_is_sent_to_the_login_page(cast: Cast) -> None:
    response = Client().get(f"/tiles/{cast.revision.id}/tileset.json")

    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


@pytest.mark.parametrize(
    "name",
    [
        "../secret.json",
        "..%2Fsecret.json",
        "%2e%2e/secret.json",
        "./../secret.json",
        "notes.txt",
        "missing.glb",
        "tileset.json/",
        "%2Fetc%2Fpasswd",
    ],
)
def test_what_is_not_a_tile_of_the_revision_answers_404(cast: Cast, as_manager: Client, name: str) -> None:
    folder = tileset_folder(cast.revision.id)
    (folder.parent / "secret.json").write_text("{}")
    (folder / "notes.txt").write_text("not a tile")

    assert as_manager.get(f"/tiles/{cast.revision.id}/{name}").status_code == 404


def test_a_link_that_leads_out_of_the_folder_is_not_followed(cast: Cast, as_manager: Client) -> None:
    secret = settings.TWINWALL_DATA_ROOT / "secret.json"
    secret.write_text("{}")
    (tileset_folder(cast.revision.id) / "link.json").symlink_to(secret)

    assert as_manager.get(f"/tiles/{cast.revision.id}/link.json").status_code == 404


def test_the_tiles_of_a_refused_revision_are_not_served(cast: Cast, as_manager: Client) -> None:
    Revision.objects.filter(id=cast.revision.id).update(state=Revision.State.REFUSED)

    assert as_manager.get(f"/tiles/{cast.revision.id}/tileset.json").status_code == 404
