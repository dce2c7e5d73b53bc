"""Tickets for their customers: asking, reading, replying, solving, rating."""

import hashlib

from sqlalchemy.orm import Session

from models import tickets
from models.db import reading, unit_of_work
from models.tickets import Channel, Ticket
from public_site.api import ticket_shapes as shapes
from public_site.api.call import Answer, Call, answer
from public_site.api.shapes import place
from public_site.forms import Nothing


def create(call: Call) -> Answer:
    """Send a ticket."""
    deed = call.deed(tickets.NewTicket)

    def do(db: Session) -> Answer:
        made = tickets.create(db, deed, channel=Channel.API, actor=call.actor)
        view = tickets.own_view(db, made, actor=call.actor)
        shape = shapes.new_ticket(view, tickets.context.clean(deed.context_data)[1])
        return answer(shape, tag=_tag(shape), location=f"/api/tickets/{made.id}")

    with unit_of_work() as db:
        return call.once(db, lambda: do(db))


def own(call: Call) -> Answer:
    """One's own tickets, latest visible change first."""
    filters = call.asked(tickets.OwnFilter)
    with reading() as db:
        found = tickets.own_tickets(db, filters, actor=call.actor)
        rows = tickets.own_summaries(db, [row.id for row in found.items], actor=call.actor)
    items = [shapes.own_item(row) for row in rows]
    return answer(shapes.OwnTicketPage(items=items, **place(found)))


def ticket(call: Call) -> Answer:
    """One's own ticket with its conversation."""
    with reading() as db:
        return _given(db, call, _ticket(db, call))


def reply(call: Call) -> Answer:
    """Reply on one's own ticket."""
    with unit_of_work() as db:
        _ticket(db, call)  # also before an answer that was kept

        def do() -> Answer:
            found = _held(db, call)
            tickets.reply(db, found, call.deed(tickets.Reply), actor=call.actor)
            return _given(db, call, found)

        return call.once(db, do)


def solve(call: Call) -> Answer:
    """Say that one's own ticket is solved."""
    with unit_of_work() as db:
        found = _held(db, call)
        call.deed(Nothing)
        tickets.solve(db, found, actor=call.actor)
        return _given(db, call, found)


def rate(call: Call) -> Answer:
    """Say how one was helped; one vote a ticket, to be changed for a week."""
    with unit_of_work() as db:
        found = _held(db, call)
        rating = tickets.rate(db, found, call.deed(tickets.Rating), actor=call.actor)
        return answer(shapes.Rating.model_validate(rating))


def _ticket(db: Session, call: Call) -> Ticket:
    return tickets.get_own(db, call.path("id"), actor=call.actor)


def _held(db: Session, call: Call) -> Ticket:
    found = _ticket(db, call)
    if call.if_match is not None:
        tickets.hold(db, found)
        call.require_match(_given(db, call, found).headers["ETag"])
    return found


def _given(db: Session, call: Call, found: Ticket) -> Answer:
    shape = shapes.own_ticket(tickets.own_view(db, found, actor=call.actor))
    return answer(shape, tag=_tag(shape))


def _tag(shape: shapes.OwnTicket) -> str:
    """The entity tag of what the customer sees; what stays hidden does not move it."""
    seen = shape.model_dump_json(exclude={"context_dropped"}).encode(errors="replace")
    return f'"{hashlib.blake2b(seen, digest_size=12).hexdigest()}"'
