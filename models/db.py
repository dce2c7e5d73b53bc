"""The database: one engine a process, and the only two ways to open a transaction.

``unit_of_work()`` writes and commits, ``reading()`` reads and never takes a write lock.
SQLite runs in WAL mode with ``synchronous=FULL`` (a commit survives power loss); writes start
with ``BEGIN IMMEDIATE`` behind a process-wide lock, which keeps the waiting fair.
"""

import fcntl
import logging
import os
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, func, inspect, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.orm.exc import StaleDataError

from models.errors import Stale, Unavailable
from models.settings import current as current_settings
from models.turns import Turns

POOL_SIZE = 8
WAIT_SECONDS = 5
MIGRATION_LOCK = 0x5D15_0001
log = logging.getLogger("supportdesk.db")


class Database:
    """One database with its connection pool; ``url`` as SQLAlchemy reads it."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self.engine = _engine(url, self.is_sqlite)
        snapshot = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        self.sessions = sessionmaker(
            self.engine.execution_options(postgresql_readonly=True, **snapshot),
            expire_on_commit=False,
        )
        self.writers = sessionmaker(
            self.engine.execution_options(support_write=True), expire_on_commit=False
        )
        self._turns = Turns(self.file) if self.file else None

    @property
    def file(self) -> Path | None:
        """The file of an SQLite database."""
        return Path(self.url.database) if self.is_sqlite and self.url.database else None

    def dispose(self) -> None:
        """Close all connections."""
        self.engine.dispose()
        if self._turns is not None:
            self._turns.close()

    @contextmanager
    def write_turn(self) -> Iterator[None]:
        """Wait for the turn to write (SQLite has one writer at a time). Raises Unavailable."""
        with self._turns.take(WAIT_SECONDS) if self._turns else nullcontext():
            yield


def _engine(url: str, is_sqlite: bool) -> Engine:
    if is_sqlite:
        engine = create_engine(
            url,
            pool_size=POOL_SIZE,
            max_overflow=0,
            pool_timeout=WAIT_SECONDS,
            hide_parameters=True,  # they are people's words and secrets
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    options = (
        f"-c timezone=UTC -c statement_timeout={WAIT_SECONDS}s -c lock_timeout={WAIT_SECONDS}s"
    )
    return create_engine(
        url,
        pool_size=POOL_SIZE,
        max_overflow=0,
        pool_timeout=WAIT_SECONDS,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": WAIT_SECONDS},
    )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not begin by itself; _begin_sqlite does
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {WAIT_SECONDS * 1000}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("support_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


_current: Database | None = None
_opening = threading.Lock()


def use(database: Database | None) -> None:
    """Make this the process's database (tests and commands with another one); None: as set."""
    global _current
    _current = database


def current() -> Database:
    """The process's database, opened from the settings at first use."""
    global _current
    with _opening:
        if _current is None:
            url = current_settings().effective_database_url
            _make_private_folder(url)
            _current = Database(url)
        return _current


def _make_private_folder(url: str) -> None:
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def unit_of_work(*, long: bool = False) -> Iterator[Session]:
    """One writing transaction: commits at the end, rolls back on any error.

    ``long`` lifts the time limit of statements, for operators' work on many rows.

    Calls registered with ``after_commit`` run after the commit and are dropped on rollback.
    Raises Unavailable when the database cannot be reached or stays locked.
    """
    database = current()
    with database.write_turn(), _said_plainly(), database.writers() as session:
        with session.begin():
            if long and not database.is_sqlite:
                session.execute(text("SET LOCAL statement_timeout = 0"))
            yield session
        calls = session.info.pop("after_commit", [])
    for call in calls:
        _wake(call)


def _wake(call: Callable[[], None]) -> None:
    try:
        call()
    except Exception:  # the write is committed; a failed wake-up must not look like a failed write
        log.exception("a call after the commit failed")


@contextmanager
def reading(*, long: bool = False) -> Iterator[Session]:
    """One reading transaction, a snapshot without a write lock; ``long`` lifts the time limit."""
    with _said_plainly(), current().sessions() as session:
        if long and not current().is_sqlite:
            session.execute(text("SET LOCAL statement_timeout = 0"))
        yield session


def after_commit(db: Session, call: Callable[[], None]) -> None:
    """Run ``call`` once this transaction is committed; the same call twice runs once."""
    calls = db.info.setdefault("after_commit", [])
    if call not in calls:
        calls.append(call)


def require_answer(database: Database) -> None:
    """Raise Unavailable unless the database lets us in."""
    with _said_plainly(), database.engine.connect():
        pass


@contextmanager
def _said_plainly() -> Iterator[None]:
    try:
        yield
    except StaleDataError:
        raise Stale from None
    except IntegrityError as error:
        # The rooms check first, so somebody changed what the check had seen.
        log.warning("refused by the database: %s", type(error.orig).__name__)
        raise Stale from error
    except (OperationalError, PoolTimeout) as error:
        log.warning("database not available: %s", type(error).__name__)
        raise Unavailable("The database does not answer. Please try again in a moment.") from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise Unavailable("The database went away. Please try again in a moment.") from error
        raise


def trace(error: Exception) -> str:
    """Where something failed, for a log. What a database says of rows is people's words: left out.

    So is the text of errors that were raised from one of those.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, DBAPIError):
            return "".join(traceback.format_tb(error.__traceback__)) + type(cause.orig).__name__
        cause = cause.__cause__ or cause.__context__
    return "".join(traceback.format_exception(error))


def is_sqlite(db: Session) -> bool:
    """Whether this session talks to SQLite; the two search engines differ."""
    return db.get_bind().dialect.name == "sqlite"


def seconds_between(db: Session, begin: Any, end: Any) -> Any:
    """The seconds from one column of times to another, counted by the database; to 1 ms."""
    if is_sqlite(db):
        return func.round((func.julianday(end) - func.julianday(begin)) * 86_400, 3)
    return func.extract("epoch", end - begin)


def lock(db: Session, name: str) -> None:
    """Hold a named lock until this transaction ends, so that two check-then-write cannot cross.

    SQLite has one writer at a time anyway; PostgreSQL takes an advisory lock.
    """
    if not is_sqlite(db):
        db.execute(text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": name})


def lock_row(db: Session, row: object) -> None:
    """Read a row anew and hold it until this transaction ends (PostgreSQL: FOR UPDATE)."""
    db.flush()
    if not is_sqlite(db):
        state = inspect(row, raiseerr=True)
        key = state.mapper.primary_key[0]
        db.execute(select(key).where(key == state.identity[0]).with_for_update())
        db.refresh(row, [attribute.key for attribute in state.mapper.column_attrs])


@contextmanager
def migration_lock(database: Database) -> Iterator[Connection]:
    """One process migrates at a time; the others wait. Yields a connection in a transaction."""
    if database.file is None:
        with database.engine.connect() as connection, connection.begin():
            connection.execute(text("SET LOCAL statement_timeout = 0"))
            connection.execute(text("SET LOCAL lock_timeout = 0"))
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
            yield connection
        return
    lock = os.open(database.file.with_suffix(".migrate-lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        database.file.touch(mode=0o600)  # SQLite gives its side files the same mode
        with database.engine.connect() as connection, connection.begin():
            yield connection
        database.file.chmod(0o600)
    finally:
        os.close(lock)
