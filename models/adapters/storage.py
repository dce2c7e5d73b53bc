"""Keeping files: below the data folder, under random names that nothing serves or imports by path.

A file is written whole or not at all: to a temporary name, to the disk, then renamed. While it is
written it is locked, and the kernel ends the lock with the process. A name says
nothing about what is in the file; what it is called and who may have it is in the database.
"""

import fcntl
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
        with os.fdopen(_held(part), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return name


def _held(part: Path) -> int:
    """A new file that is locked while this process lives, so that nobody takes it for left over."""
    while True:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        os.close(descriptor)  # removed between those two lines


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


def parts() -> list[str]:
    """What was never written to its end, by processes that are dead."""
    return sorted(
        path.name for path in _root().glob(f"??/{_PART}*") if _is_left(path, remove=False)
    )


def remove_parts() -> int:
    """Delete what dead processes never wrote to its end; gives how many."""
    return sum(_is_left(path, remove=True) for path in _root().glob(f"??/{_PART}*"))


def _is_left(part: Path, *, remove: bool) -> bool:
    """Whether nobody is writing this file; removed while it is held, so that nobody begins to."""
    try:
        with part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if remove:
                part.unlink()
    except (BlockingIOError, FileNotFoundError):
        return False
    return True


def _root() -> Path:
    return settings().data_dir / FOLDER


def _path(name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise ValueError("no name of a kept file")
    return _root() / name[:2] / name
