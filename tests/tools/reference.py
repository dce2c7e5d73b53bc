"""The reference pages in `docs/`, drawn from the program itself: `python -m tests.tools.reference`.

`tests/test_docs.py` fails when a page is not what the program would draw now.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer
from starlette.applications import Starlette

from tests.guards import routing

DOCS = Path(__file__).parents[2] / "docs"
_ABOUT_ROUTES = (
    "Every address of the site and who may enter it; below `/support-dashboard` a permission, or",
    "a right that no token carries. Which objects exist for whom the rooms decide: what somebody",
    "may not see does not exist for them.",
)
RENEW = "python -m tests.tools.reference"


def commands(program: typer.Typer) -> Iterator[tuple[str, Any]]:
    """Each command that does something, with its whole path."""
    yield from _below("supportctl", typer.main.get_command(program))


def _below(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    inner = getattr(command, "commands", None)
    if inner is None:
        yield path, command
        return
    for name, child in inner.items():
        yield from _below(f"{path} {name}", child)


def options(command: Any) -> list[Any]:
    """The options of a command, without `--help`."""
    return [item for item in command.params if item.param_type_name == "option"]


def commands_page(program: typer.Typer) -> str:
    """All commands with their arguments and options."""
    parts = ["# Commands\n\nWhat `--help` says, on one page.\n"]
    for path, command in commands(program):
        arguments = [_argument(item) for item in command.params if item not in options(command)]
        said = " ".join([path, *arguments])
        parts.append(f"## `{said}`\n\n{command.help}\n")
        rows = [_option_row(item) for item in options(command)]
        if rows:
            parts.append("\n".join(["| option | meaning |", "|---|---|", *rows]) + "\n")
        if command.epilog:
            parts.append(command.epilog.replace("Example: ", "Example: `") + "`\n")
    return "\n".join(parts)


def _argument(item: Any) -> str:
    name = item.metavar or item.name.upper()
    return name if item.required else f"[{name}]"


def _option_row(item: Any) -> str:
    names = ", ".join(f"`{name}`" for name in [*item.opts, *item.secondary_opts])
    return f"| {names} | {(item.help or '').strip()} |"


def routes_page(app: Starlette) -> str:
    """All addresses with who may enter them."""
    lines = ["# Addresses", "", *_ABOUT_ROUTES, "", "| method | address | who |", "|---|---|---|"]
    lines += [f"| {e.method} | `{e.path}` | {e.access} |" for e in routing.entries(app)]
    return "\n".join(lines) + "\n"


def pages() -> dict[Path, str]:
    """What the pages should say."""
    from cli.program import app as program
    from public_site.app import create_app

    return {
        DOCS / "commands.md": commands_page(program),
        DOCS / "routes.md": routes_page(create_app()),
    }


def _write() -> None:
    DOCS.mkdir(exist_ok=True)
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
        print(path.relative_to(DOCS.parent))


if __name__ == "__main__":
    _write()
