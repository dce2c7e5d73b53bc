"""Searches that no article answers: what the page offers, and what is kept of them."""

from datetime import timedelta

import pytest

from models import db, kb
from models.actor import Actor, Role, operator
from models.errors import NotPermitted
from models.kb import searches, vain
from models.pace import Pace
from tests.models.world import MONDAY, Clock, article, person
from tests.public_site.visitor import Town

CARD, PHONE = "4111 1111 1111 1111", "+49 170 123 45 67"
PRIVATE = (
    "ann@example.com", "refund for ann＠example.com", CARD, CARD.replace(" ", "-"),
    "4111111111111111", "٤١١١١١١١١١١١١١١١", PHONE, "code 123456", "https://example.com/reset",
    "www.example.com", "123456789:AAF9xJ0ZkQw-7TfXbnM2LpRsYvUcDeHgIjK",
    "sk_live_4eC39HqLyjWDarjtT1zd",
    "550e8400-e29b-41d4-a716-446655440000", "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.x",
    "AB1-CD2-EF3-GH4-IJ5-KL6", "correcthorsebatterystaplecorrect",
)  # fmt: skip


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody searched yet."""
    vain._waiting.clear()
    vain._seen.clear()
    monkeypatch.setattr(vain, "_pace", Pace(vain.COUNTED_A_VISITOR, 60))
    monkeypatch.setattr(searches, "_searches", Pace(1000, 60))


def _kept(limit: int = 100, actor: Actor | None = None) -> list[tuple[str, int, int]]:
    kb.vain.flush()
    with db.reading() as session:
        rows = kb.vain_searches(session, limit=limit, actor=actor or operator())
        return [(row.query, row.count, row.results) for row in rows]


def test_a_vain_search_offers_the_most_read_and_the_form_and_is_kept(town: Town) -> None:
    article("Connect a bot", "Press the green button.")
    visitor = town.visitor()
    visitor.go("/help?q=Xylophone+L%C3%A9ssons")
    assert "Nothing found for “Xylophone Léssons”" in visitor.words
    assert "Popular articles Connect a bot" in visitor.words
    assert 'href="/support/new?title=Xylophone%20L%C3%A9ssons"' in visitor.page.text
    visitor.go("/support/new?title=Xylophone%20L%C3%A9ssons")
    assert 'value="Xylophone Léssons"' in visitor.page.text
    assert _kept() == [("xylophone lessons", 1, 0)]


def test_what_comes_near_is_said_to_be_near_and_kept_with_how_many(town: Town) -> None:
    article("Connect a bot", "Press the green button.")
    visitor = town.visitor()
    visitor.go("/help?q=xylophone+button")
    assert "No article has all of “xylophone button”" in visitor.words
    assert "This one comes nearest." in visitor.words
    assert "Connect a bot" in visitor.words
    assert 'href="/support/new?title=xylophone%20button"' in visitor.page.text
    visitor.go("/help?q=green+buton")
    assert "1 result for “green buton”" in visitor.words
    assert _kept() == [("xylophone button", 1, 1)], "a slip of the finger is no gap"


def test_one_visitor_counts_once_and_others_too(town: Town) -> None:
    visitor = town.visitor()
    for q in ("xylophone", "XYLOPHONE", "xylophone!", "xylophone"):
        visitor.go(f"/help?q={q}")
    assert _kept() == [("xylophone", 1, 0)]
    visitor.go("/help?q=xylophone")
    town.visitor(address="192.0.2.44").go("/help?q=xylophone")
    assert _kept() == [("xylophone", 2, 0)]


def test_what_is_no_search_of_a_person_is_not_kept(town: Town) -> None:
    visitor = town.visitor()
    visitor.go("/help?q=xylophone&page=2")
    visitor.go("/help?q=xylophone&category=gateways")
    visitor.client.head("/help?q=xylophone")
    visitor.go("/help?q=xylophone", **{"User-Agent": "Examplebot/1.0"})
    visitor.go("/help?q=xylophone", **{"Sec-Purpose": "prefetch"})
    assert _kept() == []


def test_one_visitor_cannot_fill_the_report(town: Town) -> None:
    visitor = town.visitor()
    for number in range(vain.COUNTED_A_VISITOR + 10):
        visitor.go(f"/help?q=xylophone{chr(97 + number % 26)}{chr(97 + number // 26)}")
    assert len(_kept()) == vain.COUNTED_A_VISITOR


@pytest.mark.parametrize("typed", PRIVATE)
def test_what_may_be_private_is_not_kept(town: Town, typed: str) -> None:
    town.visitor().client.get("/help", params={"q": typed})
    assert _kept() == []


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("windows 10 error 401", "windows 10 error 401"),
        ("TICKET-0042", "ticket 0042"),
        ("  a   b  ", "a b"),
        ("<script>", "script"),
        ("=1+1", "1 1"),
        ("\u202equasar", "quasar"),
        ("word " * 40, ("word " * 20).strip()),
        ("\u200b", None),
        ("%%%", None),
    ],
)
def test_words_are_kept_alike_and_short(typed: str, kept: str | None) -> None:
    assert kb.vain.normalised(typed) == kept


def test_the_table_is_bounded_and_swept(
    town: Town, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vain, "MOST_ROWS", 2)
    for number, q in enumerate(("often", "often", "once", "more")):
        vain.note(q, results=0, visitor=f"v{number}")
        kb.vain.flush()
    assert _kept() == [("often", 2, 0), ("once", 1, 0)]
    clock.forward(days=31)
    assert (sum(kb.sweep()), _kept()) == (1, [("often", 2, 0)])
    clock.forward(days=150)
    assert (sum(kb.sweep()), _kept()) == (1, [])


def test_the_report_is_for_who_reads_articles_and_can_begin_later(town: Town, clock: Clock) -> None:
    vain.note("early", results=0, visitor="v")
    kb.vain.flush()
    clock.forward(days=2)
    vain.note("late", results=3, visitor="v")
    assert [row[0] for row in _kept(limit=1)] == ["late"]
    agent = person(Role.SUPPORT)
    with db.reading() as session:
        since = MONDAY + timedelta(days=1)
        [row] = kb.vain_searches(session, since=since, actor=agent)
        assert (row.query, row.results, row.first_at, row.last_at) == (
            "late", 3, clock.moment, clock.moment,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        _kept(actor=person(Role.MEMBER))
