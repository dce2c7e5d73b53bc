"""The catalog of a database as text: every table, column, constraint and index, in order.

After a migration that is meant to change it, renew the recorded files and look at their
difference: ``python -m tests.migrations.catalog``.
"""

import tempfile
from pathlib import Path

from sqlalchemy import Connection, text

from models import db, schema
from tests.tools import postgres, testrun

RECORDED = {
    "sqlite": Path(__file__).with_name("catalog-sqlite.txt"),
    "postgresql": Path(__file__).with_name("catalog-postgresql.txt"),
}
# The tables inside a search index are SQLite's own.
SQLITE = """
SELECT name, sql FROM sqlite_master
WHERE sql IS NOT NULL AND name NOT GLOB 'search_*_*' AND name NOT GLOB 'sqlite_*'
ORDER BY tbl_name, type DESC, name
"""
POSTGRESQL = """
SELECT line FROM (
    SELECT c.relname, 1 AS part, a.attname AS name,
        format('%s.%s %s%s%s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN ' NOT NULL' END,
            ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid)) AS line
    FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid AND c.relkind = 'r'
    LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT c.relname, 2, o.conname,
        format('%s.%s %s', c.relname, o.conname, pg_get_constraintdef(o.oid))
    FROM pg_constraint o JOIN pg_class c ON c.oid = o.conrelid
    WHERE o.connamespace = 'public'::regnamespace AND o.contype IN ('c', 'f', 'p', 'u')
    UNION ALL
    SELECT tablename, 3, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL
    SELECT c.relname, 4, t.tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal
) AS lines ORDER BY relname COLLATE "C", part, name COLLATE "C"
"""


def of(connection: Connection) -> str:
    """The catalog of the database behind this connection."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text(SQLITE))
        lines = ["\n".join(line.strip() for line in row.sql.splitlines()) for row in rows]
        return "\n\n".join(lines) + "\n"
    return "\n".join(connection.execute(text(POSTGRESQL)).scalars()) + "\n"


def _renew(url: str) -> None:
    database = db.Database(url)
    schema.migrate(database)
    with database.engine.connect() as connection:
        RECORDED[connection.dialect.name].write_text(of(connection))
    database.dispose()


def _renew_all() -> None:
    with testrun.begun() as folder, tempfile.TemporaryDirectory() as own:
        _renew(f"sqlite:///{own}/support.sqlite3")
        server = postgres.start(folder)
        _renew(postgres.create(server, "catalog").render_as_string(hide_password=False))


if __name__ == "__main__":
    _renew_all()
