"""The one translation of what goes wrong into pages, and the record of refused deeds."""

import logging
from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from backoffice.access import Access
from models.actor import Actor
from models.errors import (
    Invalid,
    NotAllowedNow,
    NotFound,
    NotPermitted,
    NotSignedIn,
    Stale,
    SupportError,
    TooMany,
    Unavailable,
)
from public_site import door

if TYPE_CHECKING:
    from backoffice.admin import SupportAdmin

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
STATUS: dict[type[Exception], int] = {
    NotFound: 404,
    NotPermitted: 403,
    Invalid: 422,
    NotAllowedNow: 409,
    Stale: 409,
    TooMany: 429,
    Unavailable: 503,
}
TITLES = {
    400: "This address is not right",
    403: "This is not for you",
    404: "There is nothing here",
    405: "This does not work that way",
    409: "This cannot be done now",
    413: "This is too large",
    415: "This form cannot be read",
    422: "Something is missing or wrong",
    429: "Too many tries",
    503: "Please try again in a moment",
}
log = logging.getLogger("supportdesk.backoffice")


def require(request: Request, access: Access) -> None:
    """Raise NotPermitted unless the person may open this route."""
    if not access.allows(request.state.actor):
        raise NotPermitted


def status_of(error: Exception) -> int:
    """The HTTP status that says this error."""
    if isinstance(error, HTTPException):
        return error.status_code
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


class Answers:
    """Draws the page of an error: inside the dashboard for staff, bare for everybody else."""

    def __init__(self, admin: "SupportAdmin") -> None:
        self._admin = admin

    async def __call__(self, request: Request, error: Exception) -> Response:
        """The answer to a request that went wrong."""
        actor: Actor | None = request.state.actor
        if isinstance(error, NotSignedIn):
            return RedirectResponse("/login?next=/support-dashboard", 303)
        if isinstance(error, NotPermitted):
            await _record(request, error)
        response = await self._page(request, error, inside=actor is not None)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.retry_after)
        if isinstance(error, Unavailable):
            response.headers["Retry-After"] = "5"
        if isinstance(error, HTTPException) and error.headers:
            response.headers.update(error.headers)
        return response

    async def _page(self, request: Request, error: Exception, *, inside: bool) -> Response:
        status = status_of(error)
        message = str(error) if isinstance(error, SupportError) else ""
        if isinstance(error, HTTPException) and status in (400, 415):
            message = error.detail
        context = {"status": status, "title": TITLES.get(status, "Error"), "message": message}
        name = "error.html" if inside else "outside.html"
        return await self._admin.templates.TemplateResponse(request, name, context, status)


async def _record(request: Request, error: NotPermitted) -> None:
    """Write down a refused deed; looking at a page that is not for one is no deed."""
    if request.method in SAFE:
        return
    try:
        await door.in_thread(door.note_refusal, request, str(error), actor=request.state.person)
    except SupportError:
        log.warning("a refusal could not be recorded")
