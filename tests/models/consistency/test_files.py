"""Files and the rows that name them: what is missing, cut off, changed or nobody's."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from models import base, db, settings
from models.adapters import storage
from models.consistency.files import broken_files
from models.kb.tables import Picture
from models.tickets import SWEPT_AFTER, Attachment
from tests.models.consistency.conftest import Desk
from tests.models.world import stored

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
OLD = SWEPT_AFTER.total_seconds() + 60


def kept(name: str) -> Path:
    """Where a file lies."""
    return settings.current().data_dir / "files" / name[:2] / name


def said() -> list[str]:
    """What is found."""
    with db.reading() as session:
        return [
            f"{finding.what}: {', '.join(finding.objects)}" for finding in broken_files(session)
        ]


def age(path: Path) -> None:
    """Let a file be older than what is swept."""
    moment = time.time() - OLD
    os.utime(path, (moment, moment))


@pytest.mark.parametrize(
    ("hurt", "what"),
    [
        (Path.unlink, "files that are named and not there"),
        (lambda path: path.write_bytes(b"on"), "files of another size than their row says"),
        (lambda path: path.write_bytes(b"eno"), "files of other bytes than their row says"),
    ],
)
def test_a_file_that_is_not_as_its_row_says(
    desk: Desk, hurt: Callable[[Path], object], what: str
) -> None:
    hurt(kept(desk.attached.storage_name))
    assert said() == [f"{what}: attachments {desk.attached.id}"]


@SQLITE
def test_pictures_of_articles_are_looked_at_too(desk: Desk) -> None:
    picture = stored(Picture)[0]
    kept(picture.original_storage_name).write_bytes(b"another picture")
    kept(picture.storage_name).write_bytes(b"")
    assert said() == [
        f"files of another size than their row says: pictures {picture.id}",
        f"files of other bytes than their row says: pictures {picture.id}",
    ]


@SQLITE
def test_a_file_without_a_row_is_found_once_it_is_old(desk: Desk) -> None:
    stray = storage.put(b"nobody's")
    assert said() == []
    age(kept(stray))
    part = kept(stray).with_name(".part-" + "0" * 32)
    part.write_bytes(b"half")
    assert said() == [f"files that no row names: {stray}, {part.name}"]


@SQLITE
def test_what_may_be_swept_right_now_is_no_finding(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept(desk.waiting.storage_name).unlink()
    assert said() == [f"files that are named and not there: attachments {desk.waiting.id}"]
    later = base.now() + SWEPT_AFTER + SWEPT_AFTER
    monkeypatch.setattr(base, "clock", lambda: later)
    assert said() == []


def test_a_name_that_is_none_is_found(desk: Desk) -> None:
    for name in ("../" + "a" * 29, "a" * 31, "A" * 32):
        with db.unit_of_work() as session:
            session.get_one(Attachment, desk.attached.id).storage_name = name
        wrong = f"attachments whose storage_name is no name of a file: {desk.attached.id}"
        assert wrong in said(), name
