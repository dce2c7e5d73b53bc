"""``supportctl seed``: what a new installation starts with, and the demo."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import door, screen

if TYPE_CHECKING:
    from models.actor import Actor


def seed(
    demo: Annotated[
        bool, typer.Option("--demo", help="Add the demo's people and tickets as well.")
    ] = False,
    as_: door.As = None,
) -> None:
    """Add the starter content, and the demo.

    Categories, quick issues and articles; what was there once is not added or changed again.
    """
    fill(door.who(as_), demo=demo)


def fill(actor: "Actor", *, demo: bool) -> None:
    """Seed the base data, and the demo if wanted, and say what was added."""
    from models import seeding

    plant = seeding.seed_demo if demo else seeding.seed_base
    added = [f"{number} {kind}" for kind, number in plant(actor=actor).items() if number]
    screen.note(f"Added {', '.join(added)}." if added else "Everything is there already.")
