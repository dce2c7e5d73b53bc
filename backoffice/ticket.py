"""One ticket's page: the conversation, and a form for each deed on the ticket."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any

from sqladmin import expose
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from backoffice import errors, forms
from backoffice.captured import captured
from backoffice.flash import go
from backoffice.forms import Field, Form, Posted
from backoffice.view import Refused, SupportView, complaints, read, write
from models import deeds, kb, overview, settings, tickets, users
from models.actor import Actor
from models.deeds import Deed
from models.errors import Invalid, NotFound, SupportError
from models.permissions import Permission, may
from models.text import OneLine


def _text(name: str, label: str, rows: int, hint: str = "") -> Field:
    return Field(name, label, "textarea", required=True, max_length=20_000, rows=rows, hint=hint)


_STATUSES = tuple((status.value, title) for status, title in tickets.STATUS_TITLES.items())
FIELDS: dict[str, tuple[Field, ...]] = {
    "reply": (
        _text("content", "Reply to the customer", 6),
        Field("status", "and set the status to", kind="select", choices=_STATUSES),
    ),
    "note": (_text("content", "Internal note", 4),),
    "status": (Field("status", "Status", kind="select", required=True, choices=_STATUSES),),
    "resolve": (_text("resolution", "Resolution", 4, "The customer reads this."),),
    "priority": (
        Field(
            "priority", "Priority", kind="select", required=True,
            choices=tuple((str(int(p)), title) for p, title in tickets.PRIORITY_TITLES.items()),
        ),
    ),
    "severity": (
        Field(
            "severity", "Severity", kind="select", required=True,
            choices=tuple((s.value, title) for s, title in tickets.SEVERITY_TITLES.items()),
        ),
    ),
    "assign": (Field("assigneeId", "Assignee", kind="select"),),
    "tags": (Field("tags", "Tags", kind="tags", hint="With commas between them."),),
    "article": (
        Field("articleId", "Linked article", hint="Slug of a published article.", required=True),
    ),
}  # fmt: skip


class LinkDeed(Deed):
    """The article to link, by slug or id."""

    article_id: Annotated[str, OneLine(100)]


Act = Callable[[Session, tickets.Ticket, Any, Actor], object]


class TicketPage(SupportView):
    """The page of one ticket and the deeds on it."""

    @expose("/{ref}", methods=["GET"])
    async def details_page(self, request: Request) -> Response:
        """The ticket with its conversation, customer, context and history."""
        return await self._show(request)

    @expose("/{ref}/reply", methods=["POST"])
    async def reply(self, request: Request) -> Response:
        """Send an answer to the customer."""
        return await self._do(
            request, "reply", tickets.AgentReply,
            lambda db, ticket, deed, actor: tickets.reply(db, ticket, deed, actor=actor),
        )  # fmt: skip

    @expose("/{ref}/note", methods=["POST"])
    async def note(self, request: Request) -> Response:
        """Keep a note that only staff sees."""
        return await self._do(
            request, "note", tickets.Note,
            lambda db, ticket, deed, actor: tickets.add_note(db, ticket, deed, actor=actor),
        )  # fmt: skip

    @expose("/{ref}/status", methods=["POST"])
    async def status(self, request: Request) -> Response:
        """Move the ticket."""
        return await self._do(
            request, "status", tickets.StatusDeed,
            lambda db, ticket, deed, actor: tickets.change_status(
                db, ticket, deed.status, resolution=deed.resolution, actor=actor
            ),
        )  # fmt: skip

    @expose("/{ref}/resolve", methods=["POST"])
    async def resolve(self, request: Request) -> Response:
        """Resolve the ticket."""
        return await self._do(
            request, "resolve", tickets.Resolve,
            lambda db, ticket, deed, actor: tickets.resolve(
                db, ticket, deed.resolution, actor=actor
            ),
        )  # fmt: skip

    @expose("/{ref}/priority", methods=["POST"])
    async def priority(self, request: Request) -> Response:
        """Change how soon to answer."""
        return await self._do(
            request, "priority", tickets.PriorityDeed,
            lambda db, ticket, deed, actor: tickets.set_priority(
                db, ticket, deed.priority, actor=actor
            ),
        )  # fmt: skip

    @expose("/{ref}/severity", methods=["POST"])
    async def severity(self, request: Request) -> Response:
        """Change how bad it is."""
        return await self._do(
            request, "severity", tickets.SeverityDeed,
            lambda db, ticket, deed, actor: tickets.set_severity(
                db, ticket, deed.severity, actor=actor
            ),
        )  # fmt: skip

    @expose("/{ref}/assign", methods=["POST"])
    async def assign(self, request: Request) -> Response:
        """Give the ticket to somebody or to nobody."""
        return await self._do(
            request, "assign", tickets.AssigneeDeed,
            lambda db, ticket, deed, actor: tickets.assign(
                db, ticket, deed.assignee_id, actor=actor
            ),
        )  # fmt: skip

    @expose("/{ref}/tags", methods=["POST"])
    async def tags(self, request: Request) -> Response:
        """Give the ticket these tags."""
        return await self._do(
            request, "tags", tickets.TagsDeed,
            lambda db, ticket, deed, actor: tickets.set_tags(db, ticket, deed.tags, actor=actor),
        )  # fmt: skip

    @expose("/{ref}/article", methods=["POST"])
    async def article(self, request: Request) -> Response:
        """Link the article that answers."""
        return await self._do(request, "article", LinkDeed, _link)

    async def _do(self, request: Request, name: str, schema: type[Deed], act: Act) -> Response:
        """Do one deed on one ticket; when refused, show the page with the form as it was typed."""
        posted = await forms.posted(request)
        ref = request.path_params["ref"]

        def work(db: Session, deed: Deed, actor: Actor) -> str:
            ticket = tickets.get(db, ref, actor=actor)
            act(db, ticket, deed, actor)
            return ticket.ticket_number

        try:
            number = await write(
                request, lambda: deeds.read(schema, forms.typed(FIELDS[name], posted.once())), work
            )
        except Refused as error:
            return await self._show(request, name, posted, error)
        return go(f"/tickets/{number}", name)

    async def _show(
        self,
        request: Request,
        name: str = "",
        posted: Posted | None = None,
        error: SupportError | None = None,
    ) -> Response:
        ref = request.path_params["ref"]
        context = await read(request, lambda db, actor: _context(db, ref, actor))
        if posted is not None and error is not None:
            context["forms"][name] = Form(
                context["forms"][name].fields, posted.first(), complaints(error)
            )
        context["failed"] = name if error else ""
        status = errors.status_of(error) if error else 200
        return await self.page(request, "ticket.html", context, status)


def _context(db: Session, ref: str, actor: Actor) -> dict[str, Any]:
    ticket = tickets.get(db, ref, actor=actor)
    staff = users.staff(db, actor=actor)
    may_look_up = may(actor, Permission.USERS_READ)
    return {
        "ticket": ticket,
        "customer": ticket.user,
        "assignee": ticket.assigned_to,
        "article": ticket.related_article,
        "tags": ticket.tags,
        "thread": tickets.thread(db, ticket, actor=actor),
        "files": tickets.attachments_of(db, ticket, for_customer=False),
        "timeline": tickets.timeline(db, ticket, actor=actor),
        "people": {person.id: person.name for person in staff},
        "card": overview.user_card(db, ticket.user, actor=actor) if may_look_up else None,
        "captured": captured(ticket.context_data),
        "sentry_url": _sentry_url(ticket.sentry_event_id),
        "forms": _forms(ticket, staff),
        "may_resolve": tickets.Status.RESOLVED in _possible(ticket),
    }


def _link(db: Session, ticket: tickets.Ticket, deed: LinkDeed, actor: Actor) -> None:
    try:
        article = kb.get(db, deed.article_id, actor=actor)
    except NotFound as error:
        raise Invalid({"articleId": str(error)}) from None
    tickets.link_article(db, ticket, article.id, actor=actor)


def _sentry_url(event_id: str | None) -> str | None:
    template = settings.current().sentry_url
    return template.replace("{event_id}", event_id) if template and event_id else None


def _forms(ticket: tickets.Ticket, staff: list[users.Person]) -> dict[str, Form]:
    """A form for each deed, with what stands now; the assignee stays in the list even when gone."""
    people = [("", "Nobody"), *((person.id, person.name) for person in staff)]
    if ticket.assigned_to is not None and ticket.assigned_to_id not in dict(people):
        people.append((ticket.assigned_to.id, str(ticket.assigned_to)))
    stored: dict[str, Mapping[str, Any]] = {
        "status": {"status": ticket.status},
        "priority": {"priority": ticket.priority},
        "severity": {"severity": ticket.severity},
        "assign": {"assigneeId": ticket.assigned_to_id},
        "tags": {"tags": ticket.tags},
    }
    text, status = FIELDS["reply"]
    fields = {
        **FIELDS,
        "assign": (replace(FIELDS["assign"][0], choices=tuple(people)),),
        "reply": (text, replace(status, choices=_moves(ticket))),
        "status": (replace(FIELDS["status"][0], choices=_moves(ticket, stay=True)),),
    }
    return {name: Form(fields[name], stored.get(name, {})) for name in fields}


def _moves(ticket: tickets.Ticket, *, stay: bool = False) -> Sequence[tuple[str, str]]:
    """The statuses to choose from; ``resolved`` without a text has its own form."""
    possible = _possible(ticket)
    if stay:
        possible = (possible - {tickets.Status.RESOLVED}) | {tickets.Status(ticket.status)}
    return [(key, title) for key, title in _STATUSES if key in possible]


def _possible(ticket: tickets.Ticket) -> frozenset[tickets.Status]:
    return tickets.TRANSITIONS[tickets.Status(ticket.status)]
