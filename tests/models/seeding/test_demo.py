"""The demo: people, articles with readers, and a past that obeys every rule."""

from collections import Counter
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import func, select

from models import base, db, kb, overview, seeding, tickets, users
from models.actor import Actor, Role
from models.audit import AuditEntry
from models.kb import Article, ArticleFeedback
from models.notifications import OutboxMail
from models.seeding import library, past
from models.tickets import Status, Ticket, TicketMessage
from models.users import User
from tests.models.world import OPERATOR, stored, visitor
from tests.torture.checker import agree


def signed_in(email: str) -> Actor:
    deed = users.SignInDeed(email=email, password=seeding.DEMO_PASSWORD)
    return users.sign_in(deed, actor=visitor()).actor


def test_everything_in_the_demo_agrees(demo: Counter[str]) -> None:
    agree()


def test_the_demo_fills_every_screen(demo: Counter[str]) -> None:
    assert demo["people"] == 26
    assert demo["tickets"] >= 60
    roles = [signed_in(email).role for email in seeding.DEMO_SIGN_INS]
    assert roles == [Role.MEMBER, Role.SUPPORT, Role.ADMIN, Role.SUPER_ADMIN]
    with db.reading() as session:
        maya = users.get(session, "member@example.com", actor=OPERATOR)
        card = overview.user_card(session, maya, actor=OPERATOR)
        numbers = overview.stats(session, actor=OPERATOR).tickets
        popular = kb.popular(session, 5, actor=OPERATOR)
    assert len(card.gateways) == 3
    assert card.ticket_count >= 3
    assert min(numbers.open, numbers.in_progress, numbers.waiting_user, numbers.unassigned) > 0
    assert numbers.median_response_time is not None
    assert [card.view_count for card in popular] == sorted(
        (entry["views"] for entry in library.entries("demo_articles.yaml", "articles")),
        reverse=True,
    )[:5]


def test_adding_the_demo_again_adds_nothing(demo: Counter[str]) -> None:
    def counts() -> list[int | None]:
        with db.reading() as session:
            tables = (User, Ticket, TicketMessage, Article, ArticleFeedback, AuditEntry)
            return [session.scalar(select(func.count()).select_from(table)) for table in tables]

    before = counts()
    assert not +seeding.seed_demo(actor=OPERATOR)
    assert counts() == before


def test_every_ticket_is_as_its_story_says(demo: Counter[str]) -> None:
    stories = {
        (entry["customer"], entry["title"]): entry
        for entry in library.entries("demo_tickets.yaml", "tickets")
    }
    with db.reading() as session:
        for ticket in session.scalars(select(Ticket)):
            story = stories.pop((ticket.user.email or "", ticket.title))
            thread = tickets.thread(session, ticket, actor=OPERATOR)
            assert ticket.status == story["status"], ticket
            assert ticket.priority == story["priority"], ticket
            assert ticket.resolution == story.get("resolution"), ticket
            assert ticket.tags == sorted(story["tags"]), ticket
            assigned = ticket.assigned_to.email if ticket.assigned_to else None
            assert assigned == story["assignee"], ticket
            assert [(row.content, row.is_internal) for row in thread] == [
                (message["content"], message.get("internal", False))
                for message in story["messages"]
            ]
            linked = ticket.related_article.slug if ticket.related_article else None
            assert linked == story.get("related_article"), ticket
            assert bool(ticket.context_data) == ("context" in story), ticket
    assert not stories


def test_time_only_runs_forward(demo: Counter[str]) -> None:
    now = base.now()
    found = sorted(stored(Ticket), key=lambda ticket: ticket.number)
    assert [ticket.number for ticket in found] == list(range(1, len(found) + 1))
    assert all(one.created_at <= two.created_at for one, two in pairwise(found))
    assert timedelta(days=60) < now - found[0].created_at < timedelta(days=100)
    for ticket in found:
        moments = [entry.at for entry in stored(AuditEntry, object_id=ticket.id)]
        assert moments == sorted(moments)
        assert moments[0] == ticket.created_at
        assert moments[-1] == ticket.updated_at <= now
        said = [message.created_at for message in stored(TicketMessage, ticket_id=ticket.id)]
        assert said == sorted(said)
        assert all(ticket.created_at < moment <= now for moment in said)
    joined = {user.id: user.created_at for user in stored(User)}
    assert all(joined[ticket.user_id] < ticket.created_at for ticket in found)


def test_first_answers_and_waiting_times_follow_from_the_conversation(demo: Counter[str]) -> None:
    for ticket in stored(Ticket):
        answers = [
            message.created_at
            for message in stored(TicketMessage, ticket_id=ticket.id, is_internal=False)
            if message.sender_id != ticket.user_id
        ]
        assert ticket.first_response_at == (answers[0] if answers else None)
        if ticket.status not in (Status.OPEN, Status.IN_PROGRESS):
            assert ticket.waiting_since == tickets.NOT_WAITING


def test_nobody_gets_mail_about_a_past_that_never_was(demo: Counter[str]) -> None:
    assert not stored(OutboxMail)


def test_votes_are_as_many_as_the_articles_count(demo: Counter[str]) -> None:
    per_article = select(ArticleFeedback.article_id, func.count()).group_by(
        ArticleFeedback.article_id
    )
    with db.reading() as session:
        votes = {article_id: number for article_id, number in session.execute(per_article)}  # noqa: C416  # rows, which dict() takes for pairs only at run time
    for article in stored(Article):
        counted = article.helpful_count + article.not_helpful_count
        assert votes.get(article.id, 0) == counted <= article.view_count
        assert not article.is_published or article.published_at == article.created_at


def test_an_error_gives_the_clock_back() -> None:
    with pytest.raises(RuntimeError), past.at(base.now() - timedelta(days=1)):
        raise RuntimeError
    assert base.clock is base._system_clock
