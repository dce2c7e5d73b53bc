"""The application: what stands in front, what is mounted, what runs beside it."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

import backoffice
from models import housekeeping, kb, tickets
from models.errors import NotFound, SupportError
from models.notifications import Worker
from models.settings import Settings
from models.settings import current as current_settings
from public_site import door, errors, rendering
from public_site.api import problems
from public_site.gate import Gate
from public_site.routes import routes
from public_site.site import Site, open_site

FLUSH_SECONDS = 5
log = logging.getLogger("supportdesk.web")


def create_app(settings: Settings | None = None) -> Starlette:
    """The whole site with the back office; without settings, those of the process.

    Raises BadSettings with one line that says what to type.
    """
    site = open_site(settings or current_settings())
    return Starlette(
        routes=routes(backoffice.create(site.settings)),
        middleware=[Middleware(Gate, site=site, refuse=lambda scope, n: _refusal(site, scope, n))],
        exception_handlers={HTTPException: _http_error, SupportError: _support_error},
        lifespan=lambda _app: _beside(site),
    )


def _refusal(site: Site, scope: Scope, status: int) -> Response:
    if problems.is_for_programs(scope["path"]):
        return problems.of_status(Request(scope), status)
    problem = errors.problem_with_status(status, path=scope["path"])
    return rendering.bare_problem_page(site, problem, scope["state"]["request_id"])


async def _http_error(request: Request, error: Exception) -> Response:
    """What routing refuses, and bodies that cannot be read."""
    if not isinstance(error, HTTPException):
        raise error
    if problems.is_for_programs(request.scope["path"]):
        return problems.of_status(request, error.status_code, error.headers)
    return await door.missing(request, error.status_code, dict(error.headers or {}))


async def _support_error(request: Request, error: Exception) -> Response:
    """What an answer outside of the pages refuses: a static file that is not there."""
    return await door.missing(request, 404 if isinstance(error, NotFound) else 503, {})


@asynccontextmanager
async def _beside(site: Site) -> AsyncIterator[None]:
    """What runs while the server does: mail goes out, old things go, views are written."""
    worker = Worker(besides=housekeeping.keep_house) if site.settings.worker == "on" else None
    if worker is not None:
        worker.start()
    await asyncio.to_thread(_tidy)
    flushing = asyncio.create_task(_keep_flushing())
    try:
        yield
    finally:
        flushing.cancel()
        with suppress(asyncio.CancelledError):
            await flushing
        await asyncio.to_thread(_flush)
        if worker is not None:
            await asyncio.to_thread(worker.stop)


async def _keep_flushing() -> None:
    while True:
        await asyncio.sleep(FLUSH_SECONDS)
        await asyncio.to_thread(_flush)


def _flush() -> None:
    try:
        kb.views.flush()
        kb.vain.flush()
    except SupportError:
        log.warning("views and vain searches could not be written now; they wait")


def _tidy() -> None:
    """Remove what a process that was killed left half written."""
    try:
        tickets.remove_parts()
    except OSError as error:
        log.warning("half-written files stay for now: %s", type(error).__name__)
