"""Problems that an article suggested in the ticket form solved, so that no ticket was needed."""

from starlette.responses import RedirectResponse, Response

from models import kb
from models.db import unit_of_work
from public_site import readers, rendering
from public_site.door import Visit

THANKS = "solved_by_article"


def note(visit: Visit) -> Response:
    """Note that it is solved, once for each visitor and article, and go on to the thanks."""
    visitor = readers.new_or_known(visit)
    deed = visit.form.read(kb.Solved)
    with unit_of_work() as db:
        kb.deflect(db, deed, visitor=visitor, actor=visit.actor)
    response = rendering.redirect(visit, "/support/new/solved", flash=THANKS)
    readers.remember(response, visit, visitor)
    return response


def thanks(visit: Visit) -> Response:
    """The thanks, once; the page lets the browser's draft go, so nobody else comes to it."""
    if rendering.flash_of(visit) != THANKS:
        return RedirectResponse("/help", rendering.SEE_OTHER)
    return rendering.show(visit, "tickets/solved.html")
