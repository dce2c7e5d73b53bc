"""``supportctl users`` and ``tokens``."""

import re
from datetime import datetime

import pytest

from models import db, users
from models.actor import Door, Role
from models.base import now
from models.permissions import Permission
from models.users import Gateway, User
from tests.cli.terminal import Ran, program, run
from tests.models.world import person, stored, ticket, visitor

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
LISTED = {"id", "email", "name", "role", "plan", "isActive", "createdAt", "lastLoginAt"}
LINK = re.compile(r"http://127\.0\.0\.1:8000/login/link/[\w-]{43}\n")


def create(*more: str, typed: str | None = None) -> Ran:
    return run("users", "create", "Sam@Example.com", "--role", "SUPPORT", *more, typed=typed)


def test_create_prints_a_link_to_set_a_password(database: db.Database) -> None:
    ran = create("--name", "Sam Okafor")
    assert ran.code == 0
    assert LINK.fullmatch(ran.out)
    (sam,) = stored(User, email="sam@example.com")
    assert (sam.name, sam.role, sam.password_hash) == ("Sam Okafor", "SUPPORT", None)
    signed_in = users.use_link(
        ran.out.rpartition("/")[2].strip(), "a quite good one", actor=visitor()
    )
    assert signed_in.actor.user_id == sam.id


def test_create_with_a_password_from_standard_input(database: db.Database) -> None:
    ran = create("--password-stdin", typed="a quite good one\n")
    assert (ran.code, ran.out) == (0, "")
    deed = users.SignInDeed(email="sam@example.com", password="a quite good one")
    assert users.sign_in(deed, actor=visitor()).actor.role is Role.SUPPORT


@pytest.mark.parametrize(
    ("typed", "code"), [("short\n", 5), ("", 2), ("\n", 2), ("sam@example.com\n", 5)]
)
@SQLITE
def test_a_password_that_breaks_the_rule_leaves_nobody(
    database: db.Database, typed: str, code: int
) -> None:
    ran = create("--password-stdin", typed=typed)
    assert (ran.code, ran.out) == (code, "")
    assert "password" in ran.err
    assert not stored(User, email="sam@example.com")


@SQLITE
def test_a_piped_password_that_is_no_text(database: db.Database) -> None:
    arguments = ("users", "create", "sam@example.com", "--role", "MEMBER", "--password-stdin")
    ran = program(*arguments, typed=b"\xff\xfe\xfd\xfc\xfb\xfa\xf9\xf8\n")
    assert ran.code in (2, 5)
    assert "Traceback" not in ran.err
    assert not stored(User, email="sam@example.com")


@SQLITE
def test_creating_somebody_twice_is_refused(database: db.Database) -> None:
    assert create().code == 0
    again = create()
    assert (again.code, again.out) == (5, "")
    assert again.err == "Error: sam@example.com is in use already.\n"
    assert len(stored(User, email="sam@example.com")) == 1


@SQLITE
def test_create_as_json(database: db.Database) -> None:
    made = create("--json").json
    assert set(made) == {"id", "email", "role", "link"}
    assert LINK.fullmatch(made["link"] + "\n")


@SQLITE
def test_an_administrator_cannot_make_administrators(database: db.Database) -> None:
    person(Role.ADMIN, email="admin@example.com")
    arguments = ("users", "create", "new@example.com", "--role", "ADMIN")
    assert run(*arguments, "--as", "admin@example.com").code == 4
    assert not stored(User, email="new@example.com")


def test_list_as_json(database: db.Database) -> None:
    person(Role.ADMIN, email="ann@example.com", name="Ann Żółć")
    person(email="bob@example.com")
    people = run("users", "list", "--json").json
    assert [entry["email"] for entry in people] == ["ann@example.com", "bob@example.com"]
    assert all(set(entry) == LISTED for entry in people)
    ann = people[0]
    assert (ann["name"], ann["role"], ann["plan"]) == ("Ann Żółć", "ADMIN", "free")
    assert (ann["isActive"], ann["lastLoginAt"]) == (True, None)
    assert ann["createdAt"].endswith("Z")
    assert abs((datetime.fromisoformat(ann["createdAt"]) - now()).total_seconds()) < 60


