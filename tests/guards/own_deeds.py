"""One call of every action on one's own account."""

from sqlalchemy import select

from models import export, tickets, users
from tests.guards.examples import SELF, SIGNED_IN, Call, Example


def _sign_in_of_member(x: Call) -> str:
    rows = select(users.SignIn.id).where(
        users.SignIn.user_id == x.world.people["member1"], users.SignIn.ended_at.is_(None)
    )
    return x.db.scalars(rows).first() or ""


OWN = [
    Example(
        users.change_profile, SIGNED_IN, "user.profile", by="member1",
        do=lambda x: users.change_profile(x.db, users.Profile(name="New"), actor=x.actor),
    ),
    Example(
        users.end_sign_in, SELF, "user.end_sign_in", by="member1", get=_sign_in_of_member,
        do=lambda x: users.end_sign_in(x.db, x.thing, actor=x.actor),
    ),
    Example(
        users.sign_out_everywhere, SIGNED_IN, "user.sign_out_everywhere", by="member1",
        do=lambda x: users.sign_out_everywhere(x.db, actor=x.actor),
    ),
    Example(
        tickets.ask_for_deletion, SIGNED_IN, "user.ask_deletion", by="member1",
        also=frozenset({"ticket.create"}),
        do=lambda x: tickets.ask_for_deletion(x.db, actor=x.actor),
    ),
    Example(
        export.record_own, SIGNED_IN, "export.own", by="member1",
        do=lambda x: export.record_own(x.db, actor=x.actor),
    ),
]  # fmt: skip

APART = {
    "users.change_password": "tests/public_site/test_account.py::test_another_password",
    "users.own_sign_ins": "tests/public_site/test_account.py::test_sign_ins_of_ones_own",
    "export.write_own": "tests/public_site/test_account.py::test_a_copy_of_ones_own_data",
}
