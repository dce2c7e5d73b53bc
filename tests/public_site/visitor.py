"""Visitors of the site without JavaScript: they read pages, follow links and fill in forms."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Self

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models import db
from models.notifications import OutboxMail
from tests.models import world

BASE = "http://127.0.0.1:8000"
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}
LINK = re.compile(r"http://127\.0\.0\.1:8000(/\S+)")


class Town:
    """The running site and the people around it."""

    def __init__(self, app: Starlette) -> None:
        self.app = app
        self._running = TestClient(app)

    def __enter__(self) -> Self:
        self._running.__enter__()
        return self

    def __exit__(self, *gone: object) -> None:
        self._running.__exit__(*gone)

    def visitor(self, *, address: str = "192.0.2.9", base: str = BASE) -> "Visitor":
        """Somebody with a fresh browser."""
        client = TestClient(
            self.app,
            base_url=base,
            headers={"User-Agent": "Mozilla/5.0 (test)"},
            follow_redirects=False,
            client=(address, 50000),
            raise_server_exceptions=False,
        )
        return Visitor(client)

    def link_to(self, email: str, path: str) -> str:
        """The newest link of this kind that was mailed to somebody, as a path."""
        with db.reading() as session:
            mails = session.query(OutboxMail).filter_by(recipient=email).order_by(OutboxMail.id)
            found: list[str] = [
                link for mail in mails for link in LINK.findall(mail.text) if path in link
            ]
        assert found, f"no mail to {email} has a link to {path}"
        return found[-1]

    def signed_in(self, email: str = "ann@example.com", name: str = "Ann") -> "Visitor":
        """A customer who signed up by the mailed link."""
        visitor = self.visitor()
        visitor.go("/register")
        visitor.send("/register", name=name, email=email)
        assert visitor.page.status_code == 200, visitor.words
        visitor.go(self.link_to(email, "/login/link/"))
        visitor.send(None, password=world.PASSWORD)
        assert visitor.page.headers["location"] == "/support", visitor.page.text
        return visitor


@dataclass
class Form:
    """A form as it stands on a page."""

    action: str | None
    values: dict[str, str] = field(default_factory=dict)


class Visitor:
    """One person with one browser; ``page`` is what it shows."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page: Response

    def go(self, path: str, **headers: str) -> Response:
        """Open a page."""
        self.page = self.client.get(path, headers=headers)
        return self.page

    def follow(self) -> Response:
        """Go where the last answer leads."""
        assert self.page.status_code == 303, self.page.text
        return self.go(self.page.headers["location"].partition("#")[0])

    def send(self, action: str | None, **typed: str) -> Response:
        """Fill in the form with this action on the page that is shown, and send it."""
        form = next(form for form in forms(self.page.text) if form.action == action)
        target = action or self.page.request.url.path
        return self.post(target, {**form.values, **typed})

    def post(self, path: str, values: Mapping[str, str], **headers: str) -> Response:
        """Send a form as it is."""
        self.page = self.client.post(path, data=values, headers={**SAME_ORIGIN, **headers})
        return self.page

    def raw(self, path: str, body: bytes, **headers: str) -> Response:
        """Send these very bytes."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", **SAME_ORIGIN, **headers}
        self.page = self.client.post(path, content=body, headers=kind)
        return self.page

    @property
    def words(self) -> str:
        """What the page says, without its markup."""
        reader = _Words()
        reader.feed(self.page.text)
        return " ".join("".join(reader.heard).split())


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.heard: list[str] = []

    def handle_data(self, data: str) -> None:
        self.heard.append(data)

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.heard.append(" " if tag in ("p", "li", "dd", "dt", "h1", "h2", "h3") else "")


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._area: str | None = None
        self._choice = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        name, value = given.get("name"), given.get("value") or ""
        if tag == "form":
            self.found.append(Form(given.get("action")))
        elif tag == "input" and name and given.get("type") == "radio":
            if "checked" in given:
                self._values[name] = value
        elif tag == "input" and name and given.get("type") != "file":
            self.found[-1].values[name] = value
        elif tag == "select":
            self._choice = name or ""
        elif tag == "option" and ("selected" in given or self._choice not in self._values):
            self._values[self._choice] = value
        elif tag == "textarea":
            self._area = name
            self._values[name or ""] = ""

    @property
    def _values(self) -> dict[str, str]:
        return self.found[-1].values

    def handle_data(self, data: str) -> None:
        if self._area:
            self._values[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            # Browsers leave out the line break after the start tag.
            self._values[self._area] = self._values[self._area].removeprefix("\n")
            self._area = None


def forms(html: str) -> list[Form]:
    """The forms of a page with what is filled in."""
    reader = _Forms()
    reader.feed(html)
    return reader.found
