"""What is different when a person sits at a terminal."""

import os
import pty
import re
import subprocess
from collections.abc import Mapping

import pytest

from models import db
from tests.cli.terminal import PROGRAM
from tests.models.world import person

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
COLOUR = re.compile("\x1b\\[[0-9;]*(3[0-7]|38|9[0-7])[0-9;]*m")


def at_terminal(*arguments: str, environment: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Run a command whose input and outputs are a terminal: its exit code and what is seen."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [PROGRAM, *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "200", **(environment or {})},
        start_new_session=True,
    )
    os.close(theirs)
    seen = b""
    try:
        while piece := os.read(ours, 65536):
            seen += piece
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(ours)
    return process.wait(60), seen.decode()


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}])
def test_a_table_is_drawn_and_cannot_be_steered(
    database: db.Database, environment: dict[str, str]
) -> None:
    person(email="sam@example.com", name="[red]Sam[/red] \u202eevil")
    code, seen = at_terminal("users", "list", environment=environment)
    assert code == 0
    assert "───" in seen
    assert "[red]Sam[/red] \\u202eevil" in seen
    assert not COLOUR.search(seen)


def test_a_password_is_not_asked_for_with_no_input(database: db.Database) -> None:
    code, seen = at_terminal(
        "users", "create", "sam@example.com", "--role", "MEMBER", "--password-stdin", "--no-input"
    )
    assert code == 2
    assert "Invalid value for --password-stdin" in seen


def test_a_terminal_is_no_place_for_a_spreadsheet(database: db.Database) -> None:
    code, seen = at_terminal("export", "users", "--format", "xlsx")
    assert code == 2
    assert "Invalid value for --output" in seen
