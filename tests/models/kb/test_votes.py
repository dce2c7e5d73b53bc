"""Votes and views: one a reader, changeable, counted exactly whoever votes at once."""

import time
from collections.abc import Iterator
from typing import Any

import pytest

from models import db, kb
from models.errors import Unavailable
from models.kb import Article, views
from tests.models.world import article, audited, stored, together, visitor


def vote(article_id: str, helpful: bool, by: str) -> None:
    with db.unit_of_work() as session:
        found = kb.article_by_slug(session, stored_slug(article_id), actor=visitor())
        kb.vote(session, found, helpful, visitor=by, actor=visitor())


def stored_slug(article_id: str) -> str:
    return stored(Article, id=article_id)[0].slug


def counts(article_id: str) -> tuple[int, int]:
    (row,) = stored(Article, id=article_id)
    return row.helpful_count, row.not_helpful_count


def test_one_vote_a_visitor_which_can_change(house: db.Database) -> None:
    made = article()
    before = stored(Article)[0]
    vote(made, True, "ann")
    vote(made, True, "ann")
    assert counts(made) == (1, 0)
    vote(made, False, "bob")
    vote(made, False, "ann")
    assert counts(made) == (0, 2)
    vote(made, True, "bob")
    assert counts(made) == (1, 1)
    after = stored(Article)[0]
    assert (after.version, after.updated_at) == (before.version, before.updated_at)
    assert len(audited(made, "article.vote")) == 4


def test_many_visitors_at_once(house: db.Database) -> None:
    made = article()
    assert together(40, lambda n: vote(made, n % 4 != 0, f"visitor-{n}")) == [None] * 40
    assert counts(made) == (30, 10)


def test_one_visitor_many_times_at_once(house: db.Database) -> None:
    made = article()
    assert together(20, lambda n: vote(made, n % 2 == 0, "ann")) == [None] * 20
    assert sum(counts(made)) == 1
    assert min(counts(made)) == 0


@pytest.fixture
def no_views() -> Iterator[None]:
    """Nothing waiting from other tests."""
    views._waiting.clear()
    views._seen.clear()
    yield
    views._waiting.clear()
    views._seen.clear()


def test_views_are_counted_once_a_reader(
    house: db.Database, no_views: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = article()
    moment = [1000.0]
    monkeypatch.setattr(time, "monotonic", lambda: moment[0])
    for reader in ("ann", "ann", "bob"):
        views.note(made, reader)
    moment[0] += 1799
    views.note(made, "ann")
    moment[0] += 2
    views.note(made, "ann")
    assert stored(Article)[0].view_count == 0, "reading does not write"
    views.flush()
    views.flush()
    assert (stored(Article)[0].view_count, stored(Article)[0].version) == (3, 2)


def test_a_thousand_views_at_once(house: db.Database, no_views: None) -> None:
    made = article()

    def read(number: int) -> None:
        for page in range(50):
            views.note(made, f"reader-{number}-{page}")
            if page % 25 == 0:
                views.flush()

    assert together(20, read) == [None] * 20
    views.flush()
    assert stored(Article)[0].view_count == 1000


def test_views_wait_for_a_database_that_is_away(
    house: db.Database, no_views: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = article()
    views.note(made, "ann")

    def away() -> Any:
        raise Unavailable

    with monkeypatch.context() as patch:
        patch.setattr(db, "unit_of_work", away)
        with pytest.raises(Unavailable):
            views.flush()
    views.flush()
    assert stored(Article)[0].view_count == 1


def test_the_memory_of_readers_is_bounded(no_views: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "READERS_REMEMBERED", 10)
    for number in range(100):
        views.note("an-article", f"reader-{number}")
    assert len(views._seen) == 10
