"""One test run: its temporary folder, and what is made once in it for all worker processes.

A keeper process holds the other end of a pipe, so the folder and the PostgreSQL server in it go
when the run ends, even one that was killed.
"""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tools import postgres

FOLDER_VARIABLE = "SUPPORTDESK_TEST_RUN"
PROJECT = Path(__file__).parents[2]


def is_under_way() -> bool:
    """Whether this process, or one above it, has begun a run."""
    return FOLDER_VARIABLE in os.environ


def folder() -> Path:
    """The temporary folder of the run."""
    return Path(os.environ[FOLDER_VARIABLE])


@contextmanager
def begun() -> Iterator[Path]:
    """Begin a run, and end it; inside another run this changes nothing."""
    if is_under_way():
        yield folder()
        return
    path = Path(tempfile.mkdtemp(prefix="supportdesk-"))
    keeper = subprocess.Popen(
        [sys.executable, "-m", "tests.tools.testrun", str(path)],
        cwd=PROJECT,
        stdin=subprocess.PIPE,
        start_new_session=True,
    )
    os.environ[FOLDER_VARIABLE] = str(path)
    try:
        yield path
    finally:
        del os.environ[FOLDER_VARIABLE]
        keeper.communicate(b"end")


def once(name: str, make: Callable[[], str]) -> str:
    """Give what `make` gave the first time that any process of this run asked for `name`.

    If it failed then, it has failed for all: raises RuntimeError with the first reason.
    """
    result, failure = folder() / f"{name}.once", folder() / f"{name}.failed"
    with (folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if failure.exists():
            raise RuntimeError(f"{name} could not be made: {failure.read_text()}")
        if not result.exists():
            try:
                result.write_text(make())
            except BaseException as error:
                failure.write_text(repr(error))
                raise
        return result.read_text()


def _keep(path: Path) -> None:
    sys.stdin.read(1)
    postgres.tidy(path)
    shutil.rmtree(path, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
