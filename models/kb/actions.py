"""Writes of the knowledge base: articles, their life, votes, categories."""

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from models import audit, counters, fulltext, permissions, throttle
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import Invalid, NotAllowedNow, NotFound, Stale, Taken
from models.kb import editions, pictures
from models.kb.deeds import ArticleDeed, CategoryDeed
from models.kb.tables import Article, ArticleCategory, ArticleFeedback, FormerSlug
from models.permissions import Permission
from models.text import slugify

EXCERPT_LENGTH = 180
VOTES_AN_HOUR = 60
HOUR = timedelta(hours=1)


def create_article(db: Session, deed: ArticleDeed, *, actor: Actor) -> Article:
    """Create a draft. Without a slug one is made from the title.

    Raises NotPermitted, Invalid for an unknown category, Taken for a slug in use.
    """
    permissions.require(actor, Permission.KB_WRITE)
    _require_category(db, deed.category)
    number = counters.next_number(db, counters.ARTICLES)
    article = Article(
        number=number,
        slug=_free_slug(db, deed),
        author_id=actor.user_id,
        **_values(deed),
    )
    db.add(article)
    db.flush()
    _index(db, article, deed)
    pictures.note_use(db, article)
    _record(db, "create", article, actor)
    return article


def update_article(
    db: Session, article: Article, deed: ArticleDeed, *, version: int | None = None, actor: Actor
) -> Article:
    """Change an article. Without a slug it keeps its own; a former slug goes on leading here.

    Raises NotPermitted, NotFound for a deleted one, Stale when ``version`` is not the present one,
    Invalid, Taken.
    """
    permissions.require(actor, Permission.KB_WRITE)
    database.lock_row(db, article)
    if article.deleted_at is not None:
        raise NotFound
    if version is not None and version != article.version:
        raise Stale
    _require_category(db, deed.category)
    if deed.slug and deed.slug != article.slug:
        _move_slug(db, article, deed.slug)
    changed = changes(article, deed)
    for name, value in _values(deed).items():
        setattr(article, name, value)
    article.updated_at = now()
    db.flush()
    _index(db, article, deed)
    pictures.note_use(db, article)
    _record(db, "update", article, actor, changed=changed)
    return article


def hold(db: Session, article: Article) -> None:
    """Hold an article until this transaction ends, so that its version stays what it is."""
    database.lock_row(db, article)


def changes(article: Article, deed: ArticleDeed) -> list[str]:
    """The names of what the deed would change in the article, apart from its slug."""
    return [name for name, value in _values(deed).items() if getattr(article, name) != value]


def _values(deed: ArticleDeed) -> dict[str, Any]:
    rendered = deed.rendered
    return {
        "title": deed.title,
        "content": deed.content,
        "html": rendered.html,
        "headings": [
            {"level": heading.level, "id": heading.id, "title": heading.title}
            for heading in rendered.headings
        ],
        "excerpt": deed.excerpt or _excerpt(rendered.text),
        "category": deed.category,
        "tags": deed.tags,
    }


def _index(db: Session, article: Article, deed: ArticleDeed) -> None:
    fulltext.ARTICLES.put(
        db,
        article.number,
        title=article.title,
        tags=" ".join(article.tags),
        body=deed.rendered.text,
    )


def _excerpt(text: str) -> str:
    line = " ".join(text.split())
    if len(line) <= EXCERPT_LENGTH:
        return line
    return line[:EXCERPT_LENGTH].rpartition(" ")[0].rstrip(".,;:") + "…"


def _require_category(db: Session, slug: str) -> None:
    if db.scalar(select(ArticleCategory.id).where(ArticleCategory.slug == slug)) is None:
        raise Invalid({"category": "There is no such category. Please choose one of the list."})


def _free_slug(db: Session, deed: ArticleDeed) -> str:
    database.lock(db, "kb:slugs")
    if deed.slug:
        _require_free(db, deed.slug)
        return deed.slug
    base = slugify(deed.title)
    used = set(db.scalars(select(Article.slug).where(Article.slug.startswith(base))))
    used |= set(db.scalars(select(FormerSlug.slug).where(FormerSlug.slug.startswith(base))))
    if base not in used:
        return base
    return next(f"{base}-{n}" for n in range(2, len(used) + 3) if f"{base}-{n}" not in used)


def _require_free(db: Session, slug: str) -> None:
    if db.scalar(select(Article.id).where(Article.slug == slug)) is not None:
        raise Taken("slug", f"Another article has the slug {slug}. Please choose a different one.")


def _move_slug(db: Session, article: Article, slug: str) -> None:
    database.lock(db, "kb:slugs")
    _require_free(db, slug)
    taken_back = db.get(FormerSlug, slug)
    if taken_back is not None:
        db.delete(taken_back)
        db.flush()
    if article.published_at is not None:
        # An address that several articles had leads to the one that had it last.
        db.merge(FormerSlug(slug=article.slug, article_id=article.id))
    article.slug = slug


