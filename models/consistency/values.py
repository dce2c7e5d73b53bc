"""Each row by itself: what its table promises of its values, and the rows that it refers to.

The database refuses such rows when it is asked to write them. They come of a damaged file, of a
copy made with checks turned off, or of somebody's own SQL.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ColumnElement,
    Integer,
    Table,
    case,
    func,
    literal,
    literal_column,
    not_,
    select,
)
from sqlalchemy.orm import Session

from models import db as database
from models.base import JSONText, UTCDateTime
from models.consistency.finding import Finding, of_rows

REPAIR = "Bring the row back from a backup, or correct it by hand."
Condition = ColumnElement[bool]


def broken_rows(db: Session, table: Table) -> list[Finding]:
    """Rows of a table that its own rules do not allow, or that refer to what is not there."""
    return [*_broken_values(db, table), *_broken_references(db, table)]


def _broken_values(db: Session, table: Table) -> list[Finding]:
    # One look at the table, if nothing is wrong.
    rules = list(_rules(table, is_sqlite=database.is_sqlite(db)))
    counts = [func.count().filter(condition) for _, condition in rules]
    found = db.execute(select(*counts).select_from(table)).one()
    return [
        finding
        for count, (what, condition) in zip(found, rules, strict=True)
        if count
        for finding in of_rows(db, _keys(table).where(condition), f"{table.name} {what}", REPAIR)
    ]


def _broken_references(db: Session, table: Table) -> list[Finding]:
    findings = []
    for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
        there = select(literal(1)).where(key.column == key.parent).correlate(table).exists()
        rows = _keys(table).where(key.parent.is_not(None), not_(there))
        what = f"{table.name} with a {key.parent.name} that is not in {key.column.table.name}"
        findings += of_rows(db, rows, what, REPAIR)
    return findings


def _keys(table: Table) -> Any:
    return select(*table.primary_key.columns)


def _rules(table: Table, *, is_sqlite: bool) -> Iterator[tuple[str, Condition]]:
    for constraint in sorted(table.constraints, key=lambda one: str(one.name)):
        if isinstance(constraint, CheckConstraint):
            kept = literal_column(f"({constraint.sqltext})", Boolean)
            yield f"against {constraint.name}", not_(kept)
    for column in table.columns:
        if not column.nullable:
            yield f"without {column.name}", column.is_(None)
        if isinstance(column.type, JSONText):
            yield f"with an unreadable {column.name}", _is_unreadable(column, is_sqlite=is_sqlite)
        elif is_sqlite and isinstance(column.type, UTCDateTime):
            no_time = func.julianday(column).is_(None)
            yield f"with no time in {column.name}", column.is_not(None) & no_time
        elif is_sqlite and isinstance(column.type, Integer):
            no_number = func.typeof(column).not_in(("integer", "null"))
            yield f"with no number in {column.name}", no_number


def _is_unreadable(column: Column[Any], *, is_sqlite: bool) -> Condition:
    """Whether a JSON column holds none, or another kind than the one that it begins with."""
    begins: Any = column.default
    kind = "array" if isinstance(begins.arg(None), list) else "object"
    if not is_sqlite:
        return func.coalesce(func.jsonb_typeof(column), "none") != kind
    is_json = func.json_valid(column) == literal_column("1")
    return case((is_json, func.json_type(column)), else_="none") != kind
