"""People, their sign-ins, links, tokens and gateways."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Boolean, CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.actor import Role
from models.base import Base, Id, JSONText, UTCDateTime, at_most, new_id, now, one_of

MAX_NAME = 120
MAX_EMAIL = 254
# Written as in the index of the staff, so that both databases use it.
IS_STAFF = text("role <> 'MEMBER'")


class GatewayStatus(StrEnum):
    """State of a customer's gateway in the host application."""

    CONNECTED = "connected"
    DISCONNECTED = "disconnected"
    ERROR = "error"


class LinkPurpose(StrEnum):
    """What a mailed one-time link does."""

    SIGN_IN = "sign_in"
    SET_PASSWORD = "set_password"  # noqa: S105  # a purpose, not a password


class User(Base):
    """A person: customer or staff, or the operator (``is_system``, cannot sign in).

    ``email`` is canonical: NFC, lower case throughout, an international domain in its ASCII form.
    """

    __tablename__ = "users"
    __table_args__ = (
        one_of("role", Role),
        at_most("name", MAX_NAME),
        CheckConstraint("email = lower(email)", name="email_canonical"),
        CheckConstraint("email IS NOT NULL OR external_id IS NOT NULL OR is_system", name="known"),
        CheckConstraint("password_hash IS NULL OR email IS NOT NULL", name="password_needs_email"),
        Index(
            "uq_users_email",
            "email",
            unique=True,
            sqlite_where=text("external_id IS NULL"),
            postgresql_where=text("external_id IS NULL"),
        ),
        Index("ix_users_email_begins", "email", postgresql_ops={"email": "text_pattern_ops"}),
        Index("ix_users_name", "name"),
        Index("ix_users_role", "role"),
        Index("ix_users_staff", "name", sqlite_where=IS_STAFF, postgresql_where=IS_STAFF),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    email: Mapped[str | None] = mapped_column(String(MAX_EMAIL))
    name: Mapped[str] = mapped_column(String(MAX_NAME), default="")
    role: Mapped[str] = mapped_column(String(20), default=Role.MEMBER.value)
    plan: Mapped[str] = mapped_column(String(40), default="free")
    external_id: Mapped[str | None] = mapped_column(String(200), unique=True)
    is_active: Mapped[bool] = mapped_column(Boolean, default=True)
    is_system: Mapped[bool] = mapped_column(Boolean, default=False)
    password_hash: Mapped[str | None] = mapped_column(String(200))
    email_verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_login_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reply_mails_stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    deletion_asked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, index=True)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

    gateways: Mapped[list["Gateway"]] = relationship(
        back_populates="owner", order_by="Gateway.name"
    )
    tickets: Mapped[list["Ticket"]] = relationship(  # type: ignore[name-defined]  # noqa: F821
        back_populates="user", foreign_keys="Ticket.user_id"
    )
    assigned_tickets: Mapped[list["Ticket"]] = relationship(  # type: ignore[name-defined]  # noqa: F821
        back_populates="assigned_to", foreign_keys="Ticket.assigned_to_id"
    )
    ticket_messages: Mapped[list["TicketMessage"]] = relationship(  # type: ignore[name-defined]  # noqa: F821
        back_populates="sender"
    )
    kb_articles: Mapped[list["Article"]] = relationship(  # type: ignore[name-defined]  # noqa: F821
        back_populates="author"
    )

    def __str__(self) -> str:
        return self.name or self.email or self.id


class SignIn(Base):
    """A sign-in kept on the server; the cookie holds a random value, the row its hash."""

    __tablename__ = "sign_ins"
    __table_args__ = (CheckConstraint("expires_at > created_at", name="lasts"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    address: Mapped[str | None] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(300), default="")


class OneTimeLink(Base):
    """A link sent by mail that works once, for a short time, and only if it is the newest."""

    __tablename__ = "one_time_links"
    __table_args__ = (
        one_of("purpose", LinkPurpose),
        CheckConstraint("expires_at > created_at", name="lasts"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    purpose: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ApiToken(Base):
    """A bearer token for programs: shown once, kept as a hash, limited to its scopes."""

    __tablename__ = "api_tokens"
    __table_args__ = (
        at_most("name", MAX_NAME),
        CheckConstraint("expires_at IS NULL OR expires_at > created_at", name="lasts"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    user_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    scopes: Mapped[list[str]] = mapped_column(JSONText, default=list)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now)
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Gateway(Base):
    """A connection that a customer runs in the host application, as the host last told us."""

    __tablename__ = "gateways"
    __table_args__ = (
        one_of("status", GatewayStatus),
        at_most("name", MAX_NAME),
        CheckConstraint("last_error IS NULL OR last_error_at IS NOT NULL", name="error_has_time"),
    )

    id: Mapped[str] = mapped_column(Id, primary_key=True, default=new_id)
    owner_id: Mapped[str] = mapped_column(Id, ForeignKey("users.id"), index=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    type: Mapped[str] = mapped_column(String(40))
    status: Mapped[str] = mapped_column(String(20))
    last_error: Mapped[str | None] = mapped_column(Text)
    last_error_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=now, onupdate=now)

    owner: Mapped[User] = relationship(back_populates="gateways")
