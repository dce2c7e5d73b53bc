"""The outbox: one row for each mail, written in the transaction of the deed that caused it.

Beside it, the addresses that want no mail which they did not ask for.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, Id, JSONText, UTCDateTime, new_id, now, one_of
from models.users.tables import MAX_EMAIL


class MailStatus(StrEnum):
    """Where a mail stands; ``dead`` means given up, an operator must look."""

    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"


class OutboxMail(Base):
    """A mail to one recipient; ``due_at`` is when it may go or be tried again.

    ``claimed_until`` is the lease of the worker that is sending it right now.
    """

    __tablename__ = "outbox_mails"
    __table_args__ = (
        one_of("status", MailStatus),
        CheckConstraint("attempts >= 0", name="attempts"),
        CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name="sent_has_time"),
        Index("ix_outbox_mails_due", "status", "due_at"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(String(40))
    recipient: Mapped[str] = mapped_column(String(254))
    recipient_name: Mapped[str] = mapped_column(String(120), default="")
    subject: Mapped[str] = mapped_column(String(300))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    headers: Mapped[dict[str, str]] = mapped_column(JSONText, default=dict)
    message_id: Mapped[str] = mapped_column(String(200), unique=True)
    ticket_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="SET NULL"), index=True
    )
    status: Mapped[str] = mapped_column(String(20), default=MailStatus.WAITING.value)
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str | None] = mapped_column(String(500))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    claimed_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class MailStop(Base):
    """An address whose owner wants no mail that somebody else's ticket causes.

    ``address`` is canonical like that of a person.
    """

    __tablename__ = "mail_stops"
    __table_args__ = (CheckConstraint("address = lower(address)", name="address_canonical"),)

    address: Mapped[str] = mapped_column(String(MAX_EMAIL), primary_key=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
