"""The floor, and the neighbour: a bare route over the same database, and SQLAdmin's own list.

Run as a program by the benchmark: ``python -m tests.bench.floor PORT`` with the settings of the
database in the environment.
"""

import sys

import uvicorn
from jinja2 import Environment
from sqladmin import Admin, ModelView
from sqlalchemy import insert as insert_row
from sqlalchemy import select
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route

from models import db
from models.throttle import ThrottleHit
from models.tickets import Ticket

PAGE = Environment(autoescape=True).from_string(
    "<!doctype html><title>Floor</title><table>{% for row in rows %}<tr>{% for cell in row %}"
    "<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"
)
COLUMNS = (Ticket.number, Ticket.ticket_number, Ticket.title, Ticket.status, Ticket.priority,
           Ticket.created_at)  # fmt: skip


def floor(_request: Request) -> Response:
    """One indexed select of 25 rows, and a table of them."""
    with db.current().engine.connect() as connection:
        rows = connection.execute(select(*COLUMNS).order_by(Ticket.number.desc()).limit(25)).all()
    return HTMLResponse(PAGE.render(rows=rows))


def insert(_request: Request) -> Response:
    """One row and one commit, the least that a durable write costs."""
    with db.unit_of_work() as session:
        session.execute(insert_row(ThrottleHit), {"bucket": "bench"})
    return PlainTextResponse("ok")


class Tickets(ModelView, model=Ticket):
    """SQLAdmin as it comes."""

    column_list = [Ticket.number, Ticket.title, Ticket.status, Ticket.priority, Ticket.user]  # noqa: RUF012
    column_searchable_list = [Ticket.title]  # noqa: RUF012
    page_size = 20


def main() -> None:
    """Serve until stopped."""
    app = Starlette(routes=[Route("/floor", floor), Route("/insert", insert, methods=["POST"])])
    Admin(app, db.current().engine).add_view(Tickets)
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")


if __name__ == "__main__":
    main()
