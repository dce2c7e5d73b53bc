"""What stays in the browser or leaves it: nothing after signing out, no frame, no opener."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from tests.browser.visitor import ADMIN, AGENT, BACK_OFFICE, MEMBER, Visitor, Visitors


@pytest.mark.parametrize(
    ("who", "path", "personal"),
    [
        (MEMBER, "/support", "TICKET-"),
        (MEMBER, "/account", MEMBER),
        (AGENT, f"{BACK_OFFICE}/tickets", "Omar Haddad"),
        (ADMIN, f"{BACK_OFFICE}/users", "mei.chen@example.org"),
    ],
)
def test_back_after_signing_out_shows_nothing_personal(
    visitors: Visitors, who: str, path: str, personal: str
) -> None:
    visitor = visitors.arrive()
    visitor.sign_in(who)
    visitor.go(path)
    assert personal in visitor.page.content()
    visitor.page.get_by_role("link", name="Your account").or_(
        visitor.page.get_by_role("button", name="Sign out")
    ).first.click()
    if visitor.page.url.endswith("/account"):
        visitor.press("Sign out")
    visitor.page.wait_for_url("**/help")
    assert "You are signed out." in visitor.words
    for _ in range(3):
        visitor.page.go_back()
        assert personal not in visitor.page.content()
        assert "/login" in visitor.page.url or visitor.page.url.endswith("/help")


class _Evil(BaseHTTPRequestHandler):
    target = ""

    def do_GET(self) -> None:
        body = f'<title>evil</title><iframe src="{self.target}" name="it"></iframe>'.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.mark.parametrize("path", ["/help", "/support/new", "/login", BACK_OFFICE])
def test_no_page_lets_itself_be_framed(visitors: Visitors, path: str) -> None:
    visitor = visitors.arrive(AGENT)
    evil = type("Evil", (_Evil,), {"target": f"{visitor.site.base}{path}"})
    server = ThreadingHTTPServer(("127.0.0.1", 0), evil)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        visitor.page.goto(f"http://localhost:{server.server_port}/")
        visitor.page.wait_for_timeout(300)
        frame = visitor.page.frame(name="it")
        assert frame is not None
        assert frame.url.startswith("chrome-error:")
        refusals = [text for text in visitor.complaints if "frame-ancestors" in text]
        assert refusals
    finally:
        server.shutdown()
        server.server_close()
        # The browser's complaints about the other page are what was wanted.
        visitor.complaints.clear()


def test_links_out_of_a_message_say_noopener(visitors: Visitors) -> None:
    visitor = visitors.arrive(MEMBER)
    visitor.go("/support?status=open")
    visitor.page.locator("main li a[href*='TICKET-']").first.click()
    visitor.fill(**{"Your reply": "See https://elsewhere.example/page?x=1 please."})
    visitor.press("Send reply")
    number = visitor.page.url.split("#")[0].rpartition("/")[2]
    _links_out_are_safe(visitor, at_least=1)
    agent = visitors.arrive(AGENT)
    agent.go(f"{BACK_OFFICE}/tickets/{number}")
    _links_out_are_safe(agent, at_least=1)


def _links_out_are_safe(visitor: Visitor, *, at_least: int) -> None:
    """Each link to another host, of which there are some, has no opener."""
    links: list[list[str]] = visitor.page.evaluate(
        """() => [...document.querySelectorAll("a[href]")].filter((a) => a.host !== location.host)
            .map((a) => [a.href, a.rel])"""
    )
    assert [href for href, rel in links if "noopener" not in rel.split()] == []
    assert len(links) >= at_least


def test_cookies_cannot_be_read_by_scripts(visitors: Visitors) -> None:
    visitor = visitors.arrive(AGENT)
    visitor.go(BACK_OFFICE)
    assert visitor.page.evaluate("document.cookie") == ""
    session = next(item for item in visitor.context.cookies() if item["name"] == "session")
    assert (session["httpOnly"], session["sameSite"]) == (True, "Lax")
