"""What every answer carries (G6), and what every request must prove (C-1, P-17, Q-12 to Q-21)."""

import re
from collections.abc import Iterator, Mapping

import pytest
from sqlalchemy import select

from models.audit import AuditEntry
from models.db import Database, reading
from public_site.limits import MAX_BODY
from tests.guards import crawl, objects, routing, state
from tests.guards.browser import Browser, Response
from tests.guards.objects import OWN
from tests.guards.world import World
from tests.house import none_of

HERE = "http://127.0.0.1:8000"
EVIL = "https://evil.example"
# Anybody may keep these for a while: they are the same for everybody.
PUBLIC = re.compile(
    r"^/(help(/.*)?|static/.*|robots\.txt|sitemap\.xml|api/docs|api/openapi\.json|$)"
)
ALWAYS = {
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}
LEAKING = ("traceback", "sqlalchemy", "sqlite", "psycopg", "starlette", ".py", "jinja", "integrity")


def _every_kind_of_answer(browser: Browser, world: World) -> Iterator[tuple[str, Response]]:
    """Pages, files, redirects and errors of every making."""
    for who in ("anonymous", "member1", "support"):
        for entry in routing.entries(browser.app):
            for kind in objects.kinds(entry, world, who):
                path = objects.asked(entry, kind, world, who).path
                for method in ("GET", "POST", "DELETE"):
                    yield f"{who} {method} {path}", browser.ask(who, method, path)
    for method, path in (("GET", "/nothing"), ("POST", "/nothing"), ("GET", "/.env")):
        yield f"{method} {path}", browser.ask("anonymous", method, path)
    long_cookie = {"cookie": "a=" + "b" * 20_000}
    yield "431", browser.ask("anonymous", "GET", "/help", headers=long_cookie)
    yield "400", browser.ask("anonymous", "GET", "/help", host=["evil.example"])
    yield "403", browser.ask("anonymous", "POST", "/login", headers={"origin": EVIL})
    yield "413", browser.ask("anonymous", "POST", "/login", content=b"x" * (MAX_BODY + 1))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_answer_carries_the_security_headers(browser: Browser, world: World) -> None:
    """G6, and G5: an error tells a code and the request, nothing of what is behind."""
    wrong, seen = [], set()
    for said, response in _every_kind_of_answer(browser, world):
        seen.add(response.status_code)
        faults = [*_missing(said, response), *_told(said, response)]
        wrong += [f"{said} ({response.status_code}): {item}" for item in faults]
    none_of(wrong)
    assert seen >= {200, 301, 303, 400, 403, 404, 405, 413, 422, 431}


def _told(said: str, response: Response) -> Iterator[str]:
    text = response.text.lower()
    is_error = response.status_code >= 400
    yield from (word for word in LEAKING if is_error and word in text)
    is_form_again = response.status_code in (409, 422)
    has_page = is_error and not is_form_again and response.content
    if has_page and response.headers["x-request-id"] not in text and "dashboard" not in said:
        yield "no request id on the page"


def _missing(said: str, response: Response) -> Iterator[str]:
    headers = response.headers
    for name, value in ALWAYS.items():
        if headers.get(name) != value:
            yield f"{name}: {headers.get(name)}"
    yield from _policy_faults(headers.get("content-security-policy", ""))
    if headers.get("referrer-policy") not in ("same-origin", "no-referrer"):
        yield f"referrer-policy: {headers.get('referrer-policy')}"
    if not re.fullmatch("[0-9a-f]{16}", headers.get("x-request-id", "")):
        yield "no request id"
    yield from _cache_faults(said, response)
    for name in headers:
        if name.startswith("access-control-") or name in ("server", "x-powered-by"):
            yield f"has {name}"


def _policy_faults(policy: str) -> Iterator[str]:
    """No inline scripts, no frames, no forms and scripts that go elsewhere."""
    parts = dict(part.strip().partition(" ")[::2] for part in policy.split(";"))
    if "sandbox" in parts:  # somebody's file: it runs nothing and loads nothing
        if parts["sandbox"] or parts.get("default-src") != "'none'":
            yield f"a file with the policy {policy}"
        return
    if parts.get("script-src", parts.get("default-src")) != "'self'":
        yield f"scripts: {policy}"
    if parts.get("frame-ancestors") != "'none'" or parts.get("base-uri") != "'none'":
        yield f"frames or base: {policy}"
    if parts.get("form-action") != "'self'" or parts.get("object-src") != "'none'":
        yield f"forms or objects: {policy}"


def _cache_faults(said: str, response: Response) -> Iterator[str]:
    who, _, path = said.partition(" ")[0], *said.rpartition(" ")[1:]
    control = response.headers.get("cache-control", "")
    is_file = "/static" in path
    if is_file and response.status_code == 200:
        if "no-store" in control or "max-age" not in control:
            yield f"a file with cache-control {control}"
    elif "public" in control:
        if who != "anonymous" and not PUBLIC.match(path.partition("?")[0]):
            yield f"cache-control {control}"
    elif control != "no-store":
        yield f"cache-control {control}"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_personal_is_never_kept(browser: Browser, world: World) -> None:
    """C-14: whoever presses Back after signing out finds nothing; nobody's cache holds it."""
    wrong = []
    for who in ("member1", "guest", "super"):
        for path in crawl.starts(browser, who):
            response = browser.ask(who, "GET", path)
            is_page = response.headers.get("content-type", "").startswith("text/html")
            is_personal = who != "guest" or world.guest_token in path
            if is_page and is_personal and response.headers.get("cache-control") != "no-store":
                wrong.append(f"{who} {path}: {response.headers.get('cache-control')}")
    none_of(wrong)


