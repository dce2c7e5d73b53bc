"""What Alembic runs: on the connection it is given, or on the database of the settings."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Column, Connection, Index

from models import db
from models.base import JSONText, UTCDateTime
from models.schema import metadata

EXPRESSIONS = frozenset({"ix_support_tickets_by_severity", "ix_support_tickets_by_status"})


def include_object(
    item: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any
) -> bool:
    """Leave out what cannot be compared; the recorded catalog holds it.

    The search indexes are no tables of the models on either database, and SQLite does not tell the
    direction of an index's columns.
    """
    if kind == "table":
        return not (name or "").startswith("search_")
    if kind == "index" and name in EXPRESSIONS:
        return False
    is_sqlite = context.get_context().dialect.name == "sqlite"
    return not (kind == "index" and is_sqlite and _has_directions(item))


def _has_directions(index: Index) -> bool:
    return not all(isinstance(part, Column) for part in index.expressions)


def render_item(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Write our column types as plain ones, so that a migration does not depend on the models."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, JSONText):
        return 'sa.Text().with_variant(postgresql.JSONB(), "postgresql")'
    return False


def _run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=include_object,
        render_item=render_item,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    _run(given)
else:
    with db.current().engine.connect() as own, own.begin():
        _run(own)
