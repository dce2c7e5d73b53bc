"""The world of the guards, and the application in front of it.

The world is made once a run for each database system; each test gets a copy of its own.
"""

import pickle
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import pytest

from models import db, settings
from tests import conftest as house
from tests.guards import browser as browsers
from tests.guards import objects
from tests.guards import world as worlds
from tests.guards.browser import Browser
from tests.guards.world import World
from tests.tools import postgres, testrun

SECRETS = {
    "SUPPORT_SMTP_URL": "smtp://desk:zqsmtppassword@127.0.0.1:9",
    "SUPPORT_AI_API_KEY": "zqaikey",
    "SUPPORT_SECRET_KEY": "zq-the-secret-key-of-the-guards-with-32-bytes",
}
SETTINGS = {**SECRETS, "SUPPORT_WORKER": "off", "SUPPORT_TICKETS_PER_HOUR": "0"}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[db.Database]:
    """A database with the world in it, made the one of this process."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o700)
    monkeypatch.setenv("SUPPORT_DATA_DIR", str(folder))
    for name, value in SETTINGS.items():
        monkeypatch.setenv(name, value)
    template = testrun.once(
        f"guards-{request.param}", lambda: _make(request.param, folder, monkeypatch)
    )
    shutil.copytree(_kept_files(request.param), folder / "files", dirs_exist_ok=True)
    with _copied(request.param, template, folder) as url, _opened(url, monkeypatch) as opened:
        yield opened


@pytest.fixture
def world(database: db.Database, request: pytest.FixtureRequest) -> World:
    """What is in the database: people, tickets and articles, by name."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    found = pickle.loads(_kept(kind).read_bytes())  # noqa: S301  # our own, made a moment ago
    assert isinstance(found, World)
    return found


@pytest.fixture
def browser(world: World) -> Iterator[Browser]:
    """The running application."""
    with browsers.opened(world) as opened:
        yield opened


def _kept(kind: str) -> Path:
    return testrun.folder() / f"guards-{kind}.world"


def _kept_files(kind: str) -> Path:
    return testrun.folder() / f"guards-{kind}.files"


@contextmanager
def _opened(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[db.Database]:
    monkeypatch.setenv("SUPPORT_DATABASE_URL", url)
    settings.current.cache_clear()
    opened = db.Database(url)
    db.use(opened)
    yield opened
    db.use(None)
    opened.dispose()
    settings.current.cache_clear()


def _make(kind: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Build the world in a template and give the name of that."""
    if kind == "sqlite":
        file = testrun.folder() / "guards.sqlite3"
        empty = testrun.once("sqlite-template", house._make_sqlite_template)
        shutil.copyfile(empty, file)
        name, url = str(file), f"sqlite:///{file}"
    else:
        name = f"{testrun.folder().name}-guards"
        empty = testrun.once("postgresql-template", house._make_postgresql_template)
        made = postgres.create(house.postgres_server(), name, template=empty)
        url = made.render_as_string(hide_password=False)
    with _opened(url, monkeypatch):
        built = worlds.build()
        objects.stocked(built)
    shutil.copytree(folder / "files", _kept_files(kind))
    for secret in ("zqsmtppassword", "zqaikey", SECRETS["SUPPORT_SECRET_KEY"]):
        built.keep(secret)
    _kept(kind).write_bytes(pickle.dumps(built))
    return name


@contextmanager
def _copied(kind: str, template: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        copy = folder / "support.sqlite3"
        shutil.copyfile(template, copy)
        yield f"sqlite:///{copy}"
        return
    server, name = house.postgres_server(), f"{testrun.folder().name}-{uuid4().hex}"
    yield postgres.create(server, name, template=template).render_as_string(hide_password=False)
    postgres.drop(server, name)
