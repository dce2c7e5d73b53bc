"""One ticket's page: the conversation, each deed's whole way, and what is refused."""

from itertools import product

import pytest

from backoffice.ticket import FIELDS
from models import db, tickets
from models.deeds import read
from tests.backoffice.world import BASE, World, elements, everything, words

CONTROLS = ("input", "select", "textarea")
PAYLOADS = [
    "<script>window.__p=1</script>",
    "<img src=x onerror=__p=1>",
    '"><svg onload=__p=1>',
    "{{ 7*7 }} ${7*7}",
]


def test_an_agent_reads_answers_and_resolves(world: World) -> None:
    number = world.ticket()
    agent = world.browser("support")

    page = agent.get("/tickets")
    assert page.status_code == 200
    assert "Gateway not connecting" in page.text

    page = agent.get(f"/tickets/{number}")
    assert page.status_code == 200
    assert "It shows as disconnected." in page.text

    sent = agent.post(f"/tickets/{number}/reply", content="Please try again.", status="")
    assert sent.status_code == 303
    assert sent.headers["location"] == f"{BASE}/tickets/{number}?done=reply"
    page = agent.client.get(sent.headers["location"])
    assert "Your reply was sent." in words(page)
    assert "Please try again." in page.text
    assert world.find(number).status == "in_progress"

    sent = agent.post(f"/tickets/{number}/resolve", resolution="A new token helped.")
    assert sent.status_code == 303
    ticket = world.find(number)
    assert (ticket.status, ticket.resolution) == ("resolved", "A new token helped.")


def test_a_ticket_opens_by_number_in_any_case_and_by_id(world: World) -> None:
    number = world.ticket()
    agent = world.browser("support")
    for ref in (number, number.lower(), world.find(number).id):
        assert agent.get(f"/tickets/{ref}").status_code == 200


def test_customer_agent_and_note_are_told_apart(world: World) -> None:
    number = world.ticket()
    agent = world.browser("support")
    agent.post(f"/tickets/{number}/reply", content="The answer.")
    agent.post(f"/tickets/{number}/note", content="The note.")
    page = agent.get(f"/tickets/{number}")
    kinds = [item["class"].split()[1] for item in elements(page, "article")]
    assert kinds == ["customer", "agent", "note"]
    assert "Internal note · Support only staff sees this" in words(page)


def test_a_note_never_reaches_the_customer(world: World) -> None:
    number = world.ticket()
    world.browser("support").post(f"/tickets/{number}/note", content="canary-note")
    customer = world.browser("member").client
    for path in (f"/support/{number}", "/support"):
        page = customer.get(path)
        assert page.status_code == 200
        assert "canary-note" not in page.text
    with db.reading() as session:
        ticket = tickets.get(session, number, actor=world.actor("support"))
        assert tickets.conversation(session, ticket, actor=world.actor("member")) == []


def test_a_reply_can_resolve(world: World) -> None:
    number = world.ticket()
    world.browser("support").post(
        f"/tickets/{number}/reply", content="It works again.", status="resolved"
    )
    ticket = world.find(number)
    assert (ticket.status, ticket.resolution) == ("resolved", "It works again.")


@pytest.mark.parametrize(
    ("deed", "values", "name", "expected"),
    [
        ("status", {"status": "waiting_user"}, "status", "waiting_user"),
        ("priority", {"priority": "2"}, "priority", 2),
        ("priority", {"priority": "-1"}, "priority", -1),
        ("severity", {"severity": "critical"}, "severity", "critical"),
        ("tags", {"tags": "vip, telegram , ,vip"}, "tags", ["telegram", "vip"]),
    ],
)
def test_a_small_form_changes_one_thing(
    world: World, deed: str, values: dict[str, str], name: str, expected: object
) -> None:
    number = world.ticket()
    agent = world.browser("support")
    sent = agent.post(f"/tickets/{number}/{deed}", **values)
    assert sent.headers["location"] == f"{BASE}/tickets/{number}?done={deed}"
    with db.reading() as session:
        ticket = tickets.get(session, number, actor=world.actor("support"))
        assert getattr(ticket, name) == expected
    page = agent.client.get(sent.headers["location"])
    assert elements(page, "main")
    assert "Support" in words(page)  # the history names who did it


