"""The base data: categories, quick issues and starter articles.

Whatever was created once is not created again, even when people renamed, moved or deleted it
since; nothing that exists is changed.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, TypeVar

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from models import db as database
from models import kb, permissions, tickets
from models.actor import Actor
from models.audit import AuditEntry
from models.deeds import Deed, read
from models.permissions import Permission
from models.seeding import library

LOCK = "seeding"
ARTICLE_FIELDS = ("title", "slug", "content", "excerpt", "category", "tags")

# Who writes the article of a slug, and at which time; the demo has its own answer.
Writing = Callable[[str], tuple[Actor, AbstractContextManager[None]]]
Entry = dict[str, Any]
D = TypeVar("D", bound=Deed)


def seed_base(*, actor: Actor, writing: Writing | None = None) -> Counter[str]:
    """Add what is missing of the base data, and count it by kind.

    Opens its own transactions, because articles are rendered outside of one. Raises NotPermitted
    unless the actor may write in the knowledge base.
    """
    permissions.require(actor, Permission.KB_WRITE)
    with database.reading() as db:
        missing = _missing_articles(db)
    deeds = {entry["slug"]: _deed(entry) for entry in missing}
    added: Counter[str] = Counter()
    with database.unit_of_work() as db:
        database.lock(db, LOCK)
        added["categories"] = _add_categories(db, actor)
        for entry in _missing_articles(db):
            if entry["slug"] in deeds:
                author, moment = writing(entry["slug"]) if writing else (actor, nullcontext())
                with moment:
                    _write(db, deeds[entry["slug"]], is_draft=entry["draft"], author=author)
                added["articles"] += 1
        added["quick issues"] = _add_quick_issues(db, actor)
    return added


def _missing_articles(db: Session) -> list[Entry]:
    slugs = set(db.scalars(select(kb.Article.slug))) | set(db.scalars(select(kb.FormerSlug.slug)))
    former = _once_created(db, "article.create")
    return [
        entry
        for entry in library.articles()
        if entry["slug"] not in slugs and entry["title"] not in former
    ]


def _once_created(db: Session, action: str) -> set[str]:
    """The titles of everything that this kind of deed has ever created."""
    created = db.scalars(select(AuditEntry.data).where(AuditEntry.action == action))
    return {str((data or {}).get("title")) for data in created}


def _add_categories(db: Session, actor: Actor) -> int:
    in_kb = _missing(
        db,
        library.entries("categories.yaml", "article_categories"),
        "article_category.create",
        select(kb.ArticleCategory.title),
    )
    for entry in in_kb:
        kb.create_category(db, _category(kb.CategoryDeed, entry), actor=actor)
    of_tickets = _missing(
        db,
        library.entries("categories.yaml", "ticket_categories"),
        "ticket_category.create",
        select(tickets.TicketCategory.title),
    )
    for entry in of_tickets:
        tickets.create_category(db, _category(tickets.CategoryDeed, entry), actor=actor)
    return len(in_kb) + len(of_tickets)


def _category(schema: type[D], entry: Entry) -> D:
    return read(schema, {name: entry[name] for name in ("slug", "title", "sort_order")})


def _missing(
    db: Session, entries: tuple[Entry, ...], action: str, titles: Select[tuple[str]]
) -> list[Entry]:
    known = set(db.scalars(titles)) | _once_created(db, action)
    return [entry for entry in entries if entry["title"] not in known]


def _deed(entry: Entry) -> kb.ArticleDeed:
    return read(kb.ArticleDeed, {name: entry[name] for name in ARTICLE_FIELDS})


def _write(db: Session, deed: kb.ArticleDeed, *, is_draft: bool, author: Actor) -> None:
    article = kb.create_article(db, deed, actor=author)
    if not is_draft:
        kb.publish(db, article, actor=author)


def _add_quick_issues(db: Session, actor: Actor) -> int:
    missing = _missing(
        db,
        library.entries("quick_issues.yaml", "quick_issues"),
        "quick_issue.create",
        select(tickets.QuickIssue.title),
    )
    for entry in missing:
        tickets.create_quick_issue(db, read(tickets.QuickIssueDeed, entry), actor=actor)
    return len(missing)
