"""Getting in and out."""

import re

import pytest

from models import db, users
from models.actor import Role, operator
from models.users import LinkPurpose, SignIn
from tests.models import world
from tests.public_site.visitor import Town

LOCAL = [("/support/new", "/support/new"), ("/support?q=a%20b", "/support?q=a%20b")]
LEADS_AWAY = [
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "javascript:alert(1)",
    "evil.example",
    "/login?next=/login",
    "/help\\..\\x",
    "/ü",
    "/" + "x" * 600,
]


def _link(email: str, purpose: LinkPurpose = LinkPurpose.SIGN_IN) -> str:
    with db.unit_of_work() as session:
        user = users.get(session, email, actor=operator())
        return f"/login/link/{users.new_link(session, user, purpose, actor=operator())}"


def test_sign_in_by_password_and_out(town: Town) -> None:
    town.signed_in()
    visitor = town.visitor()
    visitor.go("/login?next=/support/new")
    visitor.send("/login", email="ANN@example.com", password=world.PASSWORD)
    cookie = visitor.page.headers["set-cookie"]
    assert re.search(r"session=\S{40,}; HttpOnly; Max-Age=\d+; Path=/; SameSite=lax", cookie)
    assert visitor.page.headers["location"] == "/support/new"
    visitor.go("/support")
    assert "You are signed in." in visitor.words
    stolen = visitor.client.cookies["session"]
    visitor.go("/account")
    assert "ann@example.com" in visitor.words
    visitor.send("/logout")
    assert visitor.page.headers["location"] == "/help"
    assert visitor.go("/support").status_code == 303
    assert visitor.go("/support", Cookie=f"session={stolen}").status_code == 303


def test_who_is_signed_in_needs_no_form(town: Town) -> None:
    visitor = town.signed_in()
    assert visitor.go("/login").headers["location"] == "/support"
    assert visitor.go("/login?next=/support/new").headers["location"] == "/support/new"
    assert visitor.go("/register").headers["location"] == "/account"


def test_every_failed_sign_in_looks_the_same(town: Town) -> None:
    town.signed_in()
    world.person(email="nopassword@example.com")
    visitor = town.visitor()
    answers = set()
    for email in ("ann@example.com", "nopassword@example.com", "nobody@example.com"):
        visitor.go("/login")
        visitor.send("/login", email=email, password="wrong-password")
        assert visitor.page.status_code == 422
        assert f'value="{email}"' in visitor.page.text
        assert "wrong-password" not in visitor.page.text
        answers.add(visitor.page.text.replace(email, ""))
    assert len(answers) == 1


def test_ten_failures_are_enough(town: Town) -> None:
    visitor = town.visitor()
    typed = {"email": "nobody@example.com", "password": "wrong"}
    for _ in range(10):
        assert visitor.post("/login", typed).status_code == 422
    visitor.post("/login", typed)
    assert visitor.page.status_code == 429
    assert 0 < int(visitor.page.headers["retry-after"]) <= 900
    assert 'value="nobody@example.com"' in visitor.page.text


def test_wrong_fields_are_said_at_the_field(town: Town) -> None:
    visitor = town.visitor()
    for typed, name in [
        ({"email": "", "password": "x"}, "email"),
        ({"email": "a@example.com", "password": ""}, "password"),
        ({"email": "a@example.com", "password": "x" * 1025}, "password"),
        ({"email": "no address", "password": "x"}, "email"),
        ({"email": "a@example.com", "password": "a\0b"}, "password"),
    ]:
        visitor.post("/login", typed)
        assert visitor.page.status_code == 422
        assert f'id="{name}-wrong"' in visitor.page.text, typed
    visitor.post("/login", {"email": "a@example.com", "password": "x", "role": "ADMIN"})
    assert visitor.page.status_code == 422


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_way_on_stays_on_this_site(town: Town) -> None:
    visitor = town.signed_in()
    for wanted in LEADS_AWAY:
        visitor.page = visitor.client.get("/login", params={"next": wanted})
        assert visitor.page.headers["location"] == "/support", wanted
    for wanted, place in LOCAL:
        visitor.page = visitor.client.get("/login", params={"next": wanted})
        assert visitor.page.headers["location"] == place
    stranger = town.visitor()
    stranger.page = stranger.client.get("/login", params={"next": "//evil.example"})
    assert "evil.example" not in stranger.page.text


