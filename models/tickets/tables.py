"""Tickets with their messages, attachments and tags, and what the ticket form offers."""

from datetime import UTC, datetime
from enum import IntEnum, StrEnum
from typing import Any

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Id, JSONText, UTCDateTime, at_most, new_id, now, one_of
from models.kb.tables import Article
from models.users.tables import User

MAX_TITLE = 200
MAX_TEXT = 20_000
MAX_TAGS = 20
MAX_TAG = 50
MAX_COMMENT = 2_000
NOT_WAITING = datetime(9999, 1, 1, tzinfo=UTC)
NAMELESS_AGENT = "Support"  # what customers read instead of an agent's address


class TicketType(StrEnum):
    """What kind of help is asked for."""

    BUG = "bug"
    QUESTION = "question"
    BILLING = "billing"
    FEATURE_REQUEST = "feature_request"
    OTHER = "other"


class Severity(StrEnum):
    """How bad it is for the customer."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Status(StrEnum):
    """Where a ticket stands; the moves are in ``lifecycle.TRANSITIONS``."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    WAITING_USER = "waiting_user"
    RESOLVED = "resolved"
    CLOSED = "closed"


class Priority(IntEnum):
    """How soon agents should answer."""

    LOW = -1
    NORMAL = 0
    HIGH = 1
    URGENT = 2


class Channel(StrEnum):
    """How a ticket came in; ``guest`` was sent without sign-in, the address is not proven."""

    WEB = "web"
    GUEST = "guest"
    API = "api"
    AGENT = "agent"


class MessageFormat(StrEnum):
    """How the content of a message is written."""

    TEXT = "text"
    MARKDOWN = "markdown"


class AttachmentKind(StrEnum):
    """A file that somebody added, or the screenshot taken with the form."""

    FILE = "file"
    SCREENSHOT = "screenshot"


def _rank(column: str, values: type[StrEnum]) -> str:
    """SQL that gives the place of a column's value among the values, from 0."""
    places = " ".join(f"WHEN '{value}' THEN {place}" for place, value in enumerate(values))
    return f"(CASE support_tickets.{column} {places} END)"


# Their indexes are made by the migrations alone, since Alembic compares no expressions.
SEVERITY_RANK = _rank("severity", Severity)
STATUS_RANK = _rank("status", Status)


class TicketCategory(Base):
    """A category of tickets; the slug is what tickets refer to."""

    __tablename__ = "ticket_categories"
    __table_args__ = (at_most("title", 80),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[str] = mapped_column(String(80))
    sort_order: Mapped[int] = mapped_column(Integer, default=0)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        return self.title


class Ticket(Base):
    """A customer's request for help.

    ``updated_at`` and ``version`` move with every change, ``customer_updated_at`` only with what
    the customer can see. ``waiting_since`` is since when the customer waits for us, NOT_WAITING
    when nobody waits (a value and not NULL, so that one index serves the queue's order on both
    databases).
    """

    __tablename__ = "support_tickets"
    __table_args__ = (
        one_of("type", TicketType),
        one_of("severity", Severity),
        one_of("status", Status),
        one_of("channel", Channel),
        at_most("title", MAX_TITLE),
        at_most("description", MAX_TEXT),
        at_most("resolution", MAX_TEXT),
        CheckConstraint("length(title) > 0", name="title_filled"),
        CheckConstraint("priority BETWEEN -1 AND 2", name="priority"),
        CheckConstraint("number > 0", name="number"),
        CheckConstraint("version >= 1", name="version"),
        CheckConstraint("(status = 'resolved') = (resolved_at IS NOT NULL)", name="resolved_time"),
        CheckConstraint("status <> 'resolved' OR resolution IS NOT NULL", name="resolved_text"),
        Index(
            "ix_support_tickets_queue",
            text("priority DESC"),
            "waiting_since",
            text("number DESC"),
            "created_at",  # no part of the order: what lies outside of a time is passed over
        ),
        Index(
            "ix_support_tickets_status_queue",
            "status",
            text("priority DESC"),
            "waiting_since",
            text("number DESC"),
        ),
        Index("ix_support_tickets_waiting", "waiting_since", text("number DESC")),
        Index("ix_support_tickets_own", "user_id", "customer_updated_at", "number"),
        Index("ix_support_tickets_answered", "first_response_at", "created_at"),
        Index("ix_support_tickets_filters", "category", "type", "severity", "status"),
        Index("ix_support_tickets_assigned", "assigned_to_id", "status", "number"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    number: Mapped[int] = mapped_column(Integer, unique=True)
    ticket_number: Mapped[str] = mapped_column(String(20), unique=True)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"))
    channel: Mapped[str] = mapped_column(String(20), default=Channel.WEB.value)
    type: Mapped[str] = mapped_column(String(20), index=True)
    category: Mapped[str] = mapped_column(
        String(60), ForeignKey("ticket_categories.slug", onupdate="CASCADE")
    )
    severity: Mapped[str] = mapped_column(String(20), default=Severity.MEDIUM.value)
    title: Mapped[str] = mapped_column(String(MAX_TITLE))
    description: Mapped[str] = mapped_column(Text)
    context_data: Mapped[dict[str, Any]] = mapped_column(JSONText, default=dict)
    status: Mapped[str] = mapped_column(String(20), default=Status.OPEN.value)
    priority: Mapped[int] = mapped_column(Integer, default=0)
    assigned_to_id: Mapped[str | None] = mapped_column(Id, ForeignKey("users.id"))
    resolution: Mapped[str | None] = mapped_column(Text)
    resolved_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)
    related_article_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("kb_articles.id", ondelete="SET NULL")
    )
    quick_issue_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("quick_issues.id", ondelete="SET NULL")
    )
    sentry_event_id: Mapped[str | None] = mapped_column(String(64))
    first_response_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    waiting_since: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    version: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    customer_updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    user: Mapped[User] = relationship(back_populates="tickets", foreign_keys=[user_id])
    assigned_to: Mapped[User | None] = relationship(
        back_populates="assigned_tickets", foreign_keys=[assigned_to_id]
    )
    related_article: Mapped[Article | None] = relationship()
    messages: Mapped[list["TicketMessage"]] = relationship(
        back_populates="ticket", order_by="TicketMessage.id", passive_deletes=True
    )
    tag_rows: Mapped[list["TicketTag"]] = relationship(
        order_by="TicketTag.tag", cascade="all, delete-orphan", passive_deletes=True
    )

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy reads it

    @property
    def tags(self) -> list[str]:
        """The tags in alphabetical order."""
        return [row.tag for row in self.tag_rows]

    def __str__(self) -> str:
        return f"{self.ticket_number} {self.title}"


