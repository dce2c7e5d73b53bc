"""One's own account: name and mail, password, sign-ins, tokens, a copy of the data, the end."""

import io
import json
import re
import zipfile

import pytest

from models import db, tickets, users
from models.actor import Actor, Door, Role, operator
from models.audit import AuditEntry
from models.tickets import Status, Ticket
from models.users import ApiToken, SignIn, User
from tests.models import world
from tests.public_site.visitor import Town, Visitor

NOTE = "canary-of-a-note"
NEW = "another quite good one"


def _me(email: str = "ann@example.com") -> Actor:
    with db.reading() as session:
        user = users.get(session, email, actor=operator())
    return users.actor_of(user, door=Door.WEB, address=None)


def _in(town: Town, email: str, password: str = world.PASSWORD) -> Visitor:
    """Somebody in another browser."""
    visitor = town.visitor()
    visitor.go("/login")
    visitor.send("/login", email=email, password=password)
    return visitor


def _agent(town: Town) -> Visitor:
    hashed = users.hash_new_password(world.PASSWORD)
    world.person(Role.SUPPORT, email="sam@example.com", name="Sam", password_hash=hashed)
    return _in(town, "sam@example.com")


def _is_in(visitor: Visitor) -> bool:
    return visitor.go("/account").status_code == 200


