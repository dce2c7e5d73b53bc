"""Role × route × method × own, somebody else's, gone or missing object: who gets in, who does not.

The routes are those of the running application; what to expect follows from the access entry of
each and from the specification's table of permissions, which is written here once more on purpose.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select

from models.actor import Role
from models.audit import AuditEntry
from models.db import Database, reading
from models.permissions import Permission
from public_site.door import Access
from tests.guards import objects, routing, state
from tests.guards.browser import Browser, Response, body_of
from tests.guards.objects import OWN, Asked
from tests.guards.routing import Entry
from tests.guards.world import PRINCIPALS, World
from tests.house import none_of

OK = frozenset({200, 301, 303})
TOO_EARLY = 409
_ALL_STAFF = frozenset({Role.SUPPORT, Role.ADMIN, Role.SUPER_ADMIN})
_ADMINS = frozenset({Role.ADMIN, Role.SUPER_ADMIN})
# The specification's last table, and CONTRACT section 4 for the rest.
ROLES_OF = {
    **{permission.value: _ALL_STAFF for permission in Permission},
    Permission.KB_WRITE.value: _ADMINS,
    "staff": _ALL_STAFF,
    "manage people": _ADMINS,
    "read the audit log": _ADMINS,
}
ROLE = {
    "member1": Role.MEMBER,
    "member2": Role.MEMBER,
    "support": Role.SUPPORT,
    "admin": Role.ADMIN,
    "super": Role.SUPER_ADMIN,
}
OTHER_METHODS = ("HEAD", "OPTIONS", "TRACE", "DELETE", "PROPFIND", "PROMOTE")
# Nothing of the dashboard's frame may stand in what outsiders get.
SHELL = (b"/support-dashboard/", b"tabler", b"sqladmin", b"Audit log", b"Quick issues")


@dataclass(frozen=True, slots=True)
class Cell:
    """One question of the matrix."""

    who: str
    entry: Entry
    kind: str

    def __str__(self) -> str:
        return f"{self.who}: {self.entry} ({self.kind})"


def test_every_route_has_an_access_entry(browser: Browser) -> None:
    entries = routing.entries(browser.app)
    assert [str(entry) for entry in entries if entry.access is None] == []
    known = {*ROLES_OF, *(access.value for access in Access)}
    assert {name for entry in entries for name in str(entry.access).split(" or ")} <= known


def test_the_matrix_of_refusals(browser: Browser, world: World, database: Database) -> None:
    """Whoever may not gets nothing: no page, no change, no hint whether the object exists."""
    before = state.picture(database)
    wrong = []
    refused = 0
    for cell in _cells(browser, world):
        if _is_let_in(cell):
            continue
        response = _ask(browser, world, cell)
        wrong += _wrong_refusal(cell, response)
        refused += response.status_code == 403 and cell.entry.method == "POST"
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))
    with reading() as db:
        kept = db.scalar(select(func.count()).where(AuditEntry.object_type == "refusal"))
    assert kept == refused, "a refused deed of somebody known leaves one row in the audit log"


def test_the_matrix_of_missing_objects(browser: Browser, world: World, database: Database) -> None:
    """What is somebody else's, a draft, deleted or missing: the same answer, whatever is sent."""
    before = state.picture(database)
    wrong = []
    compared = 0
    missing: dict[tuple[str, str, bool], Response] = {}
    for cell in _cells(browser, world):
        if not _is_let_in(cell) or cell.kind == OWN:
            continue
        for sent in (None, {"nonsense": "1"}) if cell.entry.method == "POST" else (None,):
            key = (cell.who, str(cell.entry), sent is None)
            if key not in missing:
                missing[key] = _ask(browser, world, _missing(cell), sent)
            compared += 1
            wrong += _different(cell, world, _ask(browser, world, cell, sent), missing[key])
    none_of(wrong)
    assert compared > 100
    none_of(state.difference(before, state.picture(database)))


def test_the_matrix_of_what_works(browser: Browser, world: World) -> None:
    """Everybody gets at what is theirs: the guards above refuse by right, not by accident."""
    wrong = []
    for cell in _cells(browser, world):
        if not _is_let_in(cell) or cell.kind != OWN:
            continue
        response = _ask(browser, world, cell)
        if cell.entry.method == "POST":
            objects.renewed(cell.entry, world, cell.who)
        is_early = cell.entry.path.endswith("/rating") and response.status_code == TOO_EARLY
        if is_early:
            continue  # the ticket is not resolved yet: tests/public_site/test_my_ticket.py votes
        if response.status_code not in OK or "/login" in response.location:
            wrong.append(f"{cell}: {response.status_code} {_where(response)}")
    none_of(wrong)


def test_other_methods_do_nothing(browser: Browser, world: World, database: Database) -> None:
    before = state.picture(database)
    wrong = []
    for path, taken in _methods_by_path(browser).items():
        entry = Entry("GET", path, None)
        for who in ("anonymous", "member1", "super"):
            address = objects.asked(entry, OWN, world, _owner(entry, who)).path
            for method in OTHER_METHODS:
                if method not in taken - {"HEAD"}:
                    fault = _fault_of_method(browser, Try(entry, who, method, address), taken)
                    wrong += [fault] if fault else []
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))


@dataclass(frozen=True, slots=True)
class Try:
    """A method tried at an address."""

    entry: Entry
    who: str
    method: str
    path: str

    def __str__(self) -> str:
        return f"{self.who}: {self.method} {self.path}"


