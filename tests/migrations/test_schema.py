"""The migrated schema is the one that is recorded, the one of the models, and can be undone."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import CheckConstraint, Connection, inspect, select, text

from models import db, schema, settings
from models.actor import SYSTEM_USER_ID
from models.counters import Counter
from models.users import User
from tests.conftest import SECRET_KEY, postgres_server
from tests.migrations import catalog
from tests.tools import postgres, testrun

PROJECT = Path(__file__).parents[2]
SUPPORTCTL = """
import cli, sys, cli.migrate, models.schema, alembic.command, psycopg
print("ready", flush=True)
sys.stdin.readline()
cli.main()
"""


def test_the_newest_schema_is_the_last_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_current_head() == schema.NEWEST


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[db.Database]:
    """A database without any table, that of this process and of those that the test starts."""
    name = f"{testrun.folder().name}-{uuid4().hex}"
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'support.sqlite3'}"
    else:
        url = postgres.create(postgres_server(), name).render_as_string(hide_password=False)
    monkeypatch.setenv("SUPPORT_DATABASE_URL", url)
    monkeypatch.setenv("SUPPORT_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("SUPPORT_SECRET_KEY", SECRET_KEY)
    settings.current.cache_clear()
    opened = db.Database(url)
    yield opened
    opened.dispose()
    settings.current.cache_clear()
    if request.param == "postgresql":
        postgres.drop(postgres_server(), name)


def _catalog(database: db.Database) -> str:
    with database.engine.connect() as connection:
        return catalog.of(connection)


def _recorded(database: db.Database) -> str:
    return catalog.RECORDED[database.engine.dialect.name].read_text()


def test_the_catalog_is_the_recorded_one(database: db.Database) -> None:
    assert _catalog(database) == _recorded(database), "see tests/migrations/catalog.py"


def test_a_changed_catalog_would_be_noticed(database: db.Database) -> None:
    with database.engine.begin() as connection:
        connection.execute(text("CREATE INDEX ix_extra ON users (plan)"))
    assert _catalog(database) != _recorded(database)


def test_the_models_ask_for_nothing_else(database: db.Database) -> None:
    with database.engine.connect() as connection:
        command.check(schema._config(connection))


def _checks(connection: Connection) -> dict[str, set[str]]:
    tables = inspect(connection)
    return {
        name: {str(check["name"]) for check in tables.get_check_constraints(name)}
        for name in schema.metadata.tables
    }


def test_the_checks_of_the_models_are_those_of_the_database(database: db.Database) -> None:
    wanted = {
        table.name: {
            str(check.name) for check in table.constraints if isinstance(check, CheckConstraint)
        }
        for table in schema.metadata.tables.values()
    }
    with database.engine.connect() as connection:
        assert _checks(connection) == wanted


def test_down_to_nothing_and_up_again(database: db.Database) -> None:
    with database.engine.begin() as connection:
        command.downgrade(schema._config(connection), "base")
        left = set(inspect(connection).get_table_names())
    assert left == {"alembic_version"}
    assert not schema.is_current(database)
    schema.migrate(database)
    assert _catalog(database) == _recorded(database)
    assert schema.is_current(database)


def test_what_a_new_database_holds(database: db.Database) -> None:
    with db.reading() as session:
        (operator,) = session.scalars(select(User))
        counters = {row.name: row.value for row in session.scalars(select(Counter))}
    assert (operator.id, operator.is_system, operator.is_active) == (SYSTEM_USER_ID, True, False)
    assert (operator.email, operator.password_hash) == (None, None)
    assert counters == {"tickets": 0, "articles": 0, "edition": 0}


def test_migrating_again_changes_nothing(database: db.Database) -> None:
    schema.migrate(database)
    schema.migrate(database)
    assert _catalog(database) == _recorded(database)


def _at_once(times: int) -> list[tuple[int, str]]:
    """Exit code and words of so many `supportctl migrate`, which all begin when all are loaded."""
    running = [
        subprocess.Popen(
            [sys.executable, "-c", SUPPORTCTL, "migrate"],
            cwd=PROJECT,
            env=os.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(times)
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    said = [process.communicate(timeout=120)[0] for process in running]
    return [(process.returncode, words) for process, words in zip(running, said, strict=True)]


def test_several_processes_migrate_at_once(empty: db.Database) -> None:
    assert not schema.is_current(empty)
    for code, said in _at_once(3):
        assert code == 0, said
    assert schema.is_current(empty)
    assert _catalog(empty) == _recorded(empty)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_sqlite_survives_power_loss_and_keeps_its_references(database: db.Database) -> None:
    wanted = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}
    for _ in range(2):  # a second connection of the pool as well
        with database.engine.connect() as first, database.engine.connect() as second:
            for connection in (first, second):
                found = {name: connection.scalar(text(f"PRAGMA {name}")) for name in wanted}
                assert found == wanted


@pytest.mark.parametrize("empty", ["sqlite"], indirect=True)
def test_the_database_file_is_its_owners_own(empty: db.Database) -> None:
    schema.migrate(empty)
    assert empty.file is not None
    assert empty.file.stat().st_mode & 0o077 == 0
