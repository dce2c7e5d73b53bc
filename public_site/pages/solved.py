"""Problems that an article suggested in the ticket form solved, so that no ticket was needed."""

import secrets

from starlette.responses import RedirectResponse, Response

from models import kb
from models.db import unit_of_work
from public_site import readers, rendering
from public_site.door import Visit
from public_site.pages.help import VISITOR_SECONDS

THANKS = "solved_by_article"


def note(visit: Visit) -> Response:
    """Note that it is solved, once for each visitor and article, and go on to the thanks."""
    visitor = readers.voter(visit.request, visit.actor) or secrets.token_hex(16)
    deed = visit.form.read(kb.Solved)
    with unit_of_work() as db:
        kb.deflect(db, deed, visitor=visitor, actor=visit.actor)
    response = rendering.redirect(visit, "/support/new/solved", flash=THANKS)
    if not visit.actor.is_signed_in:
        rendering.set_cookie(
            response, visit.site, readers.VISITOR, visitor, seconds=VISITOR_SECONDS
        )
    return response


def thanks(visit: Visit) -> Response:
    """The thanks, once; the page lets the browser's draft go, so nobody else comes to it."""
    if rendering.flash_of(visit) != THANKS:
        return RedirectResponse("/help", rendering.SEE_OTHER)
    return rendering.show(visit, "tickets/solved.html")
