"""The link at the foot of mails to guests: no more of them, and back again.

Looking changes nothing, since mail scanners open links. Mail programs send the form themselves
(RFC 8058), from wherever they are: the signed address is the proof, no cookie counts, and the
answer is never a redirect.
"""

from typing import Literal

from starlette.responses import Response

from models import notifications
from models.db import reading, unit_of_work
from models.deeds import Deed
from public_site import errors, forms, rendering
from public_site.door import Visit

ONE_CLICK = frozenset({"List-Unsubscribe"})  # what mail programs send


class Wish(Deed):
    """What the page's form sends: ``again`` to take it back."""

    again: Literal["1"] | None = None


def page(visit: Visit) -> Response:
    """Whether mails go to this address, and a button to change that."""
    return _page(visit)


def _page(visit: Visit, problem: errors.Problem | None = None) -> Response:
    with reading() as db:
        info = notifications.stop_info(db, visit.path("token"))
    return rendering.show(visit, "mail/stop.html", info=info, problem=problem)


def change(visit: Visit) -> Response:
    """Stop the mails, or send them again."""

    def deed() -> Response:
        wish = visit.form.read(Wish, apart=ONE_CLICK)
        act = notifications.allow_mails if wish.again else notifications.stop_mails
        with unit_of_work() as db:
            act(db, visit.path("token"), actor=visit.actor)
        return _page(visit)

    return forms.submitted(deed, lambda problem: _page(visit, problem))
