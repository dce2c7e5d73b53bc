"""What is stored, as a comparable picture: every row of every table, and every kept file."""

import hashlib
from collections import Counter
from pathlib import Path

from sqlalchemy import MetaData, text

from models.db import Database
from models.schema import metadata

Picture = dict[str, Counter[str]]
# What looking may change: the use of a session is noted, readers of articles and what was searched
# for and not found are counted.
NOTED_BY_READING = frozenset({"sign_ins.last_seen_at", "kb_articles.view_count", "vain_searches"})
# What a refusal may add: the count of tries, and that it was refused.
NOTED_BY_REFUSING = frozenset({"throttle_hits"})


def picture(database: Database, *, apart: frozenset[str] = NOTED_BY_READING) -> Picture:
    """All rows by table, without the columns and tables named in `apart`."""
    with database.engine.connect() as connection:
        return {
            table.name: Counter(
                _row(row) for row in connection.execute(text(_select(metadata, table.name, apart)))
            )
            for table in metadata.sorted_tables
            if table.name not in apart
        }


def _select(tables: MetaData, name: str, apart: frozenset[str]) -> str:
    columns = [c.name for c in tables.tables[name].columns if f"{name}.{c.name}" not in apart]
    quoted = ", ".join(f'"{column}"' for column in columns)
    rows = f'SELECT {quoted} FROM "{name}"'  # noqa: S608  # names of our own tables
    return f"{rows} WHERE object_type <> 'refusal'" if name == "audit_entries" else rows


def _row(row: object) -> str:
    return repr(row)


def difference(before: Picture, after: Picture) -> list[str]:
    """What was added (+) and what went (-), one line a row."""
    lines = []
    for name in before:
        lines += [f"+ {name} {row[:200]}" for row in after[name] - before[name]]
        lines += [f"- {name} {row[:200]}" for row in before[name] - after[name]]
    return lines


def files(folder: Path) -> dict[str, str]:
    """Every file below a folder with the hash of its bytes, but those of the database itself."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith("support.sqlite3")
    }
