"""The audit log: one row for each deed. The timeline, the audit screen and the streams read it."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, Select, String, false, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from models.actor import Actor, Role
from models.base import Base, Id, JSONText, UTCDateTime, new_id, now
from models.permissions import Permission, may, may_read_audit_log


class AuditEntry(Base):
    """Who did what to which object, when and through which door."""

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_object", "object_type", "object_id", "id"),
        Index("ix_audit_entries_subject", "subject_id", "id"),
        Index("ix_audit_entries_actor", "actor_id", "id"),
        Index("ix_audit_entries_action", "action", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    actor_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    door: Mapped[str] = mapped_column(String(20))
    address: Mapped[str | None] = mapped_column(String(64))
    action: Mapped[str] = mapped_column(String(60))
    object_type: Mapped[str] = mapped_column(String(30))
    object_id: Mapped[str | None] = mapped_column(String(80))
    subject_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)


def record(
    db: Session,
    action: str,
    object_type: str,
    object_id: str | None,
    *,
    actor: Actor,
    subject_id: str | None = None,
    **data: Any,
) -> AuditEntry:
    """Write one audit row in the caller's transaction.

    ``action`` is ``noun.verb``; ``subject_id`` is the customer concerned; ``data`` holds names
    and former and new values, never secrets or the text of messages.
    """
    entry = AuditEntry(
        actor_id=actor.user_id,
        door=actor.door.value,
        address=actor.address,
        action=action,
        object_type=object_type,
        object_id=object_id,
        subject_id=subject_id,
        data=data,
    )
    db.add(entry)
    return entry


def record_refusal(
    db: Session, action: str, target: str, *, actor: Actor, reason: str
) -> AuditEntry:
    """Write that a privileged deed or a sign-in was refused; call it in a fresh unit of work."""
    return record(db, action, "refusal", target[:80], actor=actor, reason=reason)


def visible_to(actor: Actor, *, subject_id: str | None = None) -> Select[AuditEntry]:
    """The audit rows that exist for this actor: ADMIN and above all of them.

    Whoever looks up people reads the rows of the one customer named by ``subject_id``; what
    concerns staff is for ADMIN and above.
    """
    entries = select(AuditEntry)
    if may_read_audit_log(actor):
        return entries if subject_id is None else entries.where(AuditEntry.subject_id == subject_id)
    if subject_id is not None and may(actor, Permission.USERS_READ):
        return entries.where(
            AuditEntry.subject_id.in_(_customers(subject_id)), AuditEntry.object_type != "refusal"
        )
    return entries.where(false())


def _customers(user_id: str) -> Select[str]:
    people = Base.metadata.tables["users"]
    return select(people.c.id).where(people.c.id == user_id, people.c.role == Role.MEMBER.value)
