"""Every action of the rooms refuses whoever has no right, and leaves exactly one audit row."""

import ast
import inspect
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from importlib import import_module

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import users
from models.actor import Actor, Role
from models.audit import AuditEntry
from models.db import Database, reading, unit_of_work
from models.errors import NotAllowedNow, NotFound, NotPermitted
from models.permissions import ROLE_PERMISSIONS, Permission
from tests import house
from tests.guards import deeds, examples, objects, state
from tests.guards.deeds import APART, EXAMPLES, NAMES
from tests.guards.examples import ANYBODY, Call, Example
from tests.guards.world import World
from tests.house import none_of
from tests.test_house_rules import ROOMS

# Files of rooms that only read; `test_reading_files_write_nothing` holds them to it.
READING = frozenset({"queries", "people", "stats", "log", "rows", "whole", "search", "queueing"})
READS_ELSEWHERE = {
    "tickets.all_quick_issues": "a list for staff",
    "tickets.quick_issue": "one row for staff",
    "tickets.attachment": "a question",
    "tickets.waiting_files": "a question",
    "tickets.files_visible_to": "a question",
    "tickets.known_context": "a question",
    "kb.summaries": "a question",
    "notifications.dead_mail": "a question",
    "kb.count_search": "counts in memory",
    "kb.count_suggestion": "counts in memory",
    "kb.deflections": "a question",
    "kb.vain_searches": "a question",
}
PLAYS = {"seeding": "done as the operator through the rooms' own actions"}


def _actions() -> Iterator[str]:
    for room in ROOMS:
        face = import_module(f"models.{room}")
        for name in face.__all__:
            function = getattr(face, name)
            if inspect.isfunction(function) and "actor" in inspect.signature(function).parameters:
                yield f"{room}.{name}"


def _is_in_a_reading_file(action: str) -> bool:
    room, name = action.split(".")
    function = getattr(import_module(f"models.{room}"), name)
    return function.__module__.rpartition(".")[2] in READING and name != "record"


def test_every_action_has_an_example() -> None:
    actions = {action for action in _actions() if action.partition(".")[0] not in PLAYS}
    writes = {action for action in actions if not _is_in_a_reading_file(action)}
    described = {*NAMES, *APART, *READS_ELSEWHERE}
    assert writes - described == set(), "say in tests/guards/deeds.py how it is called"
    assert described - actions == set(), "these are no actions any more"


def test_reading_files_write_nothing() -> None:
    writing = {"add", "add_all", "delete", "insert", "update", "merge", "record", "enqueue", "hit"}
    wrong = []
    for module in house.of("models"):
        if module.path.stem not in READING or module.name.count(".") < 2:
            continue
        for function in module.functions:
            for node in ast.walk(function):
                called = ""
                if isinstance(node, ast.Call):
                    called = str(getattr(node.func, "attr", getattr(node.func, "id", "")))
                if called in writing and function.name != "record":
                    wrong.append(f"{module.place} {function.name} calls {called}(")
    none_of(wrong)


def _refused(example: Example, world: World) -> Iterator[Actor]:
    """Who must not do this: everybody who lacks the right, also by a token's scopes."""
    everybody = [world.actor(name) for name in objects.ASKING]
    match example.needs:
        case tuple() as needed:
            yield from (actor for actor in everybody if not _has(actor, needed))
            for missing in needed:
                yield replace(world.actor("super"), scopes=frozenset(Permission) - {missing})
        case examples.PEOPLE:
            yield from (actor for actor in everybody if actor.role not in _ADMINS)
            yield replace(world.actor("super"), scopes=frozenset(Permission))
        case examples.SIGNED_IN:
            yield world.actor("anonymous")
            yield world.actor("guest")
        case examples.CUSTOMER | examples.SELF:
            yield from (actor for actor in everybody if actor != world.actor(example.by))
        case _:
            return


_ADMINS = (Role.ADMIN, Role.SUPER_ADMIN)


def _has(actor: Actor, needed: tuple[Permission, ...]) -> bool:
    return actor.role is not None and ROLE_PERMISSIONS[actor.role] >= set(needed)


def test_every_action_refuses_whoever_has_no_right(world: World, database: Database) -> None:
    before = state.picture(database)
    wrong = []
    for name, example in zip(NAMES, EXAMPLES, strict=True):
        refused = list(_refused(example, world))
        assert refused or example.needs == ANYBODY, name
        if name == "users.sign_out":
            continue  # who has no sign-in has nothing to end
        for actor in refused:
            wrong += _not_refused(name, example, world, actor)
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))


