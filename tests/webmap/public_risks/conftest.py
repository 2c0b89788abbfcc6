"""Towns and their regulators, logged in."""

from tests.spatial.conftest import cast, photo, private_folders
from tests.spatial.public_risks.conftest import towns
from tests.webmap.planning.conftest import as_user

__all__ = ["as_user", "cast", "photo", "private_folders", "towns"]
