"""The knowledge base for its writers: the list, the editor, publishing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqladmin import action, expose
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from backoffice import errors, forms
from backoffice.flash import go
from backoffice.forms import Field, Form, Posted
from backoffice.view import Refused, SupportView, complaints, read, write
from models import deeds, kb
from models.actor import Actor
from models.errors import Invalid, SupportError

FIELDS = (
    Field("title", "Title", required=True, max_length=200),
    Field("slug", "Slug", max_length=100, hint="Left empty, it is made from the title."),
    Field("category", "Category", kind="select", required=True),
    Field("tags", "Tags", kind="tags", hint="With commas between them."),
    Field("excerpt", "Excerpt", max_length=300, hint="Left empty, it is the beginning."),
    Field("content", "Content (Markdown)", kind="code", required=True, rows=22),
    Field("version", "Version", kind="hidden"),
)
MAX_CHOSEN = 200
Move = Callable[..., object]


class ArticleView(SupportView, model=kb.Article):
    """Articles with their drafts."""

    address = "kb"
    name = "Article"
    name_plural = "Articles"

    @expose("", methods=["GET"])
    async def list_page(self, request: Request) -> Response:
        """The articles, filtered and ordered by the address."""
        filters = forms.read_query(kb.ArticleFilter, request)

        def work(db: Session, actor: Actor) -> dict[str, Any]:
            found = kb.all_articles(db, filters, actor=actor)
            choices = [(row.slug, row.title) for row in kb.categories(db)]
            return {"filters": filters, "found": found, "categories": choices}

        return await self.page(request, "articles.html", await read(request, work))

    @expose("/new", methods=["GET"])
    async def new_page(self, request: Request) -> Response:
        """The empty editor."""
        return await self._editor(request)

    @expose("/new", methods=["POST"])
    async def create(self, request: Request) -> Response:
        """Keep a new draft."""
        posted = await forms.posted(request)
        try:
            article_id = await write(
                request,
                lambda: _deed(posted)[0],
                lambda db, deed, actor: kb.create_article(db, deed, actor=actor).id,
            )
        except Refused as error:
            return await self._editor(request, posted, error)
        return go(f"/kb/{article_id}/edit", "created")

    @expose("/{ref}/edit", methods=["GET"])
    async def edit_page(self, request: Request) -> Response:
        """The editor of one article; read-only for those who may not write."""
        return await self._editor(request)

    @expose("/{ref}/edit", methods=["POST"])
    async def update(self, request: Request) -> Response:
        """Change an article."""
        posted, ref = await forms.posted(request), request.path_params["ref"]

        def work(db: Session, deed: tuple[kb.ArticleDeed, int | None], actor: Actor) -> str:
            article = kb.get(db, ref, actor=actor)
            kb.update_article(db, article, deed[0], version=deed[1], actor=actor)
            return article.id

        try:
            article_id = await write(request, lambda: _deed(posted), work)
        except Refused as error:
            return await self._editor(request, posted, error)
        return go(f"/kb/{article_id}/edit", "saved")

    @expose("/{ref}/delete", methods=["GET"])
    async def delete_page(self, request: Request) -> Response:
        """Ask before deleting."""
        title = await read(
            request, lambda db, actor: kb.get(db, request.path_params["ref"], actor=actor).title
        )
        context = {"title": "Delete", "names": [title], "error": ""}
        return await self.page(request, "confirm.html", context)

    @expose("/{ref}/delete", methods=["POST"])
    async def delete(self, request: Request) -> Response:
        """Delete an article."""
        posted, ref = await forms.posted(request), request.path_params["ref"]

        def work(db: Session, posted: Posted, actor: Actor) -> None:
            article = kb.get(db, ref, actor=actor)
            posted.only()
            kb.delete_article(db, article, actor=actor)

        await write(request, lambda: posted, work)
        return go("/kb", "deleted")

    @action("publish", "Publish")
    async def publish(self, request: Request) -> Response:
        """Ask before publishing."""
        return await self._ask(request, "Publish", forms.chosen(request))

    @expose("/action/publish", methods=["POST"])
    async def publish_now(self, request: Request) -> Response:
        """Publish articles, all or none."""
        return await self._move(request, kb.publish, "published")

    @action("unpublish", "Unpublish")
    async def unpublish(self, request: Request) -> Response:
        """Ask before taking articles from the readers."""
        return await self._ask(request, "Unpublish", forms.chosen(request))

    @expose("/action/unpublish", methods=["POST"])
    async def unpublish_now(self, request: Request) -> Response:
        """Take articles from the readers, all or none."""
        return await self._move(request, kb.unpublish, "unpublished")

    async def _ask(self, request: Request, title: str, ids: list[str]) -> Response:
        _require_choice(ids)

        def work(db: Session, actor: Actor) -> list[tuple[str, str]]:
            return [(a.id, a.title) for a in (kb.get(db, ref, actor=actor) for ref in ids)]

        context = {"title": title, "rows": await read(request, work), "form": Form(()), "back": ""}
        return await self.page(request, "action.html", context)

    async def _move(self, request: Request, move: Move, done: str) -> Response:
        posted = await forms.posted(request)
        ids = posted.chosen()
        _require_choice(ids)

        def work(db: Session, ids: list[str], actor: Actor) -> None:
            posted.only("pks", "back")
            for ref in sorted(ids):
                move(db, kb.get(db, ref, actor=actor), actor=actor)

        await write(request, lambda: ids, work)
        return go("/kb", done)

    async def _editor(
        self,
        request: Request,
        posted: Posted | None = None,
        error: SupportError | None = None,
    ) -> Response:
        ref = request.path_params.get("ref")

        def work(db: Session, actor: Actor) -> dict[str, Any]:
            article = kb.get(db, ref, actor=actor) if ref else None
            fields = _fields(kb.categories(db))
            form = Form(fields, _values(article) if article else {})
            if posted is not None and error is not None:
                form = Form(fields, posted.first(), complaints(error))
            missed = kb.missed(db, article, actor=actor) if article else []
            return {"article": article, "form": form, "missed": missed}

        context = await read(request, work)
        path = "/{ref}/edit" if ref else "/new"
        context["may_write"] = self.may(request, "POST", path)
        return await self.page(
            request, "article.html", context, errors.status_of(error) if error else 200
        )


def _require_choice(ids: list[str]) -> None:
    if not 0 < len(ids) <= MAX_CHOSEN:
        raise HTTPException(400, f"Please select 1 to {MAX_CHOSEN} articles.")


def _deed(posted: Posted) -> tuple[kb.ArticleDeed, int | None]:
    """The article as typed, rendered, and the version that its writer saw. Raises Invalid."""
    values = forms.typed(FIELDS, posted.once())
    version = str(values.pop("version", ""))
    deed = deeds.read(kb.ArticleDeed, values)
    if version and not (version.isascii() and version.isdigit()):
        raise Invalid({"": "This page is out of date. Please open the article again."})
    return deed, int(version) if version else None


def _values(article: kb.Article) -> Mapping[str, Any]:
    names = ("title", "slug", "category", "tags", "excerpt", "content", "version")
    return {name: getattr(article, name) for name in names}


def _fields(categories: Sequence[kb.ArticleCategory]) -> Sequence[Field]:
    choices = tuple((row.slug, row.title) for row in categories)
    return [replace(item, choices=choices) if item.name == "category" else item for item in FIELDS]
