"""Odd hosts, paths, bodies and headers, and redirects that would lead away: nothing gives in.

C-2, C-11, C-12, P-17, Q-12 to Q-15, Q-21, Q-29, Q-30, S-12, L-12.
"""

import re
from urllib.parse import urlencode

import pytest

from models.db import Database
from public_site.limits import FORMS_WITH_FILES, MAX_BODY
from tests.guards import objects, routing, state
from tests.guards.browser import FORM_TYPE, Browser
from tests.guards.objects import OWN
from tests.guards.world import World
from tests.house import none_of

HERE = "http://127.0.0.1:8000"
EVIL = "https://evil.example"

# --- where redirects lead (C-11, C-12) ------------------------------------------------------------

AWAY = (
    "//evil.example", "/\\evil.example", "\\\\evil.example", "https:evil.example",
    "https://evil.example", "%2f%2fevil.example", "/%2fevil.example", "/%5cevil.example",
    "\t//evil.example", " //evil.example", "javascript:alert(1)", "/\t/evil.example",
    "/\r\n/evil.example", "///evil.example", "//evil.example/../", "http:\\\\evil.example",
    "/.//evil.example", "/login?next=/login?next=" * 50,
)  # fmt: skip
_LOCAL = re.compile(r"/(?![/\\])[^\s\\]*")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_no_redirect_leads_away(browser: Browser, world: World) -> None:
    wrong = []
    for target in AWAY:
        places = (_after_signed_in(browser, target), _after_password(browser, world, target))
        wrong += [f"{target!r} leads to {to!r}" for to in places if not _LOCAL.fullmatch(to)]
        got = browser.ask("super", "GET", f"/support-dashboard/{target}")
        if got.location and not _LOCAL.fullmatch(got.location):
            wrong.append(f"the dashboard leads from {target!r} to {got.location!r}")
    none_of(wrong)


def _after_signed_in(browser: Browser, target: str) -> str:
    return browser.ask("member1", "GET", f"/login?{urlencode({'next': target})}").location


def _after_password(browser: Browser, world: World, target: str) -> str:
    form = {"email": objects.address_of(world, "member2"), "password": objects.PASSWORD}
    return browser.ask("anonymous", "POST", "/login", form={**form, "next": target}).location


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_redirect_is_local(browser: Browser, world: World) -> None:
    """C-12: whatever page one claims to come from."""
    wrong = []
    for entry in routing.pages(browser.app):
        for who in ("anonymous", "member1", "super"):
            path = objects.asked(entry, objects.kinds(entry, world, who)[0], world, who).path
            form = objects.form(entry, world, who) if entry.method == "POST" else None
            headers = {"referer": f"{EVIL}/", "sec-fetch-site": "same-origin"}
            got = browser.ask(who, entry.method, path, form=form, headers=headers)
            objects.renewed(entry, world, who)
            if got.location and not _LOCAL.fullmatch(got.location):
                wrong.append(f"{who} {entry}: {got.location}")
    none_of(wrong)


# --- odd requests ---------------------------------------------------------------------------------

