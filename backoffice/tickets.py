"""The queue and what can be done with many tickets at once; one ticket's page is in ``ticket``."""

from collections.abc import Callable, Mapping
from typing import Any

from sqladmin import action, expose
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backoffice import errors, forms
from backoffice.flash import go
from backoffice.forms import Field, Form
from backoffice.ticket import TicketPage
from backoffice.view import Refused, complaints, read, who, write
from models import deeds, tickets, users
from models.actor import Actor
from models.errors import Invalid, SupportError

RESOLUTION = Field(
    "resolution", "Resolution", kind="textarea", required=True, rows=5,
    hint="The customer reads this.",
)  # fmt: skip
NEW_STATUS = Field(
    "status", "New status", kind="select", required=True,
    choices=tuple((status.value, title) for status, title in tickets.STATUS_TITLES.items()),
)  # fmt: skip
STATUS_RESOLUTION = Field(
    "resolution", "Resolution", kind="textarea",
    hint="Needed for Resolved. The customers read this.",
)  # fmt: skip
Bulk = Callable[[Mapping[str, str], Actor], Mapping[str, Any]]


class TicketView(TicketPage, model=tickets.Ticket):
    """The queue of tickets, each ticket's page, and deeds on many of them."""

    address = "tickets"
    name = "Ticket"
    name_plural = "Tickets"

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """The queue, filtered and ordered by the address."""
        filters = forms.read_query(tickets.QueueFilter, request)
        try:
            context = await read(request, _queue(filters))
        except Invalid as error:
            raise forms.wrong_filter(error) from None
        return await self.page(request, "tickets.html", context)

    @action("assign-to-me", "Assign to me", add_in_detail=False)
    async def assign_to_me(self, request: Request) -> Response:
        """Ask before taking tickets over."""
        return await self._ask(request, "Assign to me", ())

    @expose("/action/assign-to-me", methods=["POST"])
    async def assign_to_me_now(self, request: Request) -> Response:
        """Take tickets over, all or none."""
        return await self._bulk(
            request, "Assign to me", (), "assigned",
            lambda _, actor: {"action": "assign", "assigneeId": actor.user_id},
        )  # fmt: skip

    @action("resolve", "Resolve", add_in_detail=False)
    async def resolve_many(self, request: Request) -> Response:
        """Ask for the resolution."""
        return await self._ask(request, "Resolve", (RESOLUTION,))

    @expose("/action/resolve", methods=["POST"])
    async def resolve_many_now(self, request: Request) -> Response:
        """Resolve tickets, all or none."""
        return await self._bulk(
            request, "Resolve", (RESOLUTION,), "resolved",
            lambda values, _: {"action": "status", "status": "resolved", **values},
        )  # fmt: skip

    @action("bulk-status", "Change status", add_in_detail=False)
    async def bulk_status(self, request: Request) -> Response:
        """Ask for the new status."""
        return await self._ask(request, "Change status", (NEW_STATUS, STATUS_RESOLUTION))

    @expose("/action/bulk-status", methods=["POST"])
    async def bulk_status_now(self, request: Request) -> Response:
        """Move tickets to a status, all or none."""
        return await self._bulk(
            request, "Change status", (NEW_STATUS, STATUS_RESOLUTION), "moved",
            lambda values, _: {"action": "status", **values},
        )  # fmt: skip

    async def _ask(self, request: Request, title: str, fields: tuple[Field, ...]) -> Response:
        ids, back = forms.chosen(request), request.query_params.get("back", "")
        return await self._confirmation(request, title, Form(fields), ids, back=back)

    async def _bulk(
        self, request: Request, title: str, fields: tuple[Field, ...], done: str, bulk: Bulk
    ) -> Response:
        posted = await forms.posted(request)
        ids, back = posted.chosen(), posted.first().get("back", "")

        def deed() -> tickets.BulkDeed:
            values = posted.once(apart=("pks", "back"))
            forms.refuse_unknown(fields, values)
            given = bulk(forms.typed(fields, values), who(request))
            return deeds.read(tickets.BulkDeed, {**given, "ids": ids})

        try:
            await write(request, deed, lambda db, deed, actor: tickets.bulk(db, deed, actor=actor))
        except Refused as error:
            form = Form(fields, posted.first(), complaints(error))
            return await self._confirmation(request, title, form, ids, back=back, error=error)
        return go("/tickets", done, forms.known_query(tickets.QueueFilter, back))

    async def _confirmation(
        self,
        request: Request,
        title: str,
        form: Form,
        ids: list[str],
        *,
        back: str,
        error: SupportError | None = None,
    ) -> Response:
        if not ids:
            raise HTTPException(400, "Please select at least one ticket.")
        rows = await read(request, lambda db, actor: _named(db, ids, actor))
        context = {"title": title, "rows": rows, "form": form, "back": back}
        status = errors.status_of(error) if error else 200
        return await self.page(request, "action.html", context, status)


def _named(db: Session, ids: list[str], actor: Actor) -> list[tuple[str, str]]:
    """The tickets that a deed would hit: id and name. Raises NotFound when one is missing."""
    found = [tickets.get(db, ref, actor=actor) for ref in ids[: tickets.MAX_BULK]]
    return [(ticket.id, str(ticket)) for ticket in found]


def _queue(filters: tickets.QueueFilter) -> Callable[[Session, Actor], dict[str, Any]]:
    def work(db: Session, actor: Actor) -> dict[str, Any]:
        return {
            "filters": filters,
            "found": tickets.queue(db, filters, actor=actor),
            "categories": [(row.slug, row.title) for row in tickets.categories(db)],
            "staff": [(person.id, person.name) for person in users.staff(db, actor=actor)],
        }

    return work
