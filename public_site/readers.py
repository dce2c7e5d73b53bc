"""What tells readers apart: for counting views, and for one vote each."""

import hashlib
import re

from starlette.requests import Request

from models.actor import Actor
from public_site import door

VISITOR = "visitor"
_VISITOR = re.compile("[0-9a-f]{32}")
_ROBOT = re.compile(
    r"bot|crawl|spider|slurp|preview|monitor|scan|curl|wget|python|httpx|java/|go-http|headless",
    re.IGNORECASE,
)


def voter(request: Request, actor: Actor) -> str | None:
    """Who votes: the person, or the browser by the random number in its cookie, if it has one."""
    if actor.user_id is not None:
        return f"user:{actor.user_id}"
    known = request.cookies.get(door.site_of(request).cookie_name(VISITOR), "")
    return known if _VISITOR.fullmatch(known) else None


def reader(request: Request, actor: Actor) -> str:
    """What tells readers apart for half an hour, without a cookie and without keeping who."""
    agent = request.headers.get("user-agent", "")
    who = actor.user_id or f"{actor.address} {agent}"
    return hashlib.blake2b(who.encode(errors="replace"), digest_size=16).hexdigest()


def is_robot(request: Request) -> bool:
    """Whether this is no person who reads."""
    agent = request.headers.get("user-agent", "")
    return not agent or _ROBOT.search(agent) is not None
