"""The 3D page's cast: a small model imported by the product's own pipeline, who may see it, and a stranger."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.contrib.gis.geos import Point, Polygon
from django.core.cache import cache
from django.test import Client

from bim.models import Revision
from bim.operations import import_file
from bim.queries import current_revisions
from spatial.people.models import User
from spatial.people.operations import create_user, grant_role
from spatial.places.models import Site
from spatial.places.operations import create_organisation, create_site
from tests.bim.authoring import small_building

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PASSWORD = "a long pass phrase"
OUTLINE = ((113.62, 34.74), (113.63, 34.74), (113.63, 34.75), (113.62, 34.75), (113.62, 34.74))


@dataclass(frozen=True)
class Cast:
    """A site with one imported model; its manager, and a stranger with a site of his own."""

    site: Site
    revision: Revision
    manager: User
    stranger: User


@pytest.fixture(autouse=True)
def private_folders(settings: Any, tmp_path: Path) -> None:
    """Tiles, media and keys of a test are its own; the cache holds nothing of an earlier test."""
    settings.TWINWALL_DATA_ROOT = tmp_path / "data"
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.TWINWALL_SECRETS_DIR = tmp_path / "secrets"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # argon2 is slow on purpose
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    for folder in (settings.TWINWALL_DATA_ROOT, settings.MEDIA_ROOT):
        folder.mkdir()
    cache.clear()


@pytest.fixture
def cast(db: None, tmp_path: Path) -> Cast:
    """The cast, with the model imported from a file."""
    common: dict[str, Any] = {"projected_srid": 4547, "ground_height_m": 110.5, "actor": None, "now": NOW}
    site = create_site(
        code="ZD-TOWER",
        name="郑东塔楼",
        organisation=create_organisation(name="总包", now=NOW),
        boundary=Polygon(OUTLINE, srid=4490),
        location=Point(113.625, 34.7466, srid=4490),
        **common,
    )
    elsewhere = create_site(
        code="far", name="远处", organisation=create_organisation(name="外地建设", now=NOW), **common
    )
    small_building(tmp_path / "一期主体.ifc")
    verdict = import_file(path=tmp_path / "一期主体.ifc", site_code=site.code, model_name="")
    assert verdict["verdict"] in ("imported", "imported_with_gaps"), verdict["reason"]
    manager = create_user(username="manager", password=PASSWORD, full_name="郑国栋", now=NOW)
    grant_role(user=manager, role="project_manager", site=site, now=NOW)
    stranger = create_user(username="stranger", password=PASSWORD, full_name="外人", now=NOW)
    grant_role(user=stranger, role="project_manager", site=elsewhere, now=NOW)
    revision = current_revisions(site).get()
    return Cast(site=site, revision=revision, manager=manager, stranger=stranger)


@pytest.fixture
def as_manager(cast: Cast) -> Client:
    """A browser in which the manager is logged in."""
    client = Client()
    client.force_login(cast.manager)
    return client


@pytest.fixture
def as_stranger(cast: Cast) -> Client:
    """A browser in which the stranger is logged in."""
    client = Client()
    client.force_login(cast.stranger)
    return client
