"""Forty searches as people type them: the right article is among the first three."""

import tomllib
from pathlib import Path

from models import db, kb, seeding
from tests.house import none_of
from tests.models.world import OPERATOR, article, on_article, visitor

SEARCHES = tomllib.loads(Path(__file__).with_name("searches.toml").read_text(encoding="utf-8"))
FIRST = 3


def first(q: str) -> list[str]:
    """The slugs of what comes first."""
    with db.reading() as session:
        found = kb.search(session, q, page_size=FIRST, actor=visitor())
        return [card.slug for card in found.items]


def test_there_are_ten_of_each_kind() -> None:
    assert {kind: len(pairs) for kind, pairs in SEARCHES.items()} == dict.fromkeys(SEARCHES, 10)
    assert len(SEARCHES) == 4


def test_people_find_what_they_mean(database: db.Database) -> None:
    seeding.seed_base(actor=OPERATOR)
    none_of(
        f"{kind}: {q!r} gives {first(q)}, not {slug}"
        for kind, pairs in SEARCHES.items()
        for q, slug in pairs.items()
        if slug not in first(q)
    )


def test_a_word_is_known_once_its_article_is_published(database: db.Database) -> None:
    with db.unit_of_work() as session:
        category = kb.CategoryDeed(slug="getting_started", title="Getting started")
        kb.create_category(session, category, actor=OPERATOR)
    draft = article("Xylophone lessons", publish=False)
    assert first("xylofone") == []
    on_article(draft, kb.publish)
    assert first("xylofone") == ["xylophone-lessons"]
    on_article(draft, kb.unpublish)
    assert first("xylofone") == []
