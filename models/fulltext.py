"""Full-text search: FTS5 on SQLite, ``tsvector`` with GIN on PostgreSQL, one face for both.

An index is a table of its own, written by the actions in the transaction of the row it describes.
Words are folded (case, accents) before both engines see them, so that both find the same.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any, TypeAlias

from sqlalchemy import Float, Integer, TextClause, bindparam, column, text
from sqlalchemy.orm import Session

from models import db as database
from models.text import fold

MAX_WORDS = 12
_MARK, _UNMARK = "\x02", "\x03"
_WORD = re.compile(r"[^\W_]+")
# Each group is words of which one is enough.
Groups: TypeAlias = list[list[str]]
_SMALL_WORDS = (
    "a about after again all also am an and any are as at be been before but by can could did do"
    " does each for from get got had has have he her him his how i if in into is it its just let"
    " many may me more most much my need no not of off on once one only or other our out over own"
    " please shall she should so some still such than that the their them then there these they"
    " this those to too under up us very want was we were what when where which while who why will"
    " with would you your"
)
# What people write apart or together: looked for as one word, for which there are others.
_TOGETHER = re.compile(r"\b(?:log|sign)(?:g?ing|ged|ned)?[ -](?:in|on)(?:to)?\b")
_SHORTENED = re.compile(r"(?<=[a-z])['\u2019](?:t|s|m|re|ve|ll|d)\b")
_STOP_WORDS = frozenset(_SMALL_WORDS.split())


def words(typed: str) -> list[str]:
    """The folded words to look for, without the ones that every text has."""
    whole = _TOGETHER.sub("login", _SHORTENED.sub("", fold(typed)))
    found = _WORD.findall(whole)[:MAX_WORDS]
    return [word for word in found if word not in _STOP_WORDS] or found


def all_words(value: str) -> list[str]:
    """Every folded word of a text."""
    return _WORD.findall(fold(value))


def groups(typed: str) -> Groups:
    """What was typed as groups of one word each; empty when nothing could be looked for."""
    return [[word] for word in words(typed)]


def _plain(value: str) -> str:
    return " ".join(all_words(value))


@dataclass(frozen=True, slots=True)
class Index:
    """The index of one kind of object, in ``table``; rows are known by the object's number.

    ``counts_titles`` adds a bonus for each word in the title or the tags, where a small library
    has a word in so many texts that SQLite's measure gives it no weight at all.
    """

    table: str
    counts_titles: bool = False

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

    def found(self, db: Session, wanted: Groups, *, any_word: bool = False) -> Any:
        """A subquery (number, rank) of what has a word of each (or of any) group.

        The last word that was typed may be half typed.
        """
        find = self._find(db, wanted, any_word=any_word)
        return find.columns(column("number", Integer), column("rank", Float)).subquery("found")

    def snippets(
        self, db: Session, wanted: Groups, numbers: Sequence[int], *, any_word: bool
    ) -> dict[int, str]:
        """Where these objects have the words, by number; for ``snippet_html``."""
        shown = _SNIPPET_SQLITE if database.is_sqlite(db) else _SNIPPET_POSTGRESQL
        find = text(
            f"SELECT {self._place(db)}, {shown.format(table=self.table)} FROM {self.table}"  # noqa: S608  # our own words
            f" WHERE {self._match(db)} AND {self._place(db)} IN :numbers"
        ).bindparams(bindparam("numbers", expanding=True))
        marks = (
            {"mark": _MARK, "unmark": _UNMARK}
            if database.is_sqlite(db)
            else {"options": f"StartSel={_MARK}, StopSel={_UNMARK}, MaxWords=24, MinWords=12"}
        )
        query = self._query(db, wanted, any_word=any_word)
        rows = db.execute(find, {"query": query, "numbers": numbers, **marks})
        return {row[0]: row[1] for row in rows}

    def numbers(self, db: Session, wanted: Groups, *, newest: int | None = None) -> Any:
        """A subquery (number) of what has a word of each group, unranked; the newest of them."""
        query = self._query(db, wanted, any_word=False)
        order = f" ORDER BY {self._place(db)} DESC LIMIT {newest}" if newest else ""
        find = text(
            f"SELECT {self._place(db)} AS number FROM {self.table}"  # noqa: S608  # our own words
            f" WHERE {self._match(db)}{order}"
        )
        return (
            find.bindparams(bindparam("query", query))
            .columns(column("number", Integer))
            .subquery("found")
        )

    def count(self, db: Session, wanted: Groups, *, most: int) -> int:
        """How many objects have a word of each group, counted to one more than ``most``."""
        query = {"query": self._query(db, wanted, any_word=False), "most": most + 1}
        inner = f"SELECT 1 FROM {self.table} WHERE {self._match(db)} LIMIT :most"  # noqa: S608  # our own words
        counted = f"SELECT count(*) FROM ({inner}) AS counted"  # noqa: S608  # our own words
        return int(db.execute(text(counted), query).scalar_one())

    def _place(self, db: Session) -> str:
        return "rowid" if database.is_sqlite(db) else "number"

    def _match(self, db: Session) -> str:
        if database.is_sqlite(db):
            return f"{self.table} MATCH :query"
        return "document @@ to_tsquery('support', :query)"

    def _query(self, db: Session, wanted: Groups, *, any_word: bool) -> str:
        """The groups in the language of the engine; each word is quoted or has letters only."""
        is_sqlite = database.is_sqlite(db)
        parts = []
        for group in wanted:
            words_ = [f'"{word}"' if is_sqlite else word for word in group]
            if group is wanted[-1]:
                words_[0] += " *" if is_sqlite else ":*"
            parts.append(f"({(' OR ' if is_sqlite else ' | ').join(words_)})")
        if any_word:
            return (" OR " if is_sqlite else " | ").join(parts)
        return (" AND " if is_sqlite else " & ").join(parts)

    def _bonus(self, wanted: Groups, values: dict[str, str]) -> str:
        """What is added for each group with a word in the title or the tags (SQLite)."""
        terms = []
        for place, (column_, bonus) in enumerate(_BONUS):
            for at, group in enumerate(wanted):
                name = f"in{place}_{at}"
                words_ = " OR ".join(f'"{word}"' for word in group)
                last = " *" if group is wanted[-1] and len(group) == 1 else ""
                values[name] = f"{{{column_}}} : ({words_}{last})"
                terms.append(
                    f" + {bonus} * (rowid IN (SELECT rowid FROM {self.table}"  # noqa: S608  # our own words
                    f" WHERE {self.table} MATCH :{name}))"
                )
        return "".join(terms)

    def _find(self, db: Session, wanted: Groups, *, any_word: bool) -> TextClause:
        values = {"query": self._query(db, wanted, any_word=any_word)}
        if database.is_sqlite(db):
            bonus = self._bonus(wanted, values) if self.counts_titles else ""
            find = _FIND_SQLITE.format(table=self.table, bonus=bonus)
        else:
            values["any"] = self._query(db, wanted, any_word=True)
            find = _FIND_POSTGRESQL.format(table=self.table)
        return text(find).bindparams(*(bindparam(name, value) for name, value in values.items()))


_PUT_SQLITE = (
    "INSERT INTO {table} (rowid, title, tags, body) VALUES (:number, :title, :tags, :body)"
)
_PUT_POSTGRESQL = (
    "INSERT INTO {table} (number, body, document) VALUES (:number, :body,"
    " setweight(to_tsvector('support', :title), 'A')"
    " || setweight(to_tsvector('support', :tags), 'B')"
    " || to_tsvector('support', :words))"
)
# A word of the title counts ten times, a tag five times as much as one of the text.
_SNIPPET_SQLITE = "snippet({table}, 2, :mark, :unmark, '…', 24)"
_FIND_SQLITE = (
    "SELECT rowid AS number, -bm25({table}, 10.0, 5.0, 1.0){bonus} AS rank"
    " FROM {table} WHERE {table} MATCH :query"
)
_SNIPPET_POSTGRESQL = "ts_headline('support', body, to_tsquery('support', :query), :options)"
# Ranked by any of the words: for all of them this engine measures only how near they stand.
_FIND_POSTGRESQL = (
    "SELECT number, ts_rank('{{0.05, 0.1, 0.5, 1.0}}', document, anything, 1) AS rank"
    " FROM {table}, to_tsquery('support', :query) query,"
    " to_tsquery('support', :any) anything WHERE document @@ query"
)

_BONUS = (("title", 5.0), ("tags", 2.0))

ARTICLES = Index("search_articles", counts_titles=True)
TICKETS = Index("search_tickets")


def snippet_html(snippet: str | None) -> str | None:
    """A snippet as safe HTML: escaped, with the words that were found in ``<mark>``."""
    if not snippet:
        return None
    marked = escape(snippet).replace(_MARK, "<mark>").replace(_UNMARK, "</mark>")
    return marked if marked.count("<mark>") == marked.count("</mark>") else escape(snippet)
