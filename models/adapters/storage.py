"""Keeping files: below the data folder, under random names that nothing serves or imports by path.

A file is written whole or not at all: to a temporary name, to the disk, then renamed. A name says
nothing about what is in the file; what it is called and who may have it is in the database.
"""

import hashlib
import os
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from models.settings import current as settings

FOLDER = "files"
_NAME = re.compile("[0-9a-f]{32}")
_PART = ".part-"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a kept file: its bytes, and when it was written (seconds since 1970)."""

    size: int
    written: float


def put(data: bytes) -> str:
    """Keep a file; gives the name to store in the database. Raises OSError when it cannot."""
    name = secrets.token_hex(16)
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = path.with_name(_PART + name)
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return name


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def get(name: str) -> bytes:
    """The bytes of a file. Raises OSError when it is not there or cannot be read."""
    return _path(name).read_bytes()


def remove(name: str) -> None:
    """Delete a file; one that is gone already is no error."""
    _path(name).unlink(missing_ok=True)


def names() -> Iterator[tuple[str, float]]:
    """The name of every file that is kept, with when it was written (seconds since 1970)."""
    for path in _root().glob("??/*"):
        if _NAME.fullmatch(path.name):
            yield path.name, path.stat().st_mtime


def kept(start: str) -> dict[str, Kept]:
    """The kept files whose names begin with these two digits."""
    found = {}
    for path in (_root() / start).glob("*"):
        if _NAME.fullmatch(path.name):
            facts = path.stat()
            found[path.name] = Kept(facts.st_size, facts.st_mtime)
    return found


def checksum(name: str) -> str:
    """The SHA-256 of a kept file. Raises OSError when it is not there or cannot be read."""
    with _path(name).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def parts(before: float) -> list[str]:
    """What was never written to its end, of before this time."""
    left = _root().glob(f"??/{_PART}*")
    return sorted(path.name for path in left if path.stat().st_mtime < before)


def remove_parts(before: float) -> int:
    """Delete what was never written to its end, of before this time; gives how many."""
    left = [path for path in _root().glob(f"??/{_PART}*") if path.stat().st_mtime < before]
    for path in left:
        path.unlink(missing_ok=True)
    return len(left)


def _root() -> Path:
    return settings().data_dir / FOLDER


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError("no name of a kept file")
    return _root() / name[:2] / name