class TicketTag(Base):
    """One tag of one ticket."""

    __tablename__ = "ticket_tags"
    __table_args__ = (
        at_most("tag", MAX_TAG),
        Index("ix_ticket_tags_tag", "tag", "ticket_id"),
    )

    ticket_id: Mapped[str] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="CASCADE"), primary_key=True
    )
    tag: Mapped[str] = mapped_column(String(MAX_TAG), primary_key=True)


class TicketMessage(Base):
    """A message of the conversation, or an internal note that only staff may see."""

    __tablename__ = "ticket_messages"
    __table_args__ = (
        one_of("format", MessageFormat),
        at_most("content", MAX_TEXT),
        CheckConstraint("length(content) > 0", name="content_filled"),
        Index("ix_ticket_messages_thread", "ticket_id", "id"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="CASCADE"), index=True
    )
    sender_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    content: Mapped[str] = mapped_column(Text)
    format: Mapped[str] = mapped_column(String(20), default=MessageFormat.TEXT.value)
    html: Mapped[str] = mapped_column(Text)
    is_internal: Mapped[bool] = mapped_column(Boolean, default=False)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)

    ticket: Mapped[Ticket] = relationship(back_populates="messages")
    sender: Mapped[User] = relationship(back_populates="ticket_messages")


class Attachment(Base):
    """A file kept in private storage under a random name; nobody's until it is attached."""

    __tablename__ = "attachments"
    __table_args__ = (
        one_of("kind", AttachmentKind),
        at_most("name", 200),
        CheckConstraint("size > 0", name="size"),
        CheckConstraint("message_id IS NULL OR ticket_id IS NOT NULL", name="message_has_ticket"),
        CheckConstraint("kind <> 'screenshot' OR message_id IS NULL", name="screenshot_of_ticket"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    ticket_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="CASCADE"), index=True
    )
    message_id: Mapped[str | None] = mapped_column(
        Id, ForeignKey("ticket_messages.id", ondelete="CASCADE"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20), default=AttachmentKind.FILE.value)
    name: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(Integer)
    content_type: Mapped[str] = mapped_column(String(100))
    sha256: Mapped[str] = mapped_column(String(64))
    storage_name: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)


class GuestLink(Base):
    """The private link of one ticket, mailed to a guest; kept as a hash, expiring, revocable."""

    __tablename__ = "guest_links"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="lasts"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    ticket_id: Mapped[str] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="CASCADE"), index=True
    )
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class TicketRating(Base):
    """The customer's vote on how a ticket was handled."""

    __tablename__ = "ticket_ratings"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        at_most("comment", MAX_COMMENT),
    )

    ticket_id: Mapped[str] = mapped_column(
        Id, ForeignKey("support_tickets.id", ondelete="CASCADE"), primary_key=True
    )
    score: Mapped[int] = mapped_column(Integer)
    comment: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)


class QuickIssue(Base):
    """A common problem that fills type and category of the ticket form."""

    __tablename__ = "quick_issues"
    __table_args__ = (
        one_of("suggested_type", TicketType),
        CheckConstraint("use_count >= 0", name="use_count"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    title: Mapped[str] = mapped_column(String(120))
    description: Mapped[str | None] = mapped_column(String(300))
    suggested_type: Mapped[str] = mapped_column(String(20))
    suggested_category: Mapped[str] = mapped_column(
        String(60), ForeignKey("ticket_categories.slug", onupdate="CASCADE")
    )
    article_slug: Mapped[str | None] = mapped_column(String(100))
    use_count: Mapped[int] = mapped_column(Integer, default=0)
    icon: Mapped[str | None] = mapped_column(String(20))
    sort_order: Mapped[int] = mapped_column(Integer, default=0, index=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True, index=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

    def __str__(self) -> str:
        return self.title
