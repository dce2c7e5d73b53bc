"""A small world for the guards: somebody of every kind, something of every kind, all of it marked.

A mark is a word that occurs nowhere else. `MAY_SEE` says who may ever come across which mark.
"""

import re
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import kb, notifications, tickets, users
from models.actor import Actor, Door, Role, anonymous, operator
from models.db import reading, unit_of_work
from models.deeds import read
from models.users import LinkPurpose, User

ADDRESS = "127.0.0.1"
STAFF = frozenset({"support", "admin", "super", "nameless"})
NOBODY: frozenset[str] = frozenset()
ROLES = {
    "member1": Role.MEMBER,
    "member2": Role.MEMBER,
    "support": Role.SUPPORT,
    "admin": Role.ADMIN,
    "super": Role.SUPER_ADMIN,
    "nameless": Role.SUPPORT,
    "fired": Role.ADMIN,
    "gone": Role.ADMIN,
}
# Who asks in the guards. `fired` lost the role and `gone` the account while signed in, and `out`
# signed out; each of them still has the old cookie.
PRINCIPALS = (
    "anonymous", "guest", "member1", "member2", "support", "admin", "super", "fired", "gone", "out",
)  # fmt: skip
_PICTURE = re.compile(r"/help/pictures/([^\"]+)")
_PRIVATE_LINK = re.compile(r"/support/t/([\w-]{20,})")
_STOP_LINK = re.compile(r"/mail/stop/([\w-]{20,})")


@dataclass
class World:
    """What there is, by name: people, session cookies, tickets, articles, marks."""

    people: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)
    tickets: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)
    slugs: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    rows: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    guest_token: str = ""
    marks: dict[str, frozenset[str]] = field(default_factory=dict)

    def mark(self, kind: str, may_see: frozenset[str]) -> str:
        """A new mark; who is not in `may_see` must never come across it."""
        word = f"zq{kind}{len(self.marks):02d}vx"
        self.marks[word] = may_see
        return word

    def keep(self, secret: str, may_see: frozenset[str] = NOBODY) -> str:
        """Make a mark of a secret that exists anyway."""
        self.marks[secret] = may_see
        return secret

    def actor(self, name: str) -> Actor:
        """Who acts under this name."""
        return self.actors[name]


@lru_cache(maxsize=1)
def password_hash() -> str:
    """The hash of everybody's password; made once, as it takes a while on purpose."""
    return users.hash_new_password("a password of the guards")


def build() -> World:
    """Fill the empty database of a test."""
    world = World()
    with unit_of_work() as db:
        _categories(db)
        _people(db, world)
    _sign_ins(world)
    _pictures(world)
    with unit_of_work() as db:
        _articles(db, world)
        _quick_issues(db, world)
        _tickets(db, world)
        _tokens(db, world)
    _take_rights_away(world)
    world.keep(password_hash())
    return world


def _categories(db: Session) -> None:
    for order, slug in enumerate(("getting_started", "troubleshooting")):
        values = {"slug": slug, "title": slug.replace("_", " ").title(), "sort_order": order}
        kb.create_category(db, kb.CategoryDeed.model_validate(values), actor=operator())
    for order, slug in enumerate(("gateway", "workflow")):
        values = {"slug": slug, "title": slug.title(), "sort_order": order}
        tickets.create_category(db, tickets.CategoryDeed.model_validate(values), actor=operator())


def _people(db: Session, world: World) -> None:
    for name, role in ROLES.items():
        may_see = STAFF | {name}
        is_customer = role is Role.MEMBER
        # What staff are called is no secret: their name stands at their answers.
        called = world.mark(f"name{name}", may_see) if is_customer else f"Agent {name}"
        address = f"{world.mark(f'mail{name}', may_see)}@example.com"
        deed = users.NewUser(
            email=address, name="" if name == "nameless" else called, role=role, plan="pro"
        )
        user = users.create(db, deed, password_hash=password_hash(), actor=operator())
        world.people[name] = user.id
        world.actors[name] = users.actor_of(user, door=Door.WEB, address=ADDRESS)
        if is_customer:
            _gateway(db, world, user, may_see)
    world.actors["anonymous"] = anonymous(Door.WEB, address=ADDRESS)


