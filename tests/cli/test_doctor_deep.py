"""``doctor --deep``: what the consistency checks find, at the end of the usual list."""

import pytest

from models import consistency, db
from models.audit import AuditEntry
from tests.cli.terminal import program, run
from tests.models.world import person, stored, ticket

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


def test_the_deep_checks_come_with_the_usual_ones(house: db.Database) -> None:
    ticket(person())
    usual, deep = run("doctor", "--json"), run("doctor", "--deep", "--json")
    assert (usual.code, deep.code, deep.json["ok"]) == (0, 0, True)
    more = [check for check in deep.json["checks"] if check not in usual.json["checks"]]
    assert [check["name"] for check in more] == [
        f"deep: {check.name}" for check in consistency.checks()
    ]
    assert {(check["ok"], check["detail"]) for check in more} == {(True, "nothing found")}


def test_what_is_found_is_named_and_fails(house: db.Database) -> None:
    lost = ticket(person())
    with db.unit_of_work() as session:
        for row in stored(AuditEntry, object_id=lost):
            session.delete(row)
    sentence = (
        "tickets without the audit row ticket.create: TICKET-0001."
        " Bring what is missing back from a backup."
    )
    ran = run("doctor", "--deep", "--json")
    wrong = [check for check in ran.json["checks"] if not check["ok"]]
    name = "deep: tickets in the audit log"
    assert (ran.code, ran.json["ok"]) == (1, False)
    assert wrong == [{"name": name, "ok": False, "detail": sentence}]
    told = run("doctor", "--deep")
    assert told.code == 1
    (line,) = (line for line in told.out.splitlines() if line.startswith("FAILED"))
    assert line.split() == ["FAILED", *name.split(), *sentence.split()]


@SQLITE
def test_a_database_that_does_not_answer_is_not_looked_into(database: db.Database) -> None:
    ran = program("doctor", "--deep", "--json", SUPPORT_DATABASE_URL="sqlite:////dev/null/x.db")
    assert ran.code == 1
    assert [check for check in ran.json["checks"] if check["name"].startswith("deep")] == []
