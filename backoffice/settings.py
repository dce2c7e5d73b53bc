"""What the ticket form and the help center offer: quick issues and the two kinds of categories."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.orm import Session

from backoffice.forms import Field
from backoffice.view import Collection
from models import deeds, kb, tickets
from models.actor import Actor

_CATEGORY_FIELDS = (
    Field("title", "Title", required=True, max_length=80),
    Field(
        "slug", "Slug", required=True, max_length=60,
        hint="Small letters, digits and underscores, like getting_started.",
    ),
    Field("sortOrder", "Order", kind="number", hint="Smaller numbers come first."),
)  # fmt: skip


def _category_values(row: kb.ArticleCategory | tickets.TicketCategory) -> Mapping[str, Any]:
    return {"title": row.title, "slug": row.slug, "sortOrder": row.sort_order}


class ArticleCategoryView(Collection, model=kb.ArticleCategory):
    """The categories of the help center."""

    address = "article-categories"
    name = "Article category"
    name_plural = "Article categories"
    column_list = ("title", "slug", "sort_order")
    column_labels = {"title": "Title", "slug": "Slug", "sort_order": "Order"}
    fields = _CATEGORY_FIELDS

    def rows(self, db: Session, actor: Actor) -> Sequence[Any]:
        """All categories in their order."""
        return kb.categories(db)

    def find(self, db: Session, ref: str, actor: Actor) -> Any:
        """One category. Raises NotFound."""
        return kb.category(db, ref)

    def deed(self, values: Mapping[str, Any]) -> kb.CategoryDeed:
        """The category as typed. Raises Invalid."""
        return deeds.read(kb.CategoryDeed, values)

    def add(self, db: Session, deed: Any, actor: Actor) -> None:
        """Make a category."""
        kb.create_category(db, deed, actor=actor)

    def change(self, db: Session, row: Any, deed: Any, actor: Actor) -> None:
        """Change a category."""
        kb.update_category(db, row, deed, actor=actor)

    def remove(self, db: Session, row: Any, actor: Actor) -> None:
        """Delete an empty category."""
        kb.delete_category(db, row, actor=actor)

    def values_of(self, row: Any) -> Mapping[str, Any]:
        """A category as values of the form."""
        return _category_values(row)


class TicketCategoryView(Collection, model=tickets.TicketCategory):
    """The categories of tickets."""

    address = "ticket-categories"
    name = "Ticket category"
    name_plural = "Ticket categories"
    column_list = ("title", "slug", "sort_order")
    column_labels = {"title": "Title", "slug": "Slug", "sort_order": "Order"}
    fields = _CATEGORY_FIELDS

    def rows(self, db: Session, actor: Actor) -> Sequence[Any]:
        """All categories in their order."""
        return tickets.categories(db)

    def find(self, db: Session, ref: str, actor: Actor) -> Any:
        """One category. Raises NotFound."""
        return tickets.category(db, ref)

    def deed(self, values: Mapping[str, Any]) -> tickets.CategoryDeed:
        """The category as typed. Raises Invalid."""
        return deeds.read(tickets.CategoryDeed, values)

    def add(self, db: Session, deed: Any, actor: Actor) -> None:
        """Make a category."""
        tickets.create_category(db, deed, actor=actor)

    def change(self, db: Session, row: Any, deed: Any, actor: Actor) -> None:
        """Change a category."""
        tickets.update_category(db, row, deed, actor=actor)

    def remove(self, db: Session, row: Any, actor: Actor) -> None:
        """Delete an empty category."""
        tickets.delete_category(db, row, actor=actor)

    def values_of(self, row: Any) -> Mapping[str, Any]:
        """A category as values of the form."""
        return _category_values(row)


class QuickIssueView(Collection, model=tickets.QuickIssue):
    """The common problems offered on the ticket form."""

    address = "quick-issues"
    name = "Quick issue"
    name_plural = "Quick issues"
    column_list = ("title", "suggested_type", "suggested_category", "use_count", "is_active")
    column_labels = {
        "title": "Title",
        "suggested_type": "Type",
        "suggested_category": "Category",
        "use_count": "Used",
        "is_active": "Offered",
    }
    column_formatters = {
        "suggested_type": lambda row, _: tickets.TYPE_TITLES[row.suggested_type],
        "is_active": lambda row, _: "Yes" if row.is_active else "No",
    }
    defaults = {"isActive": True}
    fields = (
        Field("title", "Title", required=True, max_length=120),
        Field("description", "Description", max_length=300),
        Field("icon", "Icon", max_length=20, hint="One emoji."),
        Field(
            "suggestedType", "Type", kind="select", required=True,
            choices=tuple((kind.value, title) for kind, title in tickets.TYPE_TITLES.items()),
        ),
        Field("suggestedCategory", "Category", kind="select", required=True),
        Field("articleSlug", "Article", max_length=100, hint="Slug of a published article."),
        Field("sortOrder", "Order", kind="number", hint="Smaller numbers come first."),
        Field("isActive", "Offered on the ticket form", kind="checkbox"),
    )  # fmt: skip

    def rows(self, db: Session, actor: Actor) -> Sequence[Any]:
        """All quick issues in their order."""
        return tickets.all_quick_issues(db, actor=actor)

    def find(self, db: Session, ref: str, actor: Actor) -> Any:
        """One quick issue. Raises NotFound."""
        return tickets.quick_issue(db, ref, actor=actor)

    def deed(self, values: Mapping[str, Any]) -> tickets.QuickIssueDeed:
        """The quick issue as typed. Raises Invalid."""
        return deeds.read(tickets.QuickIssueDeed, values)

    def add(self, db: Session, deed: Any, actor: Actor) -> None:
        """Make a quick issue."""
        tickets.create_quick_issue(db, deed, actor=actor)

    def change(self, db: Session, row: Any, deed: Any, actor: Actor) -> None:
        """Change a quick issue."""
        tickets.update_quick_issue(db, row, deed, actor=actor)

    def remove(self, db: Session, row: Any, actor: Actor) -> None:
        """Delete a quick issue."""
        tickets.delete_quick_issue(db, row, actor=actor)

    def values_of(self, row: Any) -> Mapping[str, Any]:
        """A quick issue as values of the form."""
        return {
            "title": row.title,
            "description": row.description,
            "icon": row.icon,
            "suggestedType": row.suggested_type,
            "suggestedCategory": row.suggested_category,
            "articleSlug": row.article_slug,
            "sortOrder": row.sort_order,
            "isActive": row.is_active,
        }

    def form_fields(self, db: Session) -> Sequence[Field]:
        """The fields, with the ticket categories to choose from."""
        choices = tuple((row.slug, row.title) for row in tickets.categories(db))
        return [
            replace(item, choices=choices) if item.name == "suggestedCategory" else item
            for item in self.fields
        ]
