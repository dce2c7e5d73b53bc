"""What addresses and right forms of a customer's own pages hold: the ticket's vote, the account."""

from collections.abc import Callable

from sqlalchemy import select

from models.db import reading
from models.users import ApiToken, SignIn
from tests.guards.world import World

Sent = Callable[[World, str], dict[str, str]]
NOTHING = "00000000-0000-7000-8000-00000000dead"
PRESENT = "a password of the guards"


def always(**values: str) -> Sent:
    """The same for everybody."""
    return lambda *_: dict(values)


FORMS: dict[str, Sent] = {
    "/support/new/solved": lambda world, _: {"article": world.slugs["public"], "source": "title"},
    "/support/t/{token}/rating": always(score="5"),
    "/support/{number}/rating": always(score="4", comment="Quick."),
    "/account": always(name="Ann", mailOnReply="true"),
    "/account/password": always(present=PRESENT, password=PRESENT),
    "/account/tokens": lambda *_: {"name": "For a program", "scope.support:tickets:read": "true"},
    **dict.fromkeys(
        (
            "/account/sign-ins/{id}/end",
            "/account/sign-out-everywhere",
            "/account/export",
            "/account/delete",
            "/account/tokens/{id}/revoke",
        ),
        always(),
    ),
}


def _rows(table: type[SignIn | ApiToken]) -> Sent:
    """The newest row of each person, by whose it is."""

    def things(world: World, who: str) -> dict[str, str]:
        other = "member1" if who == "member2" else "member2"
        is_somebody = who in ("member1", "member2", "support", "admin", "super")
        own = {"own": _newest(table, world, who)} if is_somebody else {}
        return {**own, "somebody else's": _newest(table, world, other), "missing": NOTHING}

    return things


def _newest(table: type[SignIn | ApiToken], world: World, who: str) -> str:
    with reading() as db:
        rows = select(table.id).where(table.user_id == world.people[who])
        if table is SignIn:
            rows = rows.where(SignIn.ended_at.is_(None))
        return db.scalars(rows.order_by(table.id.desc())).first() or NOTHING


THINGS: dict[str, Sent] = {
    "/account/sign-ins/{id}": _rows(SignIn),
    "/account/tokens/{id}": _rows(ApiToken),
}
ENDING = ("/account/sign-ins/{id}/end", "/account/sign-out-everywhere")
