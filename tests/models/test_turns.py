"""Turns to write: one at a time, bounded waiting, and nobody is kept out by a busy one."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.errors import Unavailable
from models.turns import Turns

PROJECT = Path(__file__).parents[2]
HOLD = """
import sys, time
from pathlib import Path
from models.turns import Turns
with Turns(Path(sys.argv[1])).take(5):
    print("mine", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def turns(tmp_path: Path) -> Iterator[tuple[Turns, Turns]]:
    """The turns of two processes; locks belong to the opened file, not to the process."""
    file = tmp_path / "support.sqlite3"
    file.touch()
    both = Turns(file), Turns(file)
    yield both
    for one in both:
        one.close()


def test_one_at_a_time_and_a_bounded_wait(turns: tuple[Turns, Turns]) -> None:
    ours, others = turns
    for holder, asker in [(ours, others), (others, ours), (ours, ours)]:
        with holder.take(1):
            started = time.monotonic()
            with pytest.raises(Unavailable), asker.take(0.1):
                pass
            assert 0.1 <= time.monotonic() - started < 5
        with asker.take(1):
            pass


def test_a_busy_process_keeps_nobody_out(turns: tuple[Turns, Turns]) -> None:
    busy, asking = turns
    written: list[str] = []
    stop = threading.Event()

    def write_without_end() -> None:
        while not stop.is_set():
            with busy.take(30):
                written.append("busy")
                time.sleep(0.01)

    thread = threading.Thread(target=write_without_end)
    thread.start()
    try:
        for _ in range(10):
            while written[-1:] != ["busy"]:
                time.sleep(0.001)
            before = len(written)
            with asking.take(30):
                assert len(written) - before <= 3
                written.append("asking")
    finally:
        stop.set()
        thread.join()


def test_the_turn_of_a_killed_process_is_free(tmp_path: Path) -> None:
    file = tmp_path / "support.sqlite3"
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file)], cwd=PROJECT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "mine\n"
        turns = Turns(file)
        with pytest.raises(Unavailable), turns.take(0.1):
            pass
        holder.send_signal(signal.SIGKILL)
    with turns.take(1):
        pass
    turns.close()


def test_an_error_gives_the_turn_back(turns: tuple[Turns, Turns]) -> None:
    ours, others = turns
    with pytest.raises(ZeroDivisionError), ours.take(1):
        raise ZeroDivisionError
    with others.take(1), pytest.raises(Unavailable), ours.take(0):
        pass
    with ours.take(1):
        pass


def test_the_files_are_their_owners_own(turns: tuple[Turns, Turns], tmp_path: Path) -> None:
    with turns[0].take(1):
        pass
    names = {file.name: file.stat() for file in tmp_path.iterdir()}
    assert set(names) == {"support.sqlite3", "support.sqlite3-gate", "support.sqlite3-turn"}
    for name in ("support.sqlite3-gate", "support.sqlite3-turn"):
        assert names[name].st_mode & 0o077 == 0
        assert names[name].st_uid == names["support.sqlite3"].st_uid


def test_root_leaves_the_locks_to_the_owner_of_the_database(
    turns: tuple[Turns, Turns], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", lambda _file, *owner: given.append(owner))
    with turns[0].take(1):
        pass
    owner = (tmp_path / "support.sqlite3").stat()
    assert given == [(owner.st_uid, owner.st_gid)] * 2
