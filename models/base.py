"""What all tables share: naming, column types, ids and the clock."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import CheckConstraint, DateTime, Dialect, MetaData, String, Text, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase
from uuid_utils import uuid7

ID_LENGTH = 36


class Base(DeclarativeBase):
    """Declarative base with constraint names that are the same on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class UTCDateTime(TypeDecorator[datetime]):
    """A point in time, always aware and in UTC; SQLite keeps it as sortable text."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, hand UTC to the driver."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive time: give an aware datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give aware UTC back."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class JSONText(TypeDecorator[Any]):
    """A JSON value: ``jsonb`` on PostgreSQL, text on SQLite; unreadable text reads as None."""

    impl = Text
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        """Pick the column type of the database."""
        if dialect.name == "postgresql":
            return dialect.type_descriptor(postgresql.JSONB())
        return dialect.type_descriptor(Text())

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Serialise for SQLite."""
        if dialect.name == "postgresql":
            return value
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Read back; a damaged row must not break the page that shows it."""
        if value is None or dialect.name == "postgresql":
            return value
        try:
            return json.loads(value)
        except ValueError:
            return None


Id = String(ID_LENGTH)


def new_id() -> str:
    """A UUIDv7 as text: unique and ordered by time."""
    return str(uuid7())


def now() -> datetime:
    """The present time, aware, in UTC; tests set the clock by replacing ``clock``."""
    return clock()


def _system_clock() -> datetime:
    return datetime.now(UTC)


clock = _system_clock


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    """A CHECK that keeps a text column to the values of an enumeration."""
    listed = ", ".join(f"'{value.value}'" for value in values)
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def at_most(column: str, length: int) -> CheckConstraint:
    """A CHECK on the length of a text column, in code points."""
    return CheckConstraint(f"length({column}) <= {length}", name=f"{column}_length")