def _gateway(db: Session, world: World, user: User, may_see: frozenset[str]) -> None:
    db.add(
        users.Gateway(
            owner_id=user.id,
            name=world.mark("gateway", may_see),
            type="http",
            status="error",
            last_error=world.mark("gatewayerror", may_see),
            last_error_at=user.created_at,
        )
    )


def _sign_ins(world: World) -> None:
    """A session for everybody, opened by a one-time link."""
    for name in (*ROLES, "out"):
        with unit_of_work() as db:
            user = db.get_one(User, world.people["admin" if name == "out" else name])
            token = users.new_link(db, user, LinkPurpose.SIGN_IN, actor=operator())
        opened = users.use_link(token, None, actor=anonymous(Door.WEB, address=ADDRESS))
        world.cookies[name] = world.keep(opened.token)
        if name == "out":
            with unit_of_work() as db:
                users.sign_out(db, actor=opened.actor)


def _article(db: Session, world: World, name: str, may_see: frozenset[str]) -> kb.Article:
    def word(kind: str) -> str:
        return world.mark(f"{name}{kind}", may_see) if may_see else f"plain{kind}"

    slug = f"{word('slug')}-{name}"
    deed = read(
        kb.ArticleDeed,
        {
            "title": f"About {word('title')}",
            "slug": slug,
            "content": f"# Steps\n\nFirst {word('content')}.\n\n[A link](/help)\n",
            "excerpt": word("excerpt"),
            "category": "getting_started",
            "tags": [word("tag")],
        },
    )
    article = kb.create_article(db, deed, actor=world.actor("admin"))
    world.articles[name], world.slugs[name] = article.id, slug
    return article


def _articles(db: Session, world: World) -> None:
    admin = world.actor("admin")
    kb.publish(db, _article(db, world, "public", NOBODY), actor=admin)
    _article(db, world, "draft", STAFF)
    taken_back = kb.publish(db, _article(db, world, "takenback", STAFF), actor=admin)
    kb.unpublish(db, taken_back, actor=admin)
    may_see_log = frozenset({"admin", "super"})  # it names what was deleted
    deleted = kb.publish(db, _article(db, world, "deleted", may_see_log), actor=admin)
    kb.delete_article(db, deleted, actor=admin)


def _pictures(world: World) -> None:
    """A published article and a draft, each with a picture; imported, as there is no other way."""
    for name, draft in (("picture", "false"), ("draft picture", "true")):
        with tempfile.TemporaryDirectory() as folder:
            size = (7, 5) if draft == "true" else (5, 7)
            Image.new("RGB", size).save(Path(folder) / "a.png")
            head = f"title: With a {name}\ndraft: {draft}"
            (Path(folder) / f"{name}.md").write_text(f"---\n{head}\n---\n![A picture](a.png)\n")
            wishes = kb.Wishes(category="getting_started", publish=True)
            admin = world.actor("admin")
            report = kb.import_tree(Path(folder), wishes, tell=lambda *_: None, actor=admin)
        assert report.created == 1, report
        with reading() as db:
            html = kb.get(db, f"with-a-{name.replace(' ', '-')}", actor=operator()).html
        found = _PICTURE.search(html)
        assert found, html
        world.rows[name] = found[1]


def _quick_issues(db: Session, world: World) -> None:
    for title, is_active in (
        ("Works again", True),
        (world.mark("issue", frozenset({"admin", "super"})), False),
    ):
        values = {
            "title": title,
            "suggestedType": "bug",
            "suggestedCategory": "gateway",
            "isActive": is_active,
        }
        deed = read(tickets.QuickIssueDeed, values)
        tickets.create_quick_issue(db, deed, actor=world.actor("admin"))


def _ticket_values(world: World, may_see: frozenset[str]) -> dict[str, object]:
    return {
        "type": "bug",
        "category": "gateway",
        "severity": "high",
        "title": f"Broken {world.mark('subject', may_see)}",
        "description": f"It says {world.mark('description', may_see)}.",
        "contextData": {"url": f"https://example.com/{world.mark('context', may_see)}"},
    }


