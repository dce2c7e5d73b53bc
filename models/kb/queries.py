"""Reads of the knowledge base: what readers see, and what writers see."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, case, false, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.orm import Session, joinedload

from models import db as database
from models import fulltext, paging, permissions
from models.actor import Actor
from models.errors import NotFound
from models.kb.deeds import ArticleFilter
from models.kb.tables import (
    Article,
    ArticleCategory,
    ArticleFeedback,
    ArticlePicture,
    FormerSlug,
    Picture,
)
from models.paging import Page, Rows
from models.permissions import Permission


@dataclass(frozen=True, slots=True)
class ArticleCard:
    """An article in a list for readers. ``snippet`` is safe HTML of a search, else None."""

    id: str
    slug: str
    title: str
    excerpt: str | None
    category: str
    category_title: str
    tags: list[str]
    view_count: int
    updated_at: datetime
    snippet: str | None = None


@dataclass(frozen=True, slots=True)
class ArticleRow:
    """An article in the writers' list."""

    id: str
    slug: str
    title: str
    category: str
    category_title: str
    is_published: bool
    view_count: int
    helpful_count: int
    not_helpful_count: int
    updated_at: datetime

    @property
    def helpful_share(self) -> float | None:
        """Share of helpful votes from 0 to 1, or None without a vote."""
        votes = self.helpful_count + self.not_helpful_count
        return self.helpful_count / votes if votes else None


@dataclass(frozen=True, slots=True)
class CategoryCount:
    """A category with the number of articles that its readers see."""

    slug: str
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class PictureRow:
    """A picture for readers; ``is_public`` when a published article shows it."""

    name: str
    content_type: str
    storage_name: str
    is_public: bool


MISSED_SHOWN = 50
_CARD = (
    Article.id,
    Article.slug,
    Article.title,
    Article.excerpt,
    Article.category,
    ArticleCategory.title.label("category_title"),
    Article.tags,
    Article.view_count,
    Article.updated_at,
)


def visible_to(actor: Actor) -> Select[Article]:
    """The articles that exist for this actor: published ones, drafts too for staff who read."""
    articles = select(Article).where(Article.deleted_at.is_(None))
    if permissions.may_any(actor, permissions.ON_ARTICLES):
        return articles
    return articles.where(Article.is_published)


def published() -> Select[Article]:
    """The articles on the public pages; drafts are not there, not even for staff."""
    return select(Article).where(Article.is_published, Article.deleted_at.is_(None))


def cards(articles: Rows) -> Rows:
    """The columns of a card instead of whole articles."""
    return articles.join(
        ArticleCategory, ArticleCategory.slug == Article.category
    ).with_only_columns(*_CARD)


def published_articles(
    db: Session,
    *,
    category: str | None = None,
    tag: str | None = None,
    page: int = 1,
    page_size: int = 20,
    actor: Actor,  # noqa: ARG001  # the same for everybody; the signature stays that of all reads
) -> Page[ArticleCard]:
    """Published articles, most read first."""
    rows = narrowed(db, cards(published()), category, tag)
    rows = rows.order_by(Article.view_count.desc(), Article.number)
    return page_of_cards(paging.of_rows(db, rows, page=page, page_size=page_size))


def joined(articles: Rows, hits: Any) -> Rows:
    """Those articles that a search found."""
    return articles.join(hits, hits.c.number == Article.number)


def narrowed(db: Session, rows: Rows, category: str | None, tag: str | None) -> Rows:
    """Those of a category and with a tag."""
    if category is not None:
        rows = rows.where(Article.category == category)
    if tag is not None:
        rows = rows.where(_has_tag(db, tag))
    return rows


def _has_tag(db: Session, tag: str, name: str = "tag") -> Any:
    if database.is_sqlite(db):
        clause = f"EXISTS (SELECT 1 FROM json_each(kb_articles.tags) WHERE value = :{name})"  # noqa: S608  # a name of ours
    else:
        clause = f"kb_articles.tags ? :{name}"
    return sql(clause).bindparams(**{name: tag})


