"""``supportctl seed``: what a new installation starts with, the demo, and bulk data."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli import door, screen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from models.actor import Actor


def seed(
    demo: Annotated[
        bool, typer.Option("--demo", help="Add the demo's people and tickets as well.")
    ] = False,
    users: Annotated[int, typer.Option("--users", min=0, help="Add bulk people up to this.")] = 0,
    tickets: Annotated[
        int, typer.Option("--tickets", min=0, help="Add bulk tickets up to this number.")
    ] = 0,
    articles: Annotated[
        int, typer.Option("--articles", min=0, help="Add bulk articles up to this number.")
    ] = 0,
    number: Annotated[
        int, typer.Option("--seed", min=0, help="Other bulk data for another number.")
    ] = 1,
    as_: door.As = None,
) -> None:
    """Add the starter content, the demo, or any amount of made-up data.

    Categories, quick issues and articles; what was there once is not added or changed again. Bulk
    data is the same for the same numbers, and an interrupted run can be continued.
    """
    actor = door.who(as_)
    if demo or not (users or tickets or articles):
        fill(actor, demo=demo)
    if users or tickets or articles:
        _fill_in_bulk(actor, users=users, tickets=tickets, articles=articles, seed=number)


def _fill_in_bulk(actor: "Actor", **wanted: int) -> None:
    from models import seeding

    with screen.progress() as progress:
        added = seeding.seed_bulk(seeding.Wanted(**wanted), progress, actor=actor)
    _say(added)


def fill(actor: "Actor", *, demo: bool) -> None:
    """Seed the base data, and the demo if wanted, and say what was added."""
    from models import seeding

    _say((seeding.seed_demo if demo else seeding.seed_base)(actor=actor))


def _say(added: "Mapping[str, int]") -> None:
    said = [f"{number} {kind}" for kind, number in added.items() if number]
    screen.note(f"Added {', '.join(said)}." if said else "Everything is there already.")
