"""Articles through the API: read, found, voted for, written, published, taken back."""

from typing import Any

import pytest

from models import kb
from models.kb import searches
from models.pace import Pace
from tests.models.world import article, audited
from tests.public_site.api.conftest import Program, program
from tests.public_site.visitor import Town

TEXT = {"title": "Reset the token", "content": "Press *reset*.", "category": "gateways"}


def test_readers_see_what_is_published(town: Town, member: Program) -> None:
    shown = article("Connect a bot", "Press the *green* button.", tags=["Telegram"])
    article("A draft", publish=False)
    page = member.ask("GET", "/api/kb/articles").json()
    assert [item["title"] for item in page["items"]] == ["Connect a bot"]
    assert not {"content", "html"} & page["items"][0].keys()
    assert member.ask("GET", "/api/kb/articles?tag=Telegram").json()["total"] == 1
    assert member.ask("GET", "/api/kb/articles?category=gateways").json()["total"] == 0
    one = member.ask("GET", "/api/kb/articles/connect-a-bot").json()
    assert (one["id"], one["content"]) == (shown, "Press the *green* button.")
    assert "<em>green</em>" in one["html"]
    assert member.ask("GET", "/api/kb/articles/a-draft").status_code == 404
    found = town.visitor().client.get("/api/kb/search?q=buttons").json()["items"]
    assert [item["slug"] for item in found] == ["connect-a-bot"]
    assert "<mark>" in found[0]["snippet"]


def test_a_view_counts_once_for_each_reader(town: Town, member: Program) -> None:
    article("Connect a bot")
    for _ in range(3):
        member.ask("GET", "/api/kb/articles/connect-a-bot")
    member.ask("HEAD", "/api/kb/articles/connect-a-bot")
    program(town).ask("GET", "/api/kb/articles/connect-a-bot")
    kb.views.flush()
    assert member.ask("GET", "/api/kb/articles/connect-a-bot").json()["viewCount"] == 2


def test_one_vote_a_visitor_and_the_last_word_counts(town: Town, member: Program) -> None:
    path = f"/api/kb/articles/{article()}/feedback"
    assert member.ask("POST", path, {"helpful": True}).json() == {
        "helpfulCount": 1, "notHelpfulCount": 0,
    }  # fmt: skip
    assert member.ask("POST", path, {"helpful": False}).json() == {
        "helpfulCount": 0, "notHelpfulCount": 1,
    }  # fmt: skip
    nobody = town.visitor(address="192.0.2.77").client
    for _ in range(2):
        assert nobody.post(path, json={"helpful": True}).json()["helpfulCount"] == 1
    for wrong in ({"helpful": "true"}, {"helpful": 1}, {}, {"helpful": True, "visitor": "x"}):
        assert member.ask("POST", path, wrong).status_code == 422
    draft = article("Another", publish=False)
    refused = member.ask("POST", f"/api/kb/articles/{draft}/feedback", {"helpful": True})
    assert refused.status_code == 404  # I-16


def test_an_article_is_written(admin: Program, agent: Program) -> None:
    assert agent.ask("POST", "/api/support/kb/articles", TEXT).status_code == 403
    key = {"Idempotency-Key": "a"}
    made = admin.ask("POST", "/api/support/kb/articles", TEXT, headers=key)
    assert made.status_code == 201
    assert admin.ask("POST", "/api/support/kb/articles", TEXT, headers=key).text == made.text
    path = made.headers["location"]
    tag = admin.ask("GET", path).headers["etag"]
    assert agent.ask("GET", path).json()["isPublished"] is False
    changed = admin.ask("PUT", path, {**TEXT, "title": "Renew the token", "tags": ["a", "A"]},
                        headers={"If-Match": tag})  # fmt: skip
    assert (changed.json()["slug"], changed.json()["tags"]) == ("reset-the-token", ["a"])
    assert admin.ask("PUT", path, TEXT, headers={"If-Match": tag}).status_code == 412
    published = admin.ask("POST", f"{path}/publish").json()
    assert published["publishedAt"]
    assert agent.ask("GET", "/api/kb/articles/reset-the-token").status_code == 200
    admin.ask("POST", f"{path}/unpublish")
    assert agent.ask("GET", "/api/kb/articles/reset-the-token").status_code == 404
    assert admin.ask("DELETE", path, headers={"If-Match": tag}).status_code == 412
    assert admin.ask("DELETE", path).status_code == 204
    assert admin.ask("GET", path).status_code == 404
    assert [row.action for row in audited(made.json()["id"])] == [
        "article.create", "article.update", "article.publish", "article.unpublish",
        "article.delete",
    ]  # fmt: skip


WRONG: list[tuple[dict[str, Any], int, str]] = [
    ({"title": ""}, 422, "title"), ({"content": "x" * 200_001}, 422, "content"),
    ({"slug": "Not A Slug"}, 422, "slug"), ({"slug": "first-steps"}, 409, "slug"),
    ({"category": "nothing"}, 422, "category"), ({"tags": "a"}, 422, "tags"),
    ({"tags": ["x"] * 21}, 422, "tags"), ({"tags": ["x" * 51]}, 422, "tags.0"),
    ({"isPublished": True}, 422, "isPublished"), ({"authorId": "x"}, 422, "authorId"),
    ({"html": "<b>"}, 422, "html"),
]  # fmt: skip


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_is_wrong_is_named(admin: Program) -> None:
    article("First steps")
    for changes, status, field in WRONG:
        answer = admin.ask("POST", "/api/support/kb/articles", {**TEXT, **changes})
        fields = [item["field"] for item in answer.json()["errors"]]
        assert (answer.status_code, fields) == (status, [field]), changes


def test_a_hundred_and_twenty_searches_a_minute(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searches, "_searches", Pace(searches.SEARCHES_A_MINUTE, 60))
    client = town.visitor(address="192.0.2.99").client
    got = [client.get("/api/kb/search?q=x").status_code for _ in range(121)]
    assert got == [200] * 120 + [429]
    assert town.visitor(address="192.0.2.98").client.get("/api/kb/search?q=x").status_code == 200
    assert client.get("/help?q=x").status_code == 429
    assert client.get("/help").status_code == 200


def test_quick_issues_and_people(town: Town, member: Program, agent: Program) -> None:
    me = member.ask("GET", "/api/me").json()
    assert (me["id"], me["role"], me["permissions"]) == (member.actor.user_id, "MEMBER", [])
    assert town.visitor().client.get("/api/quick-issues").json()["items"] == []
    found = agent.ask("GET", f"/api/support/users?q={me['email']}").json()["items"]
    assert [(item["id"], item["ticketCount"]) for item in found] == [(me["id"], 0)]
    member.ticket()
    card = agent.ask("GET", f"/api/support/users/{me['id']}").json()
    assert card["ticketCount"] == 1
    assert not {"passwordHash", "tokens", "password_hash"} & card.keys()  # I-27
    numbers = agent.ask("GET", "/api/support/stats").json()
    assert numbers["tickets"]["open"] == 1
    assert numbers["tickets"]["avgResponseTime"] is None
