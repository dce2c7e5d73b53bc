"""The kept files and the rows that name them: each has the other, and the bytes are the same.

Looked at folder by folder, so that memory holds a small part of the names at a time.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, func, literal, not_, select
from sqlalchemy.orm import Session

from models import db as database
from models.adapters import storage
from models.base import Base, now
from models.consistency.finding import NAMED, Finding, of_names, of_rows
from models.tickets import SWEPT_AFTER, Attachment

BACKUP = "Bring the files back from a backup, or delete what names them."
_STARTS = tuple(f"{number:02x}" for number in range(256))
_AFTER_HEX = "g"  # sorts behind every name that goes on with a digit of it
_NAME_LENGTH = 32
_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class _Named:
    """A file that a row names; ``sha256`` and ``size`` where the row knows them."""

    row: str
    name: str
    size: int | None = None
    sha256: str | None = None
    is_swept: bool = False


@dataclass
class _Tally:
    """What was found of one kind: how many, and the first of them by name."""

    what: str
    todo: str = BACKUP
    names: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, name: str) -> None:
        self.count += 1
        if len(self.names) < NAMED:
            self.names.append(name)

    def findings(self) -> list[Finding]:
        return of_names(self.names, self.count, self.what, self.todo)


class _Look:
    """One look at all files."""

    def __init__(self, db: Session) -> None:
        self._db = db
        self._young = time.time() - SWEPT_AFTER.total_seconds()
        self.missing = _Tally("files that are named and not there")
        self.cut = _Tally("files of another size than their row says")
        self.other = _Tally("files of other bytes than their row says")
        self.stray = _Tally(
            "files that no row names", "A running server removes them within the hour."
        )

    def look(self) -> None:
        for start in _STARTS:
            there = storage.kept(start)
            for named in _rows(self._db, start):
                self._compare(named, there.pop(named.name, None))
            for name, facts in sorted(there.items()):
                if facts.written < self._young:
                    self.stray.add(name)
        for name in storage.parts():
            self.stray.add(name)

    def _compare(self, named: _Named, facts: storage.Kept | None) -> None:
        if facts is None:
            if not named.is_swept:
                self.missing.add(named.row)
        elif facts.size == 0 or (named.size is not None and facts.size != named.size):
            self.cut.add(named.row)
        elif named.sha256 is not None and storage.checksum(named.name) != named.sha256:
            self.other.add(named.row)


def broken_files(db: Session) -> list[Finding]:
    """Files and rows that do not agree. A young file without a row may still get one."""
    look = _Look(db)
    look.look()
    tallies = (look.missing, look.cut, look.other, look.stray)
    return [*_odd_names(db), *(finding for tally in tallies for finding in tally.findings())]


def _rows(db: Session, start: str) -> Iterator[_Named]:
    """What rows name below one folder."""
    old = now() - SWEPT_AFTER
    files = select(
        Attachment.id,
        Attachment.storage_name,
        Attachment.size,
        Attachment.sha256,
        Attachment.ticket_id,
        Attachment.created_at,
    ).where(_begins(Attachment.storage_name, start))
    for key, name, size, sha256, ticket_id, created_at in db.execute(files).yield_per(_AT_ONCE):
        # One that nobody attached goes after a day, and may be gone since the snapshot.
        is_swept = ticket_id is None and created_at < old
        yield _Named(f"attachments {key}", name, size, sha256, is_swept)
    pictures = Base.metadata.tables["pictures"].c
    for name_of, sha256_of in (
        (pictures.storage_name, literal(None)),
        (pictures.original_storage_name, pictures.original_sha256),
    ):
        rows = select(pictures.id, name_of, sha256_of).where(_begins(name_of, start))
        for key, name, sha256 in db.execute(rows).yield_per(_AT_ONCE):
            yield _Named(f"pictures {key}", name, sha256=sha256)


def _begins(name: Any, start: str) -> ColumnElement[bool]:
    is_begun: ColumnElement[bool] = (name >= start) & (name < start + _AFTER_HEX)
    return is_begun


def _odd_names(db: Session) -> list[Finding]:
    """Rows whose file cannot be looked for."""
    findings = []
    for table, name in (
        ("attachments", "storage_name"),
        ("pictures", "storage_name"),
        ("pictures", "original_storage_name"),
    ):
        columns = Base.metadata.tables[table].c
        is_odd = (func.length(columns[name]) != _NAME_LENGTH) | not_(_is_hex(db, columns[name]))
        rows = select(columns.id).where(is_odd)
        findings += of_rows(db, rows, f"{table} whose {name} is no name of a file", BACKUP)
    return findings


def _is_hex(db: Session, name: Any) -> ColumnElement[bool]:
    is_hex: ColumnElement[bool]
    if database.is_sqlite(db):
        is_hex = not_(name.op("GLOB", is_comparison=True)("*[^0-9a-f]*"))
    else:
        is_hex = name.op("~", is_comparison=True)("^[0-9a-f]*$")
    return is_hex
