"""The frame of all commands: help, exit codes, streams, and what is kept out of a terminal."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from cli import program as frame
from models import db, errors
from models.actor import Role
from models.audit import AuditEntry
from models.tickets import Ticket
from tests.cli.terminal import PROGRAM, program, run
from tests.models.world import person, stored, ticket

SQLITE = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
SLOW_TO_IMPORT = {"sqlalchemy", "alembic", "pydantic", "rich", "uvicorn", "markdown", "jinja2"}


def commands() -> Iterator[tuple[str, ...]]:
    """The words of each command, groups and the program itself included."""

    def below(command: object, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
        yield words
        for name, inner in getattr(command, "commands", {}).items():
            yield from below(inner, (*words, name))

    yield from below(get_command(frame.app), ())


@pytest.mark.parametrize("words", list(commands()), ids=" ".join)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_each_command_has_help_with_an_example(words: tuple[str, ...], option: str) -> None:
    shown = run(*words, option)
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.startswith("Usage: supportctl")
    is_group = "Commands:" in shown.out
    assert is_group or f"Example: supportctl {' '.join(words)}" in " ".join(shown.out.split())


def test_a_group_alone_shows_its_help_and_is_a_usage_error() -> None:
    ran = run("users")
    assert (ran.code, ran.out) == (2, "")
    assert "Commands:" in ran.err


def test_the_summaries_of_all_commands_are_whole() -> None:
    assert "..." not in run("--help").out.replace("[ARGS]...", "")


def test_help_imports_no_room_and_nothing_slow() -> None:
    code = (
        "import sys; from typer.testing import CliRunner; from cli.program import app;"
        "CliRunner().invoke(app, ['--help']); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split())
    assert loaded.isdisjoint(SLOW_TO_IMPORT)
    rooms = {path.parent.name for path in Path(frame.__file__).parents[1].glob("models/*/*.py")}
    assert loaded.isdisjoint({f"models.{room}" for room in rooms})


def test_the_version_is_shown() -> None:
    assert re.fullmatch(r"supportctl \d+\.\d+\.\d+\n", run("--version").out)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (errors.NotFound(), 3),
        (errors.NotPermitted(), 4),
        (errors.NotSignedIn(), 4),
        (errors.Invalid({"name": "Please fill this in."}), 5),
        (errors.NotAllowedNow("no"), 5),
        (errors.Taken("email", "no"), 5),
        (errors.Stale(), 5),
        (errors.TooMany(3), 5),
        (errors.Unavailable("no"), 1),
        (errors.SupportError("no"), 1),
    ],
    ids=lambda value: type(value).__name__,
)
def test_each_domain_error_has_its_exit_code(error: errors.SupportError, code: int) -> None:
    assert frame.exit_code(error) == code


@pytest.mark.parametrize(
    "arguments",
    [
        ["nothing"],
        ["users", "lookup"],
        ["users", "list", "--nothing"],
        ["users", "create", "sam@example.com"],
        ["users", "create", "sam@example.com", "--role", "ROOT"],
        ["users", "create", "a\nb", "--role", "MEMBER"],
        ["users", "set-role", "sam@example.com", "member"],
        ["tokens", "create", "sam@example.com", "--name", "x", "--expires", "0"],
        ["tokens", "create", "sam@example.com", "--name", "x", "--scope", "everything"],
        ["export", "chats"],
        ["export", "tickets", "--format", "pdf"],
        ["export", "tickets", "--status", "lost"],
        ["export", "tickets", "--type", "lost"],
        ["export", "tickets", "--since", "yesterday"],
        ["export", "tickets", "--since", "2026-11-31"],
        ["export", "tickets", "--until", "2026-11-23T08:00"],
        ["export", "tickets", "--json", "--format", "xlsx"],
        ["export", "users", "--status", "open"],
        ["serve", "--port", "65536"],
        ["serve", "--workers", "0"],
    ],
    ids=" ".join,
)
@SQLITE
def test_wrong_arguments_exit_with_2_and_say_so(
    database: db.Database, arguments: list[str]
) -> None:
    person(email="sam@example.com")
    ran = run(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert "Error: " in ran.err
    assert "\n" in ran.err


def test_control_characters_in_arguments_do_not_reach_the_terminal() -> None:
    ran = run("users", "list", "\x1b]0;owned\x07")
    assert "\x1b" not in ran.err
    assert "\x07" not in ran.err


@pytest.mark.parametrize("command", [("users", "list"), ("export", "tickets"), ("seed",)])
@SQLITE
def test_an_unknown_person_cannot_act(database: db.Database, command: tuple[str, ...]) -> None:
    ran = run(*command, "--as", "nobody@example.com")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "Error: There is no person nobody@example.com.\n"


@SQLITE
def test_a_deactivated_person_cannot_act(database: db.Database) -> None:
    person(Role.SUPPORT, email="gone@example.com")
    assert run("users", "list", "--as", "gone@example.com").code == 0
    assert run("users", "deactivate", "gone@example.com").code == 0
    ran = run("users", "list", "--as", "gone@example.com")
    assert (ran.code, ran.out) == (4, "")


def test_a_refused_deed_is_in_the_audit_log(database: db.Database) -> None:
    actor = person(email="maya@example.com")
    ran = run("users", "set-role", "maya@example.com", "ADMIN", "--as", "maya@example.com")
    assert (ran.code, ran.out, ran.err) == (4, "", "Error: You are not allowed to do this.\n")
    refused = stored(AuditEntry, object_type="refusal")
    assert [(entry.actor_id, entry.door, entry.action) for entry in refused] == [
        (actor.user_id, "cli", "cli.users")
    ]


@SQLITE
def test_a_title_cannot_steer_the_terminal(house: db.Database) -> None:
    ticket_id = ticket(person(email="evil@example.com", name="Eve \u202eevil"))
    with db.unit_of_work() as session:  # as the row of an older version or of another program
        session.get_one(Ticket, ticket_id).title = "\x1b]0;owned\x07 \u009b2J \u2066 title"
    for ran in (run("users", "lookup", "evil"), run("users", "lookup", "evil", "--json")):
        assert ran.code == 0
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", ran.out)
        assert "\\u202eevil" in ran.out
    assert "Eve \\u202eevil" in run("users", "list").out


@SQLITE
def test_the_program_writes_data_to_stdout_without_colour(database: db.Database) -> None:
    person(email="sam@example.com", name="Sam")
    ran = program("users", "list", FORCE_COLOR="1")
    assert (ran.code, ran.err) == (0, "")
    assert "\x1b" not in ran.out
    assert ran.out.splitlines()[1].startswith("sam@example.com  Sam   MEMBER")


@SQLITE
def test_a_bad_setting_is_one_line(database: db.Database) -> None:
    ran = run("users", "list", SUPPORT_BASE_URL="ftp://example.com")
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: SUPPORT_BASE_URL: must be like https://support.example.com\n"


@pytest.mark.parametrize("command", [("users", "list"), ("export", "audit"), ("worker", "--once")])
def test_a_database_without_schema_is_one_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    ran = program(*command, folder=tmp_path, SUPPORT_DATA_DIR=str(tmp_path / "var"))
    assert (ran.code, ran.out) == (1, "")
    assert ran.err == "Error: The database is not on the newest schema. Type: supportctl migrate\n"


@pytest.mark.parametrize(
    "command", [("users", "list"), ("migrate",), ("seed",), ("serve", "--port", "0")], ids=" ".join
)
def test_a_database_that_does_not_answer_is_one_line(command: tuple[str, ...]) -> None:
    ran = program(
        *command,
        SUPPORT_DATABASE_URL="postgresql+psycopg://bob:canary@127.0.0.1:1/x",
        SUPPORT_SECRET_KEY="x" * 32,
    )
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-1].startswith("Error: The database does not answer.")
    assert "Traceback" not in ran.err
    assert "canary" not in ran.err


def test_a_foreign_package_in_front_is_named(tmp_path: Path) -> None:
    foreign = tmp_path / "models"
    foreign.mkdir()
    (foreign / "__init__.py").write_text("raise SystemExit('foreign code ran')")
    ran = program("--help", PYTHONPATH=str(tmp_path))
    assert ran.code == 1
    assert str(foreign) in ran.err
    assert "foreign code ran" not in ran.err


@SQLITE
def test_a_reader_that_stops_early_makes_no_noise(database: db.Database) -> None:
    person(email="sam@example.com")
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(
        [PROGRAM, "users", "list"], stdout=writer, stderr=subprocess.PIPE, check=False
    )
    os.close(writer)
    assert done.stderr == b""


@SQLITE
def test_ctrl_c_exits_with_130(database: db.Database) -> None:
    with subprocess.Popen(
        [PROGRAM, "worker"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert "Press Ctrl-C" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 130
        assert process.stderr.read() == "Interrupted.\n"
