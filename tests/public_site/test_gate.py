"""The gate: hosts, origins, sizes, headers, and what gets out when something breaks."""

import logging

import pytest
from starlette.requests import Request
from starlette.websockets import WebSocketDisconnect

from models import db, settings
from models.audit import AuditEntry
from models.errors import Unavailable
from public_site import door
from public_site.app import create_app
from public_site.pages import help as help_pages
from public_site.routes import ROUTES
from public_site.site import open_site
from tests.models import world
from tests.public_site.visitor import Town

only_sqlite = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
pytestmark = only_sqlite  # nothing here depends on the database
HTTPS = "https://support.example.com"
EVERYWHERE = (
    "/", "/help", "/nothing", "/help?page=-1", "/login", "/support", "/static/site.css",
    "/static/nothing", "/healthz", "/robots.txt", "/support-dashboard", "/support-dashboard/x",
)  # fmt: skip


@pytest.fixture
def secure(town: Town) -> Town:
    """The same installation behind https."""
    return Town(create_app(settings.read_settings(base_url=HTTPS)))


def test_every_answer_carries_the_headers(town: Town) -> None:
    visitor = town.visitor()
    for path in EVERYWHERE:
        headers = visitor.go(path).headers
        policy = headers["content-security-policy"]
        assert "script-src 'self';" in policy, path
        assert "frame-ancestors 'none'" in policy
        assert "base-uri 'none'" in policy
        assert "form-action 'self'" in policy
        assert "object-src 'none'" in policy
        assert ("'unsafe-inline'" in policy) == path.startswith("/support-dashboard")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        assert "cache-control" in headers
        assert len(headers["x-request-id"]) == 16
        assert "strict-transport-security" not in headers


def test_no_page_has_inline_scripts_or_styles(town: Town) -> None:
    visitor = town.visitor()
    for path in ("/help", "/nothing", "/login", "/register", "/support/new", "/support/sent"):
        text = visitor.go(path).text
        assert "style=" not in text
        assert "<style" not in text
        assert text.count("<script") == text.count('<script type="module" src="/static/') >= 1
        assert " on" not in " ".join(part.split(">")[0] for part in text.split("<a")[1:])


def test_https_makes_cookies_and_connections_strict(secure: Town) -> None:
    visitor = secure.visitor(base=HTTPS)
    assert "max-age=" in visitor.go("/help").headers["strict-transport-security"]
    world.article("First steps")
    visitor.post("/help/first-steps/feedback", {"helpful": "true"})
    for cookie in visitor.page.headers.get_list("set-cookie"):
        assert cookie.startswith(("__Host-visitor=", "__Host-flash="))
        assert "; Secure" in cookie
        assert "; Path=/" in cookie
        assert "Domain" not in cookie


def test_only_our_own_names_are_answered(town: Town, secure: Town) -> None:
    visitor = town.visitor()
    for host in ("127.0.0.1:8000", "localhost", "localhost:9", "[::1]:8000"):
        assert visitor.go("/help", Host=host).status_code == 200, host
    for host in ("evil.example", "127.0.0.1.evil.example", "evil@127.0.0.1", "", "127.0.0.1:x",
                 "127.0.0.1/x", "127.0.0.1:8000#", "support.example.com"):  # fmt: skip
        assert visitor.go("/help", Host=host).status_code == 400, host
        assert "evil" not in visitor.page.text
    stranger = secure.visitor(base=HTTPS)
    assert stranger.go("/help").status_code == 200
    assert stranger.go("/help", Host="127.0.0.1").status_code == 400
    assert stranger.go("/healthz", Host="127.0.0.1").status_code == 200


PROVEN: list[dict[str, str]] = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Sec-Fetch-Site": "none"},
    {"Origin": "http://127.0.0.1:8000"},
    {"Host": "localhost:8000", "Origin": "http://localhost:8000"},
    {"Sec-Fetch-Site": "same-origin", "Origin": "null"},
]
UNPROVEN: list[dict[str, str]] = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Sec-Fetch-Site": "Same-Origin"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8000"},
    {"Origin": "null"},
    {"Origin": "http://evil.example"},
    {"Origin": "https://127.0.0.1:8000"},
    {"Origin": "http://127.0.0.1:8001"},
    {"Origin": "http://127.0.0.1:8000.evil.example"},
    {"Referer": "http://127.0.0.1:8000/help"},
    {"Authorization": "Basic Ym9iOmJvYg=="},
]


