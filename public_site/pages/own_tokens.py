"""My API tokens, for staff: a list, a new one whose secret is shown once, and ending one."""

from starlette.responses import Response

from models import permissions, users
from models.db import reading, unit_of_work
from models.errors import Invalid
from models.permissions import Permission
from public_site import errors, forms, rendering
from public_site.door import Visit
from public_site.forms import Form, Nothing

LABELS = {"name": "What it is for", "expiresDays": "Days of life", "scopes": "What it may do"}
SCOPE = "scope."
FRESH = Form({"expiresDays": "90"})


def token_list(visit: Visit) -> Response:
    """My tokens."""
    return _page(visit, FRESH)


def _page(
    visit: Visit, form: Form, problem: errors.Problem | None = None, secret: str = ""
) -> Response:
    with reading() as db:
        known = [token for token, _ in users.tokens(db, actor=visit.actor)]
    own = permissions.of(visit.actor)
    return rendering.show(
        visit, "account/tokens.html", form=form, problem=problem, labels=LABELS, secret=secret,
        tokens=[token for token in reversed(known) if token.revoked_at is None],
        scopes=[scope.value for scope in Permission if scope in own],
    )  # fmt: skip


def create(visit: Visit) -> Response:
    """Make a token; the answer is the only place where its secret stands."""

    def deed() -> Response:
        chosen = [name.removeprefix(SCOPE) for name in visit.form.values if name.startswith(SCOPE)]
        if not chosen:
            raise Invalid({"scopes": "Please choose at least one."})
        ticked = frozenset(f"{SCOPE}{name}" for name in chosen)
        given = visit.form.read(users.NewToken, apart=ticked, more={"scopes": chosen})
        with unit_of_work() as db:
            me = users.get(db, visit.actor.user_id or "", actor=visit.actor)
            _, secret = users.create_token(db, me, given, actor=visit.actor)
        return _page(visit, FRESH, secret=secret)

    return forms.submitted(deed, lambda problem: _page(visit, visit.form, problem))


def revoke(visit: Visit) -> Response:
    """End one of my tokens."""

    def deed() -> Response:
        with unit_of_work() as db:
            users.revoke_token(db, visit.path("id"), actor=visit.actor)
            visit.form.read(Nothing)
        return rendering.redirect(visit, "/account/tokens", flash="token_revoked")

    return forms.submitted(deed, lambda problem: _page(visit, FRESH, problem))
