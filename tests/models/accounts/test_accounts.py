"""Signing up and asking for a link: nobody learns whether an address is known."""

import pytest

from models import accounts, db, users
from models.actor import Role
from models.errors import TooMany
from models.users import SignInDeed, User
from tests.models.world import (
    OPERATOR,
    PASSWORD,
    Clock,
    audited,
    mails,
    person,
    prove_address,
    stored,
    together,
    visitor,
)

EMAIL = "jane@example.com"


def register(email: str = EMAIL, name: str = "Jane", address: str = "192.0.2.1") -> None:
    deed = accounts.Register(email=email, name=name)
    with db.unit_of_work() as session:
        accounts.register(session, deed, actor=visitor(address))


def request_link(email: str = EMAIL, address: str = "192.0.2.1") -> None:
    with db.unit_of_work() as session:
        accounts.request_link(session, accounts.LinkRequest(email=email), actor=visitor(address))


def token() -> str:
    return mails()[-1].text.split("/login/link/")[1].split()[0]


def test_from_signing_up_to_signed_in(database: db.Database) -> None:
    register("Jane@Example.com")
    (user,) = stored(User, email=EMAIL)
    assert (user.name, user.role, user.email_verified_at) == ("Jane", "MEMBER", None)
    (letter,) = mails()
    assert (letter.kind, letter.recipient) == ("link_set_password", EMAIL)
    made = users.use_link(token(), PASSWORD, actor=visitor())
    assert made.actor.user_id == user.id
    users.sign_in(SignInDeed(email=EMAIL, password=PASSWORD), actor=visitor())


def test_the_mail_carries_no_word_of_whoever_asked(database: db.Database) -> None:
    register(name="BUY-MY-PILLS")
    (letter,) = mails()
    assert "PILLS" not in f"{letter.subject}{letter.text}{letter.html}{letter.recipient_name}"


def test_signing_up_with_a_known_address_changes_nothing(database: db.Database) -> None:
    jane = person(Role.ADMIN, email=EMAIL, password_hash=users.hash_new_password(PASSWORD))
    before = stored(User, email=EMAIL)[0].__dict__.copy()
    register(name="Mallory")
    after = stored(User, email=EMAIL)[0].__dict__
    assert {k: v for k, v in after.items() if k[0] != "_"} == {
        k: v for k, v in before.items() if k[0] != "_"
    }
    (letter,) = mails()
    assert letter.kind == "link_existing_account"
    made = users.use_link(token(), "a password of Mallory", actor=visitor())
    assert made.actor.user_id == jane.user_id
    users.sign_in(SignInDeed(email=EMAIL, password=PASSWORD), actor=visitor())


def test_all_answers_are_alike(database: db.Database) -> None:
    gone = person(email="gone@example.com")
    prove_address(gone)
    with db.unit_of_work() as session:
        users.deactivate(session, session.get_one(User, gone.user_id), actor=OPERATOR)
    person(email=EMAIL)
    for email in (EMAIL, "gone@example.com", "unknown@example.com"):
        request_link(email)
        register(email)
    assert mails(recipient="gone@example.com") == []
    assert [mail.kind for mail in mails(recipient=EMAIL)] == ["link_sign_in", "link_set_password"]
    assert [mail.kind for mail in mails(recipient="unknown@example.com")] == ["link_set_password"]


def test_five_mails_an_hour_a_person_and_silence_after(database: db.Database, clock: Clock) -> None:
    person(email=EMAIL)
    for number in range(8):
        request_link(address=f"198.51.100.{number}")
    assert len(mails(recipient=EMAIL)) == 5
    users.use_link(token(), None, actor=visitor())
    clock.forward(hours=1, seconds=1)
    request_link()
    assert len(mails(recipient=EMAIL)) == 6


def test_twenty_requests_an_hour_a_network_address(database: db.Database) -> None:
    for number in range(10):
        request_link(f"unknown{number}@example.com")
        register(f"new{number}@example.com")
    for ask in (request_link, register):
        with pytest.raises(TooMany):
            ask("another@example.com")
    request_link(address="198.51.100.7")


def test_signing_up_many_times_at_once_is_one_person(database: db.Database) -> None:
    outcome = together(8, lambda n: register(address=f"198.51.100.{n}"))
    assert outcome == [None] * 8
    (user,) = stored(User, email=EMAIL)
    assert len(audited(user.id, "user.register")) == 1
    assert len(mails()) == 5


@pytest.mark.parametrize(
    "email",
    [
        "", "root", "@x", "v@localhost", "v@[127.0.0.1]", "v@x.example, evil@y.example",
        '"a" <v@x.example>', "v@x.example\nBcc: evil@y.example", "a\0b@x.example",
        "x" * 250 + "@example.com",
    ],
)  # fmt: skip
def test_what_is_no_address(email: str) -> None:
    with pytest.raises(ValueError, match=r"e-mail|character"):
        accounts.LinkRequest(email=email)
