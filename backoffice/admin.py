"""SQLAdmin with its own writes, queries, files and sign-in taken out; our routes and views in."""

from collections.abc import Awaitable, Callable
from typing import Any, NoReturn

from sqladmin import Admin, BaseView, ModelView
from sqladmin.models import BaseModelView
from sqlalchemy.orm import Session, sessionmaker
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware.exceptions import ExceptionMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import Receive, Scope, Send

from backoffice import access, errors, forms, menu
from backoffice.auth import Guard, SupportAuth, SupportPermissions
from backoffice.files import KeptFiles
from backoffice.flash import BASE, said
from backoffice.templating import STATIC, TEMPLATES, Templates
from models import tickets
from models.errors import SupportError
from models.settings import Settings

Endpoint = Callable[[Request], Awaitable[Response]]


class SealedSessions(sessionmaker[Session]):
    """The sessions that SQLAdmin would open by itself; it gets none."""

    def __call__(self, **_: Any) -> NoReturn:
        """Refuse: pages and deeds go through the rooms, in the one transaction of the door."""
        raise RuntimeError("the dashboard reads and writes through the rooms")


class SupportAdmin(Admin):
    """SQLAdmin's views, actions and permissions on our routes and templates."""

    def __init__(self, settings: Settings, views: tuple[type[BaseView], ...]) -> None:
        self.settings = settings
        super().__init__(
            Starlette(),
            session_maker=SealedSessions(),
            base_url=BASE,
            title=f"{settings.product_name} Support",
            templates_dir=str(TEMPLATES),
            authentication_backend=SupportAuth(),
            authorization_backend=SupportPermissions(),
        )
        self.admin.router.routes = []
        for view in views:
            self.add_view(view)
        self._menu = menu.build()
        self.admin.router.routes = [*_mounts(), *_routes(self.admin.router.routes)]

    def init_templating_engine(self) -> Templates:
        """Our templates instead of SQLAdmin's."""
        return Templates(
            admin=self,
            allows=access.allows,
            said=said,
            product=self.settings.product_name,
            titles=tickets,
        )

    def add_model_view(self, view: type[ModelView]) -> None:
        """Register a view under its own address, not one made from the name of its table."""
        view.identity = getattr(view, "address", view.identity)
        super().add_model_view(view)

    def _build_menu(self, view: BaseModelView) -> None:
        """Nothing: the menu is one list in ``menu``."""


def _mounts() -> list[BaseRoute]:
    return [
        Mount("/statics", app=KeptFiles(packages=["sqladmin"]), name="statics"),
        Mount("/static", app=KeptFiles(directory=STATIC), name="static"),
    ]


def _routes(found: list[BaseRoute]) -> list[BaseRoute]:
    """One route for each address, in the order of the access table and checked by it."""
    endpoints = _endpoints(found)
    if problems := endpoints.keys() ^ access.ROUTES.keys():
        raise RuntimeError(f"routes and access table differ: {sorted(problems)}")
    by_path: dict[str, dict[str, Endpoint]] = {}
    for method, path in access.ROUTES:
        by_path.setdefault(path, {})[method] = endpoints[method, path]
    return [
        Route(path, _checked(path, methods), methods=sorted(methods), name=path)
        for path, methods in by_path.items()
    ]


def _endpoints(found: list[BaseRoute]) -> dict[tuple[str, str], Endpoint]:
    endpoints: dict[tuple[str, str], Endpoint] = {}
    for route in found:
        if isinstance(route, Route):
            for method in (route.methods or set()) - {"HEAD"}:
                endpoints[method, route.path] = route.endpoint
    return endpoints


def _checked(path: str, methods: dict[str, Endpoint]) -> Endpoint:
    async def endpoint(request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        errors.require(request, access.ROUTES[method, path])
        forms.require_keys(map(str, request.path_params.values()))
        return await methods[method](request)

    return endpoint


class BackOffice:
    """The whole dashboard as one ASGI application, to be mounted at its address."""

    def __init__(self, admin: SupportAdmin) -> None:
        self.admin = admin
        handlers = {SupportError: errors.Answers(admin), HTTPException: errors.Answers(admin)}
        inside = ExceptionMiddleware(admin.admin.router, handlers=handlers)
        self._app = Guard(inside, errors.Answers(admin))

    @property
    def routes(self) -> list[BaseRoute]:
        """All routes, for the test that each has an access entry."""
        return self.admin.admin.router.routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        await self._app(scope, receive, send)
