"""The life of a ticket: which status may follow which, and what a move changes."""

from datetime import datetime

from models.errors import Invalid, NotAllowedNow
from models.tickets.tables import NOT_WAITING, Priority, Severity, Status, Ticket

TRANSITIONS: dict[Status, frozenset[Status]] = {
    Status.OPEN: frozenset(
        {Status.IN_PROGRESS, Status.WAITING_USER, Status.RESOLVED, Status.CLOSED}
    ),
    Status.IN_PROGRESS: frozenset(
        {Status.OPEN, Status.WAITING_USER, Status.RESOLVED, Status.CLOSED}
    ),
    Status.WAITING_USER: frozenset(
        {Status.OPEN, Status.IN_PROGRESS, Status.RESOLVED, Status.CLOSED}
    ),
    Status.RESOLVED: frozenset({Status.OPEN, Status.CLOSED}),
    Status.CLOSED: frozenset({Status.OPEN}),
}
PRIORITY_OF: dict[Severity, Priority] = {
    Severity.LOW: Priority.LOW,
    Severity.MEDIUM: Priority.NORMAL,
    Severity.HIGH: Priority.HIGH,
    Severity.CRITICAL: Priority.URGENT,
}
_CUSTOMER_WAITS = frozenset({Status.OPEN, Status.IN_PROGRESS})


def move(ticket: Ticket, status: Status, *, at: datetime, resolution: str | None = None) -> bool:
    """Move a ticket to a status; False if it is there already and nothing changes.

    Raises NotAllowedNow for a move that the table lacks, Invalid for ``resolved`` without a
    resolution. Leaving ``resolved`` clears the time, reopening the text too; the audit row of the
    move keeps it.
    """
    before = Status(ticket.status)
    if status is before:
        return False
    if status not in TRANSITIONS[before]:
        raise NotAllowedNow(
            f"{ticket.ticket_number} is {STATUS_TITLES[before].lower()} and cannot become"
            f" {STATUS_TITLES[status].lower()}."
        )
    if status is Status.RESOLVED and not resolution:
        raise Invalid({"resolution": "Please write how this was resolved."})
    ticket.status = status.value
    ticket.resolved_at = at if status is Status.RESOLVED else None
    if status is Status.RESOLVED or status is not Status.CLOSED:
        ticket.resolution = resolution if status is Status.RESOLVED else None
    _keep_waiting(ticket, before, status, at)
    return True


def _keep_waiting(ticket: Ticket, before: Status, status: Status, at: datetime) -> None:
    if status not in _CUSTOMER_WAITS:
        ticket.waiting_since = NOT_WAITING
    elif before not in _CUSTOMER_WAITS:
        ticket.waiting_since = at


STATUS_TITLES = {
    Status.OPEN: "Open",
    Status.IN_PROGRESS: "In progress",
    Status.WAITING_USER: "Waiting for customer",
    Status.RESOLVED: "Resolved",
    Status.CLOSED: "Closed",
}
