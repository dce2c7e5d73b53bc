"""The whole URL space in one list, each route with who may enter it."""

from collections.abc import Awaitable, Callable, Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp

from public_site import api
from public_site.door import Access, Entry, Page, Visit, serve
from public_site.headers import BACK_OFFICE
from public_site.pages import (
    account,
    api_docs,
    help,  # noqa: A004
    machines,
    mail_stop,
    new_ticket,
    own_tokens,
    ratings,
    sign_in,
    solved,
    ticket_files,
    tickets,
)

Answer = Callable[[Request], Awaitable[Response]]


class SiteRoute(Route):
    """A route of the site: an address, what answers there, and who may enter."""

    def __init__(self, path: str, answer: Answer, methods: list[str], access: Access) -> None:
        super().__init__(path, answer, methods=methods)
        self.access = access


class SiteMount(Mount):
    """An application of its own below an address, and who may enter."""

    def __init__(self, path: str, app: ASGIApp, access: Access) -> None:
        super().__init__(path, app=app)
        self.access = access


def at(
    path: str,
    access: Access,
    *,
    get: Page | None = None,
    post: Page | None = None,
    files: Sequence[str] = (),
    first: Callable[[Visit], object] | None = None,
    is_polled: bool = False,
) -> SiteRoute:
    """The pages at one address; together, so that another method is told which ones work."""
    entry = Entry(access, files, first, is_polled)
    pages = {"GET": get, "HEAD": get, "POST": post}

    async def answer(request: Request) -> Response:
        page = pages[request.method]
        if page is None:
            raise HTTPException(405)
        return await serve(page, entry, request)

    methods = [method for method, page in pages.items() if page is not None]
    return SiteRoute(path, answer, methods, access)


def directly(path: str, answer: Answer) -> SiteRoute:
    """An answer that needs nobody's name and no database."""
    return SiteRoute(path, answer, ["GET", "HEAD"], Access.PUBLIC)


ROUTES: list[SiteRoute] = [
    at("/", Access.PUBLIC, get=help.front),
    at("/help", Access.PUBLIC, get=help.article_list),
    at("/help/suggestions.json", Access.PUBLIC, get=help.suggestions),
    at("/help/feed.xml", Access.PUBLIC, get=machines.feed),
    at("/help/pictures/{name}", Access.PUBLIC, get=help.picture),
    at("/help/{slug}.md", Access.PUBLIC, get=help.source),
    at("/help/{slug}", Access.PUBLIC, get=help.article),
    at("/help/{slug}/feedback", Access.PUBLIC, post=help.vote),
    at("/support", Access.SIGNED_IN, get=tickets.own_list),
    at(
        "/support/new",
        Access.PUBLIC,
        get=new_ticket.form_page,
        post=new_ticket.create,
        files=ticket_files.FILE_FIELDS,
    ),
    at("/support/new/solved", Access.PUBLIC, get=solved.thanks, post=solved.note),
    at("/support/sent", Access.PUBLIC, get=new_ticket.sent_page),
    at("/support/t/{token}", Access.GUEST_LINK, get=tickets.guest_ticket),
    at(
        "/support/t/{token}/messages",
        Access.GUEST_LINK,
        post=tickets.guest_reply,
        files=ticket_files.FILES_ALONE,
        first=tickets.require_guests,
    ),
    at("/support/t/{token}/thread", Access.GUEST_LINK, get=tickets.guest_thread, is_polled=True),
    at(
        "/support/t/{token}/rating",
        Access.GUEST_LINK,
        get=ratings.guest_page,
        post=ratings.guest_rate,
    ),
    at("/support/t/{token}/solve", Access.GUEST_LINK, post=tickets.guest_solve),
    at("/support/t/{token}/attachments/{id}", Access.GUEST_LINK, get=tickets.guest_file),
    at("/support/{number}", Access.SIGNED_IN, get=tickets.own_ticket),
    at(
        "/support/{number}/messages",
        Access.SIGNED_IN,
        post=tickets.own_reply,
        files=ticket_files.FILES_ALONE,
        first=tickets.require_own,
    ),
    at("/support/{number}/thread", Access.SIGNED_IN, get=tickets.own_thread, is_polled=True),
    at("/support/{number}/rating", Access.SIGNED_IN, get=ratings.own_page, post=ratings.own_rate),
    at("/support/{number}/solve", Access.SIGNED_IN, post=tickets.own_solve),
    at("/mail/stop/{token}", Access.STOP_LINK, get=mail_stop.page, post=mail_stop.change),
    at("/login", Access.PUBLIC, get=sign_in.sign_in_page, post=sign_in.sign_in),
    at("/login/link", Access.PUBLIC, post=sign_in.request_link),
    at("/login/link/{token}", Access.MAILED_LINK, get=sign_in.link_page, post=sign_in.use_link),
    at("/logout", Access.PUBLIC, post=sign_in.sign_out),
    at("/register", Access.PUBLIC, get=sign_in.register_page, post=sign_in.register),
    at("/account", Access.SIGNED_IN, get=account.account, post=account.save),
    at(
        "/account/password",
        Access.SIGNED_IN,
        get=account.password_page,
        post=account.change_password,
    ),
    at("/account/sign-ins/{id}/end", Access.SIGNED_IN, post=account.end_sign_in),
    at("/account/sign-out-everywhere", Access.SIGNED_IN, post=account.sign_out_everywhere),
    at("/account/export", Access.SIGNED_IN, post=account.export_data),
    at(
        "/account/delete",
        Access.SIGNED_IN,
        get=account.delete_page,
        post=account.ask_for_deletion,
    ),
    at("/account/tokens", Access.STAFF, get=own_tokens.token_list, post=own_tokens.create),
    at("/account/tokens/{id}/revoke", Access.STAFF, post=own_tokens.revoke),
    at("/robots.txt", Access.PUBLIC, get=machines.robots),
    at("/sitemap.xml", Access.PUBLIC, get=machines.sitemap),
    at("/api/docs", Access.PUBLIC, get=api_docs.page),
    at("/api/openapi.json", Access.PUBLIC, get=api_docs.document),
    directly("/healthz", machines.alive),
    directly("/readyz", machines.ready),
    directly("/static/{name:path}", machines.static_file),
]


def routes(back_office: ASGIApp) -> list[BaseRoute]:
    """All routes, with the back office below its address."""
    return [*ROUTES, *api.routes(), SiteMount(BACK_OFFICE, back_office, Access.STAFF)]
