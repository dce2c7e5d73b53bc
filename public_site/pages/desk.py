"""Where one ticket lies for whoever looks: its customer, or a guest with the private link."""

from dataclasses import dataclass

from models import tickets
from models.actor import Actor
from models.db import reading
from public_site import door
from public_site.door import Visit


@dataclass(frozen=True, slots=True)
class Desk:
    """The reference of a ticket, the address of its page, and as whom one acts there."""

    ref: str
    address: str
    actor: Actor

    @property
    def is_guest(self) -> bool:
        """Whether this is the page of a private link."""
        return self.actor.guest_ticket_id is not None

    @property
    def file_folder(self) -> str:
        """Where the files of the ticket are fetched."""
        return f"{self.address}/attachments" if self.is_guest else "/api/attachments"


def own_desk(visit: Visit) -> Desk:
    """The desk of one of my tickets; whether it is mine the room says."""
    ref = visit.path("number")
    return Desk(ref, f"/support/{ref}", visit.actor)


def guest_desk(visit: Visit) -> Desk:
    """The desk of a private link. Raises NotFound."""
    token = visit.path("token")
    with reading() as db:
        guest = tickets.guest_actor(db, token, address=door.client_address(visit.request))
    return Desk(guest.guest_ticket_id or "", f"/support/t/{token}", guest)