def page_of_cards(found: Page[Any]) -> Page[ArticleCard]:
    """The rows as cards."""
    items = [_card(row) for row in found.items]
    return Page(items, found.page, found.page_size, found.total, found.total_is_capped)


def cards_of(db: Session, numbers: Sequence[int], snippets: Mapping[int, str]) -> list[ArticleCard]:
    """The cards of these published articles in this order, with the snippets of a search."""
    rows = cards(published()).where(Article.number.in_(numbers)).add_columns(Article.number)
    found = {
        number: _card(row, fulltext.snippet_html(snippets.get(number)))
        for *row, number in db.execute(rows)
    }
    return [found[number] for number in numbers if number in found]


def _card(row: Iterable[Any], snippet: str | None = None) -> ArticleCard:
    values = [*row, snippet]
    values[6] = values[6] or []
    return ArticleCard(*values)


def popular(db: Session, limit: int, *, actor: Actor) -> Sequence[ArticleCard]:
    """The most read published articles."""
    return published_articles(db, page_size=limit, actor=actor).items


def newest(db: Session, limit: int, *, actor: Actor) -> list[ArticleCard]:  # noqa: ARG001
    """The published articles that were changed last, for a feed."""
    rows = cards(published()).order_by(Article.updated_at.desc(), Article.number.desc())
    return [_card(row) for row in db.execute(rows.limit(limit))]


def article_by_slug(db: Session, slug: str, *, actor: Actor) -> Article:  # noqa: ARG001
    """A published article. Raises NotFound, also for a draft."""
    article = db.scalar(published().where(Article.slug == slug).options(joinedload(Article.author)))
    if article is None:
        raise NotFound
    return article


def published_article(db: Session, article_id: str, *, actor: Actor) -> Article:  # noqa: ARG001
    """A published article by its id. Raises NotFound, also for a draft."""
    article = db.scalar(published().where(Article.id == article_id))
    if article is None:
        raise NotFound
    return article


def former_slug_target(db: Session, slug: str) -> str | None:
    """The present slug of the published article that had this slug before, or None."""
    return db.scalar(
        published()
        .join(FormerSlug, FormerSlug.article_id == Article.id)
        .where(FormerSlug.slug == slug)
        .with_only_columns(Article.slug)
    )


def related(db: Session, article: Article, *, actor: Actor, limit: int = 4) -> list[ArticleCard]:  # noqa: ARG001
    """Published articles about the same: those that share tags and words of the title first.

    Then others of the category, most read first.
    """
    wanted = fulltext.groups(article.title) or fulltext.groups(article.category)
    hits = fulltext.ARTICLES.found(db, wanted, any_word=True)
    shared = [
        case((_has_tag(db, tag, f"tag{place}"), 1), else_=0)
        for place, tag in enumerate(article.tags or [])
    ]
    near = [Article.category == article.category, hits.c.rank.is_not(None)]
    order = [func.coalesce(hits.c.rank, 0.0).desc(), Article.view_count.desc()]
    if shared:
        count = sum(shared[1:], shared[0])
        near, order = [*near, count > 0], [count.desc(), *order]
    rows = (
        cards(published())
        .outerjoin(hits, hits.c.number == Article.number)
        .where(or_(*near), Article.id != article.id)
        .order_by(*order, Article.number)
        .limit(limit)
    )
    return [_card(row) for row in db.execute(rows)]


def get(db: Session, ref: str, *, actor: Actor) -> Article:
    """An article by id or slug, drafts too, for staff who read the knowledge base."""
    permissions.require_any(actor, permissions.ON_ARTICLES)
    article = db.scalar(visible_to(actor).where(or_(Article.id == ref, Article.slug == ref)))
    if article is None:
        raise NotFound(f"There is no article {ref}.")
    return article


