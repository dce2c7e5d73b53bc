"""Searches that no article answers: what the help center lacks, without a trace of who searched.

Kept in memory and written every few seconds, as views are, so that searching stays a read. The
same visitor counts once in half an hour, and few searches of one visitor count at all.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cachetools import TTLCache
from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from models import batches, fulltext, permissions
from models import db as database
from models.actor import Actor
from models.base import now
from models.errors import TooMany
from models.kb.tables import MAX_VAIN, VainSearch
from models.pace import Pace
from models.permissions import Permission
from models.text import fold

SAME_VISITOR_SECONDS = 1800
VISITORS_REMEMBERED = 20_000
COUNTED_A_VISITOR = 20
MOST_WAITING = 500
MOST_ROWS = 5_000
KEPT = timedelta(days=180)
ONCE_KEPT = timedelta(days=30)  # what was searched a single time
SHOWN = 20
# What somebody may have pasted by mistake. An address, whole or in parts:
_ADDRESS = re.compile(r"@|://|\bwww\.")
# numbers of cards, phones, codes, also in groups; and what no word is, like a key or a token.
_PRIVATE = re.compile(r"\d{6}|\d(?: ?\d){8}|\b(?=[^\W\d]*\d)\w{12}|\w{25}")
_CHUNK = re.compile(r"(?=\S*\d)\S{16}")

_lock = threading.Lock()
_waiting: dict[str, tuple[int, int]] = {}  # how often, and how many articles came near
_seen: TTLCache[tuple[str, str], bool] = TTLCache(VISITORS_REMEMBERED, SAME_VISITOR_SECONDS)
_pace = Pace(COUNTED_A_VISITOR, SAME_VISITOR_SECONDS)


@dataclass(frozen=True, slots=True)
class VainRow:
    """A search that no article answered; ``results`` articles had some of its words."""

    query: str
    count: int
    results: int
    first_at: datetime
    last_at: datetime


def normalised(typed: str) -> str | None:
    """The words of a search as they are kept, None when it may tell something private."""
    whole = fold(typed)
    words = " ".join(fulltext.all_words(typed))
    if _ADDRESS.search(whole) or _CHUNK.search(whole) or _PRIVATE.search(words):
        return None
    return words[:MAX_VAIN].strip() or None


def note(typed: str, *, results: int, visitor: str) -> None:
    """Count a search without a result; ``visitor`` is any text that tells visitors apart."""
    query = normalised(typed)
    if query is None:
        return
    with _lock:
        if (visitor, query) in _seen or (query not in _waiting and len(_waiting) >= MOST_WAITING):
            return
        try:
            _pace.take(visitor)
        except TooMany:
            return
        _seen[visitor, query] = True
        _waiting[query] = (_waiting.get(query, (0, 0))[0] + 1, results)


def flush() -> None:
    """Write what waits; it goes on waiting when the database does not answer."""
    with _lock:
        waiting = dict(_waiting)
        _waiting.clear()
    if not waiting:
        return
    try:
        with database.unit_of_work() as db:
            database.lock(db, "vain-searches")
            for query, (count, results) in waiting.items():
                _write(db, query, count, results)
    except BaseException:
        with _lock:
            for query, (count, results) in waiting.items():
                _waiting[query] = (_waiting.get(query, (0, 0))[0] + count, results)
        raise


def _write(db: Session, query: str, count: int, results: int) -> None:
    known = (
        update(VainSearch)
        .where(VainSearch.query == query)
        .values(count=VainSearch.count + count, results=results, last_at=now())
        .returning(VainSearch.query)
    )
    is_known = db.execute(known).first() is not None
    if not is_known and (db.scalar(select(func.count()).select_from(VainSearch)) or 0) < MOST_ROWS:
        db.add(VainSearch(query=query, count=count, results=results))
        db.flush()


def vain_searches(
    db: Session, *, limit: int = SHOWN, since: datetime | None = None, actor: Actor
) -> Sequence[VainRow]:
    """What people searched for and did not find, most often first, for who reads articles.

    ``since`` leaves out what was last searched before.
    """
    permissions.require(actor, Permission.KB_READ)
    rows = select(
        VainSearch.query, VainSearch.count, VainSearch.results,
        VainSearch.first_at, VainSearch.last_at,
    )  # fmt: skip
    if since is not None:
        rows = rows.where(VainSearch.last_at >= since)
    order = (VainSearch.count.desc(), VainSearch.last_at.desc(), VainSearch.query)
    return [VainRow(*row) for row in db.execute(rows.order_by(*order).limit(limit))]


def sweep() -> Iterator[int]:
    """Delete what nobody searched for any more; see batches."""
    is_old = VainSearch.last_at < now() - KEPT
    was_once = (VainSearch.count == 1) & (VainSearch.last_at < now() - ONCE_KEPT)
    yield from batches.deleted(VainSearch, or_(is_old, was_once))
