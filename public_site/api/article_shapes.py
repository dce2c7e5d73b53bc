"""Articles and quick issues, as the API gives them."""

from datetime import datetime
from typing import Any

from models import kb
from public_site.api.shapes import PageShape, Shape


class Author(Shape):
    """Who wrote an article."""

    id: str
    name: str


class ArticleItem(Shape):
    """An article in a list."""

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
    author: Author


class Article(ArticleItem):
    """An article with its Markdown and its safe HTML."""

    content: str
    html: str


class ArticlePage(PageShape):
    """A page of articles."""

    items: list[ArticleItem]


class FoundArticle(ArticleItem):
    """An article that was found; ``snippet`` is safe HTML with the words in ``<mark>``."""

    snippet: str | None


class FoundPage(PageShape):
    """A page of what was found, best first."""

    items: list[FoundArticle]


class Votes(Shape):
    """How readers voted on an article."""

    helpful_count: int
    not_helpful_count: int


def article_item(row: kb.ArticleSummary) -> ArticleItem:
    """An article in a list."""
    return ArticleItem(**_article_values(row))


def found_article(row: kb.ArticleSummary, snippet: str | None) -> FoundArticle:
    """An article that was found."""
    return FoundArticle(**_article_values(row), snippet=snippet)


def _article_values(row: kb.ArticleSummary) -> dict[str, Any]:
    author = Author(id=row.author_id, name=row.author_name)
    names = ArticleItem.model_fields.keys() - {"author"}
    return {**{name: getattr(row, name) for name in names}, "author": author}


def article(found: kb.Article) -> Article:
    """A whole article."""
    names = Article.model_fields.keys() - {"author", "tags"}
    return Article(
        **{name: getattr(found, name) for name in names},
        tags=found.tags or [],
        author=Author(id=found.author.id, name=found.author.name),
    )


class QuickIssue(Shape):
    """A common problem that fills in the ticket form."""

    id: str
    title: str
    description: str | None
    suggested_type: str
    suggested_category: str
    article_slug: str | None
    icon: str | None
    sort_order: int


class QuickIssuePage(PageShape):
    """A page of quick issues."""

    items: list[QuickIssue]
