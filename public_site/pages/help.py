"""The help center: the list with search and categories, one article, a reader's vote."""

import logging
from typing import Annotated, Any
from urllib.parse import urlencode

from pydantic import BeforeValidator
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response

from models import kb
from models.db import reading, unit_of_work
from models.deeds import Deed
from models.errors import NotFound
from models.export import instant
from models.text import OneLine
from public_site import kept_pages, readers, rendering
from public_site.door import Visit
from public_site.forms import PageNumber

log = logging.getLogger("supportdesk.web")
PAGE_SIZE = 24
PICTURE_SECONDS = 24 * 3600  # longer, and one of an article that is taken back would stay too long
MAX_QUERY = 200
POPULAR = 3
SUGGESTED = 6
CONTENTS_FROM = 3  # headings
DEEPEST = 3
MOVED = 301


def _cut(value: Any) -> Any:
    return value[:MAX_QUERY] if isinstance(value, str) else value


class Typed(Deed):
    """What is typed, and where it is looked for; a longer search is cut, as nobody means it all."""

    category: Annotated[str, OneLine(60)] | None = None
    q: Annotated[str, OneLine(MAX_QUERY, required=False), BeforeValidator(_cut)] = ""


class HelpQuery(Typed):
    """What the list is narrowed to."""

    page: PageNumber = 1

    def address(self, **changes: object) -> str:
        """The address of this list with something changed."""
        chosen = {**self.model_dump(), **changes}
        kept = {name: value for name, value in chosen.items() if value not in (None, "", 1)}
        return f"/help?{urlencode(kept)}" if kept else "/help"


def front(_visit: Visit) -> Response:
    """The site begins at the help center."""
    return RedirectResponse("/help", MOVED)


def article_list(visit: Visit) -> Response:
    """Published articles, searched and narrowed."""
    query = visit.read(HelpQuery)
    if query.q:
        kb.count_search(actor=visit.actor)
    response, vain = kept_pages.answer(visit, lambda visit: _list(visit, query))
    if vain:
        _note_vain(visit, query, int(vain))
    return response


def _list(visit: Visit, query: HelpQuery) -> tuple[Response, str]:
    """The page, and how many articles came near when none has all the words."""
    with reading() as db:
        found = kb.search(
            db, query.q, category=query.category, page=query.page, page_size=PAGE_SIZE,
            actor=visit.actor,
        )  # fmt: skip
        categories = kb.categories_with_counts(db, actor=visit.actor)
        here = kb.category(db, query.category) if query.category else None
        is_empty = bool(query.q) and not found.total
        popular = kb.popular(db, POPULAR, actor=visit.actor) if is_empty else []
    response = rendering.show(
        visit, "help/list.html", public=True, query=query, found=found, address=query.address,
        page_address=lambda page: query.address(page=page), categories=categories, here=here,
        popular=popular,
    )  # fmt: skip
    return response, str(found.total) if query.q and found.is_vain else ""


def _note_vain(visit: Visit, query: HelpQuery, results: int) -> None:
    """Keep what a person searched for in all articles; going through the pages is no new search."""
    is_whole = query.page == 1 and query.category is None
    if is_whole and visit.is_reading and not readers.is_robot(visit.request):
        visitor = readers.reader(visit.request, visit.actor)
        kb.vain.note(query.q, results=results, visitor=visitor)


def suggestions(visit: Visit) -> Response:
    """What is offered while somebody types: the best few articles, as JSON for the script."""
    typed = visit.read(Typed)
    kb.count_suggestion(actor=visit.actor)
    return rendering.cached(visit, JSONResponse({"items": _suggested(visit, typed)}))


def _suggested(visit: Visit, typed: Typed) -> list[dict[str, str]]:
    if not typed.q:
        return []
    with reading() as db:
        found = kb.search(
            db, typed.q, category=typed.category, page_size=SUGGESTED, actor=visit.actor
        )
    return [
        {"slug": card.slug, "title": card.title, "category": card.category_title}
        for card in found.items
    ]


def article(visit: Visit) -> Response:
    """One published article; a former address leads to the present one."""
    response, article_id = kept_pages.answer(visit, _article)
    if article_id and visit.is_reading and not readers.is_robot(visit.request):
        kb.views.note(article_id, readers.reader(visit.request, visit.actor))
    return response