def _fault_of_method(browser: Browser, tried: Try, taken: set[str]) -> str:
    answer = browser.ask(tried.who, tried.method, tried.path)
    said = f"{tried}: {answer.status_code}"
    if tried.method == "HEAD" and "HEAD" in taken:
        shown = browser.ask(tried.who, "GET", tried.path).status_code
        is_same = answer.status_code == shown and not answer.content
        return "" if is_same else f"{said}, GET gives {shown}"
    if tried.entry.is_back_office and tried.who != "super":
        return "" if answer.status_code == (303 if tried.who == "anonymous" else 403) else said
    named = {name.strip() for name in answer.headers.get("allow", "").split(",")}
    return "" if answer.status_code == 405 and named >= taken - {"HEAD"} else said


def test_a_method_in_a_header_or_field_is_ignored(browser: Browser, world: World) -> None:
    number = world.tickets["member1"]
    named = {
        "X-HTTP-Method-Override": "DELETE",
        "X-Method-Override": "POST",
        "X-HTTP-Method": "PUT",
    }
    answer = browser.ask("member1", "GET", f"/support/{number}?_method=DELETE", headers=named)
    assert answer.status_code == 200
    given = browser.ask(
        "member1", "POST", f"/support/{number}/messages", content=b"_method=DELETE&content=x"
    )
    assert given.status_code == 422


# --- the cells ------------------------------------------------------------------------------------


def _cells(browser: Browser, world: World) -> Iterator[Cell]:
    for entry in routing.pages(browser.app):
        for who in PRINCIPALS:
            if who == "guest" and entry.is_back_office:
                continue  # without a cookie a guest is anybody there
            for kind in objects.kinds(entry, world, who):
                yield Cell(who, entry, kind)


def _is_let_in(cell: Cell) -> bool:
    role = ROLE.get(cell.who)
    if cell.entry.is_back_office:
        return role in ROLES_OF[str(cell.entry.access)]
    if cell.entry.access == Access.STAFF.value:
        return role in ROLES_OF["staff"]
    return cell.entry.access != Access.SIGNED_IN.value or role is not None


def _missing(cell: Cell) -> Cell:
    return Cell(cell.who, cell.entry, objects.MISSING)


def _owner(entry: Entry, who: str) -> str:
    return "member1" if entry.path.startswith(("/support/{number}", "/account/")) else who


def _address(cell: Cell, world: World) -> Asked:
    return objects.asked(cell.entry, cell.kind, world, cell.who)


def _ask(
    browser: Browser, world: World, cell: Cell, sent: dict[str, str] | None = None
) -> Response:
    path = _address(cell, world).path
    if cell.entry.method == "GET":
        return browser.ask(cell.who, "GET", path)
    fields = sent if sent is not None else objects.form(cell.entry, world, cell.who)
    return browser.ask(cell.who, cell.entry.method, path, form=fields)


def _where(response: Response) -> str:
    return response.location or response.text[:300]


def _wrong_refusal(cell: Cell, response: Response) -> list[str]:
    is_known = cell.who in ROLE
    said = f"{cell}: {response.status_code} {response.headers.get('location', '')}"
    if not is_known:
        goes = response.status_code == 303 and response.location.startswith("/login?next=/")
        return [] if goes and not response.content else [said]
    if response.status_code != 403:
        return [said]
    is_customer = ROLE[cell.who] is Role.MEMBER
    shown = [piece for piece in SHELL if is_customer and piece in response.content]
    return [f"{said} shows {shown}"] if shown else []


def _different(cell: Cell, world: World, one: Response, missing: Response) -> list[str]:
    here, there = _address(cell, world).word, _address(_missing(cell), world).word
    if one.status_code != 404:
        return [f"{cell}: {one.status_code}"]
    shown, told = body_of(one, here, here.upper()), body_of(missing, there, there.upper())
    if cell.kind != objects.ODD and shown != told:
        return [f"{cell}: another body than for a missing one"]
    if _comparable(one) != _comparable(missing):
        return [f"{cell}: other headers than for a missing one"]
    return []


def _comparable(response: Response) -> dict[str, str]:
    apart = {"x-request-id", "content-length", "date"}
    return {name: value for name, value in response.headers.items() if name not in apart}


def _methods_by_path(browser: Browser) -> dict[str, set[str]]:
    methods: dict[str, set[str]] = {}
    for entry in routing.pages(browser.app):
        found = methods.setdefault(entry.path, set())
        found |= {"GET", "HEAD"} if entry.method == "GET" else {entry.method}
    return methods


@pytest.mark.parametrize("door", ["web", "room"])
def test_support_cannot_write_articles(browser: Browser, world: World, door: str) -> None:
    """Both ways to an article are closed to SUPPORT, and open to ADMIN."""
    from models import kb
    from models.db import unit_of_work
    from models.deeds import read
    from models.errors import NotPermitted

    values = {"title": "Written", "category": "getting_started", "content": "Text."}
    if door == "web":
        path = "/support-dashboard/kb/new"
        assert browser.ask("support", "POST", path, form=values).status_code == 403
        assert browser.ask("admin", "POST", path, form=values).status_code == 303
        return
    deed = read(kb.ArticleDeed, values)
    with pytest.raises(NotPermitted), unit_of_work() as db:
        kb.create_article(db, deed, actor=world.actor("support"))
    with unit_of_work() as db:
        assert kb.create_article(db, deed, actor=world.actor("admin")).id
