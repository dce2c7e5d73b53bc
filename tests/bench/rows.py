"""What is measured: each row of the bar with its request and its target."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from models import db, tickets, users
from models.actor import Door, Role, anonymous, operator
from models.tickets import SORTS
from models.users import LinkPurpose, User
from tests.bench.load import Asked

QUEUE = "/support-dashboard/tickets"
READER = {"User-Agent": "Mozilla/5.0 (bench)"}
FILTERS = (
    "", "status=open", "status=closed", "type=bug", "category=billing", "severity=critical",
    "assignee=none", "assignee=me", "tag=vip", "from=2026-06-01&to=2026-06-30",
    "status=open&severity=high", "status=closed&category=billing&sort=createdAt",
    "assignee=none&sort=-updatedAt", "tag=vip&sort=severity", "type=question&sort=waitingSince",
    "type=bug&category=billing&severity=critical",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its name, its requests (the slowest counts), and when it is reached.

    ``cpu_of_floor`` is the most CPU in floors, ``p95`` the most milliseconds, ``grown`` the most
    that p95 may grow from the small to the large run, ``of_row`` the most of another row's p95.
    """

    name: str
    asked: list[Asked]
    cpu_of_floor: float | None = None
    p95: float | None = None
    grown: float | None = None
    of_row: tuple[str, float] | None = None
    rate_of: tuple[str, float] | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Sessions to ask with."""

    agent: dict[str, str]
    customer: dict[str, str]


def signed_in() -> People:
    """An administrator and a customer of the seeded data, signed in."""
    return People(_session(Role.ADMIN), _session(Role.MEMBER))


def _session(role: Role) -> dict[str, str]:
    email = f"bench-{role.value.lower()}@example.com"
    with db.unit_of_work() as session:
        user = users.by_email(session, email) or users.create(
            session, users.NewUser(email=email, role=role), actor=operator()
        )
        token = users.new_link(session, user, LinkPurpose.SIGN_IN, actor=operator())
    opened = users.use_link(token, None, actor=anonymous(Door.WEB, address="127.0.0.1"))
    return {"Cookie": f"session={opened.token}", "Sec-Fetch-Site": "same-origin"}


def long_thread(agent: str) -> str:
    """The number of a ticket with fifty messages."""
    with db.unit_of_work() as session:
        actor = users.actor_of(session.get_one(User, agent), door=Door.BACKOFFICE)
        ticket = tickets.get(session, "TICKET-0007", actor=actor)
        if ticket.status == "closed":
            tickets.change_status(session, ticket, tickets.Status.OPEN, actor=actor)
        there = len(tickets.thread(session, ticket, actor=actor))
        for number in range(there, 50):
            deed = tickets.AgentReply(content=f"Message {number}, please look at the gateway.")
            tickets.reply(session, ticket, deed, actor=actor)
        return ticket.ticket_number


def rows(people: People, articles: int) -> list[Row]:
    """Every row that exists by now."""
    agent = people.agent
    with db.reading() as session:
        admin = users.by_email(session, "bench-admin@example.com")
    thread = long_thread(admin.id if admin else "")
    queue = [Asked(f"{QUEUE}?{query}", headers=agent) for query in FILTERS]
    sorts = [
        Asked(f"{QUEUE}?sort={sign}{name}", headers=agent) for name in SORTS for sign in ("", "-")
    ]
    searches = {
        "number": ["TICKET-0042", "#4711"],
        "e-mail": ["person7.1@bulk.example", "person11"],
        "rare word": ["quasarwing"],
        "common word": ["gateway", "gateway refused"],
    }
    return [
        Row("help article", [Asked(f"/help/bulk-1-{articles // 2 + 1}", headers=READER)], 1.5),
        Row("help list", [Asked("/help", headers=READER)], 2.5),
        Row("help search", _searches("/help?q=", ["invoice", "gateway token", "expired"]), 2.5),
        Row("help search, first time", _searches("/help?first={n}&q=", ["invoice", "expired"])),
        Row("help search, mistyped", _searches("/help?q=", ["gatewey"])),
        Row("queue, filters", queue, 6, grown=1.3),
        Row("queue, sorts", sorts, 6, grown=1.3),
        *(
            Row(f"queue search, {kind}", _searches(f"{QUEUE}?q=", typed, agent),
                p95=150 if kind == "common word" else 40)
            for kind, typed in searches.items()
        ),
        Row("first page", [Asked(QUEUE, headers=agent)], 6),
        Row("deep page", [Asked(f"{QUEUE}?{urlencode({'page': 400})}", headers=agent)],
            of_row=("first page", 2)),
        Row("workbench, 50 messages", [Asked(f"{QUEUE}/{thread}", headers=agent)], 6),
        Row("dashboard home", [Asked("/support-dashboard/", headers=agent)], p95=100),
        Row("API queue", [Asked("/api/support/tickets", headers=agent)]),
        Row("ticket form sent", [_form(people.customer)], rate_of=("insert and commit", 1 / 3)),
    ]  # fmt: skip


def _searches(address: str, typed: list[str], headers: dict[str, str] | None = None) -> list[Asked]:
    # Each comes from another reader, since one reader may search 120 times a minute only.
    asking = {**(headers or READER), "X-Forwarded-For": "{address}"}
    return [Asked(address + quote(text), headers=asking) for text in typed]


def _form(customer: dict[str, str]) -> Asked:
    values = {"type": "bug", "category": "gateway", "severity": "high", "title": "Bench {n}",
              "description": "It says: connection refused."}  # fmt: skip
    body = urlencode(values, safe="{}")
    kind = {"Content-Type": "application/x-www-form-urlencoded", **customer}
    return Asked("/support/new", "POST", body, kind, (303,))
