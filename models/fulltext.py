"""Full-text search: FTS5 on SQLite, ``tsvector`` with GIN on PostgreSQL, one face for both.

An index is a table of its own, written by the actions in the transaction of the row it describes.
Words are folded (case, accents) before both engines see them, so that both find the same.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from typing import Any

from sqlalchemy import Float, Integer, String, TextClause, bindparam, column, text
from sqlalchemy.orm import Session

from models import db as database
from models.text import fold

MAX_WORDS = 12
_MARK, _UNMARK = "\x02", "\x03"
_WORD = re.compile(r"[^\W_]+")
_SMALL_WORDS = (
    "a an and are as at be but by can do does for from how i if in is it me my no not of on or"
    " our so that the then there this to was we what when where which who why will with you your"
)
_STOP_WORDS = frozenset(_SMALL_WORDS.split())


def words(typed: str) -> list[str]:
    """The folded words to look for, without the ones that every text has."""
    found = _WORD.findall(fold(typed))[:MAX_WORDS]
    return [word for word in found if word not in _STOP_WORDS] or found


def _plain(value: str) -> str:
    return " ".join(_WORD.findall(fold(value)))


@dataclass(frozen=True, slots=True)
class Index:
    """The index of one kind of object, in ``table``; rows are known by the object's number."""

    table: str

    def put(self, db: Session, number: int, *, title: str, tags: str, body: str) -> None:
        """Write the row of an object anew; ``body`` is its text without markup."""
        self.take_out(db, number)
        self.put_new(db, [(number, title, tags, body)])

    def put_new(self, db: Session, entries: Iterable[tuple[int, str, str, str]]) -> None:
        """Write the rows of objects that have none yet: number, title, tags, body."""
        rows = [
            {"number": number, "title": _plain(title), "tags": _plain(tags), "body": body}
            for number, title, tags, body in entries
        ]
        if not rows:
            return
        if database.is_sqlite(db):
            db.execute(text(_PUT_SQLITE.format(table=self.table)), rows)
        else:
            rows = [{**row, "words": _plain(str(row["body"]))} for row in rows]
            db.execute(text(_PUT_POSTGRESQL.format(table=self.table)), rows)

    def take_out(self, db: Session, number: int) -> None:
        """Remove an object from the index."""
        place = "rowid" if database.is_sqlite(db) else "number"
        db.execute(text(f"DELETE FROM {self.table} WHERE {place} = :number"), {"number": number})  # noqa: S608  # the table is our constant

    def found(self, db: Session, typed: str, *, any_word: bool = False) -> Any:
        """A subquery (number, rank, snippet) of what has all (or any) of the words.

        The last word may be half typed. None when nothing was typed that could be looked for.
        """
        wanted = words(typed)
        if not wanted:
            return None
        find = self._find_sqlite if database.is_sqlite(db) else self._find_postgresql
        columns = (column("number", Integer), column("rank", Float), column("snippet", String))
        return find(wanted, any_word).columns(*columns).subquery("found")

    def numbers(self, db: Session, typed: str) -> Any:
        """A subquery (number) of what has all of the words, unranked; None as in ``found``."""
        wanted = words(typed)
        if not wanted:
            return None
        if database.is_sqlite(db):
            find = f"SELECT rowid AS number FROM {self.table} WHERE {self.table} MATCH :query"  # noqa: S608
            query = " ".join(f'"{word}"' for word in wanted) + "*"
        else:
            find = (
                f"SELECT number FROM {self.table}"  # noqa: S608
                " WHERE document @@ to_tsquery('english', :query)"
            )
            query = " & ".join(wanted) + ":*"
        statement = text(find).bindparams(bindparam("query", query))
        return statement.columns(column("number", Integer)).subquery("found")

    def _find_sqlite(self, wanted: list[str], any_word: bool) -> TextClause:
        query = (" OR " if any_word else " ").join(f'"{word}"' for word in wanted) + "*"
        return text(_FIND_SQLITE.format(table=self.table)).bindparams(
            bindparam("query", query), bindparam("mark", _MARK), bindparam("unmark", _UNMARK)
        )

    def _find_postgresql(self, wanted: list[str], any_word: bool) -> TextClause:
        query = (" | " if any_word else " & ").join(wanted) + ":*"
        options = f"StartSel={_MARK}, StopSel={_UNMARK}, MaxWords=24, MinWords=12"
        return text(_FIND_POSTGRESQL.format(table=self.table)).bindparams(
            bindparam("query", query), bindparam("options", options)
        )


_PUT_SQLITE = (
    "INSERT INTO {table} (rowid, title, tags, body) VALUES (:number, :title, :tags, :body)"
)
_PUT_POSTGRESQL = (
    "INSERT INTO {table} (number, body, document) VALUES (:number, :body,"
    " setweight(to_tsvector('english', :title), 'A')"
    " || setweight(to_tsvector('english', :tags), 'B')"
    " || to_tsvector('english', :words))"
)
# A word of the title counts ten times, a tag five times as much as one of the text.
_FIND_SQLITE = (
    "SELECT rowid AS number, -bm25({table}, 10.0, 5.0, 1.0) AS rank,"
    " snippet({table}, 2, :mark, :unmark, '…', 24) AS snippet"
    " FROM {table} WHERE {table} MATCH :query"
)
_FIND_POSTGRESQL = (
    "SELECT number, ts_rank('{{0.1, 0.1, 0.5, 1.0}}', document, query) AS rank,"
    " ts_headline('english', body, query, :options) AS snippet"
    " FROM {table}, to_tsquery('english', :query) query WHERE document @@ query"
)

ARTICLES = Index("search_articles")
TICKETS = Index("search_tickets")


def snippet_html(snippet: str | None) -> str | None:
    """A snippet as safe HTML: escaped, with the words that were found in ``<mark>``."""
    if not snippet:
        return None
    marked = escape(snippet).replace(_MARK, "<mark>").replace(_UNMARK, "</mark>")
    return marked if marked.count("<mark>") == marked.count("</mark>") else escape(snippet)
