"""``supportctl export``: formats, files, filters and who may."""

import csv
import io
import json
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from cli import export as door
from models import db, tickets
from models.actor import Role
from models.audit import AuditEntry
from models.export import formats
from models.tickets import Status, TicketType
from tests.cli.terminal import PROGRAM, program, run
from tests.models.world import answer, article, move, note, on_ticket, person, stored, ticket

CANARY = "canary of the internal note"
NOUNS = ("tickets", "articles", "users", "audit")
SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)


@pytest.fixture
def talk(house: db.Database) -> str:
    """A ticket with an answer and a note, an article, three people; gives the ticket's id."""
    customer = person(email="maya@example.com", name="=1+1")
    agent = person(Role.SUPPORT, email="sam@example.com")
    person(Role.ADMIN, email="admin@example.com")
    article()
    made = ticket(customer, title='=HYPERLINK("https://evil.example")', type="billing")
    note(made, agent, CANARY)
    answer(made, agent, "An answer.")
    on_ticket(made, tickets.assign, agent.user_id, actor=agent)
    return made


def lines(*arguments: str) -> list[dict[str, str]]:
    ran = run("export", *arguments)
    assert (ran.code, ran.err) == (0, "")
    return list(csv.DictReader(io.StringIO(ran.out, newline=""), strict=True))


def documents(*arguments: str) -> list[dict[str, Any]]:
    ran = run("export", *arguments, "--json")
    assert (ran.code, ran.err) == (0, "")
    found: list[dict[str, Any]] = ran.json
    return found


@pytest.mark.parametrize("noun", NOUNS)
def test_all_formats_hold_the_same(talk: str, noun: str, tmp_path: Path) -> None:
    run("export", noun)  # the first one, so that the audit log has an entry of it for all
    until = stored(AuditEntry)[-1].at.isoformat()
    narrowed = ("--until", until) if noun == "audit" else ()
    found = documents(noun, *narrowed)
    jsonl = run("export", noun, "--format", "jsonl", *narrowed).out
    assert [json.loads(line) for line in jsonl.splitlines()] == found
    rows = lines(noun, *narrowed)
    assert [row["id"] for row in rows] == [document["id"] for document in found]
    assert found
    path = tmp_path / "export.xlsx"
    run("export", noun, "--format", "xlsx", "--output", str(path), *narrowed)
    headings, *values = load_workbook(path)[noun].iter_rows(values_only=True)
    assert list(headings) == list(rows[0])
    assert [value[0] for value in values] == [document["id"] for document in found]


def test_formulas_are_neutralised(talk: str, tmp_path: Path) -> None:
    (row,) = lines("tickets")
    assert row["title"] == '\'=HYPERLINK("https://evil.example")'
    assert row["user.name"] == "'=1+1"
    path = tmp_path / "export.xlsx"
    run("export", "tickets", "--format", "xlsx", "--output", str(path))
    cells = [cell for row in load_workbook(path)["tickets"].iter_rows() for cell in row]
    assert {cell.data_type for cell in cells} <= {"s", "n", "d"}
    assert '=HYPERLINK("https://evil.example")' in [cell.value for cell in cells]


def test_internal_notes_only_with_internal(talk: str) -> None:
    for options in ((), ("--messages",)):
        for kind in formats.FORMATS[:3]:
            assert CANARY not in run("export", "tickets", "--format", kind, *options).out
    assert "An answer." in run("export", "tickets", "--messages").out
    (found,) = documents("tickets", "--internal")
    assert [message["content"] for message in found["messages"]] == [CANARY, "An answer."]
    assert CANARY not in run("export", "audit").out


@SQLITE
def test_filters_of_tickets(talk: str) -> None:
    other = ticket(person(), category="other")
    move(other, Status.CLOSED, person(Role.SUPPORT))

    def found(*options: str) -> list[str]:
        return [document["id"] for document in documents("tickets", *options)]

    assert found() == [talk, other]
    assert found("--status", "closed") == found("--category", "other") == [other]
    assert found("--type", "billing") == found("--assignee", "sam@example.com") == [talk]
    assert found("--assignee", "me", "--as", "sam@example.com") == [talk]
    assert found("--assignee", "none") == [other]
    assert found("--since", "2999-01-01") == found("--until", "2020-01-01T00:00Z") == []
    assert found("--since", "2020-01-01", "--until", "2999-01-01") == [talk, other]


@SQLITE
def test_filters_of_articles(talk: str) -> None:
    article("A draft", publish=False, category="gateways")
    assert [row["title"] for row in lines("articles", "--status", "draft")] == ["A draft"]
    assert [row["title"] for row in lines("articles", "--status", "published")] == ["First steps"]
    assert [row["title"] for row in lines("articles", "--category", "gateways")] == ["A draft"]


