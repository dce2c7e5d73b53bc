"""One-time links: once, for half an hour, the newest only, and looking does nothing."""

import pytest

from models import db, users
from models.actor import Role
from models.errors import Invalid, NotFound, NotPermitted
from models.users import LinkPurpose, OneTimeLink, User
from tests.models.world import (
    OPERATOR,
    PASSWORD,
    Clock,
    audited,
    person,
    stored,
    together,
    visitor,
)


def link(user_id: str | None, purpose: LinkPurpose = LinkPurpose.SIGN_IN) -> str:
    with db.unit_of_work() as session:
        return users.new_link(session, session.get_one(User, user_id), purpose, actor=visitor())


def use(token: str, password: str | None = None) -> users.SignedIn:
    return users.use_link(token, password, actor=visitor())


def look(token: str) -> users.LinkInfo:
    with db.reading() as session:
        return users.link_info(session, token)


def test_a_link_signs_in_once_and_proves_the_address(database: db.Database) -> None:
    jane = person()
    token = link(jane.user_id)
    assert len(token) >= 43
    assert use(token).actor.user_id == jane.user_id
    (user,) = stored(User, id=jane.user_id)
    assert user.email_verified_at is not None
    with pytest.raises(NotFound):
        use(token)
    assert [row.data["how"] for row in audited(jane.user_id, "user.sign_in")] == ["link"]
    assert token not in [row.token_hash for row in stored(OneTimeLink)]


def test_fifty_presses_at_once_are_one(database: db.Database) -> None:
    token = link(person().user_id)
    outcome = together(50, lambda _: use(token))
    assert [type(one).__name__ for one in outcome].count("SignedIn") == 1
    assert {type(one) for one in outcome} == {users.SignedIn, NotFound}
    assert len(stored(users.SignIn)) == 1


def test_looking_does_not_use_it_up(database: db.Database) -> None:
    jane = person(name="Jane")
    token = link(jane.user_id)
    rows = len(audited(jane.user_id))
    for _ in range(3):
        info = look(token)
    assert (info.email, info.name, info.purpose) == (jane.email, "Jane", LinkPurpose.SIGN_IN)
    assert len(audited(jane.user_id)) == rows
    assert stored(User, id=jane.user_id)[0].email_verified_at is None
    use(token)


def test_half_an_hour(database: db.Database, clock: Clock) -> None:
    jane = person()
    token = link(jane.user_id)
    clock.forward(minutes=29, seconds=59)
    look(token)
    clock.forward(seconds=1)
    for press in (look, use):
        with pytest.raises(NotFound):
            press(token)


def test_only_the_newest_works(database: db.Database) -> None:
    jane, other = person(), person()
    first, others = link(jane.user_id), link(other.user_id)
    second = link(jane.user_id)
    with pytest.raises(NotFound):
        use(first)
    use(second)
    use(others)


def test_a_link_to_sign_in_leaves_an_invitation_alone(database: db.Database) -> None:
    jane = person()
    invitation = link(jane.user_id, LinkPurpose.SET_PASSWORD)
    link(jane.user_id)
    use(invitation, PASSWORD)


def test_a_deactivated_person_has_no_way_in(database: db.Database) -> None:
    jane = person()
    token = link(jane.user_id)
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, jane.user_id), actor=OPERATOR)
    for press in (look, use):
        with pytest.raises(NotFound):
            press(token)


@pytest.mark.parametrize(
    "token", ["", " ", "null", "0", "[]", "{'$ne': 1}", "\0", "\ud800", "x" * 9999, "١٢"]
)
def test_what_is_no_token(database: db.Database, token: str) -> None:
    good = link(person().user_id)
    for wrong in (token, good.swapcase(), good + token if token.strip() else good[:-1]):
        with pytest.raises(NotFound):
            use(wrong)
    use(good)


def test_setting_a_password_by_link(database: db.Database) -> None:
    jane = person()
    token = link(jane.user_id, LinkPurpose.SET_PASSWORD)
    for bad in (None, "", "short", "password1", jane.email):
        with pytest.raises(Invalid) as refused:
            use(token, bad)
        assert list(refused.value.fields) == ["password"]
    use(token, PASSWORD)
    deed = users.SignInDeed(email=jane.email or "", password=PASSWORD)
    assert users.sign_in(deed, actor=visitor()).actor.user_id == jane.user_id
    assert len(audited(jane.user_id, "user.password")) == 1
    with pytest.raises(NotFound):
        use(token, "another good one")


def test_a_sign_in_link_sets_no_password(database: db.Database) -> None:
    jane = person()
    use(link(jane.user_id), PASSWORD)
    assert stored(User, id=jane.user_id)[0].password_hash is None


def test_the_operators_link_lives_a_week(database: db.Database, clock: Clock) -> None:
    jane, support = person(), person(Role.SUPPORT)
    with db.unit_of_work() as session:
        user = session.get_one(User, jane.user_id)
        address = users.new_password_link(session, user, actor=OPERATOR)
        for somebody in (jane, support):
            with pytest.raises(NotPermitted):
                users.new_password_link(session, user, actor=somebody)
    token = address.rpartition("/")[2]
    clock.forward(days=6, hours=23)
    assert look(token).purpose is LinkPurpose.SET_PASSWORD
    clock.forward(hours=2)
    with pytest.raises(NotFound):
        look(token)