def test_an_unsafe_request_needs_proof_of_the_same_origin(town: Town) -> None:
    client = town.visitor().client
    for headers in PROVEN:
        assert client.post("/logout", headers=headers).status_code == 303, headers
    for headers in UNPROVEN:
        for path in ("/logout", "/login", "/support-dashboard/tickets/1/reply", "/nothing"):
            assert client.post(path, headers=headers).status_code == 403, (path, headers)
        for method in ("PUT", "DELETE", "PATCH", "FOO"):
            assert client.request(method, "/help", headers=headers).status_code == 403
    assert client.get("/help", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 200


def test_a_bearer_needs_no_proof_and_its_cookies_count_for_nothing(town: Town) -> None:
    visitor = town.signed_in()
    assert visitor.go("/account").status_code == 200
    assert visitor.go("/account", Authorization="Bearer x").status_code == 303
    answer = visitor.client.post("/logout", headers={"Authorization": "bearer x"})
    assert answer.status_code == 303
    assert visitor.go("/account").status_code == 200


def test_another_method_is_told_which_ones_work(town: Town) -> None:
    client = town.visitor().client
    proof = {"Sec-Fetch-Site": "same-origin"}
    for method, path, allowed in [
        ("DELETE", "/support/new", {"GET", "HEAD", "POST"}),
        ("POST", "/help", {"GET", "HEAD"}),
        ("GET", "/logout", {"POST"}),
        ("OPTIONS", "/help", {"GET", "HEAD"}),
        ("POST", "/static/site.css", {"GET", "HEAD"}),
    ]:
        answer = client.request(method, path, headers=proof)
        assert answer.status_code == 405, path
        assert set(answer.headers["allow"].split(", ")) == allowed


def test_head_answers_like_get(town: Town) -> None:
    client = town.visitor().client
    for path in ("/help", "/login", "/support", "/nothing", "/healthz", "/static/site.css"):
        assert client.head(path).status_code == client.get(path).status_code, path


def test_too_much_is_refused_before_it_is_read(town: Town) -> None:
    visitor = town.visitor()
    answer = visitor.raw("/login", b"", **{"Content-Length": "1000001"})
    assert answer.status_code == 413
    assert "at most one megabyte" in visitor.words
    parts = (b"x" * 100_000 for _ in range(20))
    kind = {"Sec-Fetch-Site": "none", "Content-Type": "application/x-www-form-urlencoded"}
    assert visitor.client.post("/login", content=parts, headers=kind).status_code == 413
    assert visitor.go("/help", Cookie="a=" + "x" * 9000).status_code == 431


def test_nothing_of_a_mistake_gets_out_but_its_number(
    town: Town, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("secret /path SELECT")

    monkeypatch.setattr(door, "who_acts", broken)
    with caplog.at_level(logging.ERROR, "supportdesk.web"):
        visitor = town.visitor()
        visitor.go("/help")
    assert visitor.page.status_code == 500
    assert "secret" not in visitor.page.text
    assert "Traceback" not in visitor.page.text
    assert visitor.page.headers["x-request-id"] in visitor.words
    assert visitor.page.headers["x-request-id"] in caplog.text
    assert "content-security-policy" in visitor.page.headers


def test_a_database_that_is_away_is_said_with_a_time_to_try_again(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    visitor = town.signed_in()

    def away() -> None:
        raise Unavailable("The database does not answer.")

    monkeypatch.setattr(help_pages, "reading", away)
    monkeypatch.setattr(door, "reading", away)
    assert visitor.go("/help").status_code == 503
    assert visitor.page.headers["retry-after"] == "5"
    assert "The database does not answer." in visitor.words
    assert visitor.go("/nothing").status_code == 404


def test_a_refused_deed_of_somebody_known_is_kept(town: Town) -> None:
    visitor = town.signed_in()
    assert visitor.post("/support-dashboard/tickets/1/reply", {"content": "x"}).status_code == 403
    [entry] = [row for row in world.stored(AuditEntry) if row.object_type == "refusal"]
    assert entry.object_id == "/support-dashboard/tickets/1/reply"


def test_every_route_says_who_may_enter(database: db.Database) -> None:
    assert all(isinstance(route.access, door.Access) for route in ROUTES)
    assert len({route.path for route in ROUTES}) == len(ROUTES)


def test_a_websocket_is_closed(town: Town) -> None:
    asking = town.visitor().client.websocket_connect("/help")
    with pytest.raises(WebSocketDisconnect) as refused, asking:
        pass
    assert refused.value.code == 1008


def test_an_address_counts_only_from_trusted_proxies(database: db.Database) -> None:
    site = create_app(settings.read_settings(trusted_proxies="10.0.0.1, 192.168.0.0/16"))
    town = Town(site)
    typed = {"email": "nobody@example.com", "password": "x"}
    for address in ("203.0.113.5", "10.0.0.1"):
        visitor = town.visitor(address=address)
        visitor.post("/login", typed, **{"X-Forwarded-For": "6.6.6.6, 7.7.7.7, 192.168.3.4"})
    kept = [row.address for row in world.stored(AuditEntry) if row.object_type == "refusal"]
    assert kept == ["203.0.113.5", "7.7.7.7"]


@pytest.mark.parametrize("peer", ["10.0.0.1", "::ffff:10.0.0.1"])
def test_what_a_proxy_adds_counts_and_not_what_the_client_claims(town: Town, peer: str) -> None:
    site = open_site(settings.read_settings(trusted_proxies="10.0.0.1"))
    lines = [(b"x-forwarded-for", b"6.6.6.6"), (b"x-forwarded-for", b"203.0.113.9")]
    scope = {"type": "http", "headers": lines, "client": (peer, 1), "state": {"site": site}}
    assert door.client_address(Request(scope)) == "203.0.113.9"
    scope["client"] = ("198.51.100.7", 1)
    assert door.client_address(Request(scope)) == "198.51.100.7"
