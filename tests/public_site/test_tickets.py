"""A customer's tickets, and the one behind a guest's private link."""

from models import db, tickets, users
from models.actor import Actor, Door, Role, operator
from models.tickets import Status
from tests.models import world
from tests.public_site.visitor import Town, Visitor

NOTE = "canary-of-a-note"


def _me(visitor: Visitor, email: str = "ann@example.com") -> Actor:
    with db.reading() as session:
        user = users.get(session, email, actor=operator())
    return users.actor_of(user, door=Door.WEB, address=None)


def _number(ticket_id: str) -> str:
    return world.seen(ticket_id).ticket_number


def _guest(town: Town) -> tuple[Visitor, str]:
    visitor = town.visitor()
    visitor.go("/support/new")
    visitor.send(
        "/support/new", type="question", category="other", title="May I ask?",
        description="About the plans.", guestEmail="gus@example.org", guestName="Gus",
    )  # fmt: skip
    assert visitor.page.headers.get("location") == "/support/sent", visitor.words
    link = town.link_to("gus@example.org", "/support/t/")
    visitor.go(link)
    assert visitor.page.status_code == 200
    return visitor, link


def test_without_a_sign_in_the_way_leads_there_and_back(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support?status=open&q=a%20b")
    assert visitor.page.status_code == 303
    assert visitor.page.headers["location"] == "/login?next=/support%3Fstatus%3Dopen%26q%3Da%2520b"
    visitor.post("/support/TICKET-0001/messages", {"content": "Hello"})
    assert visitor.page.headers["location"] == "/login?next=/support/TICKET-0001"


def test_a_new_customer_is_told_what_to_do(town: Town) -> None:
    visitor = town.signed_in()
    visitor.follow()
    assert "No tickets yet" in visitor.words


def test_the_list_is_narrowed_by_status_and_words(town: Town) -> None:
    visitor = town.signed_in()
    agent = world.person(Role.SUPPORT)
    mine = _me(visitor)
    world.ticket(mine, title="The red gateway")
    world.ticket_in(Status.WAITING_USER, mine, agent)
    world.ticket(world.person(), title="Of somebody else")
    visitor.go("/support")
    assert "The red gateway" in visitor.words
    assert "Waiting for you" in visitor.words
    assert "somebody else" not in visitor.words
    visitor.go("/support?status=waiting_user")
    assert "The red gateway" not in visitor.words
    visitor.go("/support?q=red")
    assert visitor.page.text.count('href="/support/TICKET-') == 1
    visitor.go("/support?q=nothing")
    assert "No ticket here." in visitor.words
    for query in ("status=lost", "page=0", "q=%00", "status=open&status=closed"):
        assert visitor.go(f"/support?{query}").status_code == 422, query


def test_a_conversation(town: Town) -> None:
    visitor = town.signed_in()
    agent = world.person(Role.SUPPORT, name="Sam")
    ticket_id = world.ticket(_me(visitor))
    number = _number(ticket_id)
    world.answer(ticket_id, agent, "Please try <b>again</b>.", Status.WAITING_USER)
    world.note(ticket_id, agent, NOTE)
    visitor.go(f"/support/{number}")
    assert "Please try &lt;b&gt;again&lt;/b&gt;." in visitor.page.text
    assert "Sam Support" in visitor.words
    assert NOTE not in visitor.page.text
    visitor.send(f"/support/{number}/messages", content="It works now.\n\nThanks!")
    assert visitor.page.headers["location"].startswith(f"/support/{number}#message-")
    visitor.follow()
    assert "Your reply was sent." in visitor.words
    assert "It works now." in visitor.words
    assert 'class="badge is-open"' in visitor.page.text


def test_solved_and_taken_up_again(town: Town) -> None:
    visitor = town.signed_in()
    number = _number(world.ticket(_me(visitor)))
    visitor.go(f"/support/{number}")
    visitor.send(f"/support/{number}/solve")
    visitor.follow()
    assert "Marked as solved." in visitor.words
    assert "You marked this as solved." in visitor.words
    assert f'action="/support/{number}/solve"' not in visitor.page.text
    assert "We take it up again when you write." in visitor.words
    visitor.send(f"/support/{number}/messages", content="Not quite.")
    visitor.follow()
    assert "Open" in visitor.words


def test_a_resolution_is_shown_once_and_only_if_it_says_something(town: Town) -> None:
    visitor = town.signed_in()
    mine, agent = _me(visitor), world.person(Role.SUPPORT)
    told = world.ticket_in(Status.RESOLVED, mine, agent)
    answered = world.ticket(mine)
    world.answer(answered, agent, "Press the button.", Status.RESOLVED)
    visitor.go(f"/support/{_number(told)}")
    assert "How it was resolved Restarted it." in visitor.words
    visitor.go(f"/support/{_number(answered)}")
    assert visitor.words.count("Press the button.") == 1
    visitor.send(f"/support/{_number(answered)}/messages", content="No.")
    visitor.post(f"/support/{_number(answered)}/solve", {})
    visitor.follow()
    assert "How it was resolved" not in visitor.words


def test_a_closed_ticket_leads_to_a_new_one_and_keeps_the_text(town: Town) -> None:
    visitor = town.signed_in()
    ticket_id = world.ticket_in(Status.CLOSED, _me(visitor), world.person(Role.SUPPORT))
    number = _number(ticket_id)
    visitor.go(f"/support/{number}")
    assert f'href="/support/new?title=About%20{number}"' in visitor.page.text
    visitor.post(f"/support/{number}/messages", {"content": "One more thing"})
    assert visitor.page.status_code == 409
    assert "Your text, not sent One more thing" in visitor.words
    visitor.post(f"/support/{number}/solve", {})
    assert visitor.page.status_code == 409


def test_a_wrong_reply_is_said_at_the_field(town: Town) -> None:
    visitor = town.signed_in()
    number = _number(world.ticket(_me(visitor)))
    for content in ("", " \n", "a\0b", "x" * 20_001):
        visitor.post(f"/support/{number}/messages", {"content": content})
        assert visitor.page.status_code == 422
        assert 'id="content-wrong"' in visitor.page.text
    visitor.post(f"/support/{number}/messages", {"content": "Hello", "status": "closed"})
    assert visitor.page.status_code == 422
    assert "Hello</textarea>" in visitor.page.text
    visitor.post(f"/support/{number}/solve", {"resolution": "x"})
    assert visitor.page.status_code == 422
    assert world.seen(world.stored(tickets.Ticket)[0].id).status == "open"


def test_others_and_missing_tickets_look_the_same(town: Town) -> None:
    visitor = town.signed_in()
    theirs = _number(world.ticket(world.person(), title="Of somebody else"))
    for ref in (theirs, "TICKET-9999", "x", "%00"):
        assert visitor.go(f"/support/{ref}").status_code == 404
        assert "somebody else" not in visitor.page.text
        for deed in ("messages", "solve"):
            values = {"content": "Hello"} if deed == "messages" else {}
            assert visitor.post(f"/support/{ref}/{deed}", values).status_code == 404


def test_a_guest_reads_replies_and_solves_by_the_link(town: Town) -> None:
    visitor, link = _guest(town)
    assert visitor.page.headers["referrer-policy"] == "no-referrer"
    assert visitor.page.headers["cache-control"] == "no-store"
    assert "set-cookie" not in visitor.page.headers
    visitor.send(f"{link}/messages", content="A second thought.")
    visitor.follow()
    assert "A second thought." in visitor.words
    visitor.send(f"{link}/solve")
    visitor.follow()
    assert "Marked as solved." in visitor.words


def test_a_guests_link_opens_nothing_else(town: Town) -> None:
    visitor, _ = _guest(town)
    assert visitor.go("/support").status_code == 303
    assert visitor.go("/support/TICKET-0001").status_code == 303
    assert visitor.go("/account").status_code == 303


def test_a_wrong_link_is_a_404(town: Town) -> None:
    _, link = _guest(town)
    visitor = town.visitor()
    for token in (
        "x",
        "0",
        "null",
        "%00",
        "[]",
        "%20",
        link.rpartition("/")[2].swapcase(),
        "x" * 9000,
    ):
        assert visitor.go(f"/support/t/{token}").status_code == 404, token
        assert visitor.post(f"/support/t/{token}/messages", {"content": "a"}).status_code == 404
