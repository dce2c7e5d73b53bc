"""What readers see: published articles only, in whatever way they ask."""

from typing import Any

import pytest

from models import db, kb
from models.actor import Actor, Role
from models.errors import NotFound, NotPermitted
from models.kb import Article, ArticleFilter, queries
from tests.models.world import article, on_article, person, rewrite, stored, visitor

CANARY = "canarydraft4711"


def views(article_id: str, count: int) -> None:
    with db.unit_of_work() as session:
        session.get_one(Article, article_id).view_count = count


def everything_a_reader_can_ask(actor: Actor, public: str) -> list[Any]:
    with db.reading() as session:
        shown = session.get_one(Article, public)
        return [
            kb.published_articles(session, actor=actor),
            kb.published_articles(session, category="getting_started", actor=actor),
            kb.published_articles(session, tag=CANARY, actor=actor),
            kb.search(session, CANARY, actor=actor),
            kb.search(session, CANARY[:8], actor=actor),
            kb.search(session, f"green {CANARY}", actor=actor),
            kb.search(session, "", actor=actor),
            kb.popular(session, 50, actor=actor),
            kb.related(session, shown, actor=actor),
            kb.categories_with_counts(session, actor=actor),
            kb.former_slug_target(session, "former"),
            kb.former_slug_target(session, CANARY),
        ]


@pytest.mark.parametrize("role", [None, *Role])
def test_a_draft_is_nowhere(house: db.Database, role: Role | None) -> None:
    actor = visitor() if role is None else person(role)
    public = article("Public")
    draft = article(f"{CANARY} title", f"{CANARY} text", tags=[CANARY], publish=False)
    withdrawn = article(f"{CANARY} two", f"{CANARY} text", tags=[CANARY], slug="former")
    rewrite(withdrawn, slug="later", title=f"{CANARY} two")
    on_article(withdrawn, kb.unpublish)
    for answer in everything_a_reader_can_ask(actor, public):
        assert CANARY not in repr(answer).replace(f"'{CANARY}", "")
    for made in (draft, withdrawn):
        slug = stored(Article, id=made)[0].slug
        with db.reading() as session, pytest.raises(NotFound):
            kb.article_by_slug(session, slug, actor=actor)
        with db.unit_of_work() as session, pytest.raises(NotFound):
            kb.vote(session, session.get_one(Article, made), True, visitor="v", actor=actor)
        assert stored(Article, id=made)[0].helpful_count == 0


def test_drafts_are_for_staff_who_read_the_knowledge_base(house: db.Database) -> None:
    article("Public")
    draft = article("Draft", publish=False)
    agent = person(Role.SUPPORT)
    with db.reading() as session:
        assert kb.get(session, draft, actor=agent).id == draft
        assert kb.get(session, "draft", actor=agent).id == draft
        assert kb.all_articles(session, ArticleFilter(), actor=agent).total == 2
        assert len(list(queries.all_rows(session, actor=agent))) == 2
        for actor in (visitor(), person()):
            with pytest.raises(NotPermitted):
                kb.get(session, draft, actor=actor)
            with pytest.raises(NotPermitted):
                kb.all_articles(session, ArticleFilter(), actor=actor)
            with pytest.raises(NotPermitted):
                list(queries.all_rows(session, actor=actor))


def test_lists_go_by_views_and_can_be_narrowed(house: db.Database) -> None:
    few = article("Few", tags=["bots"])
    many = article("Many", tags=["bots", "setup"])
    other = article("Other", category="gateways")
    for made, count in ((few, 1), (many, 9), (other, 5)):
        views(made, count)
    with db.reading() as session:

        def titles(**narrowed: Any) -> list[str]:
            found = kb.published_articles(session, actor=visitor(), **narrowed)
            return [card.title for card in found.items]

        assert titles() == ["Many", "Other", "Few"]
        assert titles(category="getting_started") == ["Many", "Few"]
        assert titles(tag="bots") == ["Many", "Few"]
        assert titles(tag="bot") == titles(tag="' OR 1=1--") == titles(category="none") == []
        assert titles(page=2, page_size=2) == ["Few"]
        assert titles(page=9) == []
        shown = session.get_one(Article, few)
        assert [card.title for card in kb.related(session, shown, actor=visitor())] == ["Many"]
        assert [card.title for card in kb.popular(session, 1, actor=visitor())] == ["Many"]
        counts = kb.categories_with_counts(session, actor=visitor())
    assert {row.slug: row.count for row in counts} == {"getting_started": 2, "gateways": 1}


def test_the_writers_list(house: db.Database) -> None:
    article("Beta")
    article("alpha", publish=False, category="gateways")
    agent = person(Role.SUPPORT)

    def titles(**filters: Any) -> list[str]:
        with db.reading() as session:
            found = kb.all_articles(session, ArticleFilter(**filters), actor=agent)
            return [row.title for row in found.items]

    assert titles(sort="title") == ["alpha", "Beta"]
    assert titles(sort="-title") == ["Beta", "alpha"]
    assert titles(status="draft") == titles(category="gateways") == titles(q="alp") == ["alpha"]
    assert titles(status="published") == ["Beta"]
    assert titles(q="???") == []