def _article(visit: Visit) -> tuple[Response, str]:
    slug = visit.path("slug")
    with reading() as db:
        try:
            found = kb.article_by_slug(db, slug, actor=visit.actor)
        except NotFound:
            return _moved(db, slug, ""), ""
        related = kb.related(db, found, actor=visit.actor)
        category = kb.category(db, found.category)
    headings = [item for item in found.headings or [] if item["level"] <= DEEPEST]
    response = rendering.show(
        visit, "help/article.html", public=True, article=found, related=related,
        category=category, contents=headings if len(headings) >= CONTENTS_FROM else [],
        voted=_just_voted(visit), structured=_structured(visit, found, category.title),
    )  # fmt: skip
    return response, found.id


def _structured(visit: Visit, found: kb.Article, category: str) -> list[dict[str, Any]]:
    """What search engines read beside the page (schema.org, as JSON-LD)."""
    base = visit.site.settings.base_url
    address = f"{base}/help/{found.slug}"
    trail = [
        ("Help center", f"{base}/help"),
        (category, f"{base}/help?{urlencode({'category': found.category})}"),
        (found.title, address),
    ]
    return [
        {
            "@context": "https://schema.org", "@type": "Article", "headline": found.title,
            "description": found.excerpt or "", "url": address,
            "datePublished": instant(found.published_at or found.created_at),
            "dateModified": instant(found.updated_at),
            "publisher": {
                "@type": "Organization", "name": visit.site.settings.product_name, "url": base,
            },
        },
        {
            "@context": "https://schema.org", "@type": "BreadcrumbList",
            "itemListElement": [
                {"@type": "ListItem", "position": place, "name": name, "item": item}
                for place, (name, item) in enumerate(trail, 1)
            ],
        },
    ]  # fmt: skip


def source(visit: Visit) -> Response:
    """The Markdown of one published article."""
    slug = visit.path("slug")
    with reading() as db:
        try:
            found = kb.article_by_slug(db, slug, actor=visit.actor)
        except NotFound:
            return _moved(db, slug, ".md")
    text = PlainTextResponse(f"# {found.title}\n\n{found.content}\n", media_type="text/markdown")
    return rendering.cached(visit, text)


def picture(visit: Visit) -> Response:
    """A picture of an article; its name stands for its content, which never changes."""
    with reading() as db:
        found = kb.picture(db, visit.path("name"), actor=visit.actor)
    tag = f'"{found.name.partition(".")[0]}"'
    kept = f"public, max-age={PICTURE_SECONDS}" if found.is_public else "private, no-cache"
    headers = {"Cache-Control": kept, "ETag": tag, "Vary": "Cookie"}
    if rendering.is_known(visit.request.headers, tag):
        return Response(status_code=304, headers=headers)
    try:
        body = kb.picture_content(found.storage_name)
    except OSError:
        log.warning("the file of the picture %s cannot be read", found.name)
        raise NotFound("There is no such picture.") from None
    return Response(body, media_type=found.content_type, headers=headers)


def _moved(db: Session, slug: str, suffix: str) -> Response:
    target = kb.former_slug_target(db, slug)
    if target is None:
        raise NotFound("There is no such article. It may have been renamed or taken back.")
    return RedirectResponse(f"/help/{target}{suffix}", MOVED)


def vote(visit: Visit) -> Response:
    """Count whether the article helped, once for each reader; the last word counts."""
    visitor = readers.new_or_known(visit)
    with unit_of_work() as db:
        found = kb.article_by_slug(db, visit.path("slug"), actor=visit.actor)
        deed = visit.form.read(kb.ToldFeedback)  # a draft's form is not even looked at
        kb.vote(db, found, deed.helpful, missing=deed.missing, visitor=visitor, actor=visit.actor)
        slug = found.slug
    flash = "voted_yes" if deed.helpful else "voted_told" if deed.missing else "voted_no"
    response = rendering.redirect(visit, f"/help/{slug}#feedback", flash=flash)
    readers.remember(response, visit, visitor)
    return response


def _just_voted(visit: Visit) -> str | None:
    """What the reader just did: ``yes``, ``no`` or ``told``."""
    verb, _, voted = (rendering.flash_of(visit) or "").partition("_")
    return voted if verb == "voted" else None
