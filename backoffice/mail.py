"""Mails that did not get out: which, why, and what to do about them."""

from collections.abc import Callable

from sqladmin import expose
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from backoffice import forms
from backoffice.flash import go
from backoffice.view import SupportView, read, write
from models import notifications
from models.actor import Actor
from models.notifications import MailFilter

Act = Callable[..., None]


class MailView(SupportView, model=notifications.OutboxMail):
    """The outbox."""

    address = "mail"
    name = "Mail"
    name_plural = "Mail"

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """Mails given up and mails that wait, with why and until when."""
        filters = forms.read_query(MailFilter, request)

        def work(db: Session, actor: Actor) -> dict[str, object]:
            return {
                "filters": filters,
                "found": notifications.undelivered(db, filters, actor=actor),
                "health": notifications.health(db),
            }

        return await self.page(request, "mail.html", await read(request, work))

    @expose("/{ref}/again", methods=["POST"])
    async def again(self, request: Request) -> Response:
        """Try a mail that was given up once more."""
        return await self._do(request, notifications.send_again, "mail_again")

    @expose("/{ref}/drop", methods=["POST"])
    async def drop(self, request: Request) -> Response:
        """Delete a mail that was given up."""
        return await self._do(request, notifications.drop, "mail_dropped")

    async def _do(self, request: Request, act: Act, done: str) -> Response:
        posted, ref = await forms.posted(request), request.path_params["ref"]

        def work(db: Session, _: None, actor: Actor) -> None:
            notifications.dead_mail(db, ref, actor=actor)  # not there comes before not well asked
            posted.only()
            act(db, ref, actor=actor)

        await write(request, lambda: None, work)
        return go("/mail", done)