# --- proof of the origin (C-1, C-5, P-16) ---------------------------------------------------------

NOT_OURS: dict[str, Mapping[str, str]] = {
    "nothing at all": {},
    "another origin": {"origin": EVIL},
    "a null origin": {"origin": "null"},
    "an empty origin": {"origin": ""},
    "another port": {"origin": "http://127.0.0.1:9000"},
    "another scheme": {"origin": "https://127.0.0.1:8000"},
    "our name inside another": {"origin": "http://127.0.0.1:8000.evil.example"},
    "another site": {"sec-fetch-site": "cross-site", "origin": HERE},
    "a sibling": {"sec-fetch-site": "same-site", "origin": HERE},
    "nonsense": {"sec-fetch-site": "zq"},
    "a referer alone": {"referer": f"{HERE}/support"},
}


def test_an_unsafe_request_without_proof_does_nothing(
    browser: Browser, world: World, database: Database
) -> None:
    before = state.picture(database, apart=frozenset())
    wrong = []
    for entry in routing.unsafe(browser.app):
        if entry.path in routing.PROVES_ITSELF:
            continue
        who = "member1" if not entry.is_back_office else "super"
        path = objects.asked(entry, OWN, world, who).path
        form = objects.form(entry, world, who)
        for said, proof in NOT_OURS.items():
            got = browser.ask(who, "POST", path, form=form, headers=proof)
            if got.status_code != 403 or got.headers.get("set-cookie"):
                wrong.append(f"{entry} with {said}: {got.status_code}")
    none_of(wrong)
    none_of(state.difference(before, state.picture(database, apart=frozenset())))


def test_the_address_that_stops_mails_is_its_own_proof_and_no_cookie_counts(
    browser: Browser, world: World, database: Database
) -> None:
    """E-16: from anywhere, but only there, only with the signature, and by nobody signed in."""
    path = f"/mail/stop/{world.rows['stop']}"
    before = state.picture(database, apart=frozenset())
    for near in (f"{path}/", f"/mail/stop/x/{world.rows['stop']}", "/mail/stop/", f"//{path}"):
        got = browser.ask("super", "POST", near, form={}, headers={"origin": EVIL})
        assert got.status_code in (403, 404), near
    forged = f"{path[:-2]}xx"
    for said, proof in NOT_OURS.items():
        assert browser.ask("super", "POST", forged, form={}, headers=proof).status_code == 404, said
    none_of(state.difference(before, state.picture(database, apart=frozenset())))
    for said, proof in NOT_OURS.items():
        got = browser.ask("super", "POST", path, form={}, headers=proof)
        assert (got.status_code, got.headers.get("set-cookie")) == (200, None), said
    with reading() as db:
        kept = db.scalars(select(AuditEntry).where(AuditEntry.action == "mail.stop")).all()
    assert [(entry.actor_id, entry.door) for entry in kept] == [(None, "web")]


OURS: dict[str, Mapping[str, str]] = {
    "this origin": {"origin": HERE},
    "a browser's word": {"sec-fetch-site": "same-origin"},
    "typed by a person": {"sec-fetch-site": "none"},
}


@pytest.mark.parametrize("proof", OURS.values(), ids=OURS.keys())
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_our_own_pages_have_the_proof(
    browser: Browser, world: World, proof: Mapping[str, str]
) -> None:
    path = f"/support/{world.tickets['member1']}/messages"
    got = browser.ask("member1", "POST", path, form={"content": "x"}, headers=proof)
    assert got.status_code == 303


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_bearer_is_asked_for_no_proof_and_its_cookies_do_not_count(
    browser: Browser, world: World
) -> None:
    """CONTRACT section 4: whoever claims a token is not signed in by the cookie beside it."""
    got = browser.ask("member1", "GET", "/support", headers={"authorization": "Bearer zq"})
    assert got.status_code in (303, 401)
    path = f"/support/{world.tickets['member1']}/messages"
    sent = {"authorization": "bearer zq", "origin": EVIL}
    got = browser.ask("member1", "POST", path, form={"content": "x"}, headers=sent)
    assert got.status_code in (303, 401)
    assert "/messages" not in got.location


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_other_origin_reads_along(browser: Browser, world: World) -> None:
    """C-7: no answer allows it, least of all by repeating who asks."""
    wrong = []
    for origin in (EVIL, "null", f"{HERE}.evil.example", "https://127.0.0.1:8000"):
        for who, path in (
            ("anonymous", "/help"),
            ("member1", "/support"),
            ("super", "/support-dashboard/"),
        ):
            for method in ("GET", "OPTIONS"):
                asked = {"origin": origin, "access-control-request-method": "POST"}
                got = browser.ask(who, method, path, headers=asked)
                if any(name.startswith("access-control") for name in got.headers):
                    wrong.append(f"{method} {path} for {origin}")
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nobody_is_who_a_header_says(browser: Browser, world: World) -> None:
    """S-17, S-18: identity comes from the session alone, the address from the connection."""
    claims = {
        "x-remote-user": objects.address_of(world, "super"),
        "x-user-id": world.people["super"],
        "x-forwarded-user": objects.address_of(world, "super"),
        "remote-user": "super",
        "authorization": "Basic c3VwZXI6c3VwZXI=",
        "x-forwarded-for": "6.6.6.6",
        "forwarded": "for=6.6.6.6",
        "x-real-ip": "6.6.6.6",
        "cf-connecting-ip": "6.6.6.6",
    }
    for path in ("/support", "/account", "/support-dashboard/"):
        assert browser.ask("anonymous", "GET", path, headers=claims).status_code == 303
