"""Articles of the knowledge base, their categories, votes, former addresses, pictures, sources."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Text,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, JSONText, UTCDateTime, at_most, new_id, now, one_of
from models.users.tables import User

MAX_TITLE = 200
MAX_CONTENT = 200_000
MAX_EXCERPT = 300
MAX_SLUG = 100
MAX_TAGS = 20
MAX_TAG = 50
MAX_FILE_NAME = 200
MAX_SOURCE_ID = 100
MAX_VAIN = 100


class ArticleCategory(Base):
    """A category of articles; the slug is what articles and addresses refer to."""

    __tablename__ = "article_categories"
    __table_args__ = (at_most("title", 80),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        return self.title


class Article(Base):
    """An article in Markdown with its HTML, rendered once at save.

    ``number`` is the row number in the search index; ``version`` rises with each change.
    """

    __tablename__ = "kb_articles"
    __table_args__ = (
        at_most("title", MAX_TITLE),
        at_most("content", MAX_CONTENT),
        CheckConstraint("length(title) > 0", name="title_filled"),
        CheckConstraint("NOT is_published OR published_at IS NOT NULL", name="published_has_time"),
        CheckConstraint("NOT is_published OR deleted_at IS NULL", name="deleted_is_not_published"),
        CheckConstraint(
            "view_count >= 0 AND helpful_count >= 0 AND not_helpful_count >= 0", name="counts"
        ),
        CheckConstraint("version >= 1", name="version"),
        Index(
            "ix_kb_articles_readable",
            "category",
            "view_count",
            sqlite_where=text("is_published = 1 AND deleted_at IS NULL"),
            postgresql_where=text("is_published AND deleted_at IS NULL"),
        ),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    slug: Mapped[str] = mapped_column(String(MAX_SLUG), unique=True)
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    content: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text, default="")
    headings: Mapped[list[dict[str, Any]]] = mapped_column(JSONText, default=list)
    excerpt: Mapped[str | None] = mapped_column(String(MAX_EXCERPT))
    category: Mapped[str] = mapped_column(
        String(60), ForeignKey("article_categories.slug", onupdate="CASCADE"), index=True
    )
    tags: Mapped[list[str]] = mapped_column(JSONText, default=list)
    view_count: Mapped[int] = mapped_column(Integer, default=0, index=True)
    helpful_count: Mapped[int] = mapped_column(Integer, default=0)
    not_helpful_count: Mapped[int] = mapped_column(Integer, default=0)
    is_published: Mapped[bool] = mapped_column(Boolean, default=False, index=True)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    author_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)

    author: Mapped[User] = relationship(back_populates="kb_articles")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads it

    def __str__(self) -> str:
        return self.title


class ArticleFeedback(Base):
    """One visitor's vote on an article; voting again changes it.

    ``missing`` is what the visitor missed, in their own words, with a vote that it did not help.
    """

    __tablename__ = "article_feedback"

    article_id: Mapped[str] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="CASCADE"), primary_key=True
    )
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    helpful: Mapped[bool] = mapped_column(Boolean)
    missing: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)


class FormerSlug(Base):
    """A slug that an article had before; its address leads to the present one."""

    __tablename__ = "former_slugs"

    slug: Mapped[str] = mapped_column(String(MAX_SLUG), primary_key=True)
    article_id: Mapped[str] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="CASCADE"), index=True
    )
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class Picture(Base):
    """A picture in articles, kept once: a clean copy for readers, and the original for exports.

    ``name`` is its address, made of the original's checksum and the size; so it is the same in
    every installation.
    """

    __tablename__ = "pictures"
    __table_args__ = (
        CheckConstraint("width > 0 AND height > 0", name="size"),
        at_most("file_name", MAX_FILE_NAME),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(String(60), unique=True)
    original_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    file_name: Mapped[str] = mapped_column(String(MAX_FILE_NAME))
    content_type: Mapped[str] = mapped_column(String(60))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    storage_name: Mapped[str] = mapped_column(String(64), unique=True)
    original_storage_name: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class ArticlePicture(Base):
    """That an article shows a picture; written anew at each save of the article."""

    __tablename__ = "article_pictures"

    article_id: Mapped[str] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="CASCADE"), primary_key=True
    )
    picture_id: Mapped[str] = mapped_column(
        Id, ForeignKey("pictures.id"), primary_key=True, index=True
    )


class ArticleSource(Base):
    """The file that an article was last imported from.

    ``source_id`` is the file's own id, ``sha256`` the file's checksum, ``version`` the article's
    right after the import: another one means that it was edited here since.
    """

    __tablename__ = "article_sources"
    __table_args__ = (at_most("source_id", MAX_SOURCE_ID),)

    article_id: Mapped[str] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="CASCADE"), primary_key=True
    )
    source_id: Mapped[str | None] = mapped_column(String(MAX_SOURCE_ID), unique=True)
    path: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    version: Mapped[int] = mapped_column(Integer)


class VainSearch(Base):
    """Words that readers searched for and that no article has all of; nothing about the readers.

    ``results`` is how many articles had some of the words at the last time.
    """

    __tablename__ = "vain_searches"
    __table_args__ = (
        at_most("query", MAX_VAIN),
        CheckConstraint("count >= 1 AND results >= 0", name="counts"),
    )

    query: Mapped[str] = mapped_column(String(MAX_VAIN), primary_key=True)
    count: Mapped[int] = mapped_column(Integer, default=1, index=True)
    results: Mapped[int] = mapped_column(Integer, default=0)
    first_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    last_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


class DeflectionSource(StrEnum):
    """Where in the ticket form an article was suggested: by a quick issue, or by the title."""

    ISSUE = "issue"
    TITLE = "title"


class Deflection(Base):
    """That an article which the ticket form suggested solved a visitor's problem."""

    __tablename__ = "deflections"
    __table_args__ = (one_of("source", DeflectionSource),)

    article_id: Mapped[str] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="CASCADE"), primary_key=True
    )
    visitor: Mapped[str] = mapped_column(String(64), primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    day: Mapped[date] = mapped_column(Date, index=True)
