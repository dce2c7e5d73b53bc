"""The queue: filters, order, pages, and deeds on several tickets."""

import re

import pytest

from models import audit, db, tickets
from models.actor import operator
from models.audit import AuditEntry
from tests.backoffice.world import BASE, World, elements, everything, words


def _titles(world: World, **query: str) -> list[str]:
    page = world.browser("support").get("/tickets", **query)
    assert page.status_code == 200
    return re.findall(r'class="title"><a [^>]*>([a-d])</a>', page.text)


def _assign(world: World, number: str, name: str | None) -> None:
    with db.unit_of_work() as session:
        ticket = tickets.get(session, number, actor=world.actor("support"))
        assignee = world.ids[name] if name else None
        tickets.assign(session, ticket, assignee, actor=world.actor("support"))


@pytest.fixture
def four(world: World) -> dict[str, str]:
    """Four tickets that differ in everything that can be filtered."""
    numbers = {
        "a": world.ticket(title="a", type="bug", severity="critical"),
        "b": world.ticket(title="b", type="question", category="other"),
        "c": world.ticket("other", title="c", severity="low"),
        "d": world.ticket(title="d", type="billing"),
    }
    _assign(world, numbers["a"], "support")
    _assign(world, numbers["b"], "colleague")
    return numbers


FILTERS: list[tuple[dict[str, str], str]] = [
    ({}, "abcd"),
    ({"status": "open"}, "cd"),
    ({"status": "in_progress"}, "ab"),
    ({"type": "bug"}, "ac"),
    ({"category": "other"}, "b"),
    ({"severity": "critical"}, "a"),
    ({"assignee": "me"}, "a"),
    ({"assignee": "none"}, "cd"),
    ({"q": "other@example.com"}, "c"),
    ({"q": "#2"}, "b"),
    ({"q": "TICKET-0003"}, "c"),
    ({"q": "disconnected"}, "abcd"),
    ({"q": "missing words"}, ""),
    ({"from": "2000-01-01", "to": "2099-01-01"}, "abcd"),
    ({"to": "2000-01-01"}, ""),
    ({"from": "2099-01-01"}, ""),
    ({"status": "", "q": "", "type": "", "assignee": ""}, "abcd"),
    ({"type": "bug", "status": "open", "sort": "severity"}, "c"),
]


def test_filters(world: World, four: dict[str, str]) -> None:
    for query, expected in FILTERS:
        assert sorted(_titles(world, **query)) == list(expected), query


def test_orders(world: World, four: dict[str, str]) -> None:
    assert _titles(world, sort="ticketNumber") == list("abcd")
    assert _titles(world, sort="-ticketNumber") == list("dcba")
    assert _titles(world, sort="-severity")[0] == "a"


def test_the_most_urgent_come_first(world: World, four: dict[str, str]) -> None:
    assert _titles(world)[0] == "a"
    assert _titles(world)[-1] == "c"


def test_a_person_can_be_the_filter(world: World, four: dict[str, str]) -> None:
    assert _titles(world, assignee=world.ids["colleague"]) == ["b"]


WRONG = [
    "status=done", "type=x", "severity=x", "from=yesterday", "from=2026-13-01", "sort=x",
    "from=2026-02-01&to=2026-01-01", "status=open&status=closed", "assignee=%ff", "q=%00",
]  # fmt: skip


def test_a_wrong_filter_is_named_and_shows_nothing(world: World) -> None:
    world.ticket(title="canary")
    agent = world.browser("support")
    for query in WRONG:
        page = agent.get(f"/tickets?{query}")
        assert page.status_code == 400, query
        assert "canary" not in page.text


def test_pages(world: World) -> None:
    for n in range(5):
        world.ticket(title=f"t{n}")
    agent = world.browser("support")
    page = agent.get("/tickets", pageSize="2", sort="ticketNumber", status="open")
    assert "1–2 of 5 tickets" in words(page)
    assert "Page 1 of 3" in words(page)
    (following,) = [item["href"] for item in elements(page, "a") if item.get("rel") == "next"]
    page = agent.client.get(f"{BASE}/tickets{following}")
    assert "3–4 of 5 tickets" in words(page)
    assert "status=open" in following
    beyond = agent.get("/tickets", page="9")
    assert beyond.status_code == 200
    assert "No ticket is like this." in words(beyond)


def test_the_order_is_told_to_screen_readers(world: World) -> None:
    world.ticket()
    agent = world.browser("support")
    sorts = [h.get("aria-sort") for h in elements(agent.get("/tickets", sort="status"), "th")]
    assert sorts.count("ascending") == 1
    sorts = [h.get("aria-sort") for h in elements(agent.get("/tickets"), "th")]
    assert sorts.count("descending") == 1


def test_actions_are_offered_in_their_order(world: World) -> None:
    world.ticket()
    page = world.browser("support").get("/tickets")
    offered = [item["formaction"] for item in elements(page, "button") if "formaction" in item]
    slugs = ("assign-to-me", "resolve", "bulk-status")
    assert offered == [f"{BASE}/tickets/action/{slug}" for slug in slugs]


