"""What the sweep takes and what it leaves: files of every room lie in one storage."""

import fcntl
import os
import time
from pathlib import Path

import pytest

from models import db, settings, tickets
from models.adapters import storage
from models.tickets import SWEPT_AFTER
from tests.models.consistency.conftest import Desk, desk

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
__all__ = ["desk"]


def files() -> list[Path]:
    """Everything in the storage."""
    return [path for path in (settings.current().data_dir / "files").rglob("*") if path.is_file()]


def test_old_pictures_of_articles_stay(database: db.Database, desk: Desk) -> None:
    old = time.time() - SWEPT_AFTER.total_seconds() - 60
    for path in files():
        os.utime(path, (old, old))
    assert sum(tickets.sweep()) == 0
    for name in (desk.picture.storage_name, desk.picture.original_storage_name):
        assert storage.get(name)


@SQLITE
def test_what_a_killed_process_left_half_written_goes_at_once(database: db.Database) -> None:
    part = settings.current().data_dir / "files" / "00" / (".part-" + "0" * 32)
    part.parent.mkdir(parents=True)
    part.write_bytes(b"half")
    with part.open("rb") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)  # as whoever writes it holds it
        assert sum(tickets.sweep()) == 0
    assert sum(tickets.sweep()) == 1
    assert files() == []


@SQLITE
def test_a_part_swept_before_it_was_held_is_written_again(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = fcntl.flock
    swept: list[int] = []

    def sweep_first(descriptor: int, how: int) -> None:
        if how == fcntl.LOCK_EX and not swept:
            swept.append(sum(tickets.sweep()))
        hold(descriptor, how)

    monkeypatch.setattr(fcntl, "flock", sweep_first)
    name = storage.put(b"words")
    assert (swept, storage.get(name), len(files())) == ([1], b"words", 1)