def test_a_ticket_is_given_to_somebody_and_to_nobody(world: World) -> None:
    number = world.ticket()
    agent = world.browser("support")
    agent.post(f"/tickets/{number}/assign", assigneeId=world.ids["colleague"])
    assert world.find(number).assigned_to_id == world.ids["colleague"]
    agent.post(f"/tickets/{number}/assign", assigneeId="")
    assert world.find(number).assigned_to_id is None


def test_an_article_is_linked_by_its_slug(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    world.article(title="How to connect", published=True)
    agent.post(f"/tickets/{number}/article", articleId="how-to-connect")
    assert "How to connect" in agent.get(f"/tickets/{number}").text
    world.article(title="A draft")
    for wrong in ("a-draft", "no-such-article"):
        page = agent.post(f"/tickets/{number}/article", articleId=wrong)
        assert page.status_code == 422
        assert [item["value"] for item in elements(page, "input") if item.get("aria-invalid")] == [
            wrong
        ]


def test_a_refused_reply_comes_back_filled_in(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    before = everything()
    page = agent.post(f"/tickets/{number}/reply", content="x" * 20_001, status="waiting_user")
    assert page.status_code == 422
    (wrong,) = [item for item in elements(page, "textarea") if item.get("aria-invalid")]
    assert wrong["id"] == "reply-content"
    assert "reply-content-wrong" in wrong["aria-describedby"]
    assert "Please use at most 20,000 characters" in words(page)
    assert "x" * 20_001 in page.text
    chosen = [item["value"] for item in elements(page, "option") if "selected" in item]
    assert "waiting_user" in chosen
    assert everything() == before


UNUSABLE = [b"%00", b"%ff", b"%ed%a0%80", b"zzz%E2%80%A8" + b"z" * 20_001]


def test_unusable_input_is_said_at_its_field(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    before = everything()
    for name, bad in product(FIELDS, UNUSABLE):
        field = FIELDS[name][0].name
        page = agent.raw(f"/tickets/{number}/{name}", field.encode() + b"=" + bad)
        assert page.status_code == 422, (name, bad[:9])
        controls = [item for kind in CONTROLS for item in elements(page, kind)]
        assert [item["name"] for item in controls if item.get("aria-invalid")] == [field]
    assert everything() == before


def test_an_empty_form_is_refused(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    before = everything()
    for name in ("reply", "note", "resolve", "status", "priority", "severity", "article"):
        for nothing in ("", "  "):
            page = agent.post(f"/tickets/{number}/{name}", **{FIELDS[name][0].name: nothing})
            assert page.status_code == 422, name
    assert everything() == before


def test_a_move_that_is_not_possible_is_said(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    agent.post(f"/tickets/{number}/status", status="closed")
    page = agent.post(f"/tickets/{number}/reply", content="One more thing.")
    assert page.status_code == 409
    assert "is closed. Reopen it before you reply." in words(page)
    assert "One more thing." in page.text
    page = agent.post(f"/tickets/{number}/status", status="waiting_user")
    assert page.status_code == 409
    shown = [item["value"] for item in elements(page, "option")]
    assert "in_progress" not in shown
    assert "Resolve ticket" not in page.text


@pytest.mark.parametrize("payload", PAYLOADS)
def test_what_people_wrote_is_text(world: World, payload: str) -> None:
    context = {"url": payload, "errorMessage": payload, "recentActions": [{"action": payload}]}
    number = world.ticket(title=payload, description=payload, contextData=context)
    agent = world.browser("support")
    agent.post(f"/tickets/{number}/note", content=payload)
    agent.post(f"/tickets/{number}/tags", tags=payload.replace(",", ""))
    with db.unit_of_work() as session:
        user = tickets.get(session, number, actor=world.actor("support")).user
        user.name = payload
    shown = [
        agent.get(f"/tickets/{number}"),
        agent.get("/tickets", q=number),
        agent.get(f"/users/{world.ids['member']}"),
        agent.get("/tickets/action/resolve", pks=number),
    ]
    for page in shown:
        assert page.status_code == 200
        assert payload in words(page)
        assert {item.get("src", "").split("?")[0] for item in elements(page, "script")} == {
            f"{BASE}/static/backoffice.js"
        }
        assert not [item for item in elements(page, "img") if item.get("onerror")]
        assert "49 $49" not in page.text


def test_a_damaged_row_is_said_and_breaks_nothing(world: World) -> None:
    number = world.ticket(contextData={"browser": "Chrome"})
    with db.unit_of_work() as session:
        tickets.get(session, number, actor=world.actor("support")).context_data = [1]  # type: ignore[assignment]
    page = world.browser("support").get(f"/tickets/{number}")
    assert page.status_code == 200
    assert "What was captured cannot be read." in words(page)


def test_a_damaged_part_is_said_and_the_rest_is_shown(world: World) -> None:
    number = world.ticket(contextData={"browser": "Chrome"})
    damaged = {"browser": ["Chrome"], "os": "macOS", "recentActions": "many", "gatewayStatuses": [
        7, {"name": "TG Bot", "status": None}]}  # fmt: skip
    with db.unit_of_work() as session:
        found = tickets.get(session, number, actor=world.actor("support"))
        found.context_data = damaged
    page = world.browser("support").get(f"/tickets/{number}")
    assert page.status_code == 200
    for part in ("Browser", "Gateways then", "Did before"):
        assert f"{part}: cannot be read." in words(page)
    assert "System macOS" in words(page)
    assert "TG Bot" in words(page)
    assert "[" not in words(page).partition("Captured with the ticket")[2]


def test_captured_context_is_shown_as_facts(world: World) -> None:
    context = {
        "browser": "Chrome",
        "os": "macOS",
        "url": "https://app.example/gateways",
        "gatewayStatuses": [{"name": "TG Bot", "type": "telegram", "status": "error"}],
    }
    number = world.ticket(contextData=context)
    page = words(world.browser("support").get(f"/tickets/{number}"))
    assert "Browser Chrome System macOS" in page
    assert "TG Bot telegram" in page
    assert "{" not in page


def test_the_customers_card_shows_plan_tickets_and_gateways(world: World) -> None:
    number = world.ticket()
    world.ticket()
    page = words(world.browser("support").get(f"/tickets/{number}"))
    assert "member@example.com" in page
    assert "Plan Free" in page
    assert "Tickets 2" in page


def test_the_history_lists_every_deed(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    agent.post(f"/tickets/{number}/priority", priority="2")
    agent.post(f"/tickets/{number}/note", content="x")
    page = words(agent.get(f"/tickets/{number}"))
    assert "History (3)" in page
    assert "Ticket priority before: 0; after: 2" in page


def test_deeds_are_recorded_for_the_agent_at_this_door(world: World) -> None:
    number = world.ticket()
    world.browser("support").post(f"/tickets/{number}/note", content="x")
    with db.reading() as session:
        ticket = tickets.get(session, number, actor=world.actor("support"))
        entry, name = tickets.timeline(session, ticket, actor=world.actor("support"))[-1]
    assert (entry.action, entry.door, name) == ("ticket.note", "backoffice", "Support")


def test_a_closed_assignee_stays_visible(world: World) -> None:
    number, agent = world.ticket(), world.browser("support")
    agent.post(f"/tickets/{number}/assign", assigneeId=world.ids["colleague"])
    world.browser("admin").post(f"/users/{world.ids['colleague']}/deactivate")
    page = agent.get(f"/tickets/{number}")
    selected = [item["value"] for item in elements(page, "option") if "selected" in item]
    assert world.ids["colleague"] in selected


def test_a_guests_ticket_says_that_the_address_is_not_proven(world: World) -> None:
    values = {
        "type": "bug", "category": "other", "title": "Help", "description": "Please",
        "guestEmail": "guest@example.com",
    }  # fmt: skip
    with db.unit_of_work() as session:
        deed = read(tickets.GuestTicket, values)
        number = tickets.create_for_guest(session, deed, actor=world.actor("member")).ticket_number
    assert "address not proven" in words(world.browser("support").get(f"/tickets/{number}"))
