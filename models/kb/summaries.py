"""Articles as programs list them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from models.actor import Actor
from models.kb.queries import visible_to
from models.kb.tables import Article
from models.users import User


@dataclass(frozen=True, slots=True)
class ArticleSummary:
    """An article without its text. Times are in UTC."""

    id: str
    slug: str
    title: str
    excerpt: str | None
    category: str
    tags: list[str]
    view_count: int
    helpful_count: int
    not_helpful_count: int
    is_published: bool
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    author_id: str
    author_name: str


def summaries(db: Session, ids: Sequence[str], *, actor: Actor) -> list[ArticleSummary]:
    """The articles of these ids that exist for the actor, in the order of the ids."""
    rows = (
        visible_to(actor)
        .where(Article.id.in_(ids))
        .join(User, User.id == Article.author_id)
        .with_only_columns(*_COLUMNS)
    )
    found = {row[0]: _summary(row) for row in db.execute(rows)}
    return [found[article_id] for article_id in ids if article_id in found]


_COLUMNS = (
    Article.id,
    Article.slug,
    Article.title,
    Article.excerpt,
    Article.category,
    Article.tags,
    Article.view_count,
    Article.helpful_count,
    Article.not_helpful_count,
    Article.is_published,
    Article.created_at,
    Article.updated_at,
    Article.published_at,
    User.id,
    User.name,
)


def _summary(row: Sequence[object]) -> ArticleSummary:
    values = list(row)
    values[5] = values[5] or []  # an unreadable list is none
    return ArticleSummary(*values)  # type: ignore[arg-type]  # as the columns say
