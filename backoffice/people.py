"""Looking people up, and what administrators do with them."""

from collections.abc import Callable
from typing import Annotated, Any

from sqladmin import expose
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from backoffice import errors, forms
from backoffice.flash import go
from backoffice.forms import Field, Form, Posted
from backoffice.view import Refused, SupportView, complaints, read, who, write
from models import deeds, overview, permissions, users
from models.actor import Actor, Role
from models.deeds import Deed, PageNumber, PageSize
from models.errors import SupportError
from models.text import OneLine

ROLE = Field(
    "role", "Role", kind="select", required=True,
    choices=tuple((role.value, role.value.replace("_", " ").capitalize()) for role in Role),
)  # fmt: skip
LOG_ROWS = 20


class PeopleFilter(Deed):
    """What the list of people is narrowed to."""

    q: Annotated[str, OneLine(200, required=False)] = ""
    role: Role | None = None
    page: PageNumber = 1
    page_size: PageSize = 20


class RoleDeed(Deed):
    """Another role."""

    role: Role


class UserView(SupportView, model=users.User):
    """People: customers and staff."""

    address = "users"
    name = "User"
    name_plural = "Users"

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """Look people up by e-mail, part of it, or name."""
        filters = forms.read_query(PeopleFilter, request)

        def work(db: Session, actor: Actor) -> Any:
            return users.page_of_people(db, **filters.model_dump(), actor=actor)

        context = {"filters": filters, "found": await read(request, work), "roles": ROLE.choices}
        return await self.page(request, "users.html", context)

    @expose("/{ref}", methods=["GET"])
    async def details_page(self, request: Request) -> Response:
        """One person: account, gateways, tickets."""
        return await self._show(request)

    @expose("/{ref}/role", methods=["POST"])
    async def role(self, request: Request) -> Response:
        """Give another role."""
        posted, ref = await forms.posted(request), request.path_params["ref"]

        def work(db: Session, deed: RoleDeed, actor: Actor) -> None:
            users.set_role(db, users.get(db, ref, actor=actor), deed.role, actor=actor)

        try:
            await write(request, lambda: deeds.read(RoleDeed, posted.once()), work)
        except Refused as error:
            return await self._show(request, posted, error)
        return go(f"/users/{ref}", "role")

    @expose("/{ref}/deactivate", methods=["POST"])
    async def deactivate(self, request: Request) -> Response:
        """Take the access away."""
        return await self._switch(request, users.deactivate, "deactivated")

    @expose("/{ref}/reactivate", methods=["POST"])
    async def reactivate(self, request: Request) -> Response:
        """Give the access back."""
        return await self._switch(request, users.reactivate, "reactivated")

    async def _switch(self, request: Request, act: Callable[..., object], done: str) -> Response:
        posted, ref = await forms.posted(request), request.path_params["ref"]

        def work(db: Session, _: None, actor: Actor) -> None:
            act(db, users.get(db, ref, actor=actor), actor=actor)

        try:
            await write(request, posted.only, work)
        except Refused as error:
            return await self._show(request, Posted(()), error)
        return go(f"/users/{ref}", done)

    async def _show(
        self,
        request: Request,
        posted: Posted | None = None,
        error: SupportError | None = None,
    ) -> Response:
        ref = request.path_params["ref"]

        def work(db: Session, actor: Actor) -> dict[str, Any]:
            person = users.get(db, ref, actor=actor)
            log = overview.audit_log(db, subject_id=person.id, page_size=LOG_ROWS, actor=actor)
            return {
                "person": person,
                "card": overview.user_card(db, person, actor=actor),
                "log": log.items,
            }

        context = await read(request, work)
        role = Role(context["person"].role)
        context["may_change"] = permissions.may_give_role(who(request), before=role, after=role)
        context["form"] = Form((ROLE,), {"role": role.value})
        if posted is not None and error is not None:
            context["form"] = Form(
                (ROLE,), {"role": role.value, **posted.first()}, complaints(error)
            )
        status = errors.status_of(error) if error else 200
        return await self.page(request, "user.html", context, status)
