"""Signing in: one refusal for everybody, limits on guessing, sessions that end."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from models import db, users
from models.actor import Actor, Role
from models.audit import AuditEntry
from models.errors import Invalid, TooMany
from models.users import SignIn, SignInDeed, User, passwords
from tests.models.world import (
    ADDRESS,
    OPERATOR,
    PASSWORD,
    Clock,
    audited,
    person,
    stored,
    together,
    visitor,
)

EMAIL = "jane@example.com"


def somebody(role: Role = Role.MEMBER, email: str = EMAIL, password: str = PASSWORD) -> Actor:
    return person(role, email=email, password_hash=users.hash_new_password(password))


def sign_in(email: str = EMAIL, password: str = PASSWORD, address: str = ADDRESS) -> users.SignedIn:
    return users.sign_in(SignInDeed(email=email, password=password), actor=visitor(address))


def resumed(token: str) -> Actor | None:
    with db.reading() as session:
        found = users.resume(session, token, door=visitor().door, address=ADDRESS)
    return found.actor if found else None


def is_touch_due(token: str) -> bool:
    with db.reading() as session:
        found = users.resume(session, token, door=visitor().door, address=ADDRESS)
    return found is not None and found.is_touch_due


def test_signing_in(database: db.Database, clock: Clock) -> None:
    jane = somebody()
    clock.forward(hours=1)
    made = sign_in("Jane@EXAMPLE.com")
    assert (made.actor.user_id, made.actor.role) == (jane.user_id, Role.MEMBER)
    actor = resumed(made.token)
    assert actor is not None
    assert (actor.user_id, actor.email, actor.scopes) == (jane.user_id, EMAIL, None)
    (user,) = stored(User, email=EMAIL)
    assert user.last_login_at == clock.moment
    (row,) = stored(SignIn)
    assert made.token not in (row.token_hash, row.id)
    assert [entry.data["how"] for entry in audited(jane.user_id, "user.sign_in")] == ["password"]


@pytest.mark.parametrize(
    "token", ["", " ", "null", "0", "[]", "{'$ne': 1}", "\0", "\ud800", "x" * 9999]
)
def test_what_is_no_token_opens_nothing(database: db.Database, token: str) -> None:
    somebody()
    made = sign_in()
    assert resumed(token) is None
    assert resumed(made.token.swapcase()) is None
    assert resumed(stored(SignIn)[0].token_hash) is None


@contextmanager
def work(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Counts statements and hashes, in order."""
    done: dict[str, Any] = {"statements": [], "hashes": 0}

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        done["statements"].append(statement)

    class Counting(PasswordHasher):
        def verify(self, *given: Any) -> Any:
            done["hashes"] += 1
            return super().verify(*given)

    with monkeypatch.context() as patch:
        patch.setattr(passwords, "hasher", Counting(1, 8, 1))
        event.listen(database.engine, "before_cursor_execute", note)
        yield done
        event.remove(database.engine, "before_cursor_execute", note)


def test_refusals_tell_nothing_and_cost_the_same(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody()
    person(email="no-password@example.com")
    gone = somebody(email="gone@example.com")
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, gone.user_id), actor=OPERATOR)
    with pytest.raises(Invalid):
        sign_in("warm@example.com")  # the hash that nobody has is made once
    tries = [
        ("unknown@example.com", PASSWORD),
        (EMAIL, "wrong password"),
        ("gone@example.com", PASSWORD),
        ("no-password@example.com", PASSWORD),
    ]
    seen = []
    for email, password in tries:
        with work(database, monkeypatch) as done, pytest.raises(Invalid) as refused:
            sign_in(email, password)
        seen.append((refused.value.fields, str(refused.value), done))
    assert [one for one in seen if one != seen[0]] == []
    assert seen[0][2]["hashes"] == 1
    assert len(stored(AuditEntry, object_type="refusal")) == 5
    assert PASSWORD not in str([entry.data for entry in stored(AuditEntry)])


@pytest.mark.parametrize(
    "typed",
    [
        "a quite good one ",
        " a quite good one",
        "A quite good one",
        "a quite good on",
        "a quite good one\0",
    ],
)
def test_passwords_are_compared_exactly(database: db.Database, typed: str) -> None:
    somebody()
    with pytest.raises((Invalid, ValueError)):
        sign_in(password=typed)


def test_long_passwords_are_not_cut(database: db.Database) -> None:
    somebody(password="x" * 1023 + "1")
    with pytest.raises(Invalid):
        sign_in(password="x" * 1023 + "2")
    sign_in(password="x" * 1023 + "1")
    with pytest.raises(ValueError, match="1024"):
        SignInDeed(email=EMAIL, password="x" * 1025)


def test_composed_letters_are_not_the_same_as_single_ones(database: db.Database) -> None:
    somebody(password="caf\u00e9 au lait")
    with pytest.raises(Invalid):
        sign_in(password="cafe\u0301 au lait")


def test_ten_failures_an_account(database: db.Database, clock: Clock) -> None:
    somebody()
    for number in range(10):
        with pytest.raises(Invalid):
            sign_in(password="wrong", address=f"198.51.100.{number}")
    with pytest.raises(TooMany) as refused:
        sign_in()
    assert 14 * 60 < refused.value.retry_after <= 15 * 60 + 1
    with pytest.raises(TooMany):
        sign_in("JANE@example.com", address="203.0.113.9")
    clock.forward(minutes=15, seconds=1)
    sign_in()


def test_unknown_accounts_are_limited_alike(database: db.Database) -> None:
    for _ in range(10):
        with pytest.raises(Invalid):
            sign_in("unknown@example.com")
    with pytest.raises(TooMany):
        sign_in("unknown@example.com")


