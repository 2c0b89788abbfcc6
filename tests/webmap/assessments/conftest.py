"""The enterprise and its people, logged in."""

from tests.spatial.assessments.conftest import enterprise
from tests.spatial.conftest import cast, private_folders
from tests.webmap.planning.conftest import as_user

__all__ = ["as_user", "cast", "enterprise", "private_folders"]
