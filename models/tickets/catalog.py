"""What the ticket form offers: quick issues and ticket categories."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from models import audit, permissions
from models import db as database
from models.actor import Actor
from models.errors import Invalid, NotAllowedNow, NotFound, Taken
from models.permissions import Permission
from models.tickets.deeds import CategoryDeed, QuickIssueDeed
from models.tickets.tables import QuickIssue, Ticket, TicketCategory


def quick_issues(db: Session) -> Sequence[QuickIssue]:
    """The active quick issues in their order, for the form."""
    return db.scalars(
        select(QuickIssue)
        .where(QuickIssue.is_active)
        .order_by(QuickIssue.sort_order, QuickIssue.id)
    ).all()


def all_quick_issues(db: Session, *, actor: Actor) -> Sequence[QuickIssue]:
    """All quick issues, inactive ones too, for staff."""
    permissions.require(actor, Permission.KB_READ)
    return db.scalars(select(QuickIssue).order_by(QuickIssue.sort_order, QuickIssue.id)).all()


def quick_issue(db: Session, issue_id: str, *, actor: Actor) -> QuickIssue:
    """A quick issue by id, for staff. Raises NotFound."""
    permissions.require(actor, Permission.KB_READ)
    issue = db.get(QuickIssue, issue_id)
    if issue is None:
        raise NotFound
    return issue


def create_quick_issue(db: Session, deed: QuickIssueDeed, *, actor: Actor) -> QuickIssue:
    """Create a quick issue. Raises NotPermitted, Invalid for an unknown category."""
    permissions.require(actor, Permission.KB_WRITE)
    issue = QuickIssue(**_values(db, deed))
    db.add(issue)
    db.flush()
    _record(db, "quick_issue.create", issue.id, issue.title, actor)
    return issue


def update_quick_issue(
    db: Session, issue: QuickIssue, deed: QuickIssueDeed, *, actor: Actor
) -> QuickIssue:
    """Change a quick issue. Raises NotPermitted, Invalid for an unknown category."""
    permissions.require(actor, Permission.KB_WRITE)
    for name, value in _values(db, deed).items():
        setattr(issue, name, value)
    db.flush()
    _record(db, "quick_issue.update", issue.id, issue.title, actor)
    return issue


def delete_quick_issue(db: Session, issue: QuickIssue, *, actor: Actor) -> None:
    """Delete a quick issue; tickets that came by it stay. Raises NotPermitted."""
    permissions.require(actor, Permission.KB_WRITE)
    _record(db, "quick_issue.delete", issue.id, issue.title, actor)
    db.delete(issue)


def _values(db: Session, deed: QuickIssueDeed) -> dict[str, Any]:
    known = select(TicketCategory.id).where(TicketCategory.slug == deed.suggested_category)
    if db.scalar(known) is None:
        raise Invalid({"suggestedCategory": "There is no such category."})
    optional = ("description", "article_slug", "icon")
    values = deed.model_dump()
    return {
        **values,
        "suggested_type": deed.suggested_type.value,
        **{name: values[name] or None for name in optional},
    }


def category(db: Session, ref: str) -> TicketCategory:
    """A ticket category by id or slug. Raises NotFound."""
    found = db.scalar(
        select(TicketCategory).where((TicketCategory.id == ref) | (TicketCategory.slug == ref))
    )
    if found is None:
        raise NotFound(f"There is no category {ref}.")
    return found


def create_category(db: Session, deed: CategoryDeed, *, actor: Actor) -> TicketCategory:
    """Create a ticket category. Raises NotPermitted, Taken for a slug in use."""
    permissions.require(actor, Permission.KB_WRITE)
    _require_free(db, deed.slug, None)
    created = TicketCategory(**deed.model_dump())
    db.add(created)
    db.flush()
    _record(db, "ticket_category.create", created.id, created.title, actor)
    return created


def update_category(
    db: Session, changed: TicketCategory, deed: CategoryDeed, *, actor: Actor
) -> TicketCategory:
    """Change a ticket category; its tickets follow a new slug. Raises NotPermitted, Taken."""
    permissions.require(actor, Permission.KB_WRITE)
    _require_free(db, deed.slug, changed.id)
    for name, value in deed.model_dump().items():
        setattr(changed, name, value)
    db.flush()
    _record(db, "ticket_category.update", changed.id, changed.title, actor)
    return changed


def delete_category(db: Session, deleted: TicketCategory, *, actor: Actor) -> None:
    """Delete a category that nothing uses. Raises NotPermitted, NotAllowedNow."""
    permissions.require(actor, Permission.KB_WRITE)
    used = db.scalar(select(func.count()).where(Ticket.category == deleted.slug)) or db.scalar(
        select(func.count()).where(QuickIssue.suggested_category == deleted.slug)
    )
    if used:
        raise NotAllowedNow("Tickets or quick issues are in this category. Move them first.")
    _record(db, "ticket_category.delete", deleted.id, deleted.title, actor)
    db.delete(deleted)


def _require_free(db: Session, slug: str, own_id: str | None) -> None:
    database.lock(db, "tickets:categories")
    taken = db.scalar(select(TicketCategory.id).where(TicketCategory.slug == slug))
    if taken is not None and taken != own_id:
        raise Taken("slug", f"Another category has the slug {slug}.")


def _record(db: Session, action: str, object_id: str, title: str, actor: Actor) -> None:
    noun = action.split(".", maxsplit=1)[0]
    audit.record(db, action, noun, object_id, actor=actor, title=title)
