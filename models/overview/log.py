"""The audit log as people read it: newest first, with the names of who acted."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from models import audit, paging
from models.actor import Actor
from models.audit import AuditEntry
from models.paging import Page
from models.users import User

NOBODY = "Somebody not signed in"


@dataclass(frozen=True, slots=True)
class LogRow:
    """One entry of the audit log. ``at`` is in UTC; ``who`` is a name or an e-mail address."""

    id: str
    at: datetime
    who: str
    door: str
    address: str | None
    action: str
    object_type: str
    object_id: str | None
    data: dict[str, Any]


def audit_log(
    db: Session,
    *,
    subject_id: str | None = None,
    page: int = 1,
    page_size: int = 50,
    actor: Actor,
) -> Page[LogRow]:
    """The entries that exist for this actor, of one customer or of all, newest first."""
    rows = (
        audit.visible_to(actor, subject_id=subject_id)
        .outerjoin(User, User.id == AuditEntry.actor_id)
        .with_only_columns(
            AuditEntry.id, AuditEntry.at, User.name, User.email, AuditEntry.door,
            AuditEntry.address, AuditEntry.action, AuditEntry.object_type,
            AuditEntry.object_id, AuditEntry.data,
        )
        .order_by(AuditEntry.id.desc())
    )  # fmt: skip
    found = paging.of_rows(db, rows, page=page, page_size=page_size)
    items = [_row(*row) for row in found.items]
    return Page(items, found.page, found.page_size, found.total, found.total_is_capped)


def _row(id_: str, at: datetime, name: str | None, email: str | None, *rest: Any) -> LogRow:
    door, address, action, object_type, object_id, data = rest
    who = name or email or NOBODY
    return LogRow(id_, at, who, door, address, action, object_type, object_id, data or {})
