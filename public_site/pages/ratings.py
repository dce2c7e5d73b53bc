"""How one was helped: a vote on a ticket that is done, for its customer and by a private link.

Looking changes nothing, since mail scanners open links; only the button does.
"""

from typing import Any

from starlette.responses import Response

from models import tickets
from models.db import reading, unit_of_work
from models.tickets import Ticket, TicketRating
from public_site import errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form
from public_site.pages.desk import Desk, guest_desk, own_desk

LABELS = {"score": "Your vote", "comment": "Your comment"}
SCORES = {"5": "Very good", "4": "Good", "3": "So-so", "2": "Poor", "1": "Bad"}


def own_page(visit: Visit) -> Response:
    """The vote on one of my tickets."""
    return _page(visit, own_desk(visit))


def guest_page(visit: Visit) -> Response:
    """The vote on the ticket of a private link."""
    return _page(visit, guest_desk(visit))


def _page(
    visit: Visit, desk: Desk, form: Form | None = None, problem: errors.Problem | None = None
) -> Response:
    with reading() as db:
        ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
        rating = tickets.rating_of(db, ticket, actor=desk.actor)
    return rendering.show(
        visit, "tickets/rating.html", ticket=ticket, desk=desk, rating=rating,
        form=form or said(rating), problem=problem, labels=LABELS, scores=SCORES,
        may_rate=tickets.may_rate(ticket, rating), section="" if desk.is_guest else "tickets",
    )  # fmt: skip


def said(rating: TicketRating | None) -> Form:
    """The form with the vote that was given before."""
    if rating is None:
        return Form()
    return Form({"score": str(rating.score), "comment": rating.comment or ""})


def context(ticket: Ticket, rating: TicketRating | None) -> dict[str, Any]:
    """What the form of the vote needs on the ticket's own page."""
    return {"scores": SCORES, "rating": rating, "rating_form": said(rating),
            "may_rate": tickets.may_rate(ticket, rating)}  # fmt: skip


def own_rate(visit: Visit) -> Response:
    """Vote on one of my tickets."""
    return _rate(visit, own_desk(visit))


def guest_rate(visit: Visit) -> Response:
    """Vote on the ticket of a private link."""
    return _rate(visit, guest_desk(visit))


def _rate(visit: Visit, desk: Desk) -> Response:
    def deed() -> Response:
        given = visit.form.read(tickets.Rating)
        with unit_of_work() as db:
            ticket = tickets.get_own(db, desk.ref, actor=desk.actor)
            tickets.rate(db, ticket, given, actor=desk.actor)
        return rendering.redirect(visit, desk.address, flash="rated")

    return forms.submitted(deed, lambda problem: _page(visit, desk, visit.form, problem))
