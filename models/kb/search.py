"""Finding published articles: by all words, else as they were meant, else by any of them."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, literal
from sqlalchemy.orm import Session

from models import fulltext, paging, spelling, synonyms
from models.actor import Actor
from models.fulltext import ARTICLES, Groups
from models.kb.queries import (
    ArticleCard,
    cards_of,
    joined,
    narrowed,
    published,
    published_articles,
)
from models.kb.tables import Article
from models.paging import Page

# In a small library every word counts; in a large one those that say what an article is about.
SMALL = 500
MOST_ARTICLES = 20_000


@dataclass(frozen=True, slots=True)
class Found(Page[ArticleCard]):
    """What was found; ``read_as`` is what mistyped words were taken for, if any were.

    With ``is_near`` no article has all of the words: these have some of them.
    """

    read_as: str | None = None
    is_near: bool = False

    @property
    def is_vain(self) -> bool:
        """Whether no article answers this."""
        return self.is_near or not self.total


def search(
    db: Session,
    q: str,
    *,
    category: str | None = None,
    page: int = 1,
    page_size: int = 20,
    actor: Actor,
) -> Found:
    """Published articles with all words of ``q`` or others for them, best first.

    When there are none: with what mistyped words were meant to be, then with any of the words.
    Nothing typed: all published articles.
    """
    typed = fulltext.groups(q)
    if not typed:
        every = published_articles(
            db, category=category, page=page, page_size=page_size, actor=actor
        )
        return _found(every) if not q.strip() else Found([], page, page_size, 0, False)
    wider: Groups = [[word, *synonyms.of(word)] for (word,) in typed]
    found = _page(db, wider, category, page, page_size)
    if found.total:
        return _found(found)
    meant, read_as = _meant(db, wider)
    for any_word in (False, True):
        found = _page(db, meant, category, page, page_size, any_word=any_word)
        if found.total:
            return _found(found, read_as, is_near=any_word)
    return Found([], page, page_size, 0, False)


def _found(page: Page[ArticleCard], read_as: str | None = None, *, is_near: bool = False) -> Found:
    return Found(
        page.items, page.page, page.page_size, page.total, page.total_is_capped, None, read_as,
        is_near,
    )  # fmt: skip


def _page(
    db: Session,
    wanted: Groups,
    category: str | None,
    page: int,
    page_size: int,
    *,
    any_word: bool = False,
) -> Page[ArticleCard]:
    hits = ARTICLES.found(db, wanted, any_word=any_word)
    rows = narrowed(db, joined(published(), hits), category, None).with_only_columns(
        Article.number, func.count().over()
    )
    order = (hits.c.rank.desc(), Article.view_count.desc(), Article.number)
    found = db.execute(rows.order_by(*order).offset((page - 1) * page_size).limit(page_size)).all()
    if found or page == 1:
        total = min(found[0][1], paging.COUNT_CAP) if found else 0
        is_capped = bool(found) and found[0][1] > paging.COUNT_CAP
    else:
        total, is_capped = paging.count_up_to(db, rows)
    numbers = [number for number, _ in found]
    snippets = ARTICLES.snippets(db, wanted, numbers, any_word=any_word)
    items = cards_of(db, numbers, snippets)
    return Page(items, page, page_size, total, is_capped)


def _meant(db: Session, wider: Groups) -> tuple[Groups, str | None]:
    """The words, corrected where no article has them, and what they were taken for."""
    meant: Groups = []
    corrected = False
    for group in wider:
        if ARTICLES.count(db, [group], most=0):
            meant.append(group)
            continue
        known = spelling.nearest(group[0], _vocabulary(db))
        corrected = corrected or known is not None
        meant.append([known, *synonyms.of(known)] if known else group)
    return meant, " ".join(group[0] for group in meant) if corrected else None


_known: tuple[tuple[int, datetime | None], Counter[str]] | None = None


def _vocabulary(db: Session) -> Counter[str]:
    """Every word of the published articles with how many articles have it; kept until one changes.

    Drafts are left out, so that no correction tells what is in them.
    """
    global _known
    state = db.execute(
        published().with_only_columns(func.count(), func.max(Article.updated_at))
    ).one()
    version = (state[0], state[1])
    if _known is None or _known[0] != version:
        _known = (version, _count_words(db, is_small=version[0] <= SMALL))
    return _known[1]


def _count_words(db: Session, *, is_small: bool) -> Counter[str]:
    text = Article.content if is_small else literal("")
    rows = published().with_only_columns(Article.title, Article.excerpt, Article.tags, text)
    known: Counter[str] = Counter()
    for title, excerpt, tags, content in db.execute(rows.limit(MOST_ARTICLES)):
        said = " ".join([title, excerpt or "", *(tags or []), content])
        known += Counter(set(fulltext.all_words(said)))
    return known
