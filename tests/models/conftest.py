"""What tests of the rooms ask for: the categories, and a clock that stands still."""

import pytest

from models import base, db, kb, tickets
from tests.models.world import OPERATOR, Clock

TICKET_CATEGORIES = ("gateway", "billing", "other")
ARTICLE_CATEGORIES = ("getting_started", "gateways")


@pytest.fixture
def house(database: db.Database) -> db.Database:
    """A database with categories, and nobody in it."""
    with db.unit_of_work() as session:
        for slug in TICKET_CATEGORIES:
            asked = tickets.CategoryDeed(slug=slug, title=slug.title())
            tickets.create_category(session, asked, actor=OPERATOR)
        for slug in ARTICLE_CATEGORIES:
            written = kb.CategoryDeed(slug=slug, title=slug.title())
            kb.create_category(session, written, actor=OPERATOR)
    return database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, which passes only when the test says so."""
    clock = Clock()
    monkeypatch.setattr(base, "clock", clock)
    return clock
