"""Tickets through the API: asked, answered, moved, resolved, rated; what each deed leaves."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from models import base, idempotency
from models.db import reading
from models.tickets import TicketRating
from tests.models.world import Clock, audited, mails, seen
from tests.public_site.api.conftest import TICKET, Program, program
from tests.public_site.visitor import Town


def test_a_ticket_is_sent_and_answered(member: Program, agent: Program) -> None:
    made = member.ticket(
        contextData={"url": "https://x/?token=1", "zz": 1, "recentActions": [{"x": 1}]}
    )
    assert made["ticketNumber"] == "TICKET-0001"
    assert made["contextDropped"] == ["zz", "recentActions.0.x"]
    assert made["contextData"] == {"url": "https://x/?token=•••"}
    assert "priority" not in made
    desk = agent.ask("GET", f"/api/support/tickets/{made['ticketNumber']}").json()
    assert (desk["priority"], desk["status"]) == (1, "open")  # it follows the severity
    said = agent.ask(
        "POST", f"/api/support/tickets/{made['id']}/messages", {"content": "Try again."}
    )
    assert said.status_code == 201
    assert said.json()["status"] == "in_progress"
    own = member.ask("GET", f"/api/tickets/{made['id']}").json()
    assert [item["content"] for item in own["messages"]] == ["Try again."]
    assert own["messages"][0]["sender"]["name"] == agent.actor.name
    assert [mail.kind for mail in mails()] == ["ticket_received", "ticket_reply"]
    assert [row.action for row in audited(made["id"])] == [
        "ticket.create", "ticket.status", "ticket.reply",
    ]  # fmt: skip


def test_a_note_changes_nothing_for_the_customer(member: Program, agent: Program) -> None:
    """I-4."""
    made = member.ticket()
    before = member.ask("GET", f"/api/tickets/{made['id']}")
    listed = member.ask("GET", "/api/tickets").text
    said = agent.ask("POST", f"/api/support/tickets/{made['id']}/internal", {"content": "Ours."})
    assert said.json()["messages"][0]["isInternal"] is True
    after = member.ask("GET", f"/api/tickets/{made['id']}")
    assert (after.text, after.headers["etag"]) == (before.text, before.headers["etag"])
    assert member.ask("GET", "/api/tickets").text == listed
    assert [mail.kind for mail in mails()] == ["ticket_received"]


MOVES = [
    ({"status": "waiting_user"}, 200, "waiting_user"),
    ({"status": "resolved"}, 422, "open"),
    ({"status": "resolved", "resolution": "Done."}, 200, "resolved"),
    ({"status": "open"}, 200, "open"),
    ({"status": "closed"}, 200, "closed"),
    ({"status": "lost"}, 422, "open"),
]


@pytest.mark.parametrize(("body", "code", "becomes"), MOVES)
def test_status_moves(
    member: Program, agent: Program, body: dict[str, str], code: int, becomes: str
) -> None:
    made = member.ticket()
    answer = agent.ask("PUT", f"/api/support/tickets/{made['id']}", body)
    assert answer.status_code == code
    assert seen(made["id"]).status == becomes


def test_a_move_that_there_is_not(member: Program, agent: Program) -> None:
    made = member.ticket()
    path = f"/api/support/tickets/{made['id']}"
    agent.ask("PUT", path, {"status": "closed"})
    assert agent.ask("PUT", path, {"status": "waiting_user"}).status_code == 409
    assert agent.ask("POST", f"{path}/messages", {"content": "x"}).status_code == 409
    assert (
        member.ask("POST", f"/api/tickets/{made['id']}/messages", {"content": "x"}).status_code
        == 409
    )
    before = len(audited(made["id"]))
    assert agent.ask("PUT", path, {"status": "closed"}).status_code == 200
    assert len(audited(made["id"])) == before  # the same again: nothing recorded


def test_several_changes_are_all_or_nothing(member: Program, agent: Program) -> None:
    made = member.ticket()
    path = f"/api/support/tickets/{made['id']}"
    wrong = {"priority": 2, "tags": ["a"], "status": "resolved"}
    assert agent.ask("PUT", path, wrong).json()["errors"][0]["field"] == "resolution"
    assert (seen(made["id"]).priority, seen(made["id"]).tags) == (1, [])
    right = {
        "priority": -1,
        "tags": ["b", "a", "B"],
        "severity": "low",
        "assignedToId": agent.actor.user_id,
    }
    changed = agent.ask("PUT", path, right).json()
    assert (changed["priority"], changed["tags"], changed["severity"]) == (-1, ["a", "b"], "low")
    assert changed["assignedTo"] == {"id": agent.actor.user_id, "name": agent.actor.name}
    assert changed["status"] == "in_progress"
    assert agent.ask("PUT", path, {"assignedToId": None}).json()["assignedTo"] is None
    for body in ({"priority": 3}, {"priority": True}, {"priority": 1.0}, {"priority": "1"},
                 {"status": None}, {"tags": [f"t{n}" for n in range(21)]}, {"resolution": "x"},
                 {"assignedToId": member.actor.user_id}):  # fmt: skip
        assert agent.ask("PUT", path, body).status_code == 422, body


def test_assigning(member: Program, agent: Program) -> None:
    made = member.ticket()
    path = f"/api/support/tickets/{made['id']}/assign"
    assert agent.ask("POST", path).json()["assignedTo"]["id"] == agent.actor.user_id
    assert agent.ask("POST", path, {"assigneeId": "nobody"}).status_code == 422
    assert member.ask("GET", f"/api/tickets/{made['id']}").json()["assignedTo"] == {
        "name": agent.actor.name
    }


def test_resolving_linking_and_rating(
    member: Program, agent: Program, admin: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = member.ticket()
    rating = f"/api/tickets/{made['id']}/rating"
    assert member.ask("POST", rating, {"score": 5}).status_code == 409
    path = f"/api/support/tickets/{made['id']}"
    assert agent.ask("POST", f"{path}/resolve", {"resolution": "Restarted."}).json()["resolvedAt"]
    draft = admin.ask(
        "POST", "/api/support/kb/articles",
        {"title": "A", "content": "x", "category": "gateways"},
    ).json()  # fmt: skip
    linking = {"articleId": draft["id"]}
    assert agent.ask("POST", f"{path}/link-article", linking).status_code == 422
    admin.ask("POST", f"/api/support/kb/articles/{draft['id']}/publish")
    linked = agent.ask("POST", f"{path}/link-article", linking).json()
    assert linked["relatedArticle"] == {"slug": "a", "title": "A"}
    for score in (0, 6, "5", None):
        assert member.ask("POST", rating, {"score": score}).status_code == 422
    assert member.ask("POST", rating, {"score": 5, "comment": "Quick."}).json()["score"] == 5
    assert member.ask("POST", rating, {"score": 2}).json()["comment"] is None
    with reading() as db:
        assert db.get_one(TicketRating, made["id"]).score == 2
    later = base.now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(base, "clock", lambda: later)
    assert member.ask("POST", rating, {"score": 1}).status_code == 409
    admin.ask("POST", f"/api/support/kb/articles/{draft['id']}/unpublish")
    assert member.ask("GET", f"/api/tickets/{made['id']}").json()["relatedArticle"] is None  # I-15


def test_solving_and_replying_reopen(member: Program, agent: Program) -> None:
    made = member.ticket()
    solved = member.ask("POST", f"/api/tickets/{made['id']}/solve").json()
    assert (solved["status"], solved["resolution"]) == ("resolved", "Solved by the customer")
    again = member.ask("POST", f"/api/tickets/{made['id']}/messages", {"content": "Not yet."})
    assert (again.status_code, again.json()["status"]) == (201, "open")
    path = f"/api/support/tickets/{made['id']}/messages"
    resolved = agent.ask("POST", path, {"content": "Now it is.", "status": "resolved"}).json()
    assert resolved["resolution"] == "Now it is."
    assert mails()[-1].kind == "ticket_resolved"


def test_versions(member: Program, agent: Program) -> None:
    """R-9, Q-30: a write meant for another version is refused, and says so."""
    made = member.ticket()
    path = f"/api/support/tickets/{made['id']}"
    tag = agent.ask("GET", path).headers["etag"]
    assert agent.ask("GET", path, headers={"If-None-Match": tag}).status_code == 304
    assert agent.ask("GET", path, headers={"If-None-Match": "*"}).status_code == 304
    assert agent.ask("PUT", path, {"priority": 2}, headers={"If-Match": tag}).status_code == 200
    for stale in (tag, f"W/{tag}", "garbage", ""):
        answer = agent.ask("PUT", path, {"priority": -1}, headers={"If-Match": stale})
        assert answer.status_code == 412, stale
    assert seen(made["id"]).priority == 2
    many = {"If-Match": f'"99", {agent.ask("GET", path).headers["etag"]}'}
    assert agent.ask("PUT", path, {"priority": 0}, headers=many).status_code == 200
    assert agent.ask("PUT", path, {"priority": 1}, headers={"If-Match": "*"}).status_code == 200
    own = member.ask("GET", f"/api/tickets/{made['id']}").headers["etag"]
    agent.ask("POST", f"{path}/internal", {"content": "Ours."})
    reply = {"content": "More."}
    mine = f"/api/tickets/{made['id']}/messages"
    assert member.ask("POST", mine, reply, headers={"If-Match": own}).status_code == 201
    assert member.ask("POST", mine, reply, headers={"If-Match": own}).status_code == 412


def test_a_key_is_answered_once(
    town: Town, member: Program, agent: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R-2, R-3."""
    key = {"Idempotency-Key": "one"}
    first = member.ask("POST", "/api/tickets", TICKET, headers=key)
    again = member.ask("POST", "/api/tickets", dict(reversed(TICKET.items())), headers=key)
    assert (again.status_code, again.text) == (201, first.text)
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["etag"] == first.headers["etag"]
    assert len(mails("ticket_received")) == 1
    other = member.ask("POST", "/api/tickets", {**TICKET, "title": "Else"}, headers=key)
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert program(town).ask("POST", "/api/tickets", TICKET, headers=key).status_code == 201
    wrong = member.ask("POST", "/api/tickets", {}, headers={"Idempotency-Key": "two"})
    assert wrong.status_code == 422
    right = member.ask("POST", "/api/tickets", TICKET, headers={"Idempotency-Key": "two"})
    assert right.status_code == 201  # a failure is not kept
    for odd in ("", "a\tb", "x" * 201):
        headers = {"Idempotency-Key": odd}
        assert member.ask("POST", "/api/tickets", TICKET, headers=headers).status_code == 422
    made = first.json()["id"]
    path = f"/api/support/tickets/{made}/messages"
    texts = [agent.ask("POST", path, {"content": "Hi."}, headers=key).text for _ in range(3)]
    assert len(set(texts)) == 1
    later = base.now() + idempotency.KEPT + timedelta(minutes=1)
    monkeypatch.setattr(base, "clock", lambda: later)
    assert member.ask("POST", "/api/tickets", TICKET, headers=key).json()["id"] != made


