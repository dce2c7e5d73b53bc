"""What tests of the site ask for: an installation with categories, and browsers for it."""

from collections.abc import Iterator

import pytest

from models import base, db, kb, settings, tickets
from models.actor import operator
from public_site.app import create_app
from tests.models.world import Clock
from tests.public_site.visitor import Town


@pytest.fixture
def town(database: db.Database) -> Iterator[Town]:
    """The site on a database with categories and nobody in it."""
    with db.unit_of_work() as session:
        for slug, title in (("gateway", "Gateway"), ("other", "Other")):
            deed = tickets.CategoryDeed(slug=slug, title=title)
            tickets.create_category(session, deed, actor=operator())
        for slug, title in (("getting_started", "Getting started"), ("gateways", "Gateways")):
            written = kb.CategoryDeed(slug=slug, title=title)
            kb.create_category(session, written, actor=operator())
    # Mails stay in the outbox, where the tests read them; sent ones lose their words.
    with Town(create_app(settings.read_settings(worker="off"))) as town:
        yield town
    kb.views.flush()
    kb.vain.flush()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The time, which passes only when the test says so."""
    clock = Clock()
    monkeypatch.setattr(base, "clock", clock)
    return clock