def test_staff_begins_at_the_dashboard(town: Town) -> None:
    world.person(Role.SUPPORT, email="sam@example.com")
    visitor = town.visitor()
    visitor.go(_link("sam@example.com"))
    visitor.send(None)
    assert visitor.page.headers["location"] == "/support-dashboard"
    visitor.go("/help")
    assert 'href="/support-dashboard"' in visitor.page.text


def test_a_link_by_mail_works_once_and_looking_does_nothing(town: Town) -> None:
    town.signed_in()
    visitor = town.visitor()
    visitor.go("/login")
    assert 'formaction="/login/link"' in visitor.page.text
    visitor.post("/login/link", {"email": "ann@example.com", "password": "", "next": "/support"})
    assert "Look into your mailbox" in visitor.words
    link = town.link_to("ann@example.com", "/login/link/")
    for _ in range(3):
        assert visitor.go(link).status_code == 200
        visitor.client.head(link)
    assert visitor.page.headers["referrer-policy"] == "no-referrer"
    assert "ann@example.com" in visitor.words
    page = visitor.page
    visitor.send(None)
    assert visitor.page.headers["location"] == "/support"
    other = town.visitor()
    other.page = page
    other.send(None)
    assert other.page.status_code == 404
    assert other.go(link).status_code == 404


def test_the_answer_does_not_tell_whether_somebody_is_known(town: Town) -> None:
    town.signed_in()
    for path, typed in [("/login/link", {}), ("/register", {"name": "Ann"})]:
        pages = set()
        for email in ("ann@example.com", "nobody@example.com"):
            visitor = town.visitor()
            visitor.post(path, {**typed, "email": email})
            pages.add((visitor.page.status_code, visitor.page.text.replace(email, "")))
        assert len(pages) == 1


def test_a_password_that_breaks_the_rule_leaves_the_link_alive(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/register")
    visitor.send("/register", name="Ann", email="ann@example.com")
    visitor.go(town.link_to("ann@example.com", "/login/link/"))
    for password in ("", "short12", "password1", "ann@example.com", "a\0bcdefgh"):
        visitor.send(None, password=password)
        assert visitor.page.status_code == 422, password
        assert 'id="password-wrong"' in visitor.page.text
    visitor.send(None, password="a long sentence with spaces")
    assert visitor.page.status_code == 303
    visitor.go("/support")
    assert "Your password is set" in visitor.words


def test_wrong_sign_ups_are_said_at_the_field(town: Town) -> None:
    visitor = town.visitor()
    for typed, name in [
        ({"name": "", "email": "a@example.com"}, "name"),
        ({"name": "x" * 121, "email": "a@example.com"}, "name"),
        ({"name": "Ann", "email": "a@"}, "email"),
    ]:
        visitor.post("/register", typed)
        assert visitor.page.status_code == 422
        assert f'id="{name}-wrong"' in visitor.page.text
    visitor.post("/login/link", {"email": "a@"})
    assert visitor.page.status_code == 422


def test_a_new_sign_in_ends_the_one_before(town: Town) -> None:
    visitor = town.signed_in()
    first = visitor.client.cookies["session"]
    visitor.go(_link("ann@example.com"))
    visitor.send(None)
    assert visitor.client.cookies["session"] != first
    assert town.visitor().go("/support", Cookie=f"session={first}").status_code == 303
    living = [row for row in world.stored(SignIn) if row.ended_at is None]
    assert len(living) == 1


def test_a_planted_session_is_not_taken_over(town: Town) -> None:
    town.signed_in()
    visitor = town.visitor()
    visitor.client.cookies.set("session", "planted-by-somebody")
    visitor.post("/login", {"email": "ann@example.com", "password": world.PASSWORD})
    assert "session=planted" not in visitor.page.headers["set-cookie"]
    assert town.visitor().go("/support", Cookie="session=planted-by-somebody").status_code == 303


def test_signing_out_without_a_sign_in_is_no_mistake(town: Town) -> None:
    assert town.visitor().post("/logout", {}).headers["location"] == "/help"


def test_headers_that_name_somebody_are_not_believed(town: Town) -> None:
    town.signed_in()
    visitor = town.visitor()
    for name in ("X-Remote-User", "X-User-ID", "X-Forwarded-User", "Authorization"):
        assert visitor.go("/support", **{name: "ann@example.com"}).status_code == 303
