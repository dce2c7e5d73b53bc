"""Who is at the dashboard: the site's own sign-in, asked once for each request."""

from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import quote

from sqladmin.authentication import AuthenticationBackend
from sqladmin.authorization import AuthorizationBackend
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from backoffice import access
from backoffice.flash import BASE
from models.actor import Door
from models.errors import NotPermitted, SupportError
from public_site import door

Answer = Callable[[Request, Exception], Awaitable[Response]]
_PAGES = {
    "list": ("GET", ""),
    "details": ("GET", "/{ref}"),
    "create": ("POST", "/new"),
    "edit": ("POST", "/{ref}/edit"),
    "delete": ("POST", "/{ref}/delete"),
}


class Guard:
    """In front of every page and file: lets staff in, sends others away without any of it."""

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        request = Request(scope, receive)
        try:
            turned_away = await self._turned_away(request)
        except SupportError as error:
            turned_away = await self._answer(request, error)
        await (turned_away or self._app)(scope, receive, send)

    async def _turned_away(self, request: Request) -> Response | None:
        request.state.actor = None
        actor = await door.in_thread(door.who_acts, request, door=Door.BACKOFFICE)
        request.state.person = actor
        if not actor.is_signed_in:
            return RedirectResponse(f"/login?next={quote(_next(request), safe='/')}", 303)
        if not actor.is_staff:
            raise NotPermitted("This part of the site is for the support team.")
        request.state.actor = actor
        return None


def _next(request: Request) -> str:
    if request.method not in ("GET", "HEAD"):
        return BASE
    query = f"?{request.url.query}" if request.url.query else ""
    return f"{request.url.path}{query}"


class SupportAuth(AuthenticationBackend):
    """Tells SQLAdmin what the guard found; it keeps no session and no cookie of its own."""

    def __init__(self) -> None:
        self.middlewares = []

    async def authenticate(self, request: Request) -> bool:
        """Whether the guard let this person in."""
        return request.state.actor is not None

    async def get_user_id(self, request: Request) -> str | None:
        """The id of the person."""
        user_id: str | None = request.state.actor.user_id
        return user_id


class SupportPermissions(AuthorizationBackend):
    """Answers SQLAdmin's questions from the access table."""

    def has_permission(self, request: Request, identity: str, action: str, obj: Any = None) -> bool:
        """Whether the person may do this on this view."""
        slug = action.removeprefix("action:")
        method, path = _PAGES.get(action, ("POST", f"/action/{slug}"))
        return access.allows(request.state.actor, method, f"/{identity}{path}")
