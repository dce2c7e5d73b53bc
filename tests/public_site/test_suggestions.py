"""What is offered while somebody types: published articles, as JSON, with a limit of its own."""

import pytest

from models import db, kb
from models.kb import searches
from models.pace import Pace
from tests.guards.test_bad_input import OPERATORS, SQL, WILD
from tests.models.world import article
from tests.public_site.visitor import Town, Visitor

PATH = "/help/suggestions.json"


@pytest.fixture(autouse=True)
def fresh_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing counted yet."""
    monkeypatch.setattr(searches, "_searches", Pace(3, 60))
    monkeypatch.setattr(searches, "_suggestions", Pace(60, 60))


def _titles(visitor: Visitor, q: str, **more: str) -> list[str]:
    answer = visitor.client.get(PATH, params={"q": q, **more})
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_published_articles_are_offered_and_no_drafts(town: Town) -> None:
    """I-15."""
    article("Connect a Telegram bot", "Press the green button.")
    article("Telegram plans", "Not yet.", publish=False)
    visitor = town.visitor()
    answer = visitor.go(f"{PATH}?q=telegr")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "items": [
            {
                "slug": "connect-a-telegram-bot",
                "title": "Connect a Telegram bot",
                "category": "Getting started",
            }
        ]
    }
    assert _titles(visitor, "telegarm") == ["Connect a Telegram bot"]
    assert _titles(visitor, "telegram", category="gateways") == []
    assert _titles(visitor, "") == []


def test_at_most_six_are_offered(town: Town) -> None:
    for number in range(8):
        article(f"Telegram {number}", "Press the green button.")
    assert len(_titles(town.visitor(), "telegram")) == 6


def test_typing_does_not_use_up_searches_and_has_its_own_limit(town: Town) -> None:
    visitor = town.visitor()
    for _ in range(60):
        assert visitor.go(f"{PATH}?q=bot").status_code == 200
    answer = visitor.go(f"{PATH}?q=bot")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 61
    assert visitor.go("/help?q=bot").status_code == 200, "searches are counted apart"
    assert town.visitor(address="192.0.2.77").go(f"{PATH}?q=bot").status_code == 200


def test_typing_is_no_vain_search(town: Town) -> None:
    town.visitor().go(f"{PATH}?q=xylophone")
    kb.vain.flush()
    with db.reading() as session:
        assert session.query(kb.VainSearch).count() == 0


def test_everything_typed_is_words(town: Town) -> None:
    """Q-5, Q-6, U-1, U-3, X-27: no wildcard, no operator, no markup."""
    article("Connect a Telegram bot", "Press the green button.")
    visitor = town.visitor()
    for text in (*WILD, *OPERATORS, *SQL, "\u202e", "\u200b", "<b>", "😀"):
        answer = visitor.client.get(PATH, params={"q": text})
        assert answer.status_code == 200, text[:20]
        assert len(answer.json()["items"]) <= 1
        if text in WILD[:3]:
            assert answer.json()["items"] == []
    for raw in ("%00", "a%00b", "%FF", "%ED%A0%80"):
        assert visitor.go(f"{PATH}?q={raw}").status_code == 422
