"""A customer's tickets: the list, one ticket with its conversation, reply and solved.

A guest's private link opens the same page of the one ticket under an address of its own.
"""

from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response

from models import tickets
from models.actor import Actor
from models.db import reading, unit_of_work
from models.text import plain_to_html
from models.tickets import MessageRow, Status, Ticket, TicketType
from public_site import door, downloads, errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form, PageNumber

LABELS = {"content": "Your reply"}
# Agents wait for the customer; the customer reads whom we wait for.
STATUS_TITLES = {status.value: title for status, title in tickets.STATUS_TITLES.items()} | {
    Status.WAITING_USER.value: "Waiting for you"
}
TYPE_TITLES = {kind.value: title for kind, title in tickets.TYPE_TITLES.items()}
SEVERITY_TITLES = {item.value: title for item, title in tickets.SEVERITY_TITLES.items()}


class ListQuery(tickets.OwnFilter):
    """What the list is narrowed to."""

    page: PageNumber = 1

    def address(self, **changes: object) -> str:
        """The address of this list with something changed."""
        chosen = {"status": self.status, "q": self.q, "page": self.page, **changes}
        kept = {
            name: value.value if isinstance(value, Status) else value
            for name, value in chosen.items()
            if value not in (None, "", 1)
        }
        return f"/support?{urlencode(kept)}" if kept else "/support"


def own_list(visit: Visit) -> Response:
    """My tickets."""
    query = visit.read(ListQuery)
    with reading() as db:
        found = tickets.own_tickets(db, query, actor=visit.actor)
    return rendering.show(
        visit, "tickets/list.html", query=query, found=found, statuses=STATUS_TITLES,
        types=TYPE_TITLES, address=query.address,
        page_address=lambda page: query.address(page=page),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Desk:
    """Where one ticket lies for whoever looks: its reference, its address, and as whom one acts."""

    ref: str
    address: str
    actor: Actor

    @property
    def file_folder(self) -> str:
        """Where the files of the ticket are fetched."""
        is_guest = self.actor.guest_ticket_id is not None
        return f"{self.address}/attachments" if is_guest else "/api/attachments"


def _own_desk(visit: Visit) -> Desk:
    ref = visit.path("number")
    return Desk(ref, f"/support/{ref}", visit.actor)


def _guest_desk(visit: Visit) -> Desk:
    token = visit.path("token")
    with reading() as db:
        guest = tickets.guest_actor(db, token, address=door.client_address(visit.request))
    return Desk(guest.guest_ticket_id or "", f"/support/t/{token}", guest)


def own_ticket(visit: Visit) -> Response:
    """One of my tickets."""
    return _ticket_page(visit, _own_desk(visit), Form())


def guest_ticket(visit: Visit) -> Response:
    """The ticket of a private link."""
    return _ticket_page(visit, _guest_desk(visit), Form())


def _ticket_page(
    visit: Visit, desk: Desk, form: Form, problem: errors.Problem | None = None
) -> Response:
    with reading() as db:
        ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
        messages = tickets.conversation(db, ticket, actor=desk.actor)
        files = tickets.attachments_of(db, ticket, for_customer=True)
        return rendering.show(
            visit, "tickets/ticket.html", ticket=ticket, messages=messages, desk=desk, form=form,
            problem=problem, labels=LABELS, statuses=STATUS_TITLES, types=TYPE_TITLES,
            severities=SEVERITY_TITLES, category=_category_title(db, ticket.category),
            as_html=plain_to_html, is_guest=desk.actor.guest_ticket_id is not None,
            resolution=_resolution(ticket, messages), files=_by_message(files),
            is_own_solution=ticket.resolution == tickets.SOLVED_BY_CUSTOMER,
            is_done=ticket.status in (Status.RESOLVED, Status.CLOSED),
        )  # fmt: skip


def _resolution(ticket: Ticket, messages: list[MessageRow]) -> str | None:
    """How it was resolved, unless the customer said so or a message says the same already."""
    said = {tickets.SOLVED_BY_CUSTOMER, *(item.content for item in messages)}
    return ticket.resolution if ticket.resolution not in said else None


def _by_message(files: list[tickets.Attachment]) -> dict[str, list[tickets.Attachment]]:
    """Files by the message they hang at, ``first`` for those of the ticket itself."""
    found: dict[str, list[tickets.Attachment]] = {}
    for file in files:
        found.setdefault(file.message_id or "first", []).append(file)
    return found


def guest_file(visit: Visit) -> Response:
    """A file of the ticket of a private link."""
    desk = _guest_desk(visit)
    with reading() as db:
        found = tickets.attachment(db, visit.path("id"), actor=desk.actor)
    return downloads.of(found)


def _category_title(db: Session, slug: str) -> str:
    return next((item.title for item in tickets.categories(db) if item.slug == slug), slug)


def own_reply(visit: Visit) -> Response:
    """Reply to one of my tickets."""
    return _reply(visit, _own_desk(visit))


def guest_reply(visit: Visit) -> Response:
    """Reply through a private link."""
    return _reply(visit, _guest_desk(visit))


def _reply(visit: Visit, desk: Desk) -> Response:
    def deed() -> Response:
        given = visit.form.read(tickets.Reply)
        with unit_of_work() as db:
            ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
            message = tickets.reply(db, ticket, given, actor=desk.actor)
            place = f"{desk.address}#message-{message.id}"
        return rendering.redirect(visit, place, flash="reply_sent")

    return forms.submitted(deed, lambda problem: _ticket_page(visit, desk, visit.form, problem))


def own_solve(visit: Visit) -> Response:
    """Mark one of my tickets as solved."""
    return _solve(visit, _own_desk(visit))


def guest_solve(visit: Visit) -> Response:
    """Mark the ticket of a private link as solved."""
    return _solve(visit, _guest_desk(visit))


def _solve(visit: Visit, desk: Desk) -> Response:
    def deed() -> Response:
        visit.form.read(forms.Nothing)
        with unit_of_work() as db:
            tickets.solve(db, tickets.get_own(db, desk.ref, actor=desk.actor), actor=desk.actor)
        return rendering.redirect(visit, desk.address, flash="solved")

    return forms.submitted(deed, lambda problem: _ticket_page(visit, desk, Form(), problem))


def type_options() -> list[tuple[str, str]]:
    """The kinds of tickets to choose from."""
    return [(kind.value, TYPE_TITLES[kind.value]) for kind in TicketType]
