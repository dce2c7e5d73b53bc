"""What the ticket form offers: categories and quick issues, kept by administrators."""

from typing import Any

import pytest

from models import db, deeds, tickets
from models.actor import Role
from models.errors import Invalid, NotAllowedNow, NotFound, NotPermitted, Taken
from models.tickets import CategoryDeed, QuickIssue, QuickIssueDeed
from tests.models.world import OPERATOR, audited, person, seen, stored, ticket

ISSUE = {"title": "It is slow", "suggestedType": "bug", "suggestedCategory": "gateway"}


def issue(**changes: Any) -> str:
    deed = deeds.read(QuickIssueDeed, {**ISSUE, **changes})
    with db.unit_of_work() as session:
        return tickets.create_quick_issue(session, deed, actor=OPERATOR).id


def test_active_ones_in_their_order(house: db.Database) -> None:
    issue(title="second", sortOrder=2)
    issue(title="first", sortOrder=1, icon="🔌", description="Help")
    issue(title="off", sortOrder=0, isActive=False)
    with db.reading() as session:
        assert [row.title for row in tickets.quick_issues(session)] == ["first", "second"]
        found = tickets.all_quick_issues(session, actor=person(Role.SUPPORT))
    assert [row.title for row in found] == ["off", "first", "second"]
    assert [(row.icon, row.description, row.use_count) for row in found][1:] == [
        ("🔌", "Help", 0), (None, None, 0),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", ""), ("title", "x" * 121), ("description", "x" * 301), ("suggestedType", "x"),
        ("icon", "x" * 21), ("sortOrder", 10_001), ("useCount", 5),
    ],
)  # fmt: skip
def test_what_is_no_quick_issue(field: str, value: object) -> None:
    with pytest.raises(Invalid) as refused:
        deeds.read(QuickIssueDeed, {**ISSUE, field: value})
    assert list(refused.value.fields) == [field]


def test_a_quick_issue_needs_a_known_category(house: db.Database) -> None:
    with pytest.raises(Invalid) as refused:
        issue(suggestedCategory="none")
    assert list(refused.value.fields) == ["suggestedCategory"]


def test_a_deleted_quick_issue_leaves_its_tickets(house: db.Database) -> None:
    issue_id = issue()
    ticket_id = ticket(person(), quickIssueId=issue_id)
    with db.unit_of_work() as session:
        tickets.delete_quick_issue(
            session, tickets.quick_issue(session, issue_id, actor=OPERATOR), actor=OPERATOR
        )
    assert stored(QuickIssue) == []
    assert seen(ticket_id).quick_issue_id is None
    assert [row.action for row in audited(issue_id)] == ["quick_issue.create", "quick_issue.delete"]
    with db.reading() as session, pytest.raises(NotFound):
        tickets.quick_issue(session, issue_id, actor=OPERATOR)


@pytest.mark.parametrize("role", [Role.MEMBER, Role.SUPPORT])
def test_only_administrators_change_them(house: db.Database, role: Role) -> None:
    actor, issue_id = person(role), issue()
    written = deeds.read(QuickIssueDeed, ISSUE)
    new = CategoryDeed(slug="new", title="New")
    with db.unit_of_work() as session:
        found = session.get_one(QuickIssue, issue_id)
        category = tickets.category(session, "gateway")
        for refused in (
            lambda: tickets.create_quick_issue(session, written, actor=actor),
            lambda: tickets.update_quick_issue(session, found, written, actor=actor),
            lambda: tickets.delete_quick_issue(session, found, actor=actor),
            lambda: tickets.create_category(session, new, actor=actor),
            lambda: tickets.update_category(session, category, new, actor=actor),
            lambda: tickets.delete_category(session, category, actor=actor),
        ):
            with pytest.raises(NotPermitted):
                refused()


def test_tickets_follow_their_category(house: db.Database) -> None:
    ticket_id = ticket(person())
    with db.unit_of_work() as session:
        found = tickets.category(session, "gateway")
        deed = CategoryDeed(slug="bots", title="Bots", sort_order=-1)
        tickets.update_category(session, found, deed, actor=OPERATOR)
    assert seen(ticket_id).category == "bots"
    with db.unit_of_work() as session:
        assert [row.slug for row in tickets.categories(session)] == ["bots", "billing", "other"]
        with pytest.raises(NotAllowedNow):
            tickets.delete_category(session, tickets.category(session, "bots"), actor=OPERATOR)
        with pytest.raises(Taken):
            tickets.create_category(session, CategoryDeed(slug="bots", title="x"), actor=OPERATOR)
        tickets.delete_category(session, tickets.category(session, "billing"), actor=OPERATOR)
    with db.reading() as session, pytest.raises(NotFound):
        tickets.category(session, "billing")


@pytest.mark.parametrize("slug", ["", "A", "a b", "a-b", "ä", "x" * 61])
def test_what_is_no_slug_of_a_category(slug: str) -> None:
    with pytest.raises(Invalid) as refused:
        deeds.read(CategoryDeed, {"slug": slug, "title": "T"})
    assert list(refused.value.fields) == ["slug"]
