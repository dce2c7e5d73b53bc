"""What the server adds to the context: gateways and deeds, if any context was sent at all."""

from typing import Any

from models import db
from models.tickets.background import completed
from models.users import Gateway
from tests.models.world import person, seen, ticket


def _gateway(owner_id: str, name: str) -> None:
    with db.unit_of_work() as session:
        session.add(Gateway(owner_id=owner_id, name=name, type="telegram", status="connected"))


def test_gateways_and_newest_ten_deeds_are_added(house: db.Database) -> None:
    ann, bob = person(), person()
    _gateway(ann.user_id or "", "Ann's bot")
    _gateway(bob.user_id or "", "Bob's bot")
    for _ in range(12):
        ticket(ann)
    kept = seen(ticket(ann, contextData={"browser": "Firefox"})).context_data
    assert [item["name"] for item in kept["gatewayStatuses"]] == ["Ann's bot"]
    assert len(kept["recentActions"]) == 10
    assert {item["action"] for item in kept["recentActions"]} == {"ticket.create"}
    assert {frozenset(item) for item in kept["recentActions"]} == {
        frozenset({"action", "timestamp"})
    }
    assert kept["browser"] == "Firefox"


def test_nothing_is_added_against_the_senders_will(house: db.Database) -> None:
    ann = person()
    _gateway(ann.user_id or "", "Ann's bot")
    ticket(ann)
    assert seen(ticket(ann)).context_data == {}
    hidden: dict[str, Any] = {"recentActions": [], "gatewayStatuses": []}
    assert seen(ticket(ann, contextData=hidden)).context_data == {}
    with db.reading() as session:
        assert completed(session, {}, "text", actor=ann) == {}
