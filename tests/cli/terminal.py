"""Running ``supportctl`` in this process, and as a program of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.program import app
from models import settings

PROGRAM = str(Path(sys.executable).with_name("supportctl"))
TIMEOUT_SECONDS = 60


@dataclass(frozen=True)
class Ran:
    """How a command ended, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be exactly one JSON document."""
        return json.loads(self.out)


def run(*arguments: str, typed: str | None = None, **environment: str) -> Ran:
    """Run a command in this process, in the database of the test.

    ``typed`` comes on standard input; settings in ``environment`` hold for this command only.
    """
    with pytest.MonkeyPatch.context() as changed:
        for name, value in environment.items():
            changed.setenv(name, value)
        settings.current.cache_clear()
        result = CliRunner().invoke(app, list(arguments), input=typed, prog_name="supportctl")
    settings.current.cache_clear()
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Ran(result.exit_code, result.stdout, result.stderr)


def program(
    *arguments: str, typed: bytes | None = None, folder: Path | None = None, **environment: str
) -> Ran:
    """Run a command as its own program, with ``environment`` added."""
    done = subprocess.run(
        [PROGRAM, *arguments],
        input=typed,
        stdin=subprocess.DEVNULL if typed is None else None,
        cwd=folder,
        env={**os.environ, **environment},
        capture_output=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())
