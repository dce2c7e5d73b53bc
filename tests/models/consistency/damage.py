"""Breaking a database on purpose, past all that it refuses, and undoing it."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, text
from sqlalchemy.orm import Session

from models import consistency
from models.consistency import Finding
from models.db import Database

Found = dict[str, list[Finding]]


def found(session: Session, *, only: str = "") -> Found:
    """What the checks find, by the name of the check; nothing by those that find nothing."""
    looked = {
        check.name: check.findings(session)
        for check in consistency.checks()
        if only in ("", check.name)
    }
    return {name: findings for name, findings in looked.items() if findings}


@contextmanager
def damaged(database: Database, *statements: str) -> Iterator[Session]:
    """A transaction in which these statements were carried out; rolled back in the end."""
    with database.engine.connect() as connection:
        prepare = _sqlite if database.is_sqlite else _postgresql
        with prepare(connection):
            for statement in statements:
                connection.exec_driver_sql(statement)
            with Session(connection) as session:
                yield session
            connection.rollback()


@contextmanager
def _sqlite(connection: Connection) -> Iterator[None]:
    driver = connection.connection.driver_connection
    assert driver is not None
    driver.execute("PRAGMA foreign_keys = OFF")  # before the transaction, in it this does nothing
    driver.execute("PRAGMA ignore_check_constraints = ON")
    yield
    driver.execute("PRAGMA ignore_check_constraints = OFF")
    driver.execute("PRAGMA foreign_keys = ON")


@contextmanager
def _postgresql(connection: Connection) -> Iterator[None]:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    kept = connection.execute(
        text("SELECT conrelid::regclass::text, conname FROM pg_constraint WHERE contype = 'c'"
             " AND connamespace = 'public'::regnamespace")
    ).all()  # fmt: skip
    for table, name in kept:
        connection.exec_driver_sql(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    yield
