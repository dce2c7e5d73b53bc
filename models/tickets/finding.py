"""Finding tickets: what was typed goes to the index that knows it: number, e-mail, or words."""

import re
from typing import Any

from sqlalchemy import false, func, or_, select
from sqlalchemy.orm import Session

from models import fulltext
from models.fulltext import TICKETS
from models.paging import COUNT_CAP, Rows
from models.tickets.tables import Ticket
from models.users import User, email_begins

_NUMBER = re.compile(r"(?:TICKET-|#)0*([1-9][0-9]{0,8})", re.IGNORECASE)
_DIGITS = re.compile(r"0*([1-9][0-9]{0,8})")
_AROUND = " .,;:!?()[]<>\"'\u2018\u2019\u201c\u201d"
_RANK_OF_A_NUMBER = 1000  # digits that are a ticket number come before texts with them
# A word that more tickets have says little: then the newest come first, and only the newest are
# looked at, one more than are counted.
COMMON = 3_000
NEWEST = COUNT_CAP + 1


def _bare(q: str) -> str:
    """What was typed without the marks that stand around it in the sentence it was copied from."""
    return q.strip(_AROUND)


def searched(db: Session, rows: Rows, q: str, *, by_email: bool) -> Rows:
    """Those tickets that have the number, the customer's e-mail, or all of the words."""
    q = _bare(q)
    if match := _NUMBER.fullmatch(q):
        return rows.where(Ticket.number == int(match[1]))
    if by_email and "@" in q:
        people = select(User.id).where(email_begins(db, q.lower()))
        return rows.where(Ticket.user_id.in_(people))
    wanted = fulltext.groups(q)
    if not wanted:
        return rows.where(false())
    hits = TICKETS.numbers(db, wanted, newest=NEWEST if _is_common(db, wanted) else None)
    found: Any = Ticket.number.in_(select(hits.c.number))
    if match := _DIGITS.fullmatch(q):
        found = or_(Ticket.number == int(match[1]), found)
    return rows.where(found)


def by_rank(db: Session, rows: Rows, q: str) -> Rows | None:
    """Best first, or newest first for common words; None when nothing was looked for by words."""
    q = _bare(q)
    wanted = fulltext.groups(q)
    if not wanted or _NUMBER.fullmatch(q) or "@" in q:
        return None
    if _is_common(db, wanted):
        return rows.order_by(Ticket.number.desc())
    hits = TICKETS.found(db, wanted)
    rows = rows.outerjoin(hits, hits.c.number == Ticket.number)
    rank = func.coalesce(hits.c.rank, _RANK_OF_A_NUMBER)
    return rows.order_by(rank.desc(), Ticket.number.desc())


def _is_common(db: Session, wanted: fulltext.Groups) -> bool:
    return TICKETS.count(db, wanted, most=COMMON) > COMMON
