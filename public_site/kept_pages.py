"""Pages that everybody without a sign-in sees alike, kept until the knowledge base changes.

They are kept for half a minute at most, since they also show what changes without an edition:
numbers of views, and how long ago something was.
"""

from collections.abc import Callable
from typing import NamedTuple

from starlette.responses import Response

from models import kb
from models.db import reading
from models.kept import Kept
from public_site import rendering
from public_site.door import Visit

SECONDS = 30
MOST_BYTES = 4_000_000


class KeptPage(NamedTuple):
    """The HTML of one edition; ``about`` is the id of the article that it shows, or empty."""

    edition: int
    html: bytes
    about: str


_pages: Kept[KeptPage] = Kept(SECONDS, MOST_BYTES, lambda page: len(page.html))


def answer(visit: Visit, make: Callable[[Visit], tuple[Response, str]]) -> tuple[Response, str]:
    """The page as kept, or made anew; with the id of the article that it shows."""
    if not rendering.is_for_everybody(visit):
        return make(visit)
    url = visit.request.url
    key = (url.path, url.query)
    with reading() as db:
        edition = kb.edition(db)
    page = _pages.get(key)
    if page is None or page.edition != edition:
        response, about = make(visit)
        if response.status_code == 200:  # noqa: PLR2004 - OK
            _pages.put(key, KeptPage(edition, bytes(response.body), about))
        return response, about
    return rendering.cached(visit, Response(page.html, media_type="text/html")), page.about
