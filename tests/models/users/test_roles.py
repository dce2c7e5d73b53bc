"""People are created, given roles, deactivated; one SUPER_ADMIN always stays."""

from collections.abc import Callable
from typing import Any

import pytest

from models import db, users
from models.actor import SYSTEM_USER_ID, Actor, Role
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted, Taken
from models.users import NewUser, User
from tests.models.world import (
    OPERATOR,
    PASSWORD,
    audited,
    person,
    seen,
    stored,
    ticket,
    together,
    visitor,
)


def on(somebody: Actor | str, deed: Callable[..., Any], *args: Any, actor: Actor) -> Any:
    user_id = somebody if isinstance(somebody, str) else somebody.user_id
    with db.unit_of_work() as session:
        return deed(session, session.get_one(User, user_id), *args, actor=actor)


def role_of(somebody: Actor) -> str:
    (user,) = stored(User, id=somebody.user_id)
    return user.role


def signed_in(role: Role) -> tuple[Actor, str]:
    somebody = person(role, password_hash=users.hash_new_password(PASSWORD))
    deed = users.SignInDeed(email=somebody.email or "", password=PASSWORD)
    return somebody, users.sign_in(deed, actor=visitor()).token


def is_alive(token: str) -> bool:
    with db.reading() as session:
        return users.resume(session, token, door=visitor().door, address=None) is not None


def test_giving_a_role_ends_sign_ins_and_is_audited(database: db.Database) -> None:
    chief = person(Role.SUPER_ADMIN)
    somebody, token = signed_in(Role.MEMBER)
    on(somebody, users.set_role, Role.SUPPORT, actor=chief)
    assert role_of(somebody) == "SUPPORT"
    assert not is_alive(token)
    (entry,) = audited(somebody.user_id, "user.set_role")
    assert (entry.actor_id, entry.data) == (chief.user_id, {"before": "MEMBER", "after": "SUPPORT"})


def test_the_same_role_again_does_nothing(database: db.Database) -> None:
    somebody, token = signed_in(Role.SUPPORT)
    on(somebody, users.set_role, Role.SUPPORT, actor=person(Role.ADMIN))
    assert is_alive(token)
    assert audited(somebody.user_id, "user.set_role") == []


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT, Role.ADMIN])
def test_only_super_admins_touch_administrators(database: db.Database, role: Role) -> None:
    actor, admin, chief = person(role), person(Role.ADMIN), person(Role.SUPER_ADMIN)
    deeds: list[tuple[Any, ...]] = [
        (users.set_role, Role.MEMBER), (users.deactivate,), (users.reactivate,),
        (users.new_password_link,),
    ]  # fmt: skip
    for somebody in (admin, chief):
        for deed, *args in deeds:
            with pytest.raises(NotPermitted):
                on(somebody, deed, *args, actor=actor)
    with pytest.raises(NotPermitted):
        on(person(), users.set_role, Role.ADMIN, actor=actor)
    with pytest.raises(NotPermitted):
        on(actor, users.set_role, Role.SUPER_ADMIN, actor=actor)


def test_the_operator_cannot_be_changed(database: db.Database) -> None:
    chief = person(Role.SUPER_ADMIN)
    deeds: list[tuple[Any, ...]] = [
        (users.set_role, Role.MEMBER), (users.deactivate,), (users.reactivate,),
    ]  # fmt: skip
    for deed, *args in deeds:
        with pytest.raises(NotPermitted):
            on(SYSTEM_USER_ID, deed, *args, actor=chief)
    with db.reading() as session, pytest.raises(NotFound):
        users.get(session, SYSTEM_USER_ID, actor=chief)


def test_the_last_super_admin_stays(database: db.Database) -> None:
    last = person(Role.SUPER_ADMIN)
    for actor in (last, OPERATOR):
        with pytest.raises(NotAllowedNow):
            on(last, users.set_role, Role.ADMIN, actor=actor)
        with pytest.raises(NotAllowedNow):
            on(last, users.deactivate, actor=actor)
    other = person(Role.SUPER_ADMIN)
    on(other, users.deactivate, actor=last)
    with pytest.raises(NotAllowedNow, match="last SUPER_ADMIN"):
        on(last, users.set_role, Role.ADMIN, actor=last)
    on(other, users.reactivate, actor=last)
    on(last, users.set_role, Role.ADMIN, actor=other)


def test_two_at_once_cannot_remove_the_last_ones(database: db.Database) -> None:
    both = [person(Role.SUPER_ADMIN), person(Role.SUPER_ADMIN)]
    deeds: list[tuple[Any, ...]] = [(users.set_role, Role.MEMBER), (users.deactivate,)]

    def remove(number: int) -> str:
        deed, *args = deeds[number]
        on(both[number], deed, *args, actor=both[1 - number])
        return "done"

    outcome = together(2, remove)
    assert sorted(str(type(one).__name__) for one in outcome) == ["NotAllowedNow", "str"]
    assert len([user for user in stored(User, role="SUPER_ADMIN") if user.is_active]) == 1


