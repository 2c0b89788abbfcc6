"""Load the editions of rule tables that this version of Twinwall carries."""

from __future__ import annotations

from pathlib import Path

from django.db import transaction

from .models import Edition
from .rules import Pack, read_pack

DATA = Path(__file__).resolve().parent / "data"


class EditionChanged(ValueError):
    """An edition that was already loaded has other content now; changed tables need a new version."""


def _packs(folder: Path) -> list[Pack]:
    def read_text(name: str) -> str:
        return (folder / name).read_text(encoding="utf-8")

    return [read_pack(manifest.read_text(encoding="utf-8"), read_text) for manifest in sorted(folder.glob("*-*.json"))]


@transaction.atomic
def load_editions(*, folder: Path = DATA) -> list[Edition]:
    """This function will store every edition found in a folder (manifests are named `<pack>-<version>.json`).

    Loading the same content again changes nothing. Raises EditionChanged when the stored content differs,
    because records refer to the edition of their day.
    """
    loaded = []
    for pack in _packs(folder):
        edition, created = Edition.objects.get_or_create(
            pack=pack["pack"],
            version=pack["version"],
            defaults={key: pack[key] for key in ("valid_from", "valid_to", "tables", "sha256")},
        )
        if not created and edition.sha256 != pack["sha256"]:
            raise EditionChanged(
                f"{edition} was loaded with other tables ({edition.sha256[:12]}, now {pack['sha256'][:12]}); "
                "give the changed tables a new version."
            )
        loaded.append(edition)
    return loaded
