"""The door: how a request becomes a Visit, and who acts in it.

Pages are plain functions from a Visit to a Response. They run in a few threads, because what they
call waits for the database.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread
from anyio.lowlevel import RunVar
from starlette.requests import Request
from starlette.responses import Response

from models import audit, users
from models.actor import Actor, Door, anonymous
from models.db import reading, unit_of_work
from models.errors import NotFound, NotPermitted, NotSignedIn, SupportError, Unavailable
from public_site import errors, rendering
from public_site.forms import Form, S, decoded, is_unstorable, received
from public_site.site import Site

THREADS = 6
log = logging.getLogger("supportdesk.web")
P = ParamSpec("P")
T = TypeVar("T")
_limiter: RunVar[CapacityLimiter] = RunVar("supportdesk_threads")


class Access(StrEnum):
    """Who may enter a route at all; which objects exist for them the domain decides."""

    PUBLIC = "public"
    SIGNED_IN = "signed in"
    GUEST_LINK = "guest's private link"
    MAILED_LINK = "one-time link"
    STOP_LINK = "link to stop mails"
    STAFF = "staff"


@dataclass
class Visit:
    """One request to a page: who acts, what was asked, what was sent."""

    request: Request
    site: Site
    actor: Actor
    form: Form

    def path(self, name: str) -> str:
        """A part of the address. Raises NotFound for one that nothing could be called."""
        part = str(self.request.path_params[name])
        if is_unstorable(part):
            raise NotFound
        return part

    @cached_property
    def query(self) -> Form:
        """What stands behind the question mark."""
        return decoded(self.request.scope["query_string"])

    def read(self, schema: type[S]) -> S:
        """The query's typed values. Raises Invalid."""
        return self.query.read_known(schema)

    @property
    def is_reading(self) -> bool:
        """Whether a person is being shown the page: no HEAD, no prefetch."""
        purpose = self.request.headers.get("sec-purpose", "")
        return self.request.method == "GET" and not purpose.startswith("prefetch")


Page = Callable[[Visit], Response]


async def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a function that may wait for the database, a few of them at a time."""
    try:
        limiter = _limiter.get()
    except LookupError:
        limiter = CapacityLimiter(THREADS)
        _limiter.set(limiter)
    return await to_thread.run_sync(lambda: function(*args, **kwargs), limiter=limiter)


def site_of(request: Request) -> Site:
    """The site that this request came to."""
    site: Site = request.scope["state"]["site"]
    return site


def client_address(request: Request) -> str | None:
    """The network address of whoever is asking."""
    peer = request.client.host if request.client else None
    return site_of(request).client_address(
        peer, ", ".join(request.headers.getlist("x-forwarded-for"))
    )


def who_acts(request: Request, *, door: Door = Door.WEB, is_use: bool = True) -> Actor:
    """Who holds the session cookie; without one no question is asked to the database.

    ``is_use`` says whether a person did this; what a page asks for by itself keeps nobody in.
    """
    address = client_address(request)
    token = session_token(request)
    if not token:
        return anonymous(door, address=address)
    with reading() as db:
        resumed = users.resume(db, token, door=door, address=address)
    if resumed is None:
        return anonymous(door, address=address)
    if is_use and resumed.is_touch_due:
        with suppress(Unavailable), unit_of_work() as db:  # reading goes on; it is noted next time
            users.touch(db, actor=resumed.actor)
    return resumed.actor


def session_token(request: Request) -> str:
    """The value of the session cookie, empty without one."""
    return request.cookies.get(site_of(request).cookie_name(rendering.SESSION), "")


@dataclass(frozen=True, slots=True)
class Entry:
    """How one address is entered: by whom, and what comes before its page.

    ``files`` names the fields of its form that bring files; ``first`` raises for a form to
    something that is not there; ``is_polled`` tells that pages ask here by themselves.
    """

    access: Access
    files: Sequence[str] = ()
    first: Callable[[Visit], object] | None = None
    is_polled: bool = False


async def serve(page: Page, entry: Entry, request: Request) -> Response:
    """Serve one request to a page. Who sends a form is asked before its body is read."""
    visit = Visit(request, site_of(request), anonymous(Door.WEB), Form())
    if request.method != "POST":
        return await in_thread(lambda: _turned_away(visit, entry) or _answer(page, visit))
    refused = await in_thread(_turned_away, visit, entry)
    if refused is not None:
        return refused
    visit.form = await received(
        request, any_kind=entry.access is Access.STOP_LINK, files=entry.files
    )
    return await in_thread(_answer, page, visit)


def _turned_away(visit: Visit, entry: Entry) -> Response | None:
    """Find out who acts; gives the refusal when the way ends here."""
    try:
        visit.actor = anonymous(Door.WEB, address=client_address(visit.request))
        visit.actor = who_acts(visit.request, is_use=not entry.is_polled)
        _admit(visit, entry.access)
        if entry.first is not None and visit.request.method == "POST":
            entry.first(visit)
    except SupportError as error:
        return _refusal(visit, error)
    return None


def _answer(page: Page, visit: Visit) -> Response:
    try:
        return page(visit)
    except SupportError as error:
        return _refusal(visit, error)


def _admit(visit: Visit, access: Access) -> None:
    if access in (Access.SIGNED_IN, Access.STAFF) and not visit.actor.is_signed_in:
        raise NotSignedIn
    if access is Access.STAFF and not visit.actor.is_staff:
        raise NotPermitted


def _refusal(visit: Visit, error: SupportError) -> Response:
    if isinstance(error, NotSignedIn):
        return rendering.to_sign_in(visit)
    if isinstance(error, NotPermitted) and visit.request.method == "POST":
        note_refusal(visit.request, str(error), actor=visit.actor)
    return rendering.problem_page(visit, errors.problem_of(error))


def note_refusal(request: Request, reason: str, *, actor: Actor) -> None:
    """Keep in the audit log that a deed was refused to somebody known."""
    if not actor.is_signed_in:
        return
    action = f"refused.{request.method.lower()}"
    target = request.scope["path"].replace("\0", "")
    try:
        with unit_of_work() as db:
            audit.record_refusal(db, action, target, actor=actor, reason=reason)
    except Unavailable:
        log.warning("a refusal could not be recorded: %s %s", action, target)


async def missing(request: Request, status: int, headers: dict[str, str]) -> Response:
    """The page for what routing itself refuses: no such page, another method."""
    return await in_thread(_missing, request, status, headers)


def _missing(request: Request, status: int, headers: dict[str, str]) -> Response:
    visit = Visit(request, site_of(request), anonymous(Door.WEB), Form())
    with suppress(Unavailable):  # the page says what it has to say to anybody
        visit.actor = who_acts(request)
    problem = errors.problem_with_status(status, headers, path=request.scope["path"])
    return rendering.problem_page(visit, problem)
