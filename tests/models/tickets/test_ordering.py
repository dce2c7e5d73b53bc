"""Every order of the queue, upwards and downwards, by pages and by cursor: each ticket once."""

import pytest
from sqlalchemy import select, text
from sqlalchemy.dialects import sqlite

from models import base, db, paging, tickets
from models.actor import Actor, Role
from models.errors import Invalid
from models.paging import Page
from models.tickets import SORTS, Priority, QueueFilter, Severity, Status, Ticket, ordering
from tests.models.world import Clock, move, on_ticket, person, ticket

DIRECTED = [f"{sign}{name}" for name in SORTS for sign in ("", "-")]


@pytest.fixture
def agent(house: db.Database, monkeypatch: pytest.MonkeyPatch) -> Actor:
    """An agent with a queue in which much is alike."""
    clock = Clock()
    monkeypatch.setattr(base, "clock", clock)
    agent = person(Role.SUPPORT)
    customer = person()
    for number in range(18):
        made = ticket(customer, severity=list(Severity)[number % 4].value)
        if number % 3 == 0:
            move(made, Status.CLOSED if number % 2 else Status.WAITING_USER, agent)
        if number % 5 == 0:
            on_ticket(made, tickets.set_priority, Priority.URGENT, actor=agent)
        clock.forward(seconds=0 if number % 4 else 60)
    return agent


def _page(agent: Actor, **filters: object) -> Page[tickets.QueueRow]:
    with db.reading() as session:
        return tickets.queue(session, QueueFilter.model_validate(filters), actor=agent)


def _by_cursor(agent: Actor, sort: str, size: int) -> list[int]:
    seen: list[int] = []
    after = None
    while True:
        found = _page(agent, sort=sort, pageSize=size, **({"after": after} if after else {}))
        seen += [row.number for row in found.items]
        after = found.next_cursor
        if after is None:
            return seen


@pytest.mark.parametrize("sort", DIRECTED)
def test_pages_and_cursors_give_each_ticket_once_in_one_order(agent: Actor, sort: str) -> None:
    whole = [row.number for row in _page(agent, sort=sort, pageSize=100).items]
    assert sorted(whole) == list(range(1, 19))
    assert _by_cursor(agent, sort, 5) == whole
    pages = [
        row.number
        for page in (1, 2, 3, 4)
        for row in _page(agent, sort=sort, pageSize=5, page=page).items
    ]
    assert pages == whole
    other = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
    assert [row.number for row in _page(agent, sort=other, pageSize=100).items] == whole[::-1]


def test_what_comes_in_between_neither_doubles_nor_loses(agent: Actor) -> None:
    first = _page(agent, sort="-createdAt", pageSize=5)
    ticket(person())
    rest = _page(agent, sort="-createdAt", pageSize=100, after=first.next_cursor)
    numbers = [row.number for row in (*first.items, *rest.items)]
    assert sorted(numbers) == list(range(1, 19))


@pytest.mark.parametrize(
    "after", ["x", "", "é", "W10", "bnVsbA", "WyJzdGF0dXMiLFsxLDJdXQ", "A" * 400]
)
def test_a_cursor_that_leads_nowhere_is_refused(agent: Actor, after: str) -> None:
    with pytest.raises((Invalid, ValueError)) as caught:
        _page(agent, after=after)
    assert "after" in str(caught.value) or isinstance(caught.value, Invalid)


def test_a_cursor_is_for_one_order(agent: Actor) -> None:
    after = _page(agent, sort="status", pageSize=5).next_cursor
    with pytest.raises(Invalid) as caught:
        _page(agent, sort="severity", after=after)
    assert list(caught.value.fields) == ["after"]


def test_numbered_pages_end(agent: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paging, "COUNT_CAP", 10)
    monkeypatch.setattr(paging.count_up_to, "__defaults__", (10,))
    last = _page(agent, page=2, pageSize=5)
    assert (last.total, last.total_is_capped) == (10, True)
    assert last.next_cursor
    with pytest.raises(Invalid) as caught:
        _page(agent, page=3, pageSize=5)
    assert list(caught.value.fields) == ["page"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sort", DIRECTED)
def test_no_order_sorts_the_whole_table(agent: Actor, database: db.Database, sort: str) -> None:
    rows = ordering.ordered(select(Ticket.id), sort).limit(20)
    said = str(rows.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
    with database.engine.connect() as connection:
        plan = " ".join(str(row) for row in connection.execute(text(f"EXPLAIN QUERY PLAN {said}")))
    assert "USING INDEX" in plan or "USING COVERING INDEX" in plan, plan
    assert "TEMP B-TREE FOR ORDER BY" not in plan, plan
