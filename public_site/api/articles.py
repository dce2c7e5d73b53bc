"""Articles: for readers, and with drafts for those who look after them."""

from typing import Annotated

from sqlalchemy.orm import Session

from models import kb, tickets
from models.db import reading, unit_of_work
from models.deeds import Deed, PageNumber, PageSize
from models.errors import NotFound
from models.paging import Page
from models.text import OneLine
from public_site import readers
from public_site.api import article_shapes as shapes
from public_site.api.call import Answer, Call, answer, tag_of
from public_site.api.shapes import place
from public_site.forms import Nothing

MAX_QUERY = 200


class PageQuery(Deed):
    """Which page of a list."""

    page: PageNumber = 1
    page_size: PageSize = 20


class ListQuery(PageQuery):
    """Which articles."""

    category: Annotated[str, OneLine(60)] | None = None
    tag: Annotated[str, OneLine(50)] | None = None


class SearchQuery(PageQuery):
    """What is looked for."""

    q: Annotated[str, OneLine(MAX_QUERY, required=False)] = ""
    category: Annotated[str, OneLine(60)] | None = None


def published(call: Call) -> Answer:
    """Published articles, most read first."""
    query = call.asked(ListQuery)
    with reading() as db:
        found = kb.published_articles(
            db, category=query.category, tag=query.tag, page=query.page,
            page_size=query.page_size, actor=call.actor,
        )  # fmt: skip
        rows = kb.summaries(db, [card.id for card in found.items], actor=call.actor)
    items = [shapes.article_item(row) for row in rows]
    return answer(shapes.ArticlePage(items=items, **place(found)))


def search(call: Call) -> Answer:
    """Published articles with the words that were typed, best first."""
    query = call.asked(SearchQuery)
    if query.q:
        kb.count_search(actor=call.actor)
    with reading() as db:
        found = kb.search(
            db, query.q, category=query.category, page=query.page, page_size=query.page_size,
            actor=call.actor,
        )  # fmt: skip
        rows = kb.summaries(db, [card.id for card in found.items], actor=call.actor)
    snippets = {card.id: card.snippet for card in found.items}
    items = [shapes.found_article(row, snippets[row.id]) for row in rows]
    return answer(shapes.FoundPage(items=items, **place(found)))


def article(call: Call) -> Answer:
    """One published article; reading it counts as a view."""
    with reading() as db:
        found = kb.article_by_slug(db, call.path("slug"), actor=call.actor)
        shape = shapes.article(found)
    if call.request.method == "GET":
        kb.views.note(found.id, readers.reader(call.request, call.actor))
    return answer(shape)


def vote(call: Call) -> Answer:
    """Say whether an article helped; one vote a visitor, and the last word counts."""
    visitor = readers.voter(call.request, call.actor) or readers.reader(call.request, call.actor)
    with unit_of_work() as db:
        found = kb.published_article(db, call.path("id"), actor=call.actor)
        deed = call.deed(kb.Feedback)
        kb.vote(db, found, deed.helpful, visitor=visitor, actor=call.actor)
        return answer(shapes.Votes.model_validate(found))


def quick_issues(call: Call) -> Answer:
    """The common problems that the ticket form offers, in their order."""
    query = call.asked(PageQuery)
    with reading() as db:
        issues = tickets.quick_issues(db)
    first = (query.page - 1) * query.page_size
    found = Page(issues[first : first + query.page_size], query.page, query.page_size, len(issues),
                 False)  # fmt: skip
    items = [shapes.QuickIssue.model_validate(issue) for issue in found.items]
    return answer(shapes.QuickIssuePage(items=items, **place(found)))


# --- for those who look after them ----------------------------------------------------------------


def every(call: Call) -> Answer:
    """Articles with drafts."""
    filters = call.asked(kb.ArticleFilter)
    with reading() as db:
        found = kb.all_articles(db, filters, actor=call.actor)
        rows = kb.summaries(db, [row.id for row in found.items], actor=call.actor)
    items = [shapes.article_item(row) for row in rows]
    return answer(shapes.ArticlePage(items=items, **place(found)))


def draft(call: Call) -> Answer:
    """One article, a draft too."""
    with reading() as db:
        return _given(_article(db, call))


def create(call: Call) -> Answer:
    """Write a draft."""
    deed = call.deed(kb.ArticleDeed)

    def do(db: Session) -> Answer:
        made = kb.create_article(db, deed, actor=call.actor)
        return _given(made, location=f"/api/support/kb/articles/{made.id}")

    with unit_of_work() as db:
        return call.once(db, lambda: do(db))


def update(call: Call) -> Answer:
    """Write an article anew."""
    with reading() as db:
        _article(db, call)  # what is not there is said before what is wrong with the text
    deed = call.deed(kb.ArticleDeed)
    with unit_of_work() as db:
        found = _held(db, call)
        return _given(kb.update_article(db, found, deed, actor=call.actor))


def delete(call: Call) -> Answer:
    """Delete an article."""
    with unit_of_work() as db:
        found = _held(db, call)
        call.deed(Nothing)
        kb.delete_article(db, found, actor=call.actor)
    return Answer()


def publish(call: Call) -> Answer:
    """Show an article to readers."""
    with unit_of_work() as db:
        found = _held(db, call)
        call.deed(Nothing)
        return _given(kb.publish(db, found, actor=call.actor))


def unpublish(call: Call) -> Answer:
    """Take an article from the readers."""
    with unit_of_work() as db:
        found = _held(db, call)
        call.deed(Nothing)
        return _given(kb.unpublish(db, found, actor=call.actor))


def _article(db: Session, call: Call) -> kb.Article:
    return kb.get(db, call.path("id"), actor=call.actor)


def _held(db: Session, call: Call) -> kb.Article:
    """The article, held until the end, and of the version that the write was meant for."""
    found = _article(db, call)
    kb.hold(db, found)
    if found.deleted_at is not None:
        raise NotFound
    call.require_match(tag_of(found.version))
    return found


def _given(found: kb.Article, *, location: str = "") -> Answer:
    return answer(shapes.article(found), version=found.version, location=location)