def test_twenty_tickets_an_hour(member: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock(base.now())
    monkeypatch.setattr(base, "clock", clock)
    key = {"Idempotency-Key": "k"}
    for _ in range(20):
        member.ask("POST", "/api/tickets", TICKET, headers=key)  # one ticket, and replays
    for _ in range(19):
        member.ticket()
    refused = member.ask("POST", "/api/tickets", TICKET)
    assert refused.status_code == 429
    assert 0 < int(refused.headers["retry-after"]) <= 3601
    clock.forward(hours=1, seconds=1)
    member.ticket()


LIMITS: list[tuple[dict[str, Any], str]] = [
    ({"title": "x" * 201}, "title"), ({"title": "\u200b"}, "title"), ({"title": "a\nb"}, "title"),
    ({"description": "x" * 20_001}, "description"), ({"severity": "worst"}, "severity"),
    ({"category": "nothing"}, "category"), ({"contextData": {"url": "x" * 33_000}}, "contextData"),
    ({"quickIssueId": "x"}, "quickIssueId"),
    ({"relatedArticleSlug": "x"}, "relatedArticleSlug"),
    ({"sentryEventId": "javascript:1"}, "sentryEventId"),
    ({"attachmentIds": ["x"]}, "attachmentIds"),
    ({"attachmentIds": ["x"] * 6}, "attachmentIds"), ({"screenshotId": "x"}, "screenshotId"),
    ({"screenshotUrl": "file:///etc/passwd"}, "screenshotUrl"), ({"priority": 2}, "priority"),
    ({"guestEmail": "a@example.com"}, "guestEmail"), ({"userId": "x"}, "userId"),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_limits_name_their_field(member: Program) -> None:
    for changes, field in LIMITS:
        answer = member.ask("POST", "/api/tickets", {**TICKET, **changes})
        assert answer.status_code == 422, changes
        assert [item["field"] for item in answer.json()["errors"]] == [field]


def test_lists_are_pages(member: Program, agent: Program) -> None:
    for _ in range(3):
        member.ticket()
    page = agent.ask("GET", "/api/support/tickets?page=2&pageSize=2&sort=ticketNumber").json()
    assert (page["page"], page["pageSize"], page["total"], page["totalIsCapped"]) == (
        2,
        2,
        3,
        False,
    )
    assert [item["ticketNumber"] for item in page["items"]] == ["TICKET-0003"]
    assert agent.ask("GET", "/api/support/tickets?page=9").json()["items"] == []
    assert agent.ask("GET", "/api/support/tickets?status=closed").json()["total"] == 0
    assert agent.ask("GET", "/api/support/tickets/assigned").json()["total"] == 0
    assert agent.ask("GET", "/api/support/tickets/assigned?assignee=none").status_code == 422
    assert agent.ask("GET", "/api/support/tickets?assignee=nobody").status_code == 422
    assert agent.ask("GET", "/api/support/tickets?from=2026-13-01").status_code == 422
    assert member.ask("GET", "/api/tickets?status=open").json()["total"] == 3
    assert agent.ask("GET", "/api/tickets").json()["total"] == 0


def test_bulk_is_all_or_nothing(member: Program, agent: Program) -> None:
    ids = [member.ticket()["id"] for _ in range(3)]
    done = agent.ask("POST", "/api/support/tickets/bulk",
                     {"ids": ids, "action": "tags", "addTags": ["vip"]})  # fmt: skip
    assert [item["tags"] for item in done.json()["items"]] == [["vip"]] * 3
    agent.ask("PUT", f"/api/support/tickets/{ids[1]}", {"status": "closed"})
    body = {"ids": ids, "action": "status", "status": "waiting_user"}
    refused = agent.ask("POST", "/api/support/tickets/bulk", body)
    assert refused.status_code == 409
    assert "TICKET-0002" in refused.json()["detail"]
    assert [seen(one).status for one in ids] == ["open", "closed", "open"]
    wrong: dict[str, Any]
    for wrong in ({"ids": []}, {"ids": ids * 67}, {"action": "status"}, {"action": "drop"}):
        answer = agent.ask("POST", "/api/support/tickets/bulk", {**body, **wrong, **(
            {"status": None} if wrong.get("action") == "status" else {}
        )})  # fmt: skip
        assert answer.status_code == 422, wrong
    missing = {"ids": [*ids, "nothing"], "action": "priority", "priority": 2}
    assert agent.ask("POST", "/api/support/tickets/bulk", missing).status_code == 404
    assert seen(ids[0]).priority == 1


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"])
@pytest.mark.parametrize(("sort", "rest"), [("createdAt", []), ("-priority", [78])])
def test_a_cursor_beyond_all_times_is_refused_or_leads_nowhere(
    member: Program, agent: Program, sort: str, rest: list[int], moment: str
) -> None:
    member.ticket()
    places = [moment, 5] if not rest else [2, moment, *rest]
    typed = base64.urlsafe_b64encode(json.dumps([sort, places]).encode()).decode().rstrip("=")
    answer = agent.ask("GET", f"/api/support/tickets?sort={sort}&after={typed}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "after"


@pytest.mark.parametrize("path", ["messages", "internal"])
def test_a_retry_gets_its_answer_though_the_ticket_has_moved(
    member: Program, agent: Program, path: str
) -> None:
    made = member.ticket()
    place = f"/api/support/tickets/{made['id']}"
    tag = agent.ask("GET", place).headers["etag"]
    sent = [
        agent.ask(
            "POST", f"{place}/{path}", {"content": "Hello."},
            headers={"If-Match": tag, "Idempotency-Key": "m1"},
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].text == sent[1].text
    stale = agent.ask("POST", f"{place}/{path}", {"content": "Hello."}, headers={"If-Match": tag})
    assert stale.status_code == 412


@pytest.mark.parametrize("wrong", ["", "nope"])
def test_an_assignee_who_is_none_is_said_at_its_own_name(
    member: Program, agent: Program, wrong: str
) -> None:
    made = member.ticket()
    answer = agent.ask("PUT", f"/api/support/tickets/{made['id']}", {"assignedToId": wrong})
    assert answer.status_code == 422
    assert [item["field"] for item in answer.json()["errors"]] == ["assignedToId"]


@pytest.mark.parametrize(
    ("query", "field"), [("from=2026-12-01&to=2026-01-01", "to"), ("after=x&page=2", "after")]
)
def test_values_that_do_not_go_together_are_said_at_one_of_them(
    agent: Program, query: str, field: str
) -> None:
    answer = agent.ask("GET", f"/api/support/tickets?{query}")
    assert [item["field"] for item in answer.json()["errors"]] == [field]


def test_an_empty_category_is_refused_and_never_the_whole_queue(
    member: Program, agent: Program
) -> None:
    member.ticket()
    answer = agent.ask("GET", "/api/support/tickets?category=")
    assert answer.status_code == 422
    assert [item["field"] for item in answer.json()["errors"]] == ["category"]
