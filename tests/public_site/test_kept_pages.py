"""Pages for everybody are kept, and whatever is changed is seen at once all the same."""

from collections.abc import Callable

import pytest
from sqlalchemy import update

from models import db, kb
from tests.models import world
from tests.public_site.visitor import Town

ARTICLE, LIST, SEARCH = "/help/first-steps", "/help", "/help?q=first"
CHANGES: dict[str, tuple[Callable[[str], None], str]] = {
    "new title": (lambda ref: world.rewrite(ref, title="The very first steps"), "The very first"),
    "new text": (
        lambda ref: world.rewrite(ref, content="Read this.", excerpt="Read this."),
        "Read this.",
    ),
    "taken back": (lambda ref: world.on_article(ref, kb.unpublish), ""),
    "deleted": (lambda ref: world.on_article(ref, kb.delete_article), ""),
    "category renamed": (lambda _: _rename_category("Where to begin"), "Where to begin"),
}


@pytest.mark.parametrize("path", [ARTICLE, LIST, SEARCH])
@pytest.mark.parametrize("name", CHANGES)
def test_a_change_is_seen_at_once(town: Town, name: str, path: str) -> None:
    article_id = world.article("First steps", "How to begin.", excerpt="How to begin.")
    visitor = town.visitor()
    for _ in range(2):
        visitor.go(path)
        assert "First steps" in visitor.words
    change, words = CHANGES[name]
    change(article_id)
    answer = visitor.go(path)
    if words:
        assert words in visitor.words
    else:
        assert "How to begin." not in answer.text
        assert answer.status_code == (404 if path == ARTICLE else 200)


@pytest.mark.parametrize("path", [ARTICLE, LIST, SEARCH])
def test_a_page_is_kept_for_half_a_minute(town: Town, clock: world.Clock, path: str) -> None:
    world.article("First steps")
    visitor = town.visitor()
    visitor.go(path)
    _rename_behind_the_back()
    clock.forward(seconds=29)
    first = visitor.go(path)
    assert "First steps" in first.text
    clock.forward(seconds=2)
    assert "First steps" not in visitor.go(path).text


def test_a_kept_page_counts_readers_and_knows_who_has_it(town: Town) -> None:
    article_id = world.article("First steps")
    first = town.visitor().go(ARTICLE)
    again = town.visitor().go(ARTICLE, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for name in ("one", "two"):
        answer = town.visitor().go(ARTICLE, **{"User-Agent": f"Mozilla/5.0 ({name})"})
        assert answer.headers["etag"] == first.headers["etag"]
    kb.views.flush()
    with db.reading() as session:
        assert session.get_one(kb.Article, article_id).view_count >= 2


def test_who_is_signed_in_gets_a_page_of_their_own(town: Town) -> None:
    world.article("First steps")
    town.visitor().go(ARTICLE)
    jane = town.signed_in("jane@example.com", name="Jane Doe")
    assert 'href="/account"' in jane.go(ARTICLE).text
    assert 'href="/account"' not in town.visitor().go(ARTICLE).text


def _rename_behind_the_back() -> None:
    with db.unit_of_work() as session:
        session.execute(update(kb.Article).values(title="Another", excerpt="Another"))


def _rename_category(title: str) -> None:
    with db.unit_of_work() as session:
        deed = kb.CategoryDeed(slug="getting_started", title=title)
        kb.update_category(
            session, kb.category(session, "getting_started"), deed, actor=world.OPERATOR
        )
