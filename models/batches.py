"""Deleting many rows a few at a time, so that nobody who writes waits for it."""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, delete, inspect, select

from models.base import Base
from models.db import reading, unit_of_work

AT_ONCE = 100  # on SQLite the write lock is held for some 10 ms


def deleted(table: type[Base], old: ColumnElement[bool]) -> Iterator[int]:
    """Delete the rows that are ``old``; gives how many after each short transaction of its own.

    They are looked for without a write lock and looked at again when they go. Raises Unavailable.
    """
    key = inspect(table).primary_key[0]
    while True:
        with reading() as db:
            ids = list(db.scalars(select(key).where(old).limit(AT_ONCE)))
        if ids:
            with unit_of_work() as db:
                gone = delete(table).where(key.in_(ids), old).returning(key)
                count = len(db.execute(gone.execution_options(synchronize_session=False)).all())
            yield count
        if len(ids) < AT_ONCE:
            return
