"""What addresses of each route name: one's own, somebody else's, gone or missing; and right forms.

A route whose parameter or form is not described here fails the guards that need it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import quote, urlencode

from sqlalchemy import delete

from models import kb, notifications, tickets, users
from models.actor import SYSTEM_USER_ID, Role, anonymous, operator
from models.actor import Door as Doors
from models.db import reading, unit_of_work
from models.deeds import read
from models.throttle import ThrottleHit
from models.users import LinkPurpose, User
from tests.guards import own_forms
from tests.guards.own_forms import always as _always
from tests.guards.routing import Entry
from tests.guards.world import ADDRESS, World

OWN, MISSING, ODD = "own", "missing", "odd"
NO_TICKET, NO_ID = "TICKET-9998", "00000000-0000-7000-8000-00000000dead"
NO_TOKEN = "A" * 43
PASSWORD = "a password of the guards"
# Who asks for something: everybody alive, and the holder of a private link.
ASKING = ("anonymous", "guest", "member1", "member2", "support", "admin", "super")
_number = count(1)


@dataclass(frozen=True, slots=True)
class Asked:
    """An address to ask for, and the word in it that names the object."""

    path: str
    word: str = ""


def asked(entry: Entry, kind: str, world: World, who: str) -> Asked:
    """The address of the route with an object of this kind in it."""
    if "{" not in entry.path:
        return Asked(entry.path + _query(entry, world))
    parameter = entry.path[entry.path.index("{") : entry.path.index("}") + 1]
    word = things(entry, world, who)[kind]
    path = entry.path.replace(parameter, quote(word))
    return Asked(path.replace("{id}", world.files["guest"]), word)


def kinds(entry: Entry, world: World, who: str) -> list[str]:
    """The kinds of objects that can be named in the route; `own` alone without a parameter."""
    return list(things(entry, world, who)) if "{" in entry.path else [OWN]


def things(entry: Entry, world: World, who: str) -> Mapping[str, str]:
    """By kind the word that names an object in this route."""
    return _THINGS[_family(entry)](world, who)


def _family(entry: Entry) -> str:
    for prefix in _THINGS:
        if entry.path.startswith(prefix):
            return prefix
    raise LookupError(f"{entry}: say in tests/guards/objects.py what its parameter names")


def _query(entry: Entry, world: World) -> str:
    """What an action needs behind the question mark to ask for a confirmation."""
    if entry.method != "GET" or "/action/" not in entry.path:
        return ""
    return "?" + urlencode({"pks": _picked(entry, world)})


def _picked(entry: Entry, world: World) -> str:
    return world.articles["draft"] if "/kb/" in entry.path else world.tickets["member1"]


def _own_tickets(world: World, who: str) -> dict[str, str]:
    other = "member1" if who == "member2" else "member2"
    own = {OWN: world.tickets[who]} if who in world.tickets and who != "guest" else {}
    return {
        **own,
        "somebody else's": world.tickets[other],
        "a guest's": world.tickets["guest"],
        "somebody else's, by id": _id_of(world.tickets[other]),
        MISSING: NO_TICKET,
        "missing, by id": NO_ID,
    }


def _own_files(world: World, who: str) -> dict[str, str]:
    if who in ("support", "admin", "super"):
        return {OWN: world.files["member1, internal"], MISSING: NO_ID}
    other = "member1" if who == "member2" else "member2"
    own = {OWN: world.files[who]} if who in ("member1", "member2") else {}
    return {
        **own,
        "somebody else's": world.files[other],
        "of a note": world.files[f"{who}, internal" if own else "member1, internal"],
        MISSING: NO_ID,
    }


def _id_of(number: str) -> str:
    with reading() as db:
        return tickets.get(db, number, actor=operator()).id


def _row(name: str) -> Callable[[World, str], dict[str, str]]:
    return lambda world, _: {OWN: world.rows[name], MISSING: NO_ID, ODD: "\u0661 %00'\"<"}


_THINGS: dict[str, Callable[[World, str], Mapping[str, str]]] = {
    **own_forms.THINGS,
    "/help/pictures/{name}": lambda world, who: {
        OWN: world.rows["picture"],
        # Staff see it, as they see the draft.
        **({} if who in ("support", "admin", "super") else {"draft": world.rows["draft picture"]}),
        MISSING: f"{'0' * 32}-1x1.png",
        ODD: "\u0661 %00'\"<",
    },
    "/help/{slug}": lambda world, _: {
        OWN: world.slugs["public"],
        "draft": world.slugs["draft"],
        "taken back": world.slugs["takenback"],
        "deleted": world.slugs["deleted"],
        MISSING: "there-is-no-such-article",
    },
    "/api/kb/articles/{slug}": lambda world, _: {
        OWN: world.slugs["public"],
        "draft": world.slugs["draft"],
        "taken back": world.slugs["takenback"],
        "deleted": world.slugs["deleted"],
        ODD: "\u0661 %00'\"<",
        MISSING: "there-is-no-such-article",
    },
    "/api/kb/articles/{id}": lambda world, _: {
        OWN: world.articles["public"],
        "draft": world.articles["draft"],
        "deleted": world.articles["deleted"],
        MISSING: NO_ID,
    },
    "/api/support/kb/articles/{id}": lambda world, _: {
        OWN: world.articles["draft"],
        "deleted": world.articles["deleted"],
        ODD: "\u0661 %00'\"<",
        MISSING: NO_ID,
    },
    "/api/support/tickets/{id}": lambda world, _: {
        OWN: world.tickets["member1"],
        ODD: "\u0661 %00'\"<",
        MISSING: NO_TICKET,
    },
    "/api/support/users/{id}": lambda world, _: {
        OWN: world.people["member1"],
        "the operator": SYSTEM_USER_ID,
        MISSING: NO_ID,
    },
    "/api/tickets/{id}": _own_tickets,
    "/api/attachments/{id}": _own_files,
    "/support/t/{token}": lambda world, _: {OWN: world.guest_token, MISSING: NO_TOKEN},
    "/support/{number}": _own_tickets,
    "/mail/stop/{token}": lambda world, _: {OWN: world.rows["stop"], MISSING: f"{NO_ID}{NO_TOKEN}"},
    "/login/link/{token}": lambda world, _: {
        OWN: world.links[LinkPurpose.SIGN_IN],
        MISSING: NO_TOKEN,
    },
    "/static/{name": lambda *_: {OWN: "site.css", MISSING: "nothing.css"},
    "/support-dashboard/static/{path}": lambda *_: {OWN: "backoffice.css", MISSING: "nothing.css"},
    "/support-dashboard/statics/{path}": lambda *_: {
        OWN: "css/tabler.min.css",
        MISSING: "nothing.css",
    },
    "/support-dashboard/tickets/{ref}": lambda world, _: {
        OWN: world.tickets["member1"],
        ODD: "\u0661 %00'\"<",
        MISSING: NO_TICKET,
    },
    "/support-dashboard/kb/{ref}": lambda world, _: {
        OWN: world.articles["draft"],
        "deleted": world.articles["deleted"],
        MISSING: NO_ID,
    },
    "/support-dashboard/mail/{ref}": _row("mail"),
    "/support-dashboard/users/{ref}": lambda world, _: {
        OWN: world.rows["users"],
        "the operator": SYSTEM_USER_ID,
        MISSING: NO_ID,
    },
    "/support-dashboard/quick-issues/{ref}": _row("quick-issues"),
    "/support-dashboard/article-categories/{ref}": _row("article-categories"),
    "/support-dashboard/ticket-categories/{ref}": _row("ticket-categories"),
}


def form(entry: Entry, world: World, who: str) -> dict[str, str]:
    """What a right form sends to this route."""
    known = FORMS.get(entry.path)
    if known is None:
        raise LookupError(f"{entry}: say in tests/guards/objects.py what a right form sends")
    return known(world, who)


def _new_ticket(world: World, who: str) -> dict[str, str]:
    values = {"type": "bug", "category": "gateway", "title": "It stops", "description": "Always."}
    is_guest = world.cookies.get(who) is None or who in ("fired", "gone", "out")
    return {**values, **({"guestEmail": new_address()} if is_guest else {})}


def new_address() -> str:
    """An e-mail address that nobody had before."""
    return f"somebody{next(_number)}@example.com"


_ARTICLE = {"title": "How to", "category": "getting_started", "content": "So."}
_ISSUE = {"title": "Again", "suggestedType": "bug", "suggestedCategory": "gateway"}


def _category(*_: object) -> dict[str, str]:
    return {"slug": f"made_{next(_number)}", "title": "Made"}


def _ticket_picked(world: World, _: str) -> dict[str, str]:
    return {"pks": world.tickets["member1"]}


def _article_picked(world: World, _: str) -> dict[str, str]:
    return {"pks": world.articles["draft"]}


FORMS: dict[str, Callable[[World, str], dict[str, str]]] = {
    **own_forms.FORMS,
    "/help/{slug}/feedback": _always(helpful="true"),
    "/support/new": _new_ticket,
    "/support/t/{token}/messages": _always(content="One more thing."),
    "/support/t/{token}/solve": _always(),
    "/support/{number}/messages": _always(content="One more thing."),
    "/support/{number}/solve": _always(),
    "/login": lambda world, _: {"email": address_of(world, "member2"), "password": PASSWORD},
    "/login/link": _always(email="nobody@example.com"),
    "/login/link/{token}": _always(),
    **dict.fromkeys(("/logout", "/mail/stop/{token}"), _always()),
    "/register": lambda *_: {"email": new_address(), "name": "Ann"},
    "/support-dashboard/tickets/{ref}/reply": _always(content="Please try this."),
    "/support-dashboard/tickets/{ref}/note": _always(content="A bug of ours."),
    "/support-dashboard/tickets/{ref}/status": _always(status="waiting_user"),
    "/support-dashboard/tickets/{ref}/resolve": _always(resolution="Restarted."),
    "/support-dashboard/tickets/{ref}/priority": _always(priority="2"),
    "/support-dashboard/tickets/{ref}/severity": _always(severity="low"),
    "/support-dashboard/tickets/{ref}/tags": _always(tags="one, two"),
    "/support-dashboard/tickets/{ref}/article": lambda world, _: {
        "articleId": world.slugs["public"]
    },
    "/support-dashboard/tickets/{ref}/assign": lambda world, _: {
        "assigneeId": world.people["support"]
    },
    "/support-dashboard/tickets/action/assign-to-me": _ticket_picked,
    "/support-dashboard/tickets/action/resolve": lambda world, _: {
        "pks": world.tickets["member1"],
        "resolution": "Done.",
    },
    "/support-dashboard/tickets/action/bulk-status": lambda world, _: {
        "pks": world.tickets["member1"],
        "status": "waiting_user",
    },
    "/support-dashboard/kb/new": _always(**_ARTICLE),
    "/support-dashboard/kb/{ref}/edit": _always(**_ARTICLE),
    "/support-dashboard/kb/{ref}/delete": _always(),
    "/support-dashboard/kb/action/publish": _article_picked,
    "/support-dashboard/kb/action/unpublish": _article_picked,
    "/support-dashboard/mail/{ref}/again": _always(),
    "/support-dashboard/mail/{ref}/drop": _always(),
    "/support-dashboard/users/{ref}/role": _always(role="SUPPORT"),
    "/support-dashboard/users/{ref}/deactivate": _always(),
    "/support-dashboard/users/{ref}/reactivate": _always(),
    "/support-dashboard/quick-issues/new": _always(**_ISSUE),
    "/support-dashboard/quick-issues/{ref}/edit": _always(**_ISSUE),
    "/support-dashboard/quick-issues/{ref}/delete": _always(),
    "/support-dashboard/article-categories/new": _category,
    "/support-dashboard/article-categories/{ref}/edit": _category,
    "/support-dashboard/article-categories/{ref}/delete": _always(),
    "/support-dashboard/ticket-categories/new": _category,
    "/support-dashboard/ticket-categories/{ref}/edit": _category,
    "/support-dashboard/ticket-categories/{ref}/delete": _always(),
}


def address_of(world: World, name: str) -> str:
    """The e-mail address of somebody of the world."""
    return world.actor(name).email or ""


# --- something new for a deed that uses it up -----------------------------------------------------


def stocked(world: World) -> None:
    """Add a row of each kind that deeds may use up."""
    for name, make in MAKERS.items():
        world.rows[name] = make()


def renewed(entry: Entry, world: World, who: str) -> None:
    """Put new objects in the place of those that a deed just used up."""
    with unit_of_work() as db:
        db.execute(delete(ThrottleHit))
    for name, make in MAKERS.items():
        if entry.path.startswith(f"/support-dashboard/{name}/"):
            world.rows[name] = make()
    if entry.path in SESSION_ENDING:
        if who in _WITH_SESSION:
            world.cookies[who] = session(world, who)
        world.links[LinkPurpose.SIGN_IN] = one_time_link(world, "member2")
    elif entry.path.startswith("/support-dashboard/kb/"):
        world.articles["draft"] = article(world)
    elif entry.path.startswith(("/support-dashboard/tickets/", "/support/{number}")):
        is_own = entry.path.startswith("/support/{number}") and who in _WITH_SESSION
        owner = who if is_own else "member1"
        world.tickets[owner] = ticket(world, owner)


_WITH_SESSION = ("member1", "member2", "support", "admin", "super")
SESSION_ENDING = ("/login", "/logout", "/login/link/{token}", *own_forms.ENDING)


def session(world: World, name: str) -> str:
    """The cookie of a new session of somebody."""
    token = one_time_link(world, name)
    return users.use_link(token, None, actor=anonymous(Doors.WEB, address=ADDRESS)).token


def one_time_link(world: World, name: str) -> str:
    """The token of a new link to sign in by."""
    with unit_of_work() as db:
        user = db.get_one(User, world.people[name])
        return users.new_link(db, user, LinkPurpose.SIGN_IN, actor=operator())


def person() -> str:
    """The id of a new customer."""
    deed = users.NewUser(email=new_address(), name="New", role=Role.MEMBER)
    with unit_of_work() as db:
        return users.create(db, deed, actor=operator()).id


def ticket(world: World, owner: str) -> str:
    """The number of a new ticket."""
    deed = tickets.NewTicket.model_validate(_new_ticket(world, owner))
    with unit_of_work() as db:
        return tickets.create(db, deed, actor=world.actor(owner)).ticket_number


def article(world: World) -> str:
    """The id of a new draft."""
    deed = read(kb.ArticleDeed, {**_ARTICLE, "slug": f"made-{next(_number)}"})
    with unit_of_work() as db:
        return kb.create_article(db, deed, actor=world.actor("admin")).id


def quick_issue() -> str:
    """The id of a new quick issue."""
    deed = read(tickets.QuickIssueDeed, _ISSUE)
    with unit_of_work() as db:
        return tickets.create_quick_issue(db, deed, actor=operator()).id


def article_category() -> str:
    """The id of a new, empty category of articles."""
    with unit_of_work() as db:
        return kb.create_category(db, read(kb.CategoryDeed, _category()), actor=operator()).id


def ticket_category() -> str:
    """The id of a new, empty category of tickets."""
    deed = read(tickets.CategoryDeed, _category())
    with unit_of_work() as db:
        return tickets.create_category(db, deed, actor=operator()).id


def dead_mail() -> str:
    """The id of a mail that was given up."""
    with unit_of_work() as db:
        mail = notifications.OutboxMail(
            kind="ticket_reply", recipient=new_address(), subject="s", text="t", html="h",
            message_id=f"<{next(_number)}@example.com>", status="dead", last_error="550 no",
        )  # fmt: skip
        db.add(mail)
        db.flush()
        return mail.id


MAKERS: dict[str, Callable[[], str]] = {
    "users": person,
    "mail": dead_mail,
    "quick-issues": quick_issue,
    "article-categories": article_category,
    "ticket-categories": ticket_category,
}