def publish(db: Session, article: Article, *, actor: Actor) -> Article:
    """Show an article to readers; publishing again does nothing. Raises NotPermitted."""
    permissions.require(actor, Permission.KB_WRITE)
    database.lock_row(db, article)
    if article.deleted_at is not None:
        raise NotFound
    if not article.is_published:
        article.is_published = True
        article.published_at = article.published_at or now()
        article.updated_at = now()
        _record(db, "publish", article, actor)
    return article


def unpublish(db: Session, article: Article, *, actor: Actor) -> Article:
    """Take an article from the readers; it becomes a draft. Raises NotPermitted."""
    permissions.require(actor, Permission.KB_WRITE)
    database.lock_row(db, article)
    if article.is_published:
        article.is_published = False
        article.updated_at = now()
        _record(db, "unpublish", article, actor)
    return article


def delete_article(db: Session, article: Article, *, actor: Actor) -> None:
    """Delete an article: it is gone for everybody, the row is kept. Raises NotPermitted.

    Its slug is free again.
    """
    permissions.require(actor, Permission.KB_WRITE)
    database.lock_row(db, article)
    if article.deleted_at is not None:
        raise NotFound
    _record(db, "delete", article, actor, slug=article.slug)
    article.is_published = False
    article.deleted_at = now()
    article.slug = f"deleted-{article.id}"
    pictures.forget_use(db, article)
    fulltext.ARTICLES.take_out(db, article.number)


def _record(db: Session, verb: str, article: Article, actor: Actor, **data: Any) -> None:
    db.flush()
    editions.new_edition(db)
    audit.record(
        db, f"article.{verb}", "article", article.id, actor=actor, title=article.title, **data
    )


def vote(
    db: Session, article: Article, helpful: bool, *, missing: str = "", visitor: str, actor: Actor
) -> Article:
    """Count a reader's vote; voting again changes it, ``missing`` says why it did not help.

    Raises NotFound for a draft, TooMany above 60 votes an hour from one network address.
    """
    if not actor.is_signed_in:
        throttle.take(db, f"vote:address:{actor.address}", limit=VOTES_AN_HOUR, window=HOUR)
    database.lock_row(db, article)
    if not article.is_published:
        raise NotFound
    before = db.get(ArticleFeedback, (article.id, visitor))
    told = None if helpful else missing or None
    if before is not None and before.helpful is helpful:
        before.missing = told or before.missing
        return article
    gained = {"helpful_count": 0, "not_helpful_count": 0}
    gained["helpful_count" if helpful else "not_helpful_count"] += 1
    if before is None:
        db.add(
            ArticleFeedback(article_id=article.id, visitor=visitor, helpful=helpful, missing=told)
        )
    else:
        gained["helpful_count" if before.helpful else "not_helpful_count"] -= 1
        before.helpful, before.missing = helpful, told
    counts = {name: getattr(Article, name) + by for name, by in gained.items() if by}
    db.execute(update(Article).where(Article.id == article.id).values(**counts))
    db.refresh(article)
    audit.record(db, "article.vote", "article", article.id, actor=actor, helpful=helpful)
    return article


def create_category(db: Session, deed: CategoryDeed, *, actor: Actor) -> ArticleCategory:
    """Create a category. Raises NotPermitted, Taken for a slug in use."""
    permissions.require(actor, Permission.KB_WRITE)
    _require_free_category(db, deed.slug, None)
    category = ArticleCategory(**deed.model_dump())
    db.add(category)
    db.flush()
    _record_category(db, "create", category, actor)
    return category


def update_category(
    db: Session, category: ArticleCategory, deed: CategoryDeed, *, actor: Actor
) -> ArticleCategory:
    """Change a category; its articles follow a new slug. Raises NotPermitted, Taken."""
    permissions.require(actor, Permission.KB_WRITE)
    _require_free_category(db, deed.slug, category.id)
    for name, value in deed.model_dump().items():
        setattr(category, name, value)
    db.flush()
    _record_category(db, "update", category, actor)
    return category


def delete_category(db: Session, category: ArticleCategory, *, actor: Actor) -> None:
    """Delete an empty category. Raises NotPermitted, NotAllowedNow while articles are in it."""
    permissions.require(actor, Permission.KB_WRITE)
    used = db.scalar(select(func.count()).where(Article.category == category.slug))
    if used:
        raise NotAllowedNow(f"{used} articles are in this category. Move them first.")
    _record_category(db, "delete", category, actor)
    db.delete(category)


def _require_free_category(db: Session, slug: str, own_id: str | None) -> None:
    database.lock(db, "kb:categories")
    taken = db.scalar(select(ArticleCategory.id).where(ArticleCategory.slug == slug))
    if taken is not None and taken != own_id:
        raise Taken("slug", f"Another category has the slug {slug}.")


def _record_category(db: Session, verb: str, category: ArticleCategory, actor: Actor) -> None:
    editions.new_edition(db)
    audit.record(
        db,
        f"article_category.{verb}",
        "article_category",
        category.id,
        actor=actor,
        slug=category.slug,
        title=category.title,
    )
