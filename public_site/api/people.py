"""Who asks, whom agents look up, and the numbers of the dashboard."""

from typing import Annotated

from models import overview, permissions, users
from models.db import reading
from models.text import OneLine
from public_site.api import people_shapes as shapes
from public_site.api.articles import PageQuery
from public_site.api.call import Answer, Call, answer
from public_site.api.shapes import place


class LookupQuery(PageQuery):
    """Whom somebody looks for: e-mail, a part of it, or a name."""

    q: Annotated[str, OneLine(200, required=False)] = ""


def me(call: Call) -> Answer:
    """Who is signed in, and what they may do."""
    with reading() as db:
        person = users.get(db, call.actor.user_id or "", actor=call.actor)
        return answer(
            shapes.Me(
                id=person.id,
                email=person.email,
                name=person.name,
                role=person.role,
                permissions=sorted(permissions.of(call.actor)),
            )
        )


def lookup(call: Call) -> Answer:
    """People by e-mail, a part of it, or name."""
    query = call.asked(LookupQuery)
    with reading() as db:
        found = users.page_of_people(
            db, q=query.q, page=query.page, page_size=query.page_size, actor=call.actor
        )
        counts = overview.ticket_counts(db, [row.id for row in found.items], actor=call.actor)
    items = [shapes.person_item(row, counts.get(row.id, 0)) for row in found.items]
    return answer(shapes.PersonPage(items=items, **place(found)))


def card(call: Call) -> Answer:
    """All about one customer."""
    with reading() as db:
        person = users.get(db, call.path("id"), actor=call.actor)
        return answer(shapes.card(overview.user_card(db, person, actor=call.actor)))


def stats(call: Call) -> Answer:
    """The numbers of the dashboard; days begin at midnight UTC."""
    with reading() as db:
        return answer(shapes.stats(overview.stats(db, actor=call.actor)))
