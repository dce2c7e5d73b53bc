"""What every test can ask for: a migrated database of its own, on both database systems."""

import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from uuid import uuid4

import pytest
from argon2 import PasswordHasher

from models import db, schema, settings
from models.users import passwords
from tests.tools import postgres, testrun

RUN = pytest.StashKey[AbstractContextManager[Path]]()
SECRET_KEY = "a-secret-key-for-tests-of-32-bytes-or-more"


def pytest_configure(config: pytest.Config) -> None:
    """Begin the run, without the settings of whoever runs it."""
    for name in [name for name in os.environ if name.startswith("SUPPORT_")]:
        if not name.startswith("SUPPORT_TEST_"):
            del os.environ[name]
    config.stash[RUN] = testrun.begun()
    config.stash[RUN].__enter__()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the run: its folder and its PostgreSQL server go."""
    config.stash[RUN].__exit__(None, None, None)


@pytest.fixture(autouse=True)
def cheap_passwords(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Hash passwords in no time; the program's own cost would be most of a run's time."""
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(1, 8, 1))
    passwords._dummy_hash.cache_clear()
    yield
    passwords._dummy_hash.cache_clear()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[db.Database]:
    """An empty migrated database, made the one of this process and of those that the test starts.

    A test for one system alone says `@pytest.mark.parametrize("database", ["sqlite"],
    indirect=True)`.
    """
    make = _sqlite if request.param == "sqlite" else _postgresql
    with make(tmp_path / "data") as url:
        monkeypatch.setenv("SUPPORT_DATABASE_URL", url)
        monkeypatch.setenv("SUPPORT_DATA_DIR", str(tmp_path / "data"))
        monkeypatch.setenv("SUPPORT_SECRET_KEY", SECRET_KEY)
        settings.current.cache_clear()
        opened = db.Database(url)
        db.use(opened)
        yield opened
        db.use(None)
        opened.dispose()
    settings.current.cache_clear()


@contextmanager
def _sqlite(folder: Path) -> Iterator[str]:
    template = testrun.once("sqlite-template", _make_sqlite_template)
    folder.mkdir(mode=0o700)
    copy = folder / "support.sqlite3"
    shutil.copyfile(template, copy)
    yield f"sqlite:///{copy}"


def _make_sqlite_template() -> str:
    file = testrun.folder() / "template.sqlite3"
    _migrate(f"sqlite:///{file}")
    return str(file)


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    server = postgres_server()
    template = testrun.once("postgresql-template", _make_postgresql_template)
    name = f"{testrun.folder().name}-{uuid4().hex}"
    folder.mkdir(mode=0o700)
    url = postgres.create(server, name, template=template)
    yield url.render_as_string(hide_password=False)
    postgres.drop(server, name)


def postgres_server() -> str:
    """The URL of the run's PostgreSQL server, started at the first call."""
    return testrun.once("postgresql", lambda: postgres.start(testrun.folder()))


def _make_postgresql_template() -> str:
    name = f"{testrun.folder().name}-template"
    _migrate(postgres.create(postgres_server(), name).render_as_string(hide_password=False))
    return name


def _migrate(url: str) -> None:
    fresh = db.Database(url)
    schema.migrate(fresh)
    fresh.dispose()
