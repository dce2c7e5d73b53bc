"""The world that every test of the back office starts with."""

import pytest

from models import db, settings
from public_site.app import create_app
from tests.backoffice.world import World, people_and_categories


@pytest.fixture
def world(database: db.Database) -> World:
    """An installation with people and categories on a fresh database."""
    return people_and_categories(create_app(settings.current()))