def missed(db: Session, article: Article, *, actor: Actor) -> list[tuple[datetime, str]]:
    """What readers missed in an article, newest first, for staff who read the knowledge base."""
    permissions.require(actor, Permission.KB_READ)
    rows = (
        select(ArticleFeedback.updated_at, ArticleFeedback.missing)
        .where(ArticleFeedback.article_id == article.id, ArticleFeedback.missing.is_not(None))
        .order_by(ArticleFeedback.updated_at.desc())
        .limit(MISSED_SHOWN)
    )
    return [(at, text) for at, text in db.execute(rows) if text]


_SORTS: dict[str, Any] = {
    "updatedAt": Article.updated_at,
    "title": func.lower(Article.title),
    "viewCount": Article.view_count,
}


def all_articles(db: Session, filters: ArticleFilter, *, actor: Actor) -> Page[ArticleRow]:
    """Articles with drafts, for staff who read the knowledge base."""
    permissions.require(actor, Permission.KB_READ)
    rows: Rows = visible_to(actor).join(ArticleCategory, ArticleCategory.slug == Article.category)
    if filters.category is not None:
        rows = rows.where(Article.category == filters.category)
    if filters.status is not None:
        rows = rows.where(Article.is_published.is_(filters.status == "published"))
    if filters.q:
        wanted = fulltext.groups(filters.q)
        hits = fulltext.ARTICLES.found(db, wanted) if wanted else None
        rows = rows.where(false()) if hits is None else joined(rows, hits)
    key = _SORTS[filters.sort.removeprefix("-")]
    order = key.desc() if filters.sort.startswith("-") else key.asc()
    rows = rows.with_only_columns(
        Article.id,
        Article.slug,
        Article.title,
        Article.category,
        ArticleCategory.title,
        Article.is_published,
        Article.view_count,
        Article.helpful_count,
        Article.not_helpful_count,
        Article.updated_at,
    ).order_by(order, Article.number.desc())
    found = paging.of_rows(db, rows, page=filters.page, page_size=filters.page_size)
    items = [ArticleRow(*row) for row in found.items]
    return Page(items, found.page, found.page_size, found.total, found.total_is_capped)


def all_rows(db: Session, *, actor: Actor) -> Iterator[Article]:
    """All articles with drafts in order of creation, streamed."""
    permissions.require(actor, Permission.KB_READ)
    rows = visible_to(actor).order_by(Article.number).options(joinedload(Article.author))
    yield from db.scalars(rows.execution_options(yield_per=100))


def categories(db: Session) -> Sequence[ArticleCategory]:
    """All article categories in their order."""
    return db.scalars(
        select(ArticleCategory).order_by(ArticleCategory.sort_order, ArticleCategory.title)
    ).all()


def categories_with_counts(db: Session, *, actor: Actor) -> list[CategoryCount]:  # noqa: ARG001
    """Categories that have published articles, with how many."""
    counts = (
        published()
        .with_only_columns(Article.category, func.count().label("count"))
        .group_by(Article.category)
        .subquery()
    )
    rows = (
        select(ArticleCategory.slug, ArticleCategory.title, counts.c["count"])
        .join(counts, counts.c.category == ArticleCategory.slug)
        .order_by(ArticleCategory.sort_order, ArticleCategory.title)
    )
    return [CategoryCount(*row) for row in db.execute(rows)]


def category(db: Session, ref: str) -> ArticleCategory:
    """A category by id or slug. Raises NotFound."""
    found = db.scalar(
        select(ArticleCategory).where(or_(ArticleCategory.id == ref, ArticleCategory.slug == ref))
    )
    if found is None:
        raise NotFound(f"There is no category {ref}.")
    return found


def picture(db: Session, name: str, *, actor: Actor) -> PictureRow:
    """A picture that an article shows which this actor may see. Raises NotFound."""
    showing = visible_to(actor).join(ArticlePicture, ArticlePicture.article_id == Article.id)
    row = db.execute(
        showing.join(Picture, Picture.id == ArticlePicture.picture_id)
        .where(Picture.name == name)
        .order_by(Article.is_published.desc())
        .limit(1)
        .with_only_columns(
            Picture.name, Picture.content_type, Picture.storage_name, Article.is_published
        )
    ).first()
    if row is None:
        raise NotFound("There is no such picture.")
    return PictureRow(*row)
