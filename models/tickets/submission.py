"""A ticket form sent twice is one ticket: the form carries a key, the answer is kept for it."""

import json
from collections.abc import Sequence

from sqlalchemy.orm import Session

from models import idempotency
from models.actor import Actor
from models.tickets import context
from models.tickets.creation import create, create_for_guest
from models.tickets.deeds import GuestTicket, NewTicket
from models.tickets.tables import Ticket
from models.tickets.uploads import CheckedFile, attach_new


def submit(
    db: Session,
    deed: NewTicket | GuestTicket,
    *,
    key: str,
    files: Sequence[CheckedFile] = (),
    actor: Actor,
) -> str:
    """Create a ticket once for this key and return its number, also to a twin that comes later.

    ``files`` came with the form itself and belong to the ticket from the start.

    Raises like ``create`` and ``create_for_guest``, and Invalid for a key used with another text.
    """
    body = _body(deed, files)
    answer = idempotency.stored_answer(db, key, body, actor=actor)
    if answer is not None:
        return str(answer["ticketNumber"])
    ticket = _create(db, deed, actor)
    attach_new(db, files, ticket)
    idempotency.store_answer(
        db, key, body, {"id": ticket.id, "ticketNumber": ticket.ticket_number}, actor=actor
    )
    return ticket.ticket_number


def _body(deed: NewTicket | GuestTicket, files: Sequence[CheckedFile]) -> str:
    """What tells one text from another; of the context what is kept, since the rest can be odd."""
    kept, _dropped = context.clean(deed.context_data)
    words = deed.model_dump(mode="json", exclude={"context_data"})
    return json.dumps(
        {**words, "context_data": kept, "files": [file.fingerprint for file in files]},
        sort_keys=True,
    )


def _create(db: Session, deed: NewTicket | GuestTicket, actor: Actor) -> Ticket:
    if isinstance(deed, GuestTicket):
        return create_for_guest(db, deed, actor=actor)
    return create(db, deed, actor=actor)
