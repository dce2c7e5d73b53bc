"""What tells readers apart: for counting views, and for one vote each."""

import hashlib
import re
import secrets

from starlette.requests import Request
from starlette.responses import Response

from models.actor import Actor
from public_site import door, rendering

VISITOR = "visitor"
VISITOR_SECONDS = 365 * 24 * 3600
_VISITOR = re.compile("[0-9a-f]{32}")
_ROBOT = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|scan|curl|wget|python|httpx|java/|go-http|headless",
    re.IGNORECASE,
)


def new_or_known(visit: door.Visit) -> str:
    """Who votes, with a new random number for a browser that has none; see ``remember``."""
    return voter(visit.request, visit.actor) or secrets.token_hex(16)


def voter(request: Request, actor: Actor) -> str | None:
    """Who votes: the person, or the browser by the random number in its cookie, if it has one."""
    if actor.user_id is not None:
        return f"user:{actor.user_id}"
    known = request.cookies.get(door.site_of(request).cookie_name(VISITOR), "")
    return known if _VISITOR.fullmatch(known) else None


def remember(response: Response, visit: door.Visit, visitor: str) -> None:
    """Let the browser of somebody who is not signed in carry the number that it voted with."""
    if not visit.actor.is_signed_in:
        rendering.set_cookie(response, visit.site, VISITOR, visitor, seconds=VISITOR_SECONDS)


def reader(request: Request, actor: Actor) -> str:
    """What tells readers apart for half an hour, without a cookie and without keeping who."""
    agent = request.headers.get("user-agent", "")
    who = actor.user_id or f"{actor.address} {agent}"
    return hashlib.blake2b(who.encode(errors="replace"), digest_size=16).hexdigest()


def is_robot(request: Request) -> bool:
    """Whether this is no person who reads."""
    agent = request.headers.get("user-agent", "")
    return not agent or _ROBOT.search(agent) is not None