def test_deactivating_ends_access_and_keeps_tickets(house: db.Database) -> None:
    admin = person(Role.ADMIN)
    somebody, token = signed_in(Role.MEMBER)
    ticket_id = ticket(somebody)
    on(somebody, users.deactivate, actor=admin)
    on(somebody, users.deactivate, actor=admin)
    assert not is_alive(token)
    assert seen(ticket_id).user_id == somebody.user_id
    assert len(audited(somebody.user_id, "user.deactivate")) == 1
    on(somebody, users.reactivate, actor=admin)
    assert not is_alive(token), "what has ended stays ended"


def test_creating_people(database: db.Database) -> None:
    admin = person(Role.ADMIN)
    with db.unit_of_work() as session:
        deed = NewUser(email="Jane@Example.COM", name="Jane", role=Role.SUPPORT)
        made = users.create(session, deed, actor=admin)
    assert (made.email, made.role, made.plan, made.is_active) == (
        "jane@example.com", "SUPPORT", "free", True,
    )  # fmt: skip
    assert made.email_verified_at is None, "nobody proved the address"
    with db.unit_of_work() as session, pytest.raises(Taken) as refused:
        users.create(session, NewUser(email="jane@EXAMPLE.com"), actor=admin)
    assert refused.value.field == "email"
    for somebody in (person(), person(Role.SUPPORT), visitor()):
        with db.unit_of_work() as session, pytest.raises(NotPermitted):
            users.create(session, NewUser(email="x@example.com"), actor=somebody)


def test_the_same_address_at_once_is_one_person(database: db.Database) -> None:
    def create(_number: int) -> str:
        with db.unit_of_work() as session:
            users.create(session, NewUser(email="jane@example.com"), actor=OPERATOR)
            return "done"

    outcome = together(8, create)
    assert outcome.count("done") == 1
    assert {type(one) for one in outcome if one != "done"} == {Taken}


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("short12", False), ("password1", False), ("PASSWORD1", False), ("jane@example.com", False),
        ("x" * 1025, False), ("with\0nul-in-it", False), ("lone \ud800 surrogate", False),
        ("x" * 64, True), ("😀" * 8, True), ("  eight  ", True), ("correct horse battery", True),
    ],
)  # fmt: skip
def test_which_passwords_are_taken(password: str, is_good: bool) -> None:
    if is_good:
        made = users.hash_new_password(password, email="jane@example.com")
        assert made.startswith("$argon2id$")
        return
    with pytest.raises(Invalid) as refused:
        users.hash_new_password(password, email="jane@example.com")
    assert list(refused.value.fields) == ["password"]


def test_looking_people_up(database: db.Database) -> None:
    agent = person(Role.SUPPORT, email="ann@example.com", name="Ann Agent")
    jane = person(email="jane.doe@example.com", name="Jane Doe")
    person(email="x_y%z@example.com", name="100% Real")

    def found(query: str) -> list[str]:
        with db.reading() as session:
            return [str(user.email) for user in users.lookup(session, query, actor=agent)]

    assert found("jane.doe@example.com") == found("JANE.D") == found(" doe ") == [jane.email]
    assert found("%") == found("_y") == ["x_y%z@example.com"]
    assert found("nobody") == []
    with db.reading() as session:
        for somebody in (jane, visitor()):
            with pytest.raises(NotPermitted):
                users.lookup(session, "a", actor=somebody)
            with pytest.raises(NotPermitted):
                users.page_of_people(session, actor=somebody)
            with pytest.raises(NotPermitted):
                users.staff(session, actor=somebody)
        assert users.get(session, jane.user_id or "", actor=jane).id == jane.user_id
        with pytest.raises(NotFound):
            users.get(session, agent.user_id or "", actor=jane)


def test_the_list_of_people(database: db.Database) -> None:
    agent = person(Role.SUPPORT)
    members = [person() for _ in range(5)]
    with db.reading() as session:
        page = users.page_of_people(session, role=Role.MEMBER, page=2, page_size=2, actor=agent)
        assert (page.total, page.pages, page.first, page.last) == (5, 3, 3, 4)
        after = users.page_of_people(session, page=99, page_size=2, actor=agent)
        assert (list(after.items), after.first, after.last, after.total) == ([], 0, 0, 6)
        everybody = list(users.all_rows(session, actor=agent))
    assert {row.id for row in everybody} == {one.user_id for one in [agent, *members]}
