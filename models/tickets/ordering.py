"""The orders of the queue, and cursors that go on where a page ended.

Each order ends with the ticket's number, so no two tickets stand at one place.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, literal_column, or_, select
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import custom_op

from models.errors import Invalid
from models.paging import Rows
from models.tickets.tables import NOT_WAITING, SEVERITY_RANK, STATUS_RANK, Severity, Status, Ticket

# A column that is ordered by, and whether downwards.
Key = tuple[str, bool]
_COLUMNS: dict[str, Any] = {
    "created_at": Ticket.created_at,
    "updated_at": Ticket.updated_at,
    "priority": Ticket.priority,
    "waiting_since": Ticket.waiting_since,
    "number": Ticket.number,
    # Written as in the indexes, so that both databases use those.
    "severity": literal_column(SEVERITY_RANK),
    "status": literal_column(STATUS_RANK),
}
_UPWARDS: dict[str, list[Key]] = {
    "createdAt": [("created_at", False), ("number", False)],
    "updatedAt": [("updated_at", False), ("number", False)],
    "priority": [("priority", False), ("waiting_since", True), ("number", False)],
    "severity": [("severity", False), ("number", False)],
    "status": [("status", False), ("number", False)],
    "ticketNumber": [("number", False)],
    "waitingSince": [("waiting_since", False), ("number", True)],
}
DEFAULT = "-priority"  # urgent first, then who waits longest
# The columns that stand first in the index of an order.
_OWN: dict[str, Any] = {
    "priority": Ticket.status, "-priority": Ticket.status,
    "createdAt": Ticket.created_at, "-createdAt": Ticket.created_at,
}  # fmt: skip
_TIMES = frozenset({"created_at", "updated_at", "waiting_since"})
_RANKS: dict[str, list[str]] = {
    "severity": [item.value for item in Severity],
    "status": [item.value for item in Status],
}


def _keys(sort: str) -> list[Key]:
    keys = _UPWARDS[sort.removeprefix("-")]
    return [(name, not down) for name, down in keys] if sort.startswith("-") else keys


def ordered(rows: Rows, sort: str) -> Rows:
    """The rows in this order."""
    columns = ((_COLUMNS[name], down) for name, down in _keys(sort))
    return rows.order_by(*(column.desc() if down else column.asc() for column, down in columns))


def taken_out(rows: Rows, sort: str, *, most: int) -> Rows:
    """The ids in this order, of at most so many rows, which are found without regard to it.

    Neither database looks through the limit inside, so each finds the rows by its best index.
    """
    keys = _keys(sort)
    columns = [_COLUMNS[name].label(f"key_{name}") for name, _ in keys]
    inner = rows.with_only_columns(Ticket.id, *columns).limit(most).subquery()
    places = ((inner.c[f"key_{name}"], down) for name, down in keys)
    order = [place.desc() if down else place.asc() for place, down in places]
    return select(inner.c.id).order_by(*order)


def columns_along(sort: str) -> Callable[[Any], Any]:
    """How conditions name the columns when SQLite shall follow the index of this order.

    Its planner does not know that few rows are wanted and takes any index that fits a condition.
    The sign hides a column from it, but where the order's own index begins with that column.
    """
    own = _OWN.get(sort)

    def named(column: Any) -> Any:
        if column is own:
            return column
        return UnaryExpression(column, operator=custom_op("+"), type_=column.type)

    return named


def cursor(sort: str, row: Any) -> str:
    """Where a list in this order goes on after a row."""
    places = [_place(name, getattr(row, name)) for name, _ in _keys(sort)]
    said = json.dumps([sort, places], separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(said).decode().rstrip("=")


def _place(name: str, value: Any) -> Any:
    if value is None:
        value = NOT_WAITING
    if name in _RANKS:
        return _RANKS[name].index(value)
    return value.isoformat() if isinstance(value, datetime) else value


def after(rows: Rows, sort: str, typed: str) -> Rows:
    """What comes after the place of a cursor. Raises Invalid for one that is none of this order."""
    places = _read(sort, typed)
    keys = _keys(sort)
    beyond: Any = None
    for (name, down), value in zip(reversed(keys), reversed(places), strict=True):
        column = _COLUMNS[name]
        further = column < value if down else column > value
        beyond = further if beyond is None else or_(further, and_(column == value, beyond))
    first, down = _COLUMNS[keys[0][0]], keys[0][1]
    # The same once more for the first column, which lets the database begin there.
    return rows.where(first <= places[0] if down else first >= places[0], beyond)


def _read(sort: str, typed: str) -> Sequence[Any]:
    try:
        said = json.loads(
            base64.urlsafe_b64decode(typed.encode("ascii") + b"=" * (-len(typed) % 4))
        )
        made_for, places = said
        values = [_value(name, place) for (name, _), place in zip(_keys(sort), places, strict=True)]
    except (ValueError, TypeError, OverflowError, binascii.Error, RecursionError):
        raise _bad() from None
    if made_for != sort:
        raise _bad()
    return values


def _value(name: str, place: Any) -> Any:
    if name in _TIMES:
        moment = datetime.fromisoformat(place)
        if moment.tzinfo is None:
            raise ValueError("a time without a zone")
        return moment.astimezone(UTC)
    if type(place) is not int or abs(place) > 2**31:
        raise ValueError("no number")
    return place


def _bad() -> Invalid:
    return Invalid({"after": "This leads nowhere in this order. Begin again at the first page."})
