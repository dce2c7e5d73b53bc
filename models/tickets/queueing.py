"""The agents' queue: which tickets are in it, in which order, and what its rows show."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, exists, select
from sqlalchemy.orm import Session, aliased

from models import db as database
from models import paging, permissions
from models.actor import Actor
from models.errors import Invalid
from models.kept import Kept
from models.paging import Page, Rows
from models.permissions import Permission
from models.tickets import finding, ordering
from models.tickets.deeds import QueueFilter
from models.tickets.queries import visible_to
from models.tickets.tables import NOT_WAITING, Ticket, TicketCategory, TicketTag
from models.users import User


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A ticket in the agents' queue. ``waiting_since`` is None when the customer does not wait."""

    id: str
    number: int
    ticket_number: str
    title: str
    type: str
    category: str
    severity: str
    status: str
    priority: int
    created_at: datetime
    updated_at: datetime
    waiting_since: datetime | None
    user_id: str
    user_name: str
    user_email: str | None
    assigned_to_id: str | None
    assigned_to_name: str | None
    tags: tuple[str, ...] = field(default=())


# Filters that leave more tickets than are counted; they go on doing so for a minute.
_LONG: Kept[bool] = Kept(seconds=60, most=1_000)
_ASSIGNEE = aliased(User)
_IDS: Any = bindparam("ids", expanding=True)
_ROWS = (
    select(
        Ticket.id,
        Ticket.number,
        Ticket.ticket_number,
        Ticket.title,
        Ticket.type,
        Ticket.category,
        Ticket.severity,
        Ticket.status,
        Ticket.priority,
        Ticket.created_at,
        Ticket.updated_at,
        Ticket.waiting_since,
        User.id,
        User.name,
        User.email,
        _ASSIGNEE.id,
        _ASSIGNEE.name,
    )
    .join(User, User.id == Ticket.user_id)
    .outerjoin(_ASSIGNEE, _ASSIGNEE.id == Ticket.assigned_to_id)
    .where(Ticket.id.in_(_IDS))
)
_TAGS = (
    select(TicketTag.ticket_id, TicketTag.tag)
    .where(TicketTag.ticket_id.in_(_IDS))
    .order_by(TicketTag.tag)
)


def queue(db: Session, filters: QueueFilter, *, actor: Actor) -> Page[QueueRow]:
    """The agents' queue; without a sort: urgent first, then the longest customer wait.

    Pages are numbered to 10 000 rows; beyond them ``next_cursor`` leads on. Raises NotPermitted,
    Invalid for a page or a cursor beyond the list.
    """
    rows: Rows = matching(db, filters, actor=actor)
    first = (filters.page - 1) * filters.page_size
    sort = filters.sort or ordering.DEFAULT
    ranked = finding.by_rank(db, rows, filters.q) if filters.q and not filters.sort else None
    if ranked is not None and filters.after:
        raise Invalid(
            {"after": "What was searched is ordered by how well it fits. Choose an order."}
        )
    total, capped = _count(db, rows, filters, actor)
    if capped and first >= paging.COUNT_CAP:
        raise Invalid(
            {"page": "Pages end at 10 000 tickets. Narrow the list, or go on by an order's cursor."}
        )
    if ranked is None:
        follows = (capped or _has_own_index(filters, sort)) and not filters.q
        wanted = _ordered(db, rows, filters, sort, actor, follows=follows)
    else:
        wanted = ranked.with_only_columns(Ticket.id)
    ids = db.scalars(wanted.offset(first).limit(filters.page_size + 1)).all()
    has_more, ids = len(ids) > filters.page_size, ids[: filters.page_size]
    items = _rows(db, ids)
    onward = ordering.cursor(sort, items[-1]) if has_more and ranked is None else None
    return Page(items, filters.page, filters.page_size, total, capped, onward)


def _count(db: Session, rows: Rows, filters: QueueFilter, actor: Actor) -> tuple[int, bool]:
    """How many there are; that there are more than are counted is remembered for a while."""
    narrowed = filters.model_dump_json(exclude={"sort", "after", "page", "page_size"})
    key = (narrowed, actor.user_id if filters.assignee == "me" else None)
    if _LONG.get(key):
        return paging.COUNT_CAP, True
    total, capped = paging.count_up_to(db, rows)
    if capped:
        _LONG.put(key, True)
    return total, capped


