"""The base data: there after the first time, and left alone after that."""

import pytest
from sqlalchemy import func, select

from models import db, kb, seeding, tickets
from models.actor import Role
from models.errors import NotPermitted
from models.kb import Article
from models.seeding import library
from models.tickets import QuickIssue, TicketType
from tests.models.world import OPERATOR, audited, person, stored

CATEGORIES = {"getting_started", "gateways", "plugins", "billing", "troubleshooting"}
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def seed() -> dict[str, int]:
    return dict(+seeding.seed_base(actor=OPERATOR))


def test_a_new_installation_has_articles_categories_and_quick_issues(database: db.Database) -> None:
    added = seed()
    with db.reading() as session:
        published = kb.published_articles(session, page_size=100, actor=OPERATOR).items
        issues = tickets.quick_issues(session)
        kinds = [category.slug for category in tickets.categories(session)]
    assert added == {"categories": 10, "articles": len(stored(Article)), "quick issues": 6}
    assert len(published) >= 12
    assert {card.category for card in published} == CATEGORIES
    assert kinds == ["gateway", "plugin", "billing", "account", "other"]
    assert [(issue.title, issue.suggested_type, issue.suggested_category) for issue in issues] == [
        ("Gateway not connecting", TicketType.BUG, "gateway"),
        ("Billing question", TicketType.QUESTION, "billing"),
        ("Feature request", TicketType.FEATURE_REQUEST, "other"),
        ("Plugin not working", TicketType.BUG, "plugin"),
        ("Account issue", TicketType.QUESTION, "account"),
        ("Report a bug", TicketType.BUG, "other"),
    ]
    slugs = {card.slug for card in published}
    assert {issue.article_slug for issue in issues if issue.article_slug} <= slugs


def test_seeding_again_adds_nothing(database: db.Database) -> None:
    seed()
    before = stored(Article)
    assert seed() == {}
    assert [article.version for article in stored(Article)] == [a.version for a in before]


@SQLITE
def test_each_article_was_created_and_published_by_a_deed(database: db.Database) -> None:
    seed()
    for article in stored(Article):
        deeds = ["article.create", "article.publish"][: 2 if article.is_published else 1]
        assert [entry.action for entry in audited(article.id)] == deeds
        assert article.html
        assert article.author_id == OPERATOR.user_id


@SQLITE
def test_what_people_changed_stays_changed(database: db.Database) -> None:
    seed()
    with db.unit_of_work() as session:
        article = kb.get(session, "dashboard-tour", actor=OPERATOR)
        deed = kb.ArticleDeed(
            title="Our own tour", slug="our-tour", content="New.", category="plugins"
        )
        kb.update_article(session, article, deed, actor=OPERATOR)
        kb.unpublish(session, kb.get(session, "ai-costs", actor=OPERATOR), actor=OPERATOR)
        kb.delete_article(session, kb.get(session, "webhook-relay", actor=OPERATOR), actor=OPERATOR)
        renamed, deleted, *_ = tickets.all_quick_issues(session, actor=OPERATOR)
        renamed.title = "It does not connect"
        tickets.delete_quick_issue(session, deleted, actor=OPERATOR)
        category = kb.category(session, "billing")
        changed = kb.CategoryDeed(slug="money", title="Money")
        kb.update_category(session, category, changed, actor=OPERATOR)
    assert seed() == {}
    with db.reading() as session:
        assert kb.get(session, "our-tour", actor=OPERATOR).content == "New."
        assert not kb.get(session, "ai-costs", actor=OPERATOR).is_published
        titles = session.scalars(select(QuickIssue.title)).all()
        assert "It does not connect" in titles
        assert {"Gateway not connecting", "Billing question"}.isdisjoint(titles)
        assert session.scalar(select(func.count()).where(Article.category == "billing")) == 0


@SQLITE
def test_only_what_is_missing_is_added(database: db.Database) -> None:
    with db.unit_of_work() as session:
        category = kb.CategoryDeed(slug="plugins", title="Plugins")
        kb.create_category(session, category, actor=OPERATOR)
        own = kb.ArticleDeed(
            title="Tour", slug="dashboard-tour", content="Ours.", category="plugins"
        )
        kb.create_article(session, own, actor=OPERATOR)
    assert seed() == {
        "categories": 9, "articles": len(library.articles()) - 1, "quick issues": 6,
    }  # fmt: skip
    with db.reading() as session:
        assert kb.get(session, "dashboard-tour", actor=OPERATOR).content == "Ours."


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT])
@SQLITE
def test_seeding_needs_the_right_to_write_articles(database: db.Database, role: Role) -> None:
    with pytest.raises(NotPermitted):
        seeding.seed_base(actor=person(role))
    assert not stored(Article)
