"""What tests of the command line ask for: the rooms' database with categories."""

from tests.models.conftest import house

__all__ = ["house"]
