"""Who may do what kind of thing: the specification's table, and who gives which role."""

import pytest

from models import permissions
from models.actor import Actor, Door, Role, anonymous, operator
from models.errors import NotPermitted, NotSignedIn
from models.permissions import Permission

TABLE = {
    "support:tickets:read": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:tickets:write": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:tickets:assign": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:chats:read": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:chats:write": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:users:read": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:kb:read": ["SUPPORT", "ADMIN", "SUPER_ADMIN"],
    "support:kb:write": ["ADMIN", "SUPER_ADMIN"],
}
ROLES = ["MEMBER", "SUPPORT", "ADMIN", "SUPER_ADMIN"]
# Who may move whom: each row an actor, each letter a move, Y for yes.
#                MEMBER→        SUPPORT→       ADMIN→         SUPER_ADMIN→
# to             M  S  A  SA    M  S  A  SA    M  S  A  SA    M  S  A  SA
GIVING = {
    "MEMBER":      "- - - -     - - - -        - - - -        - - - -",
    "SUPPORT":     "- - - -     - - - -        - - - -        - - - -",
    "ADMIN":       "Y Y - -     Y Y - -        - - - -        - - - -",
    "SUPER_ADMIN": "Y Y Y Y     Y Y Y Y        Y Y Y Y        Y Y Y Y",
}  # fmt: skip


def actor(role: str, scopes: frozenset[str] | None = None) -> Actor:
    return Actor(door=Door.WEB, user_id="somebody", role=Role(role), scopes=scopes)


def test_the_table_of_the_specification() -> None:
    assert {permission.value for permission in Permission} == set(TABLE)
    for role in ROLES:
        held = {permission.value for permission in permissions.of(actor(role))}
        assert held == {name for name, roles in TABLE.items() if role in roles}, role


def test_nobody_holds_nothing() -> None:
    stranger = anonymous(Door.WEB)
    assert permissions.of(stranger) == frozenset()
    for permission in Permission:
        with pytest.raises(NotSignedIn):
            permissions.require(stranger, permission)
        with pytest.raises(NotPermitted) as refused:
            permissions.require(actor("MEMBER"), permission)
        assert not isinstance(refused.value, NotSignedIn)
        permissions.require(operator(), permission)


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("scope", list(TABLE))
def test_a_token_narrows_and_never_widens(role: str, scope: str) -> None:
    held = permissions.of(actor(role, frozenset({scope})))
    assert held == ({Permission(scope)} if role in TABLE[scope] else frozenset())


def test_unknown_scopes_give_nothing() -> None:
    assert permissions.of(actor("SUPER_ADMIN", frozenset({"*", "", "SUPER_ADMIN"}))) == frozenset()


@pytest.mark.parametrize("role", ROLES)
def test_who_gives_which_role(role: str) -> None:
    answers = iter(GIVING[role].split())
    for before in ROLES:
        for after in ROLES:
            may = permissions.may_give_role(actor(role), before=Role(before), after=Role(after))
            assert may is (next(answers) == "Y"), (role, before, after)


@pytest.mark.parametrize("role", ROLES)
def test_what_belongs_to_people_and_not_to_tokens(role: str) -> None:
    is_admin = role in {"ADMIN", "SUPER_ADMIN"}
    person, token = actor(role), actor(role, frozenset(TABLE))
    assert permissions.may_manage_people(person) is is_admin
    assert permissions.may_read_audit_log(person) is is_admin
    assert not permissions.may_manage_people(token)
    assert not permissions.may_read_audit_log(token)
    assert not permissions.may_give_role(token, before=Role.MEMBER, after=Role.SUPPORT)


@pytest.mark.parametrize("role", ROLES)
def test_creating_people(role: str) -> None:
    may = {
        new for new in ROLES if permissions.may_give_role(actor(role), before=None, after=Role(new))
    }
    assert (
        may
        == {
            "MEMBER": set(),
            "SUPPORT": set(),
            "ADMIN": {"MEMBER", "SUPPORT"},
            "SUPER_ADMIN": set(ROLES),
        }[role]
    )
