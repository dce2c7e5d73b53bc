"""Role × endpoint × own, foreign, draft or missing object, by cookie and by token.

The endpoints are those of the application's own table; what to expect follows from the access of
each and from the specification's table of permissions, written once more in `test_matrix.py`.
"""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

from models import users
from models.actor import operator
from models.audit import AuditEntry
from models.db import Database, reading, unit_of_work
from models.permissions import Permission
from models.users import User
from public_site.api import ENDPOINTS
from public_site.api.call import Endpoint
from public_site.door import Access
from tests.guards import calls, objects, state
from tests.guards.browser import Browser, Response, body_of
from tests.guards.objects import MISSING, OWN
from tests.guards.test_matrix import ROLE, ROLES_OF
from tests.guards.world import World
from tests.house import none_of

ASKING = ("anonymous", "member1", "member2", "support", "admin", "super", "fired", "gone", "out")
WRONG = {"nonsense": 1}


def _name(endpoint: Endpoint) -> str:
    return f"{endpoint.method} {endpoint.path}"


def _is_let_in(who: str, endpoint: Endpoint) -> bool:
    role = ROLE.get(who)
    if isinstance(endpoint.access, Access):
        return endpoint.access is Access.PUBLIC or role is not None
    return any(role in ROLES_OF[name.value] for name in endpoint.access)


