"""A customer's tickets: the list, one ticket with its conversation, reply and solved.

A guest's private link opens the same page of the one ticket under an address of its own.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from sqlalchemy.orm import Session
from starlette.responses import Response

from models import tickets
from models.db import reading, unit_of_work
from models.text import plain_to_html
from models.tickets import MessageRow, Status, Ticket, TicketType
from public_site import downloads, errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form, PageNumber
from public_site.pages import ratings, ticket_files
from public_site.pages.desk import Desk, guest_desk, own_desk
from public_site.pages.ticket_files import FILES

CLOSED = 409  # the status of a refusal for the ticket's own state
LABELS = {"content": "Your reply", FILES: "Files"}
# How the conversation tells where a ticket went to, and whether it says who moved it.
MOVES = {
    Status.OPEN.value: ("Reopened", True),
    Status.IN_PROGRESS.value: ("In progress", False),
    Status.WAITING_USER.value: ("Waiting for you", False),
    Status.RESOLVED.value: ("Marked as resolved", True),
    Status.CLOSED.value: ("Closed", True),
}
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


def own_ticket(visit: Visit) -> Response:
    """One of my tickets."""
    return _ticket_page(visit, own_desk(visit), Form())


def guest_ticket(visit: Visit) -> Response:
    """The ticket of a private link."""
    return _ticket_page(visit, guest_desk(visit), Form())


def _ticket_page(
    visit: Visit,
    desk: Desk,
    form: Form,
    problem: errors.Problem | None = None,
    kept: Sequence[str] = (),
) -> Response:
    with reading() as db:
        ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
        talk = _talk(db, ticket, desk)
        return rendering.show(
            visit, "tickets/ticket.html", form=form, problem=problem, labels=LABELS,
            severities=SEVERITY_TITLES, category=_category_title(db, ticket.category),
            is_done=ticket.status in (Status.RESOLVED, Status.CLOSED), types=TYPE_TITLES,
            most_files=tickets.MAX_FILES, most_bytes=tickets.MAX_FILE,
            kept=ticket_files.waiting(db, kept, actor=desk.actor),
            lost_files=bool(form.files.get(FILES)) and not kept,
            **ratings.context(ticket, talk.rating), **talk.shown,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Talk:
    """The conversation as its page shows it, and what tells one state of it from another."""

    shown: dict[str, Any]
    rating: tickets.TicketRating | None
    tag: str


def _talk(db: Session, ticket: Ticket, desk: Desk) -> Talk:
    messages = tickets.conversation(db, ticket, actor=desk.actor)
    entries: list[MessageRow | tickets.StatusRow] = [*messages]
    entries += tickets.status_changes(db, ticket, actor=desk.actor)
    files = tickets.attachments_of(db, ticket, for_customer=True)
    entries.sort(key=lambda entry: entry.id)
    # Of what the customer sees, and nothing else: what staff do among themselves moves nothing.
    seen = [ticket.status, ticket.resolution or "", *(item.id for item in [*entries, *files])]
    digest = hashlib.blake2b("\n".join(seen).encode(errors="replace"), digest_size=12)
    tag = f'"{digest.hexdigest()}"'
    shown = {
        "ticket": ticket, "files": _by_message(files), "statuses": STATUS_TITLES, "tag": tag,
        "entries": entries, "resolution": _resolution(ticket, messages), "as_html": plain_to_html,
        "is_own_solution": ticket.resolution == tickets.SOLVED_BY_CUSTOMER, "desk": desk,
        "moves": MOVES,
    }  # fmt: skip
    return Talk(shown, tickets.rating_of(db, ticket, actor=desk.actor), tag)


def own_thread(visit: Visit) -> Response:
    """What was said on one of my tickets: what its page asks for again and again."""
    return _thread(visit, own_desk(visit))


def guest_thread(visit: Visit) -> Response:
    """What was said on the ticket of a private link."""
    return _thread(visit, guest_desk(visit))


def _thread(visit: Visit, desk: Desk) -> Response:
    with reading() as db:
        ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
        talk = _talk(db, ticket, desk)
        if rendering.is_known(visit.request.headers, talk.tag):
            return Response(status_code=304, headers={"ETag": talk.tag})
        response = rendering.piece(visit, "tickets/thread.html", **talk.shown)
    response.headers["ETag"] = talk.tag
    return response


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
    desk = guest_desk(visit)
    with reading() as db:
        found = tickets.attachment(db, visit.path("id"), actor=desk.actor)
    return downloads.of(found)


def _category_title(db: Session, slug: str) -> str:
    return next((item.title for item in tickets.categories(db) if item.slug == slug), slug)


def own_reply(visit: Visit) -> Response:
    """Reply to one of my tickets."""
    return _reply(visit, own_desk(visit))


def guest_reply(visit: Visit) -> Response:
    """Reply through a private link."""
    return _reply(visit, guest_desk(visit))


def require_own(visit: Visit) -> None:
    """Raise NotFound for a form to a ticket that is not mine."""
    _require(own_desk(visit))


def require_guests(visit: Visit) -> None:
    """Raise NotFound for a form through a link that opens nothing."""
    _require(guest_desk(visit))


def _require(desk: Desk) -> None:
    with reading() as db:
        tickets.get_own(db, desk.ref, actor=desk.actor)


def _reply(visit: Visit, desk: Desk) -> Response:
    files: list[tickets.CheckedFile] = []

    def deed() -> Response:
        good, wrong = ticket_files.look_at(visit.form, actor=desk.actor)
        files.extend(good)
        given = ticket_files.read(visit.form, tickets.Reply, wrong)
        with unit_of_work() as db:
            ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
            message = tickets.reply(db, ticket, given, files=good, actor=desk.actor)
            place = f"{desk.address}#message-{message.id}"
        return rendering.redirect(visit, place, flash="reply_sent")

    def again(problem: errors.Problem) -> Response:
        kept = ticket_files.kept_ids(visit.form)
        if problem.status != CLOSED:  # at a closed ticket there is no form to keep for
            kept += ticket_files.keep(files, actor=desk.actor)
        return _ticket_page(visit, desk, visit.form, ticket_files.at_its_fields(problem), kept)

    return forms.submitted(deed, again)


def own_solve(visit: Visit) -> Response:
    """Mark one of my tickets as solved."""
    return _solve(visit, own_desk(visit))


def guest_solve(visit: Visit) -> Response:
    """Mark the ticket of a private link as solved."""
    return _solve(visit, guest_desk(visit))


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
