"""The base of all views: SQLAdmin's own reads and writes sealed, ours opened one by one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, NoReturn, TypeVar

from sqladmin import ModelView, expose
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from backoffice import access, errors, forms
from backoffice.flash import go
from backoffice.forms import Field, Form
from models import db as database
from models.actor import Actor
from models.errors import (
    Invalid,
    NotAllowedNow,
    Stale,
    SupportError,
    Taken,
    TooMany,
    Unavailable,
)
from public_site import door

T = TypeVar("T")
D = TypeVar("D")
Refused = (Invalid, NotAllowedNow, Stale, TooMany, Unavailable)


def who(request: Request) -> Actor:
    """The person at the dashboard, let in by the guard."""
    actor: Actor = request.state.actor
    return actor


async def read(request: Request, work: Callable[[Session, Actor], T]) -> T:
    """Read through the rooms in one snapshot."""
    actor = who(request)

    def reading() -> T:
        with database.reading() as db:
            return work(db, actor)

    return await door.in_thread(reading)


async def write(
    request: Request,
    deed: Callable[[], D],
    work: Callable[[Session, D, Actor], T],
) -> T:
    """Do one deed in one transaction; ``deed`` is read before the transaction begins."""
    actor = who(request)

    def writing() -> T:
        values = deed()
        with database.unit_of_work() as db:
            return work(db, values, actor)

    return await door.in_thread(writing)


def complaints(error: SupportError) -> dict[str, str]:
    """What is wrong, by field; what belongs to no field stands under an empty name."""
    if isinstance(error, Invalid):
        return error.fields
    if isinstance(error, Taken):
        return {error.field: str(error)}
    return {"": str(error)}


class SupportView(ModelView):
    """A view whose rows and deeds come from a room.

    SQLAdmin's hooks that would query, write, export or import by themselves raise.
    """

    address: ClassVar[str] = ""
    can_create = False
    can_edit = False
    can_delete = False
    can_export = False
    can_import = False
    can_view_details = False
    list_template = "list.html"
    create_template = "form.html"
    edit_template = "form.html"

    def is_accessible(self, request: Request) -> bool:
        """Whether the person may open the list of this view."""
        return access.allows(who(request), "GET", f"/{self.address}")

    def may(self, request: Request, method: str, path: str) -> bool:
        """Whether the person may open a route below this view, for its buttons."""
        return access.allows(who(request), method, f"/{self.address}{path}")

    async def page(
        self, request: Request, template: str, context: Mapping[str, Any], status: int = 200
    ) -> Response:
        """Draw a page of this view."""
        return await self.templates.TemplateResponse(
            request, template, {"view": self, **context}, status
        )

    def shown(self, row: Any, name: str) -> Any:
        """What stands in one cell of a list."""
        formatter = self.column_formatters.get(name)
        return self._call_formatter(formatter, row, name) if formatter else getattr(row, name)

    def _sealed(self, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError("the dashboard reads and writes through the rooms")

    list = count = get_model_objects = insert_model = update_model = delete_model = _sealed
    get_object_for_details = get_object_for_edit = get_object_for_delete = _sealed
    get_object_filepath = export_data = scaffold_form = get_form_data_for_edit = _sealed
    list_query = details_query = form_edit_query = count_query = search_query = _sealed
    sort_query = _run_query = _run_arbitrary_query = _stmt_by_identifier = _sealed


class Collection(SupportView):
    """A small table whose rows are listed, made, changed and deleted with one form."""

    fields: ClassVar[Sequence[Field]] = ()
    defaults: ClassVar[Mapping[str, Any]] = {}

    def rows(self, db: Session, actor: Actor) -> Sequence[Any]:
        """All rows in their order."""
        raise NotImplementedError

    def find(self, db: Session, ref: str, actor: Actor) -> Any:
        """One row. Raises NotFound."""
        raise NotImplementedError

    def deed(self, values: Mapping[str, Any]) -> Any:
        """The values of the form, checked. Raises Invalid."""
        raise NotImplementedError

    def add(self, db: Session, deed: Any, actor: Actor) -> None:
        """Make a row."""
        raise NotImplementedError

    def change(self, db: Session, row: Any, deed: Any, actor: Actor) -> None:
        """Change a row."""
        raise NotImplementedError

    def remove(self, db: Session, row: Any, actor: Actor) -> None:
        """Delete a row."""
        raise NotImplementedError

    def values_of(self, row: Any) -> Mapping[str, Any]:
        """A row as values of the form."""
        raise NotImplementedError

    def form_fields(self, db: Session) -> Sequence[Field]:
        """The fields of the form, with what can be chosen now."""
        return self.fields

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """The list."""
        rows = await read(request, self.rows)
        return await self.page(request, self.list_template, {"rows": rows})

    @expose("/new", methods=["GET"])
    async def new_page(self, request: Request) -> Response:
        """The empty form."""
        return await self._form_page(request, self.create_template)

    @expose("/new", methods=["POST"])
    async def create(self, request: Request) -> Response:
        """Make a row from the form."""
        values = await forms.posted(request)
        try:
            await write(request, lambda: self._deed(values), self.add)
        except Refused as error:
            return await self._form_page(request, self.create_template, values, error)
        return go(f"/{self.address}", "created")

    @expose("/{ref}/edit", methods=["GET"])
    async def edit_page(self, request: Request) -> Response:
        """The form of one row."""
        return await self._form_page(request, self.edit_template)

    @expose("/{ref}/edit", methods=["POST"])
    async def update(self, request: Request) -> Response:
        """Change a row from the form."""
        values = await forms.posted(request)
        ref = request.path_params["ref"]
        try:
            await write(
                request,
                lambda: self._deed(values),
                lambda db, deed, actor: self.change(db, self.find(db, ref, actor), deed, actor),
            )
        except Refused as error:
            return await self._form_page(request, self.edit_template, values, error)
        return go(f"/{self.address}", "saved")

    @expose("/{ref}/delete", methods=["GET"])
    async def delete_page(self, request: Request) -> Response:
        """Ask before deleting; names what goes."""
        ref = request.path_params["ref"]
        name = await read(request, lambda db, actor: str(self.find(db, ref, actor)))
        return await self._confirm(request, name)

    @expose("/{ref}/delete", methods=["POST"])
    async def delete(self, request: Request) -> Response:
        """Delete a row."""
        posted, ref = await forms.posted(request), request.path_params["ref"]
        try:
            await write(
                request,
                posted.only,
                lambda db, _, actor: self.remove(db, self.find(db, ref, actor), actor),
            )
        except Refused as error:
            name = await read(request, lambda db, actor: str(self.find(db, ref, actor)))
            return await self._confirm(request, name, error)
        return go(f"/{self.address}", "deleted")

    def _deed(self, values: forms.Posted) -> Any:
        return self.deed(forms.typed(self.fields, values.once()))

    async def _confirm(
        self, request: Request, name: str, error: SupportError | None = None
    ) -> Response:
        context = {"names": [name], "error": str(error) if error else "", "title": "Delete"}
        return await self.page(
            request, "confirm.html", context, errors.status_of(error) if error else 200
        )

    async def _form_page(
        self,
        request: Request,
        template: str,
        values: forms.Posted | None = None,
        error: SupportError | None = None,
    ) -> Response:
        ref = request.path_params.get("ref")

        def shown(db: Session, actor: Actor) -> Form:
            row = self.find(db, ref, actor) if ref else None
            stored = self.values_of(row) if row is not None else self.defaults
            fields = self.form_fields(db)
            if values is None or error is None:
                return Form(fields, stored)
            return Form(fields, values.first(), complaints(error))

        title = f"Edit {self.name.lower()}" if ref else f"New {self.name.lower()}"
        context = {"form": await read(request, shown), "title": title}
        return await self.page(
            request, template, context, errors.status_of(error) if error else 200
        )