def _whole_way(world: World, slug: str, four: dict[str, str], **values: str) -> list[str]:
    """From the list over the confirmation to the deed, as a browser without scripts does."""
    agent = world.browser("support")
    listed = agent.get("/tickets", sort="ticketNumber")
    ids = [item["value"] for item in elements(listed, "input") if item.get("name") == "pks"]
    picked = [ids[2], ids[3]]
    page = agent.get(f"/tickets/action/{slug}", pks=picked, back="sort=ticketNumber")
    assert page.status_code == 200
    assert "TICKET-0003 c" in words(page)
    assert "TICKET-0004 d" in words(page)
    assert "TICKET-0001" not in words(page)
    fields = [item for item in elements(page, "input") if item.get("type") == "hidden"]
    body: dict[str, object] = {"pks": [i["value"] for i in fields if i["name"] == "pks"]}
    body |= {i["name"]: i["value"] for i in fields if i["name"] == "back"}
    sent = agent.send(f"{BASE}/tickets/action/{slug}", {**body, **values})
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{BASE}/tickets?sort=ticketNumber&done=")
    assert 'role="status"' in agent.client.get(sent.headers["location"]).text
    return [four["c"], four["d"]]


def test_assign_to_me(world: World, four: dict[str, str]) -> None:
    for number in _whole_way(world, "assign-to-me", four):
        assert world.find(number).assigned_to_id == world.ids["support"]
    assert world.find(four["b"]).assigned_to_id == world.ids["colleague"]


def test_resolve_asks_for_the_resolution(world: World, four: dict[str, str]) -> None:
    for number in _whole_way(world, "resolve", four, resolution="Fixed for all."):
        ticket = world.find(number)
        assert (ticket.status, ticket.resolution) == ("resolved", "Fixed for all.")
    assert world.find(four["a"]).status == "in_progress"


def test_bulk_status(world: World, four: dict[str, str]) -> None:
    for number in _whole_way(world, "bulk-status", four, status="closed", resolution=""):
        assert world.find(number).status == "closed"


@pytest.mark.parametrize(
    ("slug", "values", "field"),
    [
        ("resolve", {"resolution": " "}, "resolution"),
        ("bulk-status", {"status": ""}, "status"),
        ("bulk-status", {"status": "done"}, "status"),
        ("bulk-status", {"status": "resolved", "resolution": ""}, "resolution"),
    ],
)
def test_a_refused_action_asks_again(
    world: World, four: dict[str, str], slug: str, values: dict[str, str], field: str
) -> None:
    agent = world.browser("support")
    before = everything()
    page = agent.post(f"/tickets/action/{slug}", pks=four["c"], **values)
    assert page.status_code == 422
    assert "TICKET-0003 c" in words(page)
    controls = [*elements(page, "textarea"), *elements(page, "select")]
    wrong = [item["name"] for item in controls if item.get("aria-invalid")]
    assert wrong == [field] or 'role="alert"' in page.text
    assert everything() == before


def test_all_or_nothing(world: World, four: dict[str, str]) -> None:
    agent = world.browser("support")
    agent.post(f"/tickets/{four['d']}/status", status="closed")
    before = everything()
    page = agent.post(
        "/tickets/action/bulk-status", pks=[four["c"], four["d"]], status="waiting_user"
    )
    assert page.status_code == 409
    assert "Nothing was changed. TICKET-0004 is closed" in words(page)
    missing = agent.post("/tickets/action/assign-to-me", pks=[four["c"], "TICKET-9999"])
    assert missing.status_code == 404
    assert everything() == before


def test_nothing_selected_is_said(world: World) -> None:
    agent = world.browser("support")
    for answer in (
        agent.get("/tickets/action/resolve"),
        agent.post("/tickets/action/resolve", resolution="x"),
    ):
        assert answer.status_code == 400
        assert "select at least one ticket" in words(answer)


def test_more_than_allowed_is_refused(world: World, four: dict[str, str]) -> None:
    agent = world.browser("support")
    before = everything()
    page = agent.post("/tickets/action/assign-to-me", pks=[four["c"]] * 201)
    assert page.status_code == 422
    assert everything() == before


def test_fields_of_the_deed_cannot_be_smuggled_into_an_action(
    world: World, four: dict[str, str]
) -> None:
    agent = world.browser("support")
    before = everything()
    for extra in (
        {"assigneeId": world.ids["colleague"]},
        {"action": "assign"},
        {"status": "closed"},
        {"ids": four["a"]},
    ):
        for slug in ("assign-to-me", "resolve"):
            values = {"pks": four["c"], "resolution": "x", **extra}
            page = agent.post(f"/tickets/action/{slug}", **values)
            assert page.status_code == 422, (slug, extra)
    assert everything() == before


def test_each_ticket_of_an_action_has_its_audit_row(world: World, four: dict[str, str]) -> None:
    world.browser("support").post("/tickets/action/assign-to-me", pks=[four["c"], four["d"]])
    with db.reading() as session:
        entries = session.scalars(
            audit.visible_to(operator()).where(
                AuditEntry.action == "ticket.assign", AuditEntry.door == "backoffice"
            )
        ).all()
    assert len(entries) == 2
