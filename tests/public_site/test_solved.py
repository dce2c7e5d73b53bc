"""An article that the ticket form suggests saves a ticket: the button “This solved it”."""

from datetime import date

import pytest

from models import db, kb
from models.actor import Role, operator
from models.errors import NotPermitted
from models.kb import Deflection
from tests.models import world
from tests.models.world import Clock
from tests.public_site.test_new_ticket import _quick_issue
from tests.public_site.visitor import Town

SOLVED = "/support/new/solved"
RIGHT = {"article": "red-gateway", "source": "title"}


@pytest.fixture
def red(town: Town) -> Town:
    """A site with the article of a quick issue."""
    world.article("Red gateway", "Press the green button.")
    return town


def _count() -> int:
    with db.reading() as session:
        return kb.deflections(session, actor=operator())


def test_the_article_of_a_quick_issue_solves_it_without_javascript(red: Town, clock: Clock) -> None:
    visitor = red.visitor()
    visitor.go(f"/support/new?issue={_quick_issue()}")
    assert "Perhaps this answers it at once Red gateway Press the green button." in visitor.words
    assert 'value="bug" selected' in visitor.page.text
    assert 'value="gateway" selected' in visitor.page.text
    visitor.send(SOLVED)
    visitor.follow()
    assert "Glad that it is solved" in visitor.words
    assert 'href="/help"' in visitor.page.text
    assert visitor.go(SOLVED).headers["location"] == "/help", "the thanks is said once"
    [row] = world.stored(Deflection)
    assert (row.source, row.day) == ("issue", clock.moment.date())


def test_a_visitor_counts_once_for_an_article(red: Town) -> None:
    visitor, other = red.visitor(), red.visitor()
    for _ in range(3):
        assert visitor.post(SOLVED, RIGHT).status_code == 303
    assert visitor.post(SOLVED, {**RIGHT, "source": "issue"}).status_code == 303
    assert _count() == 1
    other.post(SOLVED, RIGHT)
    ann = red.signed_in()
    ann.post(SOLVED, RIGHT)
    ann.post(SOLVED, RIGHT)
    assert _count() == 3


def test_wrong_and_foreign_articles_are_refused(red: Town) -> None:
    world.article("Hidden", "Not yet.", publish=False)
    visitor = red.visitor()
    for changes, status in (
        ({"article": "hidden"}, 404), ({"article": "nothing"}, 404), ({"article": ""}, 422),
        ({"article": "a\0b"}, 422), ({"article": "x" * 101}, 422), ({"source": "chat"}, 422),
        ({"source": ""}, 422), ({"more": "1"}, 422), ({"article": "<b>' OR 1=1--"}, 404),
    ):  # fmt: skip
        assert visitor.post(SOLVED, {**RIGHT, **changes}).status_code == status, changes
    elsewhere = {"Sec-Fetch-Site": "cross-site"}
    assert visitor.post(SOLVED, RIGHT, **elsewhere).status_code == 403
    assert _count() == 0


def test_one_address_does_it_sixty_times_an_hour(red: Town) -> None:
    for _ in range(60):
        assert red.visitor().post(SOLVED, RIGHT).status_code == 303
    answer = red.visitor().post(SOLVED, RIGHT)
    assert (answer.status_code, _count()) == (429, 60)
    assert red.visitor(address="192.0.2.80").post(SOLVED, RIGHT).status_code == 303


def test_they_are_counted_from_a_day_on_for_who_reads_articles(red: Town, clock: Clock) -> None:
    red.visitor().post(SOLVED, RIGHT)
    member = world.person(Role.MEMBER)
    with db.reading() as session:
        today = clock.moment.date()
        assert kb.deflections(session, since=today, actor=operator()) == 1
        assert kb.deflections(session, since=date(2026, 3, 3), actor=operator()) == 0
        with pytest.raises(NotPermitted):
            kb.deflections(session, actor=member)
