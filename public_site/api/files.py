"""Files: kept until they are attached, fetched by whoever sees what they hang at."""

from sqlalchemy.orm import Session
from starlette.responses import Response

from models import tickets
from models.db import reading, unit_of_work
from public_site import downloads
from public_site.api import ticket_shapes as shapes
from public_site.api.call import Answer, Call, answer


def keep(call: Call) -> Answer:
    """Send a file, to be attached to a ticket or a message within a day."""
    sent = call.file()

    def do(db: Session) -> Answer:
        kept = tickets.keep_upload(
            db, sent.name, sent.data, declared=sent.declared, actor=call.actor
        )
        return answer(shapes.upload(kept), location=shapes.address_of(kept))

    with unit_of_work() as db:
        return call.once(db, lambda: do(db))


def download(call: Call) -> Response:
    """A file at a ticket or a message that one sees."""
    with reading() as db:
        found = tickets.attachment(db, call.path("id"), actor=call.actor)
    return downloads.of(found)