def _ways(world: World, who: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "cookie", {"who": who}
    if who in world.tokens:
        yield "token", {"token": world.tokens[who]}


def test_every_endpoint_that_writes_has_a_right_body() -> None:
    writing = {(item.method, item.path) for item in ENDPOINTS if item.method != "GET"}
    assert writing == set(calls.BODIES)


def test_whoever_may_not_gets_nothing(browser: Browser, world: World, database: Database) -> None:
    before = state.picture(database, apart=_NOTED)
    wrong: list[str] = []
    refused = 0
    for endpoint in ENDPOINTS:
        for who in ASKING:
            if _is_let_in(who, endpoint):
                continue
            kind = calls.kinds(endpoint, world, "member1")[0]
            address = calls.path(endpoint, kind, world, "member1")
            for way, by in _ways(world, who):
                body = calls.right_body(endpoint, world) if endpoint.method != "GET" else None
                answer = calls.ask(browser, endpoint, address, body, **by)
                expected = 403 if who in ROLE else 401
                refused += expected == 403
                wrong += _faults(f"{who} by {way}: {_name(endpoint)}", answer, expected)
    none_of(wrong)
    none_of(state.difference(before, state.picture(database, apart=_NOTED)))
    with reading() as db:
        kept = db.scalar(select(func.count()).where(AuditEntry.object_type == "refusal"))
    assert kept == refused, "a refused deed of somebody known leaves one row in the audit log"


_NOTED = state.NOTED_BY_READING | {"api_tokens.last_used_at"}


def _faults(said: str, answer: Response, expected: int) -> Iterator[str]:
    if answer.status_code != expected:
        yield f"{said}: {answer.status_code} instead of {expected}"
        return
    problem = json.loads(answer.content)
    if (
        problem["status"] != expected
        or answer.headers["content-type"] != "application/problem+json"
    ):
        yield f"{said}: no problem document"
    if (expected == 401) != ("www-authenticate" in answer.headers):
        yield f"{said}: WWW-Authenticate"


def test_what_somebody_may_not_see_is_not_there(
    browser: Browser, world: World, database: Database
) -> None:
    """I-26: foreign, draft, deleted and missing are one and the same, whatever is sent."""
    before = state.picture(database, apart=_NOTED)
    wrong: list[str] = []
    compared = 0
    for endpoint in ENDPOINTS:
        if "{" not in endpoint.path:
            continue
        for who in ASKING:
            if not _is_let_in(who, endpoint):
                continue
            for kind in calls.kinds(endpoint, world, who):
                if kind in (OWN, objects.ODD):
                    continue
                compared += 1
                wrong += _different(browser, world, endpoint, who, kind)
    none_of(wrong)
    assert compared > 100
    none_of(state.difference(before, state.picture(database, apart=_NOTED)))


def _different(
    browser: Browser, world: World, endpoint: Endpoint, who: str, kind: str
) -> Iterator[str]:
    bodies = [None] if endpoint.method == "GET" else [calls.right_body(endpoint, world), WRONG]
    for body in bodies:
        for way, by in _ways(world, who):
            said = f"{who} by {way}: {_name(endpoint)} ({kind})"
            shown = []
            for place in (kind, MISSING):
                asked = objects.asked(calls.entry(endpoint), place, world, who)
                answer = calls.ask(browser, endpoint, asked.path, body, **by)
                shown.append((answer, body_of(answer, asked.word, asked.word.upper())))
            if [answer.status_code for answer, _ in shown] != [404, 404]:
                yield f"{said}: {shown[0][0].status_code}, missing {shown[1][0].status_code}"
            elif shown[0][1] != shown[1][1]:
                yield f"{said}: another body than for a missing one"


def test_everybody_gets_at_what_is_theirs(browser: Browser, world: World) -> None:
    wrong = []
    for endpoint in ENDPOINTS:
        for who in ASKING:
            for _way, by in _ways(world, who):
                calls.renewed(endpoint, world)
                if not _is_let_in(who, endpoint) or OWN not in calls.kinds(endpoint, world, who):
                    continue
                body = calls.right_body(endpoint, world) if endpoint.method != "GET" else None
                address = calls.path(endpoint, OWN, world, who)
                answer = calls.ask(browser, endpoint, address, body, **by)
                if answer.status_code != endpoint.status:
                    wrong.append(f"{who}: {_name(endpoint)}: {answer.status_code} {answer.text}")
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scope", list(Permission))
def test_a_token_opens_what_its_scope_says(
    browser: Browser, world: World, scope: Permission
) -> None:
    """P-9: one permission opens exactly the routes of the table."""
    with unit_of_work() as db:
        owner = db.get_one(User, world.people["super"])
        deed = users.NewToken(name="narrow", scopes=[scope])
        _, secret = users.create_token(db, owner, deed, actor=operator())
    opened, expected = set(), set()
    for endpoint in ENDPOINTS:
        if not isinstance(endpoint.access, tuple):
            continue
        calls.renewed(endpoint, world)
        body = calls.right_body(endpoint, world) if endpoint.method != "GET" else None
        address = calls.path(endpoint, OWN, world, "super")
        answer = calls.ask(browser, endpoint, address, body, token=secret)
        assert answer.status_code in (endpoint.status, 403), (_name(endpoint), answer.text)
        opened |= {_name(endpoint)} if answer.status_code != 403 else set()
        expected |= {_name(endpoint)} if _is_opened_by(endpoint, scope) else set()
    assert opened == expected


def _is_opened_by(endpoint: Endpoint, scope: Permission) -> bool:
    """A right body of these two changes a priority, for which the right to assign is too little."""
    both = endpoint.path.endswith("/bulk") or endpoint.method == "PUT"
    assign_only = scope is Permission.TICKETS_ASSIGN and both
    return isinstance(endpoint.access, tuple) and scope in endpoint.access and not assign_only


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_dead_tokens_open_nothing(browser: Browser, world: World) -> None:
    """P-15, S-9, S-17: also where anybody may enter; and nobody is who another header says."""
    me = next(item for item in ENDPOINTS if item.path == "/api/me")
    for token in ("", "nope", "null", "0", "[]", "%00", "\u0661", world.tokens["super"].upper()):
        for path in ("/api/me", "/api/kb/articles"):
            headers = {"authorization": f"Bearer {token}".encode().decode("latin-1")}
            answer = browser.ask("super", "GET", path, headers=headers)
            assert answer.status_code == 401, (token, path)
    for headers in ({"x-user-id": world.people["super"]}, {"authorization": "Basic c3VwZXI6eA=="}):
        assert browser.ask("anonymous", "GET", me.path, headers=headers).status_code == 401
    with_key = f"/api/me?access_token={world.tokens['super']}"
    assert browser.ask("anonymous", "GET", with_key).status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_cookie_needs_proof_of_the_same_origin(
    browser: Browser, world: World, database: Database
) -> None:
    """C-1: a form, a script or a beacon of another site does nothing through the API."""
    before = state.picture(database)
    wrong = []
    origins = (
        {"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"}, {"referer": "http://127.0.0.1:8000/"},
    )  # fmt: skip
    for endpoint in ENDPOINTS:
        if endpoint.method == "GET":
            continue
        address = calls.path(endpoint, calls.kinds(endpoint, world, "super")[0], world, "super")
        body = json.dumps(calls.right_body(endpoint, world), default=str).encode()
        for origin in origins:
            for kind in ("application/json", "text/plain"):
                headers = {"content-type": kind, **origin}
                answer = browser.ask(
                    "super", endpoint.method, address, content=body, headers=headers
                )
                if answer.status_code != 403:
                    wrong.append(f"{_name(endpoint)} {headers}: {answer.status_code}")
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_other_origin_may_read(browser: Browser) -> None:
    """C-7."""
    for origin in ("https://evil.example", "null", "http://127.0.0.1:8000.evil.example"):
        for method in ("GET", "OPTIONS"):
            answer = browser.ask("super", method, "/api/kb/articles", headers={"origin": origin})
            assert not [name for name in answer.headers if name.startswith("access-control")]
