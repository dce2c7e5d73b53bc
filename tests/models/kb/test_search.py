"""Search: the best first, half-typed words, accents, and nothing that a query could break."""

import time

import pytest

from models import db, kb
from models.kb import Article
from tests.models.world import article, rewrite, stored, visitor

# Operators of both engines, and what breaks out of strings.
HOSTILE = [
    '"', "AND", "x OR", "OR", "NOT", "x NOT", "NEAR(", "NEAR(a b, 5)", "*", "a*b", "a:b",
    "title:green", "(", ")", "()", "^", "^green", "-x", "{a b}:c", "+", "'", "''", ":*", "<->", "!",
    "a & b", "a | b", "a <-> b", "' OR 1=1--", '"; DROP TABLE users', "%27", ")/*", "%", "_", "\\",
    "%%%%a%%%%", "$1", ":query", ":name", "{0}", "\x02\x03", "\0", "a\0b", "\ud800", "😀",
    "\u202egreen", "…", "ﬁ", "½", "١٢", "a" * 5000, "%" * 10_000,
]  # fmt: skip


def find(q: str, *, category: str | None = None) -> list[str]:
    with db.reading() as session:
        found = kb.search(session, q, category=category, page_size=100, actor=visitor())
        assert found.total == len(found.items)
        return [card.title for card in found.items]


@pytest.fixture
def library(house: db.Database) -> None:
    """Articles that differ in where a word stands."""
    article("Billing and invoices", "You find the invoice in the account. Connect a card there.")
    article("Connect a gateway", "Open the gateway page. Press the green button.", tags=["bots"])
    article("Troubleshooting", "When the gateway fails, read this. The café is closed.")
    article("Webhooks", "Bots call an address of yours.", tags=["gateway"], category="gateways")


def test_title_before_tag_before_text(library: None) -> None:
    assert find("gateway") == ["Connect a gateway", "Webhooks", "Troubleshooting"]


def test_all_words_or_else_any_of_them(library: None) -> None:
    assert find("gateway fails") == ["Troubleshooting"]
    assert set(find("invoice nonexistent")) == {"Billing and invoices"}
    assert find("nonexistent") == []


@pytest.mark.parametrize(
    ("q", "first"),
    [
        ("gatew", "Connect a gateway"),
        ("GATEWAY", "Connect a gateway"),
        ("gateways", "Connect a gateway"),
        ("connecting gateway", "Connect a gateway"),
        ("cafe", "Troubleshooting"),
        ("CAFÉ", "Troubleshooting"),
        ("cafe\u0301", "Troubleshooting"),
        ("how do I connect a gateway", "Connect a gateway"),
        ("invoices", "Billing and invoices"),
    ],
)
def test_how_people_type(library: None, q: str, first: str) -> None:
    assert find(q)[0] == first


def test_narrowed_to_a_category(library: None) -> None:
    assert find("gateway", category="gateways") == ["Webhooks"]
    assert find("gateway", category="none") == []


def test_nothing_typed_shows_all_and_only_signs_show_nothing(library: None) -> None:
    assert len(find("")) == len(find("  ")) == 4
    assert find("?!") == []


def test_a_snippet_marks_what_was_found_and_is_safe(house: db.Database) -> None:
    article("Tags", "Write `<script>alert(1)</script>` and the word zebra & <b>more</b>.")
    with db.reading() as session:
        (card,) = kb.search(session, "zebra", actor=visitor()).items
    assert card.snippet is not None
    assert "<mark>zebra</mark>" in card.snippet
    assert "<script" not in card.snippet
    assert "<b>" not in card.snippet


@pytest.mark.parametrize("mark", ["\x02", "\x03", "<mark>"])
def test_text_cannot_forge_marks(house: db.Database, mark: str) -> None:
    article("Tags", f"zebra {mark} <img src=x>")
    with db.reading() as session:
        (card,) = kb.search(session, "zebra", actor=visitor()).items
    assert "<img" not in (card.snippet or "")


def test_changed_words_are_found_and_former_ones_are_not(house: db.Database) -> None:
    made = article("Old title", "oldword", tags=["oldtag"])
    rewrite(made, title="New title", content="newword", tags=["newtag"])
    assert [find(word) for word in ("newword", "newtag", "new")] == [["New title"]] * 3
    assert [find(word) for word in ("oldword", "oldtag", "old")] == [[], [], []]


def test_hostile_queries_are_words(library: None) -> None:
    everything = [row.title for row in stored(Article)]
    for q in HOSTILE:
        started = time.perf_counter()
        assert set(find(q)) <= set(everything), q
        assert time.perf_counter() - started < 2, q
    assert len(stored(Article)) == 4


def test_hostile_signs_do_not_change_what_is_found(library: None) -> None:
    plain = find("gateway")
    for q in ('"gateway', "gateway*", "(gateway", "-gateway", "^gateway", "gateway:*", "+gateway'"):
        assert find(q) == plain, q


def test_ten_thousand_words(library: None) -> None:
    started = time.perf_counter()
    assert find("gateway " * 10_000) == find("gateway")
    find(" ".join(f"word{n}" for n in range(10_000)))
    assert time.perf_counter() - started < 2
