"""Transactions: what they commit, what they drop, and how a busy database is said."""

import sqlite3
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import event, text

from models import db
from models.counters import TICKETS, Counter, next_number
from models.errors import Stale, Unavailable
from models.throttle import ThrottleHit
from models.tickets import Ticket
from tests.models.world import person, stored, ticket, together


def _write_and_fail() -> None:
    with db.unit_of_work() as session:
        session.add(ThrottleHit(bucket="b"))
        session.flush()
        raise ZeroDivisionError


def test_an_error_rolls_everything_back(database: db.Database) -> None:
    with pytest.raises(ZeroDivisionError):
        _write_and_fail()
    assert stored(ThrottleHit) == []


def test_calls_after_the_commit(database: db.Database) -> None:
    called: list[str] = []

    def fail(call: Callable[[], None]) -> None:
        with db.unit_of_work() as session:
            db.after_commit(session, call)
            broken()

    def call() -> None:
        called.append("once")

    def broken() -> None:
        raise ZeroDivisionError

    with db.unit_of_work() as session:
        db.after_commit(session, broken)
        db.after_commit(session, call)
        db.after_commit(session, call)
        assert called == []
    assert called == ["once"]
    with pytest.raises(ZeroDivisionError):
        fail(call)
    assert called == ["once"]


def test_reading_never_waits_for_a_writer(database: db.Database) -> None:
    with db.unit_of_work() as writer:
        writer.add(ThrottleHit(bucket="b"))
        writer.flush()
        with db.reading() as reader:
            assert reader.query(ThrottleHit).count() == 0
    assert len(stored(ThrottleHit)) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_writes_take_the_lock_at_once_and_reads_none(database: db.Database) -> None:
    begun: list[str] = []
    event.listen(
        database.engine, "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: begun.append(statement),
    )  # fmt: skip
    with db.reading() as session:
        session.execute(text("SELECT 1"))
    with db.unit_of_work() as session:
        session.execute(text("SELECT 1"))
    assert [one for one in begun if one.startswith("BEGIN")] == ["BEGIN", "BEGIN IMMEDIATE"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_busy_database_is_said_plainly(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WAIT_SECONDS", 0.1)
    database.dispose()  # so that new connections wait no longer
    other = sqlite3.connect(str(database.file), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable) as refused, db.unit_of_work() as session:
        session.add(ThrottleHit(bucket="b"))
    assert "locked" not in str(refused.value)
    other.execute("ROLLBACK")
    other.close()
    with db.unit_of_work() as session:
        session.add(ThrottleHit(bucket="b"))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_writers_of_one_process_take_turns(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "WAIT_SECONDS", 0.1)
    refused: list[Exception] = []

    def write() -> None:
        try:
            with db.unit_of_work():
                pass
        except Unavailable as error:
            refused.append(error)

    with db.unit_of_work():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()
    assert len(refused) == 1


def test_a_stale_version_is_said_as_such(house: db.Database) -> None:
    ticket_id = ticket(person())
    with pytest.raises(Stale):
        _change_late(ticket_id)


def _change_late(ticket_id: str) -> None:
    with db.unit_of_work() as session:
        found = session.get_one(Ticket, ticket_id)
        session.execute(text("UPDATE support_tickets SET version = 9"))
        found.title = "Mine"


def test_numbers_follow_each_other(database: db.Database) -> None:
    def take(_number: int) -> int:
        with db.unit_of_work() as session:
            return next_number(session, TICKETS)

    assert sorted(map(int, map(str, together(30, take)))) == list(range(1, 31))
    with db.unit_of_work() as session:
        assert next_number(session, TICKETS, count=5) == 31
        assert session.get_one(Counter, TICKETS).value == 35
        session.rollback()
    assert take(0) == 31