def test_name_and_mail(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/account")
    visitor.post("/account", {"name": "Ann <b>Bee</b>"})
    visitor.follow()
    assert "Saved." in visitor.words
    assert "Ann &lt;b&gt;Bee&lt;/b&gt;" in visitor.page.text
    ticket_id, agent = world.ticket(_me()), world.person(Role.SUPPORT)
    world.answer(ticket_id, agent)
    assert world.mails("ticket_reply") == []
    world.move(ticket_id, Status.RESOLVED, agent, resolution="Done.")
    assert len(world.mails("ticket_resolved")) == 1, "what is no reply still comes"
    visitor.post("/account", {"name": "Ann", "mailOnReply": "true"})
    world.answer(world.ticket(_me()), agent)
    assert len(world.mails("ticket_reply")) == 1
    assert len(world.audited(_me().user_id, "user.profile")) == 2
    visitor.post("/account", {"name": " ", "mailOnReply": "true"})
    assert visitor.page.status_code == 422
    assert 'id="name-wrong"' in visitor.page.text
    visitor.post("/account", {"name": "Ann", "role": "SUPER_ADMIN"})
    assert visitor.page.status_code == 422
    assert world.stored(User, email="ann@example.com")[0].role == "MEMBER"


def test_a_guests_mails_are_stopped_by_their_own_link_only(town: Town) -> None:
    """Who has the account chose; a ticket sent without signing in is answered all the same."""
    visitor = town.signed_in()
    visitor.post("/account", {"name": "Ann"})
    outside = town.visitor()
    outside.go("/support/new")
    outside.send(
        "/support/new", type="question", category="other", title="Without signing in",
        description="x", guestEmail="ann@example.com", guestName="",
    )  # fmt: skip
    world.answer(world.stored(Ticket)[-1].id, world.person(Role.SUPPORT))
    assert len(world.mails("ticket_reply")) == 1


def test_another_password(town: Town) -> None:
    visitor = town.signed_in()
    other = _in(town, "ann@example.com")
    visitor.go("/account/password")
    visitor.send("/account/password", present="not this one", password=NEW)
    assert visitor.page.status_code == 422
    assert 'id="present-wrong"' in visitor.page.text
    visitor.send("/account/password", present=world.PASSWORD, password="short")
    assert 'id="password-wrong"' in visitor.page.text
    assert _is_in(other)
    visitor.go("/account/password")
    visitor.send("/account/password", present=world.PASSWORD, password=NEW)
    visitor.follow()
    assert "Your password is changed." in visitor.words
    assert not _is_in(other)
    assert _is_in(visitor)
    assert not _is_in(_in(town, "ann@example.com"))
    assert _is_in(_in(town, "ann@example.com", NEW))
    assert NEW not in str([row.data for row in world.stored(AuditEntry)])


def test_guessing_the_present_password_ends_soon(town: Town) -> None:
    visitor = town.signed_in()
    for _ in range(10):
        visitor.post("/account/password", {"present": "wrong guess", "password": NEW})
        assert visitor.page.status_code == 422
    visitor.post("/account/password", {"present": world.PASSWORD, "password": NEW})
    assert visitor.page.status_code == 429


def test_the_first_password_needs_no_present_one(town: Town) -> None:
    world.person(email="pat@example.com")
    visitor = town.visitor()
    visitor.go("/login")
    visitor.post("/login/link", {"email": "pat@example.com"})
    visitor.go(town.link_to("pat@example.com", "/login/link/"))
    visitor.send(None)
    visitor.go("/account/password")
    assert 'name="present"' not in visitor.page.text
    visitor.send("/account/password", password=NEW)
    assert visitor.page.status_code == 303, visitor.words
    assert _is_in(_in(town, "pat@example.com", NEW))


def test_sign_ins_of_ones_own(town: Town) -> None:
    visitor = town.signed_in()
    other, stranger = _in(town, "ann@example.com"), town.signed_in("eve@example.com", "Eve")
    visitor.go("/account")
    ends = re.findall(r'action="(/account/sign-ins/[^"]+/end)"', visitor.page.text)
    assert len(ends) == 1
    assert "This browser" in visitor.words
    assert stranger.post(ends[0], {}).status_code == 404
    assert _is_in(other)
    visitor.post(ends[0], {})
    assert not _is_in(other)
    assert visitor.post(ends[0], {}).status_code == 404
    third = _in(town, "ann@example.com")
    visitor.go("/account")
    visitor.send("/account/sign-out-everywhere")
    assert visitor.page.headers["location"] == "/help"
    assert (_is_in(visitor), _is_in(third), _is_in(stranger)) == (False, False, True)
    mine = world.stored(SignIn, user_id=_me().user_id)
    assert all(row.ended_at is not None for row in mine)


def test_tokens_of_staff(town: Town) -> None:
    visitor = _agent(town)
    visitor.go("/account/tokens")
    visitor.post("/account/tokens", {"name": "Reports", "expiresDays": "30"})
    assert visitor.page.status_code == 422
    assert 'id="scopes-wrong"' in visitor.page.text
    sent = {"name": "Reports", "expiresDays": "30", "scope.support:tickets:read": "true"}
    visitor.post("/account/tokens", sent)
    (secret,) = re.findall(r'class="secret">(sd_[\w-]{43})<', visitor.page.text)
    assert visitor.page.headers["cache-control"] == "no-store"
    bearer = {"Authorization": f"Bearer {secret}"}
    bare = town.visitor()
    assert bare.go("/api/support/tickets", **bearer).status_code == 200
    assert bare.go("/api/support/users", **bearer).status_code == 403
    (token,) = world.stored(ApiToken)
    assert token.expires_at is not None
    assert (token.expires_at - token.created_at).days == 30
    visitor.go("/account/tokens")
    assert secret not in visitor.page.text
    bad = {**sent, "scope.support:everything": "true"}
    assert visitor.post("/account/tokens", bad).status_code == 422
    stranger = world.person(Role.SUPPORT)
    with db.unit_of_work() as session:
        user = session.get_one(User, stranger.user_id)
        theirs, _ = users.create_token(session, user, users.NewToken(name="t"), actor=operator())
    assert visitor.post(f"/account/tokens/{theirs.id}/revoke", {}).status_code == 404
    visitor.post(f"/account/tokens/{token.id}/revoke", {})
    assert bare.go("/api/support/tickets", **bearer).status_code == 401
    customer = town.signed_in()
    assert customer.go("/account/tokens").status_code == 403
    assert customer.post("/account/tokens", sent).status_code == 403


def test_a_copy_of_ones_own_data(town: Town) -> None:
    visitor = town.signed_in()
    agent = world.person(Role.SUPPORT, name="Sam")
    mine = world.ticket(_me(), title="Mine alone")
    world.ticket(world.person(), title="Of somebody else")
    kept = tickets.check_file("a.log", b"my own line")
    world.on_ticket(mine, tickets.reply, tickets.Reply(content="See."), files=[kept], actor=_me())
    world.note(mine, agent, NOTE)
    world.answer(mine, agent, "Thanks.")
    visitor.go("/account")
    got = visitor.post("/account/export", {})
    assert got.headers["content-type"] == "application/zip"
    assert got.headers["content-disposition"].startswith("attachment;")
    with zipfile.ZipFile(io.BytesIO(got.content)) as archive:
        assert archive.testzip() is None
        names = archive.namelist()
        everything = b"\n".join(archive.read(name) for name in names).decode()
        account = json.loads(archive.read("account.json"))
        ticket = json.loads(archive.read("tickets/TICKET-0001.json"))
    assert len(names) == 3
    assert account["email"] == "ann@example.com"
    assert (ticket["title"], ticket["status"]) == ("Mine alone", "in_progress")
    said = [(item["from"], item["text"]) for item in ticket["messages"]]
    assert said == [("you", "See."), ("Sam", "Thanks.")]
    assert "my own line" in everything
    for hidden in (NOTE, "somebody else", "priority", agent.email, "password", "token_hash"):
        assert str(hidden) not in everything, hidden
    assert len(world.audited(_me().user_id, "export.own")) == 1
    assert visitor.post("/account/export", {"user": "x"}).status_code == 422
    for _ in range(4):
        assert visitor.post("/account/export", {}).status_code == 200
    assert visitor.post("/account/export", {}).status_code == 429


def test_asking_for_the_end_of_an_account(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/account/delete")
    assert world.stored(Ticket) == [], "looking asks for nothing"
    visitor.send("/account/delete")
    (ticket,) = world.stored(Ticket)
    assert visitor.page.headers["location"] == f"/support/{ticket.ticket_number}"
    assert ticket.user_id == _me().user_id
    assert _is_in(visitor), "staff decide; until then all stays"
    assert visitor.go("/account/delete").text.count('action="/account/delete"') == 0
    assert visitor.post("/account/delete", {}).status_code == 409
    assert len(world.stored(Ticket)) == 1
    assert len(world.audited(_me().user_id, "user.ask_deletion")) == 1


@pytest.mark.parametrize("path", ["", "/password", "/delete", "/tokens"])
def test_an_account_is_for_who_has_one(town: Town, path: str) -> None:
    visitor = town.visitor()
    assert visitor.go(f"/account{path}").headers["location"] == f"/login?next=/account{path}"
    assert visitor.post(f"/account{path}", {}).headers["location"] == "/login?next=/account"
