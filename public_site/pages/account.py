"""My account: who I am here, and signing out."""

from starlette.responses import Response

from models import users
from models.db import reading
from public_site import rendering
from public_site.door import Visit

ROLE_TITLES = {
    "MEMBER": "Customer", "SUPPORT": "Support", "ADMIN": "Administrator",
    "SUPER_ADMIN": "Super administrator",
}  # fmt: skip


def account(visit: Visit) -> Response:
    """Name, address, role and sign-ins."""
    with reading() as db:
        person = users.get(db, visit.actor.user_id or "", actor=visit.actor)
    return rendering.show(visit, "account/account.html", person=person, roles=ROLE_TITLES)