def test_lookup_shows_gateways_and_tickets(house: db.Database) -> None:
    customer = person(email="maya@example.com", name="Maya Lindqvist")
    ticket(customer, title="The first one")
    ticket(customer, title="The second one")
    with db.unit_of_work() as session:
        session.add(
            Gateway(
                owner_id=customer.user_id,
                name="Shop bot",
                type="telegram_bot",
                status="error",
                last_error="409 Conflict",
                last_error_at=now(),
            )
        )
    (found,) = run("users", "lookup", "LINDQ", "--json").json
    assert set(found) == LISTED | {"gateways", "tickets", "ticketCount"}
    assert found["ticketCount"] == 2
    titles = [(entry["ticketNumber"], entry["title"]) for entry in found["tickets"]]
    assert titles == [("TICKET-0002", "The second one"), ("TICKET-0001", "The first one")]
    assert found["gateways"][0]["lastError"] == "409 Conflict"
    shown = run("users", "lookup", "maya@").out
    for words in ("Maya Lindqvist <maya@example.com>", "MEMBER", "free", "Shop bot", "TICKET-0002"):
        assert words in shown


@SQLITE
def test_lookup_of_nobody(database: db.Database) -> None:
    ran = run("users", "lookup", "nobody")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "Error: There is no person that matches nobody.\n"
    as_json = run("users", "lookup", "nobody", "--json")
    assert (as_json.code, as_json.json) == (3, [])


@SQLITE
def test_set_role_deactivate_and_reactivate(database: db.Database) -> None:
    person(email="sam@example.com")
    assert run("users", "set-role", "sam@example.com", "SUPPORT").code == 0
    assert run("users", "deactivate", "sam@example.com").code == 0
    (sam,) = stored(User, email="sam@example.com")
    assert (sam.role, sam.is_active) == ("SUPPORT", False)
    assert run("users", "reactivate", "sam@example.com").code == 0
    (sam,) = stored(User, email="sam@example.com")
    assert sam.is_active


@pytest.mark.parametrize(
    "command",
    [
        ("users", "set-role", "nobody@example.com", "ADMIN"),
        ("users", "deactivate", "nobody@example.com"),
        ("users", "reactivate", "nobody@example.com"),
        ("tokens", "create", "nobody@example.com", "--name", "x"),
        ("tokens", "revoke", "nothing"),
    ],
)
@SQLITE
def test_what_does_not_exist_exits_with_3(database: db.Database, command: tuple[str, ...]) -> None:
    ran = run(*command)
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("Error: There is no ")


@SQLITE
def test_the_last_super_admin_stays(database: db.Database) -> None:
    person(Role.SUPER_ADMIN, email="super@example.com")
    for command in (
        ("deactivate", "super@example.com"),
        ("set-role", "super@example.com", "ADMIN"),
    ):
        assert run("users", *command).code == 5


def test_a_token_opens_what_its_scopes_say_until_it_is_revoked(database: db.Database) -> None:
    person(Role.SUPPORT, email="sam@example.com")
    scope = Permission.TICKETS_READ.value
    arguments = ("sam@example.com", "--name", "reports", "--scope", scope, "--expires", "90")
    made = run("tokens", "create", *arguments, "--json").json
    assert list(made) == ["id", "name", "email", "token", "expiresAt"]
    with db.reading() as session:
        actor = users.actor_of_token(session, made["token"], address=None)
    assert actor is not None
    assert (actor.email, actor.scopes, actor.door) == (
        "sam@example.com",
        frozenset({scope}),
        Door.API,
    )
    (listed,) = run("tokens", "list", "--json").json
    assert (listed["id"], listed["revokedAt"]) == (made["id"], None)
    assert made["token"] not in run("tokens", "list").out
    assert run("tokens", "revoke", made["id"]).code == 0
    with db.reading() as session:
        assert users.actor_of_token(session, made["token"], address=None) is None


@SQLITE
def test_a_token_for_what_its_owner_lacks_is_refused(database: db.Database) -> None:
    person(Role.SUPPORT, email="sam@example.com")
    given = ("sam@example.com", "--name", "x", "--scope", Permission.KB_WRITE.value)
    made = run("tokens", "create", *given)
    assert (made.code, made.out) == (5, "")
    assert "The role SUPPORT does not have support:kb:write. Leave it out." in made.err
    assert run("tokens", "list", "--json").json == []


@SQLITE
def test_a_token_without_scopes_has_all_of_its_owners(database: db.Database) -> None:
    person(Role.SUPPORT, email="sam@example.com")
    ran = run("tokens", "create", "sam@example.com", "--name", "all")
    assert ran.out.startswith("sd_")
    assert "shown only now" in ran.err
    assert run("tokens", "list", "--json").json[0]["scopes"] == list(Permission)


@SQLITE
def test_somebody_elses_token_is_the_operators_alone(database: db.Database) -> None:
    person(email="maya@example.com")
    person(Role.ADMIN, email="admin@example.com")
    arguments = ("tokens", "create", "maya@example.com", "--name", "x")
    assert run(*arguments, "--as", "admin@example.com").code == 4


def test_a_password_is_never_an_argument() -> None:
    assert not re.search(r"--password(?!-stdin)", run("users", "create", "--help").out)