HOSTS: tuple[list[str], ...] = (
    ["evil.example"], ["127.0.0.1:8000", "evil.example"], [], [""], ["127.0.0.1:8000@evil.example"],
    ["evil.example/support-dashboard?"], ["127.0.0.1:8000/"], ["127.0.0.1:8000#"], ["[::1"],
    ["127.0.0.1:8000\t"], ["127.0.0.1.evil.example"], ["127.0.0.1:99999"],
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_our_own_host_is_answered(browser: Browser, world: World) -> None:
    """P-17: another, several or none: 400 before anything else is looked at."""
    wrong = []
    for host in HOSTS:
        for who, path in (("anonymous", "/help"), ("super", "/support-dashboard/")):
            got = browser.ask(who, "GET", path, host=host)
            if got.status_code != 400 or "evil" in got.text:
                wrong.append(f"{host} {path}: {got.status_code}")
    none_of(wrong)


PATHS = (
    "//support-dashboard/", "/SUPPORT-DASHBOARD/", "/support-dashboard%2f", "/./support-dashboard/",
    "/support-dashboard;x/", "/help/../support-dashboard/", "/help/%2e%2e/support-dashboard/",
    "@evil", "/support-dashboard/%2e%2e/support", "/support-dashboard/./tickets", "/x/../healthz",
    "/.git/config", "/.env", "/app.db", "/support.sqlite3", "/var/secret.key", "/uploads/",
    "/static/../../models/settings.py", "/static/%2e%2e/%2e%2e/pyproject.toml", "//etc/passwd",
    "/static/", "/static", "/static/%00", "/support-dashboard/static/../../../pyproject.toml",
    "/support-dashboard/statics/%2e%2e/%2e%2e/models.py", "/support-dashboard/static//etc/passwd",
    "/support-dashboard/statics/%00", "/support-dashboard/tickets/1/title/download/",
    "/support-dashboard/tickets/1/title/preview/", "/support-dashboard/tickets/list",
    "/support-dashboard/tickets/export/csv", "/support-dashboard/user/list",
    "/support-dashboard/users/ajax/lookup?name=user&term=a", "/support-dashboard/login",
    "/support-dashboard/logout", "/support-dashboard/tickets/create", "/admin", "/admin/",
)  # fmt: skip


@pytest.mark.parametrize("who", ["anonymous", "member1", "super"])
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_odd_paths_open_nothing(browser: Browser, world: World, who: str) -> None:
    """P-17, L-12: access is decided on the path that is routed, and no file lies outside."""
    wrong = []
    for path in PATHS:
        got = browser.ask(who, "GET", path)
        is_guarded = who != "super" and path.startswith("/support-dashboard")
        # %2f is a slash by the time that routes are looked at, and staff may go there.
        is_spelled_out = who == "super" and path.endswith("%2f")
        allowed = {303, 403, 404} if is_guarded else {200} if is_spelled_out else {400, 404, 405}
        if got.status_code == 303 and who != "anonymous":
            wrong.append(f"{path}: {got.location}")
        if got.status_code == 307 and got.location.rstrip("/").startswith(HERE):
            continue  # the same address, spelled as the route is
        if got.status_code not in allowed:
            wrong.append(f"{path}: {got.status_code} {got.location}")
    none_of(wrong)


TYPES = (
    "application/json", "text/plain", "application/xml", "application/yaml", "multipart/form-data",
    "multipart/form-data; boundary=x", "text/plain;application/x-www-form-urlencoded", "",
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_forms_are_taken_as_forms_only(browser: Browser, world: World, database: Database) -> None:
    """C-2, Q-15: what a foreign page can send as text is no form here."""
    before = state.picture(database)
    wrong = []
    for entry in routing.unsafe(browser.app):
        if entry.path in routing.PROVES_ITSELF:
            continue
        is_staffs = entry.is_back_office or entry.path.startswith("/account/tokens")
        who = "super" if is_staffs else "member1"  # somebody who may send this form
        path = objects.asked(entry, OWN, world, who).path
        for kind in TYPES:
            headers = {"content-type": kind, "sec-fetch-site": "same-origin"}
            got = browser.ask(who, "POST", path, content=b"helpful=true&content=x", headers=headers)
            takes_parts = FORMS_WITH_FILES.fullmatch(entry.path) and kind.startswith("multipart")
            if got.status_code not in ((400, 415) if takes_parts else (415,)):
                wrong.append(f"{entry} as {kind!r}: {got.status_code}")
    none_of(wrong)
    none_of(state.difference(before, state.picture(database)))


BODIES = {
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a mark": b"\xef\xbb\xbfcontent=x",
    "UTF-16": "content=x".encode("utf-16"),
    "many fields": b"&".join(b"a%d=1" % n for n in range(5_000)),
    "many of one": b"&".join([b"content=x"] * 2_000),
    "deep": b"[" * 50_000,
    "semicolons": b";" * 100_000,
    "nested": b"a[b][c]=1",
    "long name": b"x" * 500_000 + b"=1",
    "percent": b"%" * 100_000,
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_odd_bodies_are_refused(browser: Browser, world: World, database: Database) -> None:
    """Q-12 to Q-14, Q-29 for forms: refused without a trace, whatever it is."""
    before = state.picture(database, apart=state.NOTED_BY_READING | state.NOTED_BY_REFUSING)
    number = world.tickets["member1"]
    forms = (
        ("member1", f"/support/{number}/messages"), ("member1", "/support/new"),
        ("anonymous", "/login"), ("anonymous", "/register"),
        ("super", f"/support-dashboard/tickets/{number}/reply"),
        ("super", "/support-dashboard/kb/new"),
    )  # fmt: skip
    wrong = []
    for who, path in forms:
        for name, body in BODIES.items():
            got = browser.ask(who, "POST", path, content=body)
            if got.status_code not in (400, 413, 415, 422):
                wrong.append(f"{path} with {name}: {got.status_code}")
    none_of(wrong)
    after = state.picture(database, apart=state.NOTED_BY_READING | state.NOTED_BY_REFUSING)
    none_of(state.difference(before, after))


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_body_has_a_limit_whatever_it_declares(browser: Browser, world: World) -> None:
    """413 by the declared length, and by the bytes that really come; odd lengths are no numbers."""
    path = f"/support/{world.tickets['member1']}/messages"
    big, same = b"content=" + b"x" * MAX_BODY, {"sec-fetch-site": "same-origin"}
    declared = {"content-type": FORM_TYPE, **same}
    assert browser.ask("member1", "POST", path, content=big).status_code == 413
    for length in ("10", "-1", "0x10", "1e3", "\u0661".encode().decode("latin-1"), ""):
        lied = {**declared, "content-length": length}
        got = browser.ask("member1", "POST", path, content=big, headers=lied)
        assert got.status_code in (400, 413), length
    huge = {**declared, "content-length": "99999999999999999999"}
    assert browser.ask("member1", "POST", path, content=b"", headers=huge).status_code == 413


READ = (
    "/help", "/help/plainslug-public", "/support", "/static/site.css", "/sitemap.xml",
    "/support-dashboard/", "/healthz",
)  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_odd_headers_break_nothing(browser: Browser, world: World) -> None:
    """Q-21, Q-29, Q-30 as far as the application sees them."""
    wrong = []
    for name, value in (
        ("if-none-match", "*"), ("if-none-match", '"zq"'), ("if-modified-since", "yesterday"),
        ("if-match", '"zq"'), ("range", "bytes=0-," * 1_000), ("range", "bytes=5-1"),
        ("accept-encoding", "gzip;q=zq"), ("cookie", "session"),
        ("cookie", "session=" + "x" * 5_000),
        ("cookie", "a=b;" * 1_500), ("cookie", "session=\xff\xfe"), ("user-agent", "\xff" * 100),
        ("user-agent", ""), ("sec-purpose", "prefetch"), ("accept-language", "x" * 5_000),
        ("x-forwarded-for", "not an address, 1.2.3.4, \xff"), ("content-length", "5"),
        ("authorization", "Bearer " + "x" * 5_000), ("authorization", "bearer"),
    ):  # fmt: skip
        for path in READ:
            got = browser.ask("anonymous", "GET", path, headers={name: value})
            if got.status_code >= 500 or (got.status_code == 304 and "none" not in name):
                wrong.append(f"{path} with {name}: {value[:30]!r}: {got.status_code}")
    none_of(wrong)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_session_cookie_is_well_kept(browser: Browser, world: World) -> None:
    """S-12, SQLAdmin's readable cookie: random, only for us, and a new one at each sign-in."""
    form = {"email": objects.address_of(world, "member2"), "password": objects.PASSWORD}
    lines = [
        line
        for _ in range(2)
        for line in browser.ask("anonymous", "POST", "/login", form=form).headers.getlist(
            "set-cookie"
        )
        if line.startswith("session=")
    ]
    assert len(set(lines)) == 2
    for line in lines:
        assert re.match(r"session=[\w-]{43};", line)
        assert {"httponly", "path=/", "samesite=lax"} <= set(line.lower().split("; "))
    held = browser.ask("member1", "POST", "/login", form=form)
    assert world.cookies["member1"] not in str(held.headers.raw)
    assert browser.ask("member1", "GET", "/account").status_code == 303, "the old one is dead"
