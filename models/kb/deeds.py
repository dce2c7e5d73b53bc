"""What writers put into the knowledge base."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, PrivateAttr

from models.deeds import Deed, PageNumber, PageSize
from models.kb.rendering import Rendered, render
from models.kb.tables import (
    MAX_CONTENT,
    MAX_EXCERPT,
    MAX_SLUG,
    MAX_TAG,
    MAX_TAGS,
    MAX_TITLE,
    DeflectionSource,
)
from models.text import MultiLine, OneLine, slugify


def _slug(value: str) -> str:
    if value and value != slugify(value):
        raise ValueError("Please use small letters, digits and single hyphens, like first-steps.")
    return value


def category_slug(value: str) -> str:
    """Check the slug of a category: as the specification's, with underscores."""
    if value != slugify(value).replace("-", "_"):
        raise ValueError("Please use small letters, digits and underscores, like getting_started.")
    return value


def unique_tags(tags: list[str]) -> list[str]:
    """Tags without repetitions (case does not count), in the order given."""
    kept: dict[str, str] = {}
    for tag in tags:
        kept.setdefault(tag.casefold(), tag)
    return list(kept.values())


Slug = Annotated[str, OneLine(MAX_SLUG, required=False), AfterValidator(_slug)]
Tags = Annotated[
    list[Annotated[str, OneLine(MAX_TAG)]],
    Field(max_length=MAX_TAGS),
    AfterValidator(unique_tags),
]


class ArticleDeed(Deed):
    """An article as written; its Markdown is rendered here, before any transaction begins."""

    title: Annotated[str, OneLine(MAX_TITLE)]
    slug: Slug = ""
    content: Annotated[str, MultiLine(MAX_CONTENT)]
    excerpt: Annotated[str, OneLine(MAX_EXCERPT, required=False)] = ""
    category: str
    tags: Tags = []

    _rendered: Rendered = PrivateAttr()

    def model_post_init(self, context: Any) -> None:
        """Render once; a hostile text costs its time limit and is kept as plain text."""
        self._rendered = render(self.content)

    @property
    def rendered(self) -> Rendered:
        """The safe HTML, the headings and the plain words of the content."""
        return self._rendered


class CategoryDeed(Deed):
    """A category of articles."""

    slug: Annotated[str, OneLine(60), AfterValidator(category_slug)]
    title: Annotated[str, OneLine(80)]
    sort_order: int = Field(0, ge=-10_000, le=10_000)


class Feedback(Deed):
    """A reader's vote."""

    helpful: bool


class ToldFeedback(Feedback):
    """A reader's vote with what was missing, where it did not help."""

    missing: Annotated[str, MultiLine(1_000, required=False)] = ""


class Solved(Deed):
    """That an article which was suggested in the ticket form solved it; ``article`` is its slug."""

    article: Annotated[str, OneLine(MAX_SLUG)]
    source: DeflectionSource


class ArticleFilter(Deed):
    """What the list of all articles is narrowed to and ordered by."""

    q: Annotated[str, OneLine(200, required=False)] = ""
    category: str | None = None
    status: Literal["published", "draft"] | None = None
    sort: Literal["-updatedAt", "updatedAt", "title", "-title", "-viewCount", "viewCount"] = (
        "-updatedAt"
    )
    page: PageNumber = 1
    page_size: PageSize = 20
