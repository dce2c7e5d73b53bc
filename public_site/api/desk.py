"""Tickets for agents: the queue, one ticket with its notes, and every deed on it."""

from typing import Literal

from sqlalchemy.orm import Session

from models import tickets
from models.db import reading, unit_of_work
from models.tickets import QueueFilter, Ticket
from public_site.api import ticket_shapes as shapes
from public_site.api.call import Answer, Call, answer, tag_of
from public_site.api.shapes import place


class AssignedFilter(QueueFilter):
    """What the list of one's own work is narrowed to."""

    assignee: Literal["me"] = "me"


def queue(call: Call) -> Answer:
    """The queue: urgent first, then who waits longest, unless another order is asked for."""
    return _listed(call, call.asked(QueueFilter))


def assigned(call: Call) -> Answer:
    """The tickets that are assigned to whoever asks."""
    return _listed(call, call.asked(AssignedFilter))


def _listed(call: Call, filters: QueueFilter) -> Answer:
    with reading() as db:
        found = tickets.queue(db, filters, actor=call.actor)
        rows = tickets.desk_summaries(db, [row.id for row in found.items], actor=call.actor)
    items = [shapes.desk_item(row) for row in rows]
    return answer(shapes.DeskTicketPage(items=items, next_cursor=found.next_cursor, **place(found)))


def ticket(call: Call) -> Answer:
    """One ticket with its conversation and the internal notes."""
    with reading() as db:
        return _given(db, call, tickets.get(db, call.path("id"), actor=call.actor))


def update(call: Call) -> Answer:
    """Change status, priority, severity, tags or assignee; what is left out stays."""
    with unit_of_work() as db:
        found = _held(db, call)
        tickets.update(db, found, call.deed(tickets.TicketChanges), actor=call.actor)
        return _given(db, call, found)


def reply(call: Call) -> Answer:
    """Answer the customer, and set a status in the same step."""
    with unit_of_work() as db:
        tickets.get(db, call.path("id"), actor=call.actor)  # also before an answer that was kept

        def do() -> Answer:
            found = _held(db, call)
            tickets.reply(db, found, call.deed(tickets.AgentReply), actor=call.actor)
            return _given(db, call, found)

        return call.once(db, do)


def note(call: Call) -> Answer:
    """Add an internal note."""
    with unit_of_work() as db:
        tickets.get(db, call.path("id"), actor=call.actor)  # also before an answer that was kept

        def do() -> Answer:
            found = _held(db, call)
            tickets.add_note(db, found, call.deed(tickets.Note), actor=call.actor)
            return _given(db, call, found)

        return call.once(db, do)


def resolve(call: Call) -> Answer:
    """Resolve a ticket with a text for the customer."""
    with unit_of_work() as db:
        found = _held(db, call)
        tickets.resolve(db, found, call.deed(tickets.Resolve).resolution, actor=call.actor)
        return _given(db, call, found)


def assign(call: Call) -> Answer:
    """Give a ticket to somebody of staff; without a name to oneself."""
    with unit_of_work() as db:
        found = _held(db, call)
        deed = call.deed(tickets.AssigneeDeed)
        tickets.assign(db, found, deed.assignee_id or call.actor.user_id, actor=call.actor)
        return _given(db, call, found)


def link_article(call: Call) -> Answer:
    """Link the published article that answers a ticket."""
    with unit_of_work() as db:
        found = _held(db, call)
        deed = call.deed(tickets.ArticleRef)
        tickets.link_article(db, found, deed.article_id, actor=call.actor)
        return _given(db, call, found)


def bulk(call: Call) -> Answer:
    """Do one deed on up to 200 tickets: on all of them or on none."""
    deed = call.deed(tickets.BulkDeed)
    with unit_of_work() as db:
        changed = tickets.bulk(db, deed, actor=call.actor)
        rows = tickets.desk_summaries(db, [one.id for one in changed], actor=call.actor)
        return answer(shapes.ChangedTickets(items=[shapes.desk_item(row) for row in rows]))


def _held(db: Session, call: Call) -> Ticket:
    """The ticket, held until the end, and of the version that the write was meant for."""
    found = tickets.get(db, call.path("id"), actor=call.actor)
    tickets.hold(db, found)
    call.require_match(tag_of(found.version))
    return found


def _given(db: Session, call: Call, found: Ticket) -> Answer:
    view = tickets.desk_view(db, found, actor=call.actor)
    return answer(shapes.desk_ticket(view), version=view.version)