def _tickets(db: Session, world: World) -> None:
    for name in ("member1", "member2", "support", "admin", "super"):
        may_see = STAFF | {name}
        deed = read(tickets.NewTicket, _ticket_values(world, may_see))
        ticket = tickets.create(db, deed, actor=world.actor(name))
        _conversation(db, world, ticket, name, may_see)
    _guest_ticket(db, world)


def _conversation(
    db: Session, world: World, ticket: tickets.Ticket, name: str, may_see: frozenset[str]
) -> None:
    world.tickets[name] = ticket.ticket_number
    agent, nameless = world.actor("support"), world.actor("nameless")
    tickets.assign(db, ticket, nameless.user_id, actor=agent)
    for actor in (agent, nameless):
        answer = tickets.AgentReply(
            content=world.mark("answer", may_see),
            attachment_ids=[_file(db, world, name, "file", may_see, actor=actor)],
        )
        tickets.reply(db, ticket, answer, actor=actor)
    note = tickets.Note(
        content=f"Only us: {world.mark('note', STAFF)}",
        attachment_ids=[_file(db, world, f"{name}, internal", "internal", STAFF, actor=agent)],
    )
    tickets.add_note(db, ticket, note, actor=agent)
    if ticket.user_id == world.people.get(name):
        reply = tickets.Reply(content=world.mark("reply", may_see))
        tickets.reply(db, ticket, reply, actor=world.actor(name))
    tickets.set_tags(db, ticket, [world.mark("label", may_see)], actor=agent)


def _file(
    db: Session, world: World, place: str, kind: str, may_see: frozenset[str], *, actor: Actor
) -> str:
    name, text = world.mark(f"{kind}name", may_see), world.mark(f"{kind}text", may_see)
    kept = tickets.keep_upload(db, f"{name}.txt", text.encode(), actor=actor)
    world.files[place] = kept.id
    return kept.id


def _guest_ticket(db: Session, world: World) -> None:
    may_see = STAFF | {"guest"}
    values = {
        **_ticket_values(world, may_see),
        "guestEmail": f"{world.mark('guestmail', may_see)}@example.com",
        "guestName": world.mark("guestname", may_see),
    }
    deed = read(tickets.GuestTicket, values)
    ticket = tickets.create_for_guest(db, deed, actor=world.actor("anonymous"))
    _conversation(db, world, ticket, "guest", may_see)
    text = db.scalars(
        select(notifications.OutboxMail.text).where(
            notifications.OutboxMail.ticket_id == ticket.id,
            notifications.OutboxMail.recipient == values["guestEmail"],
        )
    ).first()
    stop, found = _STOP_LINK.search(text or ""), _PRIVATE_LINK.search(text or "")
    assert found, "the guest's mail has no private link"
    assert stop, "the guest's mail does not say how to stop such mails"
    world.rows["stop"] = stop[1]
    world.guest_token = world.keep(found[1], frozenset({"guest"}))
    world.actors["guest"] = tickets.guest_actor(db, world.guest_token, address=ADDRESS)


def _tokens(db: Session, world: World) -> None:
    for name in ("member1", "member2", "support", "admin", "super"):
        user = db.get_one(User, world.people[name])
        deed = users.NewToken(name="key")
        _, secret = users.create_token(db, user, deed, actor=operator())
        world.tokens[name] = world.keep(secret)
    for purpose, name in ((LinkPurpose.SIGN_IN, "member2"), (LinkPurpose.SET_PASSWORD, "nameless")):
        user = db.get_one(User, world.people[name])
        world.links[purpose] = world.keep(users.new_link(db, user, purpose, actor=operator()))


def _take_rights_away(world: World) -> None:
    """Demote `fired` and deactivate `gone`; their sessions end with that."""
    with unit_of_work() as db:
        users.set_role(db, db.get_one(User, world.people["fired"]), Role.MEMBER, actor=operator())
        users.deactivate(db, db.get_one(User, world.people["gone"]), actor=operator())
