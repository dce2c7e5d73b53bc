"""The operators' door: ``supportctl``. One file a noun; rooms are imported when a command runs."""

import importlib.util
import os
import signal
import sys
from pathlib import Path
from typing import NoReturn, TextIO

HOME = Path(__file__).resolve().parents[1]
PACKAGES = ("models", "public_site", "backoffice", "migrations")
TERMINATED = 143  # 128 + SIGTERM, as shells say it


def main() -> None:
    """Run ``supportctl``; ends the process with the exit code of the command."""
    refuse_foreign_packages()
    os.umask(0o077)  # whatever is written here holds people's words: database, mails, exports
    signal.signal(signal.SIGTERM, _stop)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    from cli.program import app

    try:
        app(prog_name="supportctl")
    finally:
        _flush(sys.stdout)


def refuse_foreign_packages() -> None:
    """Stop when another project's folder would be imported in place of one of ours."""
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        found = Path(spec.origin).resolve() if spec and spec.origin else None
        if found and found.parents[1] != HOME:
            sys.exit(
                f"supportctl: {found.parent} hides this program's own package '{name}'. "
                "Start it from another folder, or without PYTHONPATH."
            )


def _stop(_signal: int, _frame: object) -> NoReturn:
    # An exception, so that half-written files go and the worker gives its mails back.
    sys.exit(TERMINATED)


def _flush(stream: TextIO) -> None:
    try:
        stream.flush()
    except BrokenPipeError:  # whoever read us has seen enough, for example `| head`
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
