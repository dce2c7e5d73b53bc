"""API tokens: shown once, kept as a hash, limited, ended."""

import pytest

from models import db, tickets, users
from models.actor import Actor, Door, Role
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted
from models.permissions import Permission, of
from models.users import ApiToken, NewToken, User
from tests.models.world import OPERATOR, Clock, audited, person, stored, visitor


def make(owner: Actor, *, by: Actor | None = None, **given: object) -> tuple[str, str]:
    """The id and the secret of a new token."""
    deed = NewToken.model_validate({"name": "Script", **given})
    with db.unit_of_work() as session:
        user = session.get_one(User, owner.user_id)
        token, secret = users.create_token(session, user, deed, actor=by or owner)
        return token.id, secret


def holder(secret: str) -> Actor | None:
    with db.reading() as session:
        return users.actor_of_token(session, secret, address=None)


def test_a_token_is_its_owner_within_its_scopes(database: db.Database) -> None:
    agent = person(Role.SUPPORT)
    token_id, secret = make(agent, scopes=["support:tickets:read"])
    actor = holder(secret)
    assert actor is not None
    assert (actor.user_id, actor.door) == (agent.user_id, Door.API)
    assert of(actor) == {Permission.TICKETS_READ}
    (row,) = stored(ApiToken)
    assert secret not in (row.token_hash, row.name)
    assert secret not in str([entry.data for entry in audited(token_id)])
    with db.reading() as session:
        tickets.queue(session, tickets.QueueFilter(), actor=actor)
        with pytest.raises(NotPermitted):
            users.lookup(session, "x", actor=actor)


def test_no_token_promises_what_its_owner_lacks(database: db.Database) -> None:
    for owner, lacking in (
        (person(Role.SUPPORT), "support:kb:write"),
        (person(), "support:kb:read"),
    ):
        for by in (owner, OPERATOR):
            with pytest.raises(Invalid) as refused:
                make(owner, by=by, scopes=[lacking, "support:tickets:read"])
            assert list(refused.value.fields) == ["scopes"]
            assert lacking in refused.value.fields["scopes"]
    assert stored(ApiToken) == []
    make(person(Role.ADMIN), scopes=["support:kb:write"])


def test_a_members_token_reads_own_tickets_only(house: db.Database) -> None:
    actor = holder(make(person())[1])
    assert actor is not None
    assert of(actor) == frozenset()
    with db.reading() as session:
        assert list(tickets.own_tickets(session, tickets.OwnFilter(), actor=actor).items) == []
        with pytest.raises(NotPermitted):
            tickets.queue(session, tickets.QueueFilter(), actor=actor)


@pytest.mark.parametrize("secret", ["", "sd_", "null", "\0", "\ud800", "x" * 9999])
def test_what_is_no_token(database: db.Database, secret: str) -> None:
    _id, good = make(person())
    for wrong in (secret, good[:-1], good.swapcase(), stored(ApiToken)[0].token_hash):
        assert holder(wrong) is None


def test_it_expires(database: db.Database, clock: Clock) -> None:
    _id, secret = make(person(), expiresDays=30)
    clock.forward(days=29, hours=23)
    assert holder(secret) is not None
    clock.forward(hours=1)
    assert holder(secret) is None


def test_it_ends_when_revoked_or_its_owner_goes(database: db.Database) -> None:
    owner, other = person(Role.SUPPORT), person(Role.SUPER_ADMIN)
    token_id, secret = make(owner)
    _id, second = make(owner)
    for wrong in (token_id[:-1], "nothing"):
        with db.unit_of_work() as session, pytest.raises(NotFound):
            users.revoke_token(session, wrong, actor=owner)
    with db.unit_of_work() as session, pytest.raises(NotFound):
        users.revoke_token(session, token_id, actor=other)
    for _ in range(2):
        with db.unit_of_work() as session:
            users.revoke_token(session, token_id, actor=owner)
    assert holder(secret) is None
    assert len(audited(token_id, "token.revoke")) == 1
    assert holder(second) is not None
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, owner.user_id), actor=OPERATOR)
    assert holder(second) is None


def test_a_demoted_owner_takes_the_token_down(database: db.Database) -> None:
    owner = person(Role.ADMIN)
    _id, secret = make(owner)
    with db.unit_of_work() as session:
        users.set_role(session, session.get_one(User, owner.user_id), Role.MEMBER, actor=OPERATOR)
    actor = holder(secret)
    assert actor is None or of(actor) == frozenset()


def test_people_make_tokens_for_themselves_only(database: db.Database) -> None:
    owner, chief = person(), person(Role.SUPER_ADMIN)
    with pytest.raises(NotPermitted):
        make(owner, by=chief)
    with pytest.raises(NotPermitted):
        make(owner, by=visitor())
    token_actor = holder(make(chief)[1])
    assert token_actor is not None
    with pytest.raises(NotPermitted):
        make(chief, by=token_actor)
    make(owner, by=OPERATOR)
    with pytest.raises(NotAllowedNow):
        make(OPERATOR, by=OPERATOR)


def test_the_list_of_tokens(database: db.Database) -> None:
    owner, other = person(), person()
    make(owner)
    make(other)
    with db.reading() as session:
        assert [email for _token, email in users.tokens(session, actor=owner)] == [owner.email]
        assert len(users.tokens(session, actor=OPERATOR)) == 2
        with pytest.raises(NotPermitted):
            users.tokens(session, actor=visitor())
