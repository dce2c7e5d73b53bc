"""The ticket form: guests and people with an account, what it brings along, what it refuses."""

import pytest

from models import db, tickets
from models.actor import operator
from models.notifications import OutboxMail
from models.tickets import Ticket
from tests.models import world
from tests.public_site.visitor import Town, Visitor

ASKED = {
    "type": "bug",
    "category": "gateway",
    "severity": "high",
    "title": "The gateway is red",
    "description": "Since this morning.\n\nNothing helps.",
}
GUEST = {**ASKED, "guestEmail": "guest@example.org", "guestName": "Gus"}


def _quick_issue() -> str:
    deed = tickets.QuickIssueDeed(
        title="Gateway not connecting",
        description="It will not connect",
        suggested_type=tickets.TicketType.BUG,
        suggested_category="gateway",
        article_slug="red-gateway",
        icon="🔌",
    )
    with db.unit_of_work() as session:
        return tickets.create_quick_issue(session, deed, actor=operator()).id


def _tickets() -> list[Ticket]:
    return world.stored(Ticket)


def test_a_guest_asks_without_javascript(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/new")
    visitor.send("/support/new", **GUEST)
    assert visitor.page.headers["location"] == "/support/sent"
    visitor.follow()
    assert "Its number is TICKET-0001" in visitor.words
    assert "A private link to it is on the way to your mailbox." in visitor.words
    assert "/support/t/" not in visitor.page.text
    [ticket] = _tickets()
    assert (ticket.title, ticket.severity, ticket.channel) == (
        "The gateway is red",
        "high",
        "guest",
    )


def test_the_page_after_sending_says_no_number_to_others(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/support/sent", Cookie="sent=<b>TICKET</b>")
    assert visitor.page.status_code == 200
    assert "Its number" not in visitor.words


def test_a_customer_asks_and_comes_to_the_ticket(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/support/new")
    assert "guestEmail" not in visitor.page.text
    visitor.send("/support/new", **ASKED)
    assert visitor.page.headers["location"] == "/support/TICKET-0001"
    visitor.follow()
    assert "Your ticket was sent." in visitor.words
    assert '<p dir="auto">Nothing helps.</p>' in visitor.page.text


def test_a_quick_issue_fills_the_form_in_and_offers_its_article(town: Town) -> None:
    world.article("Red gateway")
    issue = _quick_issue()
    visitor = town.visitor()
    visitor.go("/support/new")
    assert f'href="/support/new?issue={issue}#form"' in visitor.page.text
    visitor.go(f"/support/new?issue={issue}")
    assert "Perhaps this answers it at once Red gateway" in visitor.words
    visitor.send(
        "/support/new", **{k: v for k, v in GUEST.items() if k not in ("type", "category")}
    )
    [ticket] = _tickets()
    assert (ticket.type, ticket.category, ticket.quick_issue_id) == ("bug", "gateway", issue)


def test_an_article_comes_along(town: Town) -> None:
    article_id = world.article("First steps")
    visitor = town.visitor()
    visitor.go("/support/new?article=first-steps")
    assert "About the article First steps" in visitor.words
    visitor.send("/support/new", **GUEST)
    assert _tickets()[0].related_article_id == article_id


def test_what_an_address_brings_along_cannot_break_the_form(town: Town) -> None:
    visitor = town.visitor()
    for query in (
        "issue=none",
        "article=none",
        "issue=%00",
        "article=%00",
        "title=%FF%00",
        "type=x",
    ):
        assert visitor.go(f"/support/new?{query}").status_code == 200, query


def _wrong(visitor: Visitor, **typed: str) -> str:
    visitor.go("/support/new")
    visitor.send("/support/new", **{**GUEST, **typed})
    assert visitor.page.status_code == 422, typed
    assert 'role="alert"' in visitor.page.text
    return visitor.page.text


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("type", "wish"),
        ("type", ""),
        ("category", "nothing"),
        ("category", "\0"),
        ("severity", "worst"),
        ("title", ""),
        ("title", "x" * 201),
        ("title", "\u200b\u2060 \t"),
        ("title", "one\u2028two"),
        ("title", "a\0b"),
        ("description", "x" * 20_001),
        ("description", " \n "),
        ("guestEmail", "v@x, evil@y"),
        ("guestEmail", '"a" <v@example.com>'),
        ("guestEmail", "v@example.com\nBcc: w@example.com"),
        ("guestEmail", "root"),
        ("guestName", "x" * 121),
    ],
)
def test_a_wrong_field_is_said_at_the_field_and_all_is_kept(
    town: Town, name: str, value: str
) -> None:
    visitor = town.visitor()
    text = _wrong(visitor, **{name: value})
    assert f'id="{name}-wrong"' in text
    assert f'href="#{name}"' in text
    kept = "guestName" if name == "title" else "title"
    assert f'value="{GUEST[kept]}"' in text
    if name != "description":
        assert "\nSince this morning.\n\nNothing helps.</textarea>" in text
    assert _tickets() == []


def test_bytes_that_are_no_text_are_said_at_the_field(town: Town) -> None:
    visitor = town.visitor()
    body = b"type=bug&category=gateway&description=It+broke&guestEmail=g@example.org&key=&title="
    for bad in (b"caf%FF", b"%ED%A0%80", b"%C0%AF", b"%E2%82"):
        visitor.raw("/support/new", body + bad)
        assert visitor.page.status_code == 422
        assert 'id="title-wrong"' in visitor.page.text
        assert "It broke</textarea>" in visitor.page.text


def test_a_field_sent_twice_or_unknown_is_refused(town: Town) -> None:
    visitor = town.visitor()
    visitor.raw("/support/new", b"title=a&title=b&type=bug")
    assert visitor.page.status_code == 422
    assert "This was sent more than once." in visitor.words
    visitor.post("/support/new", {**GUEST, "status": "closed"})
    assert visitor.page.status_code == 422
    assert "status: This field is not known here." in visitor.words
    visitor.post("/support/new", {**GUEST, "<b>" + "x" * 99: "1"})
    assert "&lt;b&gt;xxx" in visitor.page.text
    assert "x" * 60 not in visitor.page.text


def test_an_issue_or_article_that_is_gone_is_said(town: Town) -> None:
    visitor = town.visitor()
    visitor.post("/support/new", {**GUEST, "quickIssueId": "none", "relatedArticleSlug": "none"})
    assert visitor.page.status_code == 422


def test_a_form_sent_twice_is_one_ticket(town: Town) -> None:
    visitor = town.signed_in()
    visitor.go("/support/new")
    form = visitor.page
    visitor.send("/support/new", **ASKED)
    first = visitor.page.headers["location"]
    visitor.page = form
    visitor.send("/support/new", **ASKED)
    assert visitor.page.headers["location"] == first
    assert len(_tickets()) == 1
    visitor.page = form
    visitor.send("/support/new", **{**ASKED, "title": "Another title"})
    assert visitor.page.status_code == 422
    assert "This form was sent already" in visitor.words
    visitor.send("/support/new")
    assert visitor.page.headers["location"] == "/support/TICKET-0002"


def test_a_guest_cannot_send_mail_to_others_without_end(town: Town) -> None:
    visitor = town.visitor()
    for _ in range(5):
        assert visitor.post("/support/new", GUEST).status_code == 303
    visitor.post("/support/new", GUEST)
    assert visitor.page.status_code == 429
    assert int(visitor.page.headers["retry-after"]) > 0
    assert "Since this morning." in visitor.page.text
    sent = [mail for mail in world.stored(OutboxMail) if mail.recipient == "guest@example.org"]
    assert len(sent) == 5
    assert not any("The gateway is red" in mail.text for mail in sent)


def test_a_body_of_another_kind_or_size_is_refused(town: Town) -> None:
    visitor = town.visitor()
    assert (
        visitor.raw("/support/new", b"{}", **{"Content-Type": "application/json"}).status_code
        == 415
    )
    assert visitor.raw("/support/new", b"title=" + b"x" * 1_000_000).status_code == 413
    assert (
        visitor.raw("/support/new", b"&".join(b"a%d=1" % n for n in range(99))).status_code == 400
    )


def test_required_fields_say_so_to_browsers(town: Town) -> None:
    text = town.visitor().go("/support/new").text
    assert "requiredaria" not in text
    assert 'required aria-describedby="title-hint"' in text