def test_success_forgets_the_failures(database: db.Database) -> None:
    somebody()
    for _ in range(3):
        for _ in range(9):
            with pytest.raises(Invalid):
                sign_in(password="wrong")
        sign_in()


def test_a_hundred_failures_an_address(database: db.Database) -> None:
    somebody()
    for number in range(100):
        with pytest.raises(Invalid):
            sign_in(f"unknown{number}@example.com")
    with pytest.raises(TooMany):
        sign_in()
    sign_in(address="198.51.100.7")


def test_parallel_guesses_do_not_pass_the_limit(database: db.Database) -> None:
    somebody()

    def guess(number: int) -> users.SignedIn:
        return sign_in(password=f"wrong {number}")

    outcome = [type(one) for one in together(30, guess)]
    assert (outcome.count(Invalid), outcome.count(TooMany)) == (10, 20)


@pytest.mark.parametrize(
    ("role", "steps", "is_alive"),
    [
        (Role.SUPPORT, [timedelta(hours=7, minutes=59)], True),
        (Role.SUPPORT, [timedelta(hours=8, seconds=1)], False),
        (Role.SUPPORT, [timedelta(hours=6), timedelta(hours=5, minutes=59)], True),
        (Role.SUPPORT, [timedelta(hours=6), timedelta(hours=6)], False),
        (Role.MEMBER, [timedelta(days=29, hours=23)], True),
        (Role.MEMBER, [timedelta(days=30)], False),
        (Role.MEMBER, [timedelta(days=15), timedelta(days=15)], False),
    ],
)
def test_how_long_a_session_lasts(
    database: db.Database, clock: Clock, role: Role, steps: list[timedelta], is_alive: bool
) -> None:
    somebody(role)
    made = sign_in()
    for step in steps:
        clock.forward(seconds=step.total_seconds())
        actor = resumed(made.token)
        if actor is not None:
            assert is_touch_due(made.token)
            with db.unit_of_work() as session:
                users.touch(session, actor=actor)
    assert (actor is not None) is is_alive


def test_use_is_noted_every_five_minutes(database: db.Database, clock: Clock) -> None:
    somebody()
    token = sign_in().token
    for minutes, is_due in [(4, False), (2, True)]:
        clock.forward(minutes=minutes)
        assert is_touch_due(token) is is_due


def test_a_clock_that_goes_back_ends_nothing_and_prolongs_nothing(
    database: db.Database, clock: Clock
) -> None:
    somebody(Role.SUPPORT)
    made = sign_in()
    clock.forward(hours=-2)
    assert resumed(made.token) is not None
    clock.forward(hours=14)
    assert resumed(made.token) is None


def test_signing_out_ends_this_session_alone(database: db.Database) -> None:
    jane = somebody()
    first, second = sign_in(), sign_in()
    for _ in range(2):
        with db.unit_of_work() as session:
            users.sign_out(session, actor=first.actor)
    assert resumed(first.token) is None
    assert resumed(second.token) is not None
    assert len(audited(jane.user_id, "user.sign_out")) == 1


def _set_password(user: User) -> None:
    with db.unit_of_work() as session:
        address = users.new_password_link(session, session.get_one(User, user.id), actor=OPERATOR)
    users.use_link(address.rpartition("/")[2], "another good one", actor=visitor())


def _deactivate(user: User) -> None:
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, user.id), actor=OPERATOR)


def _promote(user: User) -> None:
    with db.unit_of_work() as session:
        users.set_role(session, session.get_one(User, user.id), Role.SUPPORT, actor=OPERATOR)


@pytest.mark.parametrize("change", [_set_password, _deactivate, _promote])
def test_what_ends_all_sessions(database: db.Database, change: Callable[[User], None]) -> None:
    somebody()
    tokens = [sign_in().token, sign_in(address="198.51.100.7").token]
    (user,) = stored(User, email=EMAIL)
    change(user)
    assert [resumed(token) for token in tokens] == [None, None]


def test_an_old_password_opens_nothing(database: db.Database) -> None:
    somebody()
    _set_password(stored(User, email=EMAIL)[0])
    with pytest.raises(Invalid):
        sign_in()
    assert sign_in(password="another good one").actor.email == EMAIL


def test_a_password_changed_while_the_old_one_is_checked(
    database: db.Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    somebody()
    matches = passwords.matches

    def slow(*given: Any) -> bool:
        monkeypatch.setattr(passwords, "matches", matches)
        _set_password(stored(User, email=EMAIL)[0])
        return matches(*given)

    monkeypatch.setattr(passwords, "matches", slow)
    with pytest.raises(Invalid):
        sign_in()


def test_few_hashes_at_a_time(database: db.Database, monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    running, most = 0, 0
    guard = threading.Lock()

    class Watched(PasswordHasher):
        def verify(self, *given: Any) -> Any:
            nonlocal running, most
            with guard:
                running += 1
                most = max(most, running)
            try:
                return super().verify(*given)
            finally:
                with guard:
                    running -= 1

    somebody()
    monkeypatch.setattr(passwords, "hasher", Watched(2, 4096, 1))
    together(20, lambda n: sign_in(f"unknown{n}@example.com"))
    assert 1 <= most <= passwords.PARALLEL_HASHES


def test_staff_of_a_host_application_cannot_sign_in_by_its_address(database: db.Database) -> None:
    with db.unit_of_work() as session:
        session.add(User(email=EMAIL, external_id="host-1", role="SUPPORT"))
    with pytest.raises(Invalid):
        sign_in()