@pytest.mark.parametrize(
    "arguments",
    [
        ("tickets", "--category", "nothing"),
        ("articles", "--category", "nothing"),
        ("tickets", "--assignee", "nobody@example.com"),
    ],
)
@SQLITE
def test_what_is_not_there_cannot_be_asked_for(talk: str, arguments: tuple[str, ...]) -> None:
    ran = run("export", *arguments)
    assert (ran.code, ran.out) == (3, "")


def test_dates_include_the_whole_day() -> None:
    assert door.a_start("2026-11-23").isoformat() == "2026-11-23T00:00:00+00:00"
    assert door.an_end("2026-11-23").isoformat() == "2026-11-23T23:59:59.999999+00:00"
    assert door.an_end("2026-11-23T10:00+05:00").isoformat() == "2026-11-23T05:00:00+00:00"


@SQLITE
def test_help_names_every_choice(house: db.Database) -> None:
    shown = run("export", "tickets", "--help").out
    for value in (*Status, *TicketType, *formats.FORMATS):
        assert value in shown
    assert tuple(door.Format) == formats.FORMATS


@pytest.mark.parametrize(
    ("noun", "email", "code"),
    [
        ("tickets", "maya@example.com", 4),
        ("users", "maya@example.com", 4),
        ("articles", "maya@example.com", 4),
        ("audit", "sam@example.com", 4),
        ("tickets", "sam@example.com", 0),
        ("audit", "admin@example.com", 0),
    ],
)
@SQLITE
def test_who_may_export(talk: str, noun: str, email: str, code: int) -> None:
    ran = (
        run("export", noun, "--internal", "--as", email)
        if noun == "tickets"
        else run("export", noun, "--as", email)
    )
    assert ran.code == code
    assert bool(ran.out) is (code == 0)


@SQLITE
def test_an_export_is_in_the_audit_log(talk: str) -> None:
    run("export", "tickets", "--status", "open", "--internal", "--as", "sam@example.com")
    (entry,) = stored(AuditEntry, action="export.tickets")
    assert entry.data == {"status": "open", "internal": "True"}
    assert entry.door == "cli"


@SQLITE
def test_a_file_is_private_and_replaces_the_former_one(talk: str, tmp_path: Path) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("former")
    path.chmod(0o644)
    ran = run("export", "tickets", "--output", str(path))
    assert (ran.code, ran.out, ran.err) == (0, "", f"Wrote {path}.\n")
    assert path.read_bytes().startswith(b'"id","ticketNumber"')
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert {entry.name for entry in tmp_path.iterdir()} == {"data", "tickets.csv"}


@SQLITE
def test_a_file_is_never_half(talk: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "tickets.csv"
    path.write_text("former")

    def broken(_values: object) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr(formats, "_csv_line", broken)
    ran = run("export", "tickets", "--output", str(path))
    assert (ran.code, ran.err) == (130, "Interrupted.\n")
    assert path.read_text() == "former"
    assert {entry.name for entry in tmp_path.iterdir()} == {"data", "tickets.csv"}


@SQLITE
def test_a_link_is_followed_and_stays(talk: str, tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    target.write_text("former")
    link.symlink_to(target)
    assert run("export", "users", "--output", str(link)).code == 0
    assert link.is_symlink()
    assert target.read_text().startswith('"id","email"')


@pytest.mark.parametrize("output", ["{}/missing/file.csv", "{}", "/dev/null", "/dev/stdout"])
@SQLITE
def test_a_place_that_takes_no_file_is_a_usage_error(
    talk: str, tmp_path: Path, output: str
) -> None:
    ran = program("export", "users", "--output", output.format(tmp_path))
    assert (ran.code, ran.out) == (2, "")
    assert "Invalid value for --output" in ran.err
    assert not Path("/dev/null").is_file()


@pytest.mark.parametrize("command", [("export", "tickets"), ("users", "list")])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has an always full disk")
@SQLITE
def test_a_full_disk_is_one_line(talk: str, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("wb") as disk:
        done = subprocess.run([PROGRAM, *command], stdout=disk, stderr=subprocess.PIPE, check=False)
    assert done.returncode == 1
    assert done.stderr.decode() == "Error: output: No space left on device.\n"


@SQLITE
def test_stdout_holds_the_bytes_of_the_export_alone(talk: str) -> None:
    ran = program("export", "tickets", "--format", "jsonl", PYTHONIOENCODING="ascii")
    assert (ran.code, ran.err) == (0, "")
    assert json.loads(ran.out)["user"]["name"] == "=1+1"