def _has_own_index(filters: QueueFilter, sort: str) -> bool:
    """Whether an index has just these tickets in just this order."""
    others = filters.model_dump(
        exclude={"status", "sort", "after", "page", "page_size"}, exclude_defaults=True
    )
    return sort.removeprefix("-") == "priority" and not others


def _ordered(
    db: Session, rows: Rows, filters: QueueFilter, sort: str, actor: Actor, *, follows: bool
) -> Rows:
    """The ids in order.

    A long list is read along the index of its order until the page is full; a short one is taken
    out first and then ordered. Left to themselves both databases choose wrongly at times, and read
    a million rows for twenty.
    """
    if follows:
        rows = _filtered(db, visible_to(actor), filters, actor, along=sort)
    if filters.after:
        rows = ordering.after(rows, sort, filters.after)
    if follows:
        return ordering.ordered(rows, sort).with_only_columns(Ticket.id)
    return ordering.taken_out(rows, sort, most=paging.COUNT_CAP + 1)


def _rows(db: Session, ids: Sequence[str]) -> list[QueueRow]:
    """The rows of these tickets, in this order.

    Read apart from the choice of the tickets, so that only what is shown is joined.
    """
    tags: dict[str, tuple[str, ...]] = {}
    for ticket_id, tag in db.execute(_TAGS, {"ids": ids}):
        tags[ticket_id] = (*tags.get(ticket_id, ()), tag)
    rows = {row[0]: _row(row, tags.get(row[0], ())) for row in db.execute(_ROWS, {"ids": ids})}
    return [rows[ticket_id] for ticket_id in ids]


def _row(row: Any, tags: tuple[str, ...]) -> QueueRow:
    values: list[Any] = [None if value == NOT_WAITING else value for value in row]
    return QueueRow(*values, tags)  # type: ignore[call-arg]  # as many as selected


def search(
    db: Session, q: str, *, page: int = 1, page_size: int = 20, actor: Actor
) -> Page[QueueRow]:
    """Tickets by number, by the beginning of an e-mail, or by words, best first, for agents."""
    return queue(db, QueueFilter(q=q, page=page, page_size=page_size), actor=actor)


def matching(db: Session, filters: QueueFilter, *, actor: Actor) -> Select[Ticket]:
    """The tickets that a filter of the queue leaves, in no order.

    Raises NotPermitted, Invalid for a category or a person that there is not.
    """
    permissions.require(actor, Permission.TICKETS_READ)
    _require_known(db, filters)
    return _filtered(db, visible_to(actor), filters, actor)


def _require_known(db: Session, filters: QueueFilter) -> None:
    wrong = {}
    slug, person = filters.category, filters.assignee
    known = select(TicketCategory.id).where(TicketCategory.slug == slug)
    if slug is not None and not db.scalar(known):
        wrong["category"] = "There is no such category."
    if person not in (None, "me", "none") and not db.get(User, person):
        wrong["assignee"] = "Please choose me, none or the id of a person."
    if wrong:
        raise Invalid(wrong)


def _filtered(
    db: Session, rows: Rows, filters: QueueFilter, actor: Actor, *, along: str | None = None
) -> Rows:
    """Those that fit the filters; ``along`` an order when its index is to be followed."""
    column = ordering.columns_along(along) if along and database.is_sqlite(db) else _itself
    equal = {
        Ticket.status: filters.status,
        Ticket.type: filters.type,
        Ticket.category: filters.category,
        Ticket.severity: filters.severity,
    }
    rows = rows.where(
        *(column(name) == value for name, value in equal.items() if value is not None)
    )
    if filters.from_ is not None:
        rows = rows.where(column(Ticket.created_at) >= filters.from_)
    if filters.to is not None:
        rows = rows.where(column(Ticket.created_at) <= filters.to)
    if filters.tag is not None:
        tagged = (TicketTag.ticket_id == Ticket.id) & (TicketTag.tag == filters.tag)
        rows = rows.where(exists().where(tagged)) if along else rows.join(TicketTag, tagged)
    if filters.assignee is not None:
        rows = rows.where(_assigned_to(column(Ticket.assigned_to_id), filters.assignee, actor))
    return finding.searched(db, rows, filters.q, by_email=True) if filters.q else rows


def _itself(column: Any) -> Any:
    return column


def _assigned_to(column: Any, assignee: str, actor: Actor) -> Any:
    if assignee == "none":
        return column.is_(None)
    return column == (actor.user_id if assignee == "me" else assignee)
