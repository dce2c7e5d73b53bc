"""A small installation with one person per role, and browsers for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode

from httpx2 import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from models import audit, db, kb, tickets, users
from models.actor import Actor, Door, Role, operator
from models.audit import AuditEntry
from models.base import Base, new_id
from models.deeds import read
from models.notifications import OutboxMail
from models.users import LinkPurpose, NewUser

BASE = "/support-dashboard"
FORM = {"content-type": "application/x-www-form-urlencoded"}
PEOPLE = {
    "member": Role.MEMBER,
    "other": Role.MEMBER,
    "support": Role.SUPPORT,
    "colleague": Role.SUPPORT,
    "admin": Role.ADMIN,
    "super": Role.SUPER_ADMIN,
}


@dataclass
class World:
    """The people by name, the application, and what was made."""

    app: Starlette
    ids: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Somebody acting directly on the rooms."""
        return Actor(
            door=Door.WEB, user_id=self.ids[name], name=name.title(), role=self.roles[name]
        )

    def browser(self, name: str | None = None, **headers: str) -> "Browser":
        """A browser in which this person is signed in, or nobody."""
        client = TestClient(
            self.app,
            base_url="http://127.0.0.1:8000",
            headers={"Sec-Fetch-Site": "same-origin", **headers},
            follow_redirects=False,
        )
        if name is not None:
            client.cookies.set("session", self._token(name))
        return Browser(client)

    def _token(self, name: str) -> str:
        with db.unit_of_work() as session:
            user = users.get(session, self.ids[name], actor=operator())
            link = users.new_link(session, user, LinkPurpose.SIGN_IN, actor=operator())
        return users.use_link(link, None, actor=operator(Door.WEB)).token

    def ticket(self, name: str = "member", **values: Any) -> str:
        """A ticket of this person; returns its number."""
        deed = read(tickets.NewTicket, {**TICKET, **values})
        with db.unit_of_work() as session:
            return tickets.create(session, deed, actor=self.actor(name)).ticket_number

    def article(self, *, published: bool = False, **values: Any) -> str:
        """An article of the administrator; returns its id."""
        deed = read(kb.ArticleDeed, {**ARTICLE, **values})
        with db.unit_of_work() as session:
            article = kb.create_article(session, deed, actor=self.actor("admin"))
            if published:
                kb.publish(session, article, actor=self.actor("admin"))
            return article.id

    def find(self, number: str) -> tickets.Ticket:
        """A ticket as it stands now."""
        with db.reading() as session:
            return tickets.get(session, number, actor=operator())


TICKET = {
    "type": "bug",
    "category": "gateway",
    "title": "Gateway not connecting",
    "description": "It shows as disconnected.",
}
ISSUE = {"title": "Cannot connect", "suggestedType": "bug", "suggestedCategory": "gateway"}
ARTICLE = {"title": "First steps", "content": "# Hello\n\nWelcome.", "category": "getting_started"}


def people_and_categories(app: Starlette) -> World:
    """One person per role, two categories of each kind."""
    world = World(app)
    with db.unit_of_work() as session:
        for name, role in PEOPLE.items():
            deed = NewUser(email=f"{name}@example.com", name=name.title(), role=role)
            world.ids[name] = users.create(session, deed, actor=operator()).id
            world.roles[name] = role
        for slug, title in (("gateway", "Gateway"), ("other", "Other")):
            deed_t = tickets.CategoryDeed(slug=slug, title=title)
            tickets.create_category(session, deed_t, actor=operator())
        for slug, title in (("getting_started", "Getting started"), ("billing", "Billing")):
            kb.create_category(session, kb.CategoryDeed(slug=slug, title=title), actor=operator())
    return world


class Browser:
    """Visits pages of the dashboard and sends their forms."""

    def __init__(self, client: TestClient) -> None:
        self.client = client

    def get(self, path: str = "", **query: Any) -> Response:
        """Open a page below the dashboard."""
        return self.client.get(f"{BASE}{path}", params=query or None)

    def post(self, path: str, **fields: Any) -> Response:
        """Send a form, or press a button when there are no fields."""
        return self.send(f"{BASE}{path}", fields)

    def send(self, address: str, fields: Mapping[str, Any] | None = None) -> Response:
        """Send a form to a full address as browsers do, with its type even when it is empty."""
        body = urlencode(fields or {}, doseq=True).encode()
        return self.client.post(address, content=body, headers=FORM)

    def raw(self, path: str, body: bytes) -> Response:
        """Send a form as these very bytes."""
        return self.client.post(f"{BASE}{path}", content=body, headers=FORM)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def elements(response: Response, tag: str) -> list[dict[str, str]]:
    """The attributes of all elements of a kind."""
    reader = _Reader()
    reader.feed(response.text)
    return [attrs for name, attrs in reader.found if name == tag]


def words(response: Response) -> str:
    """The text of a page with single spaces."""
    reader = _Reader()
    reader.feed(response.text)
    return " ".join(" ".join(reader.words).split())


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, to see whether something changed."""
    with db.reading() as session:
        return {
            table.name: sorted(map(tuple, session.execute(table.select())), key=repr)
            for table in Base.metadata.sorted_tables
        }


def refusals() -> list[AuditEntry]:
    """The refused deeds in the audit log, oldest first."""
    with db.reading() as session:
        wanted = audit.visible_to(operator()).where(AuditEntry.object_type == "refusal")
        return list(session.scalars(wanted.order_by(AuditEntry.id)))


def _mail() -> str:
    """The id of a mail that was given up."""
    with db.unit_of_work() as session:
        mail = OutboxMail(
            kind="ticket_reply", recipient="a@example.com", subject="s", text="t", html="h",
            message_id=f"<{new_id()}@example.com>", status="dead",
        )  # fmt: skip
        session.add(mail)
        session.flush()
        return mail.id


def addresses(world: World) -> dict[str, str]:
    """A real object for each kind of address with ``{ref}``."""
    with db.unit_of_work() as session:
        deed = read(tickets.QuickIssueDeed, ISSUE)
        issue = tickets.create_quick_issue(session, deed, actor=operator()).id
        kinds = {
            "article-categories": kb.categories(session)[0].id,
            "ticket-categories": tickets.categories(session)[0].id,
        }
    return {
        "tickets": world.ticket(),
        "kb": world.article(),
        "users": world.ids["other"],
        "mail": _mail(),
        "quick-issues": issue,
        **kinds,
    }


def filled(path: str, refs: dict[str, str]) -> str:
    """A path with the object of its kind in place of ``{ref}``."""
    kind = path.split("/")[1]
    filled_path = path.replace("{ref}", refs.get(kind, ""))
    return f"{filled_path}?pks={refs[kind]}" if "/action/" in path else filled_path