def _not_refused(name: str, example: Example, world: World, actor: Actor) -> list[str]:
    said = f"{name}: {actor.role or 'nobody'} {sorted(actor.scopes or ())}"
    try:
        with unit_of_work() as db:
            _call(example, Call(db, world, actor))
            raise _Undo  # noqa: TRY301  # a refusal that did not come, rolled back
    except (NotPermitted, NotFound):
        return []
    except _Undo:
        return [f"{said} was let through"]
    except Exception as error:  # noqa: BLE001  # whatever it is, it is no refusal
        return [f"{said} met {type(error).__name__}: {error}"]


def _call(example: Example, call: Call) -> None:
    call.thing = example.get(call)
    example.do(call)


class _Undo(Exception):
    """Rolls a deed back that should have been refused."""


def test_every_action_leaves_one_audit_row(world: World) -> None:
    wrong = []
    for name, example in zip(NAMES, EXAMPLES, strict=True):
        for actor in _allowed(example, world):
            found, actors = _rows_left(example, world, actor)
            expected = Counter({example.audit: 1})
            if found - Counter(dict.fromkeys(example.also, 1)) != expected:
                wrong.append(f"{name}: {dict(found)}")
            if actors - {actor.user_id}:
                wrong.append(f"{name}: the rows do not name who acted")
    none_of(wrong)


def _allowed(example: Example, world: World) -> list[Actor]:
    actor = world.actor(example.by)
    if isinstance(example.needs, tuple):
        return [actor, replace(actor, scopes=frozenset(example.needs))]
    return [actor]


def _rows_left(
    example: Example, world: World, actor: Actor
) -> tuple[Counter[str], set[str | None]]:
    try:
        with unit_of_work() as db:
            call = Call(db, world, actor)
            call.thing = example.get(call)
            db.flush()
            before = set(db.scalars(select(AuditEntry.id)))
            example.do(call)
            db.flush()
            new = [row for row in db.scalars(select(AuditEntry)) if row.id not in before]
            rows = [(row.action, row.actor_id) for row in new]
            raise _Undo  # noqa: TRY301  # seen; now as if it had not been
    except _Undo:
        return Counter(action for action, _ in rows), {actor_id for _, actor_id in rows}


def test_signing_in_leaves_one_row(world: World) -> None:
    visitor = world.actor("anonymous")
    ways: list[Callable[[], users.SignedIn]] = [
        lambda: deeds.signed_in(world, "member1"),
        lambda: users.use_link(objects.one_time_link(world, "member1"), None, actor=visitor),
    ]
    for sign_in in ways:
        before = _entries()
        opened = sign_in()
        new = [entry for entry in _entries() if entry not in before and entry[0] != "user.link"]
        assert [action for action, _, _ in new] == ["user.sign_in"]
        assert opened.actor.user_id == world.people["member1"]


def _entries() -> list[tuple[str, str, str | None]]:
    with reading() as db:
        rows = db.execute(
            select(AuditEntry.action, AuditEntry.id, AuditEntry.actor_id).order_by(AuditEntry.id)
        )
        return [(action, entry_id, actor_id) for action, entry_id, actor_id in rows]


# --- roles (P-5, P-6) -----------------------------------------------------------------------------


Deeds = list[Callable[[Session], object]]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPER_ADMIN])
def test_an_admin_gives_and_takes_no_admins(world: World, role: Role) -> None:
    admin = world.actor("admin")

    def person(db: Session, name: str) -> users.User:
        return users.get(db, world.people[name], actor=admin)

    new = users.NewUser(email=objects.new_address(), role=role)
    deeds_refused: Deeds = [
        lambda db: users.set_role(db, person(db, "member1"), role, actor=admin),
        lambda db: users.create(db, new, actor=admin),
        lambda db: users.deactivate(db, person(db, "super"), actor=admin),
        lambda db: users.new_password_link(db, person(db, "super"), actor=admin),
    ]
    for deed in deeds_refused:
        with pytest.raises(NotPermitted), unit_of_work() as db:
            deed(db)


def test_the_last_super_admin_stays(world: World) -> None:
    boss = world.actor("super")

    def last(db: Session) -> users.User:
        return users.get(db, world.people["super"], actor=boss)

    deeds_refused: Deeds = [
        lambda db: users.set_role(db, last(db), Role.MEMBER, actor=boss),
        lambda db: users.deactivate(db, last(db), actor=boss),
    ]
    for deed in deeds_refused:
        with pytest.raises(NotAllowedNow), unit_of_work() as db:
            deed(db)
