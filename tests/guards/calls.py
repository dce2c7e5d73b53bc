"""Right requests to every endpoint of the API, and objects that somebody may or may not see.

An endpoint without an entry here fails `test_api_matrix.py`.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any

from models import tickets
from models.db import unit_of_work
from public_site.api.call import Endpoint
from tests.guards import objects
from tests.guards.browser import Browser, Response
from tests.guards.routing import Entry
from tests.guards.world import World

JSON = {"content-type": "application/json"}
BOUNDARY = "between"
_ARTICLE = {"title": "How to", "content": "So.", "category": "getting_started"}
_TICKET = {"type": "bug", "category": "gateway", "title": "It stops", "description": "Always."}

BODIES: dict[tuple[str, str], Callable[[World], Any]] = {
    ("POST", "/api/kb/articles/{id}/feedback"): lambda _: {"helpful": True},
    ("POST", "/api/support/kb/articles"): lambda _: _ARTICLE,
    ("PUT", "/api/support/kb/articles/{id}"): lambda _: _ARTICLE,
    ("DELETE", "/api/support/kb/articles/{id}"): lambda _: None,
    ("POST", "/api/support/kb/articles/{id}/publish"): lambda _: None,
    ("POST", "/api/support/kb/articles/{id}/unpublish"): lambda _: None,
    ("POST", "/api/tickets"): lambda _: _TICKET,
    ("POST", "/api/tickets/{id}/messages"): lambda _: {"content": "One more thing."},
    ("POST", "/api/tickets/{id}/solve"): lambda _: None,
    ("POST", "/api/tickets/{id}/rating"): lambda _: {"score": 5},
    ("POST", "/api/support/tickets/bulk"): lambda world: {
        "ids": [world.tickets["member1"]], "action": "priority", "priority": 2,
    },
    ("PUT", "/api/support/tickets/{id}"): lambda _: {"priority": 2},
    ("POST", "/api/support/tickets/{id}/messages"): lambda _: {"content": "Please try this."},
    ("POST", "/api/support/tickets/{id}/internal"): lambda _: {"content": "A bug of ours."},
    ("POST", "/api/support/tickets/{id}/resolve"): lambda _: {"resolution": "Restarted."},
    ("POST", "/api/support/tickets/{id}/assign"): lambda _: None,
    ("POST", "/api/support/tickets/{id}/link-article"): lambda world: {
        "articleId": world.articles["public"]
    },
    ("POST", "/api/uploads"): lambda _: b"a log",
}  # fmt: skip


def entry(endpoint: Endpoint) -> Entry:
    """The endpoint as the tables of objects know it."""
    return Entry(endpoint.method, endpoint.path, endpoint.access_name)


def kinds(endpoint: Endpoint, world: World, who: str) -> list[str]:
    """The kinds of objects that can be named in the address."""
    return objects.kinds(entry(endpoint), world, who)


def path(endpoint: Endpoint, kind: str, world: World, who: str) -> str:
    """The address with an object of this kind in it."""
    return objects.asked(entry(endpoint), kind, world, who).path


def right_body(endpoint: Endpoint, world: World) -> Any:
    """What a right request sends."""
    return BODIES[endpoint.method, endpoint.path](world)


def ask(
    browser: Browser,
    endpoint: Endpoint,
    address: str,
    body: Any = None,
    *,
    who: str = "anonymous",
    token: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """One request by cookie, or by token without any word of where it comes from."""
    sent = dict(headers or {})
    if token is not None:
        sent["authorization"] = f"Bearer {token}"
        who = "anonymous"
    elif endpoint.method != "GET":
        sent.setdefault("sec-fetch-site", "same-origin")
    content = None
    if endpoint.takes_file:
        content, kind = multipart(body), f"multipart/form-data; boundary={BOUNDARY}"
        sent = {"content-type": kind, **sent}
    elif body is not None:
        content = json.dumps(body).encode()
        sent = {**JSON, **sent}
    return browser.ask(who, endpoint.method, address, content=content, headers=sent)


def multipart(data: bytes, name: str = "a.log", declared: str = "text/plain") -> bytes:
    """A body with one file."""
    head = f'Content-Disposition: form-data; name="file"; filename="{name}"'
    lines = [f"--{BOUNDARY}", head, f"Content-Type: {declared}", "", ""]
    return "\r\n".join(lines).encode() + data + f"\r\n--{BOUNDARY}--\r\n".encode()


def renewed(endpoint: Endpoint, world: World) -> None:
    """Put new objects in the place of those that a deed may have used up."""
    objects.renewed(entry(endpoint), world, "member1")
    if endpoint.path.startswith("/api/support/kb/"):
        world.articles["draft"] = objects.article(world)
    if "tickets/" in endpoint.path:
        for owner in ("member1", "member2"):
            world.tickets[owner] = objects.ticket(world, owner)
    if endpoint.path.endswith("/rating"):
        for owner in ("member1", "member2", "support", "admin", "super"):
            _solved(world, owner)


def _solved(world: World, owner: str) -> None:
    actor = world.actor(owner)
    with unit_of_work() as db:
        tickets.solve(db, tickets.get_own(db, world.tickets[owner], actor=actor), actor=actor)
