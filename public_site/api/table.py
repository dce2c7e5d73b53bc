"""All endpoints of the API in one table, and the routes made from it."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from models import kb, tickets
from models.permissions import Permission
from public_site.api import article_shapes as kb_shapes
from public_site.api import articles, desk, files, own_tickets, people, people_shapes
from public_site.api import ticket_shapes as shapes
from public_site.api.call import Answer, Call, Endpoint, serve
from public_site.door import Access

_KB_READ, _KB_WRITE = (Permission.KB_READ,), (Permission.KB_WRITE,)
_READ, _WRITE = (Permission.TICKETS_READ,), (Permission.TICKETS_WRITE,)
_ASSIGN = (Permission.TICKETS_ASSIGN,)
_PEOPLE = (Permission.USERS_READ,)
_Do = Callable[[Call], Answer | Response]


def _at(method: str, path: str, do: _Do, access: Any, **more: Any) -> Endpoint:
    does = (do.__doc__ or "").strip()
    return Endpoint(method, f"/api/{path}", do, access, does, **more)


def _get(path: str, do: _Do, access: Any, gives: Any, **more: Any) -> Endpoint:
    return _at("GET", path, do, access, gives=gives, **more)


def _post(path: str, do: _Do, access: Any, takes: Any, gives: Any, **more: Any) -> Endpoint:
    return _at("POST", path, do, access, takes=takes, gives=gives, **more)


_CREATES = {"creates": True, "status": 201}
_BUTTON = {"may_be_empty": True, "has_version": True}
ARTICLES = [
    _get("kb/articles", articles.published, Access.PUBLIC, kb_shapes.ArticlePage,
         asks=articles.ListQuery),
    _get("kb/articles/{slug}", articles.article, Access.PUBLIC, kb_shapes.Article),
    _get("kb/search", articles.search, Access.PUBLIC, kb_shapes.FoundPage,
         asks=articles.SearchQuery),
    _post("kb/articles/{id}/feedback", articles.vote, Access.PUBLIC, kb.Feedback,
          kb_shapes.Votes),
    _get("quick-issues", articles.quick_issues, Access.PUBLIC, kb_shapes.QuickIssuePage,
         asks=articles.PageQuery),
    _get("support/kb/articles", articles.every, _KB_READ, kb_shapes.ArticlePage,
         asks=kb.ArticleFilter),
    _post("support/kb/articles", articles.create, _KB_WRITE, kb.ArticleDeed, kb_shapes.Article,
          **_CREATES),
    _get("support/kb/articles/{id}", articles.draft, _KB_READ, kb_shapes.Article,
         has_version=True),
    _at("PUT", "support/kb/articles/{id}", articles.update, _KB_WRITE, takes=kb.ArticleDeed,
        gives=kb_shapes.Article, has_version=True),
    _at("DELETE", "support/kb/articles/{id}", articles.delete, _KB_WRITE, status=204, **_BUTTON),
    _post("support/kb/articles/{id}/publish", articles.publish, _KB_WRITE, None,
          kb_shapes.Article, **_BUTTON),
    _post("support/kb/articles/{id}/unpublish", articles.unpublish, _KB_WRITE, None,
          kb_shapes.Article, **_BUTTON),
]  # fmt: skip
OWN_TICKETS = [
    _post("tickets", own_tickets.create, Access.SIGNED_IN, tickets.NewTicket, shapes.NewTicket,
          **_CREATES),
    _get("tickets", own_tickets.own, Access.SIGNED_IN, shapes.OwnTicketPage,
         asks=tickets.OwnFilter),
    _get("tickets/{id}", own_tickets.ticket, Access.SIGNED_IN, shapes.OwnTicket,
         has_version=True),
    _post("tickets/{id}/messages", own_tickets.reply, Access.SIGNED_IN, tickets.Reply,
          shapes.OwnTicket, has_version=True, **_CREATES),
    _post("tickets/{id}/solve", own_tickets.solve, Access.SIGNED_IN, None, shapes.OwnTicket,
          **_BUTTON),
    _post("tickets/{id}/rating", own_tickets.rate, Access.SIGNED_IN, tickets.Rating,
          shapes.Rating, has_version=True),
]  # fmt: skip
DESK = [
    _get("support/tickets", desk.queue, _READ, shapes.DeskTicketPage, asks=tickets.QueueFilter),
    _get("support/tickets/assigned", desk.assigned, _READ, shapes.DeskTicketPage,
         asks=desk.AssignedFilter),
    _post("support/tickets/bulk", desk.bulk, _WRITE + _ASSIGN, tickets.BulkDeed,
          shapes.ChangedTickets),
    _get("support/tickets/{id}", desk.ticket, _READ, shapes.DeskTicket, has_version=True),
    _at("PUT", "support/tickets/{id}", desk.update, _WRITE + _ASSIGN,
        takes=tickets.TicketChanges, gives=shapes.DeskTicket, has_version=True),
    _post("support/tickets/{id}/messages", desk.reply, _WRITE, tickets.AgentReply,
          shapes.DeskTicket, has_version=True, **_CREATES),
    _post("support/tickets/{id}/internal", desk.note, _WRITE, tickets.Note, shapes.DeskTicket,
          has_version=True, **_CREATES),
    _post("support/tickets/{id}/resolve", desk.resolve, _WRITE, tickets.Resolve,
          shapes.DeskTicket, has_version=True),
    _post("support/tickets/{id}/assign", desk.assign, _ASSIGN, tickets.AssigneeDeed,
          shapes.DeskTicket, **_BUTTON),
    _post("support/tickets/{id}/link-article", desk.link_article, _WRITE, tickets.ArticleRef,
          shapes.DeskTicket, has_version=True),
]  # fmt: skip
FILES = [
    _post("uploads", files.keep, Access.SIGNED_IN, None, shapes.Upload, takes_file=True,
          **_CREATES),
    _get("attachments/{id}", files.download, Access.SIGNED_IN, None),
]  # fmt: skip
PEOPLE = [
    _get("me", people.me, Access.SIGNED_IN, people_shapes.Me),
    _get("support/stats", people.stats, _READ, people_shapes.Stats),
    _get("support/users", people.lookup, _PEOPLE, people_shapes.PersonPage,
         asks=people.LookupQuery),
    _get("support/users/{id}", people.card, _PEOPLE, people_shapes.Card),
]  # fmt: skip
ENDPOINTS: list[Endpoint] = [*ARTICLES, *OWN_TICKETS, *DESK, *FILES, *PEOPLE]


class ApiRoute(Route):
    """The endpoints at one address; together, so that another method is told which ones work."""

    def __init__(self, path: str, endpoints: dict[str, Endpoint]) -> None:
        async def serve_one(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await serve(endpoints[method], request)

        super().__init__(path, serve_one, methods=list(endpoints))
        self.endpoints = endpoints


def routes() -> list[ApiRoute]:
    """One route for each address."""
    at: dict[str, dict[str, Endpoint]] = {}
    for endpoint in ENDPOINTS:
        at.setdefault(endpoint.path, {})[endpoint.method] = endpoint
    return [ApiRoute(path, endpoints) for path, endpoints in at.items()]
