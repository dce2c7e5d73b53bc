"""The checks in their order: the database's own, then rows, then what rows promise each other."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from models import db as database
from models.base import Base
from models.consistency.files import broken_files
from models.consistency.finding import Finding, of_names
from models.consistency.rules import RULES
from models.consistency.values import broken_rows


@dataclass(frozen=True, slots=True)
class Check:
    """One thing to look at; ``findings`` looks at it within a transaction of ``db.reading()``."""

    name: str
    findings: Callable[[Session], list[Finding]]


def checks() -> Iterator[Check]:
    """All checks. To see one moment, all of them need the same reading transaction."""
    yield Check("database file", _broken_database)
    for name, table in sorted(Base.metadata.tables.items()):
        yield Check(f"rows of {name}", partial(broken_rows, table=table))
    for rule in RULES:
        yield Check(rule.name, rule.findings)
    yield Check("files", broken_files)


def _broken_database(db: Session) -> list[Finding]:
    """What the database itself says of its pages and indexes."""
    if database.is_sqlite(db):
        said = [str(line) for line in db.scalars(text("PRAGMA integrity_check"))]
        wrong = [] if said == ["ok"] else said
        todo = "Stop the server, and bring the database back from a backup."
    else:
        broken = select(text("indexrelid::regclass::text")).select_from(text("pg_index"))
        wrong = [str(name) for name in db.scalars(broken.where(text("NOT indisvalid")))]
        todo = "Type: REINDEX DATABASE CONCURRENTLY, in psql."
    return of_names(wrong, len(wrong), "the database says", todo)
