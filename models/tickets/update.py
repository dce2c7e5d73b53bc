"""Several changes of one ticket at once, as programs send them: all of them or none."""

from sqlalchemy.orm import Session

from models import permissions
from models.actor import Actor
from models.errors import Invalid
from models.permissions import Permission
from models.tickets.actions import (
    assign,
    change_status,
    set_priority,
    set_severity,
    set_tags,
)
from models.tickets.deeds import TicketChanges
from models.tickets.tables import Status, Ticket


def update(db: Session, ticket: Ticket, deed: TicketChanges, *, actor: Actor) -> Ticket:
    """Make the changes that the deed names; what it leaves out stays.

    The assignee comes first, so that a status sent along is the one that stands in the end.
    Raises NotPermitted (any change of the assignee asks for the right to assign), NotAllowedNow,
    Invalid.
    """
    given = deed.model_fields_set
    if given != {"assigned_to_id"}:
        permissions.require(actor, Permission.TICKETS_WRITE)
    if "assigned_to_id" in given:
        _assign(db, ticket, deed, actor)
    if "priority" in given:
        set_priority(db, ticket, deed.priority, actor=actor)
    if "severity" in given:
        set_severity(db, ticket, deed.severity, actor=actor)
    if "tags" in given:
        set_tags(db, ticket, deed.tags, actor=actor)
    if "status" in given:
        change_status(db, ticket, deed.status, resolution=deed.resolution or None, actor=actor)
    if deed.resolution and ticket.status != Status.RESOLVED.value:
        raise Invalid({"resolution": "A resolution goes with the status resolved."})
    return ticket


def _assign(db: Session, ticket: Ticket, deed: TicketChanges, actor: Actor) -> None:
    try:
        assign(db, ticket, deed.assigned_to_id, actor=actor)
    except Invalid as error:  # said at the name that this deed gives it
        raise Invalid({"assignedToId": " ".join(error.fields.values())}) from None
